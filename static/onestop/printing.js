/* Prints without leaving the page: the paper is loaded into a frame that nobody sees, and the browser's own dialogue opens
   for it. The button's part of the page comes back renewed and tells what was printed. Without this script, or where the
   browser does not show PDFs by itself, the same buttons open the paper in a window of its own. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const shown = (place) => {
    for (const again of place.querySelectorAll("[data-print]")) again.hidden = false;
  };
  if (!navigator.pdfViewerEnabled) return;
  shown(document);

  let frame;
  function print(address, title) {
    frame?.remove();
    frame = document.createElement("iframe");
    frame.className = "print-frame";
    frame.title = title;
    frame.tabIndex = -1;
    frame.addEventListener("load", () => {
      try {
        frame.contentWindow.print();
      } catch {
        // What came is no paper of this office: shown for what it is, such as the page to sign in at.
        location.assign(address);
      }
    });
    frame.src = address;
    document.body.append(frame);
  }

  /* The form's answer in place of the part with this id; as htmx asks for parts. */
  async function renewed(form, button) {
    const body = new FormData(form);
    if (button.name) body.append(button.name, button.value);
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const answer = await fetch(button.getAttribute("formaction") ?? form.getAttribute("action"), { method: "POST", body, headers });
    const elsewhere = answer.headers.get("HX-Redirect");
    if (elsewhere) {
      location.assign(elsewhere);
      return null;
    }
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const id = button.dataset.prints;
    document.getElementById(id).outerHTML = await answer.text();
    return document.getElementById(id);
  }

  document.addEventListener("submit", async (event) => {
    const { target: form, submitter: button } = event;
    if (!button?.dataset.prints || form.hasAttribute("aria-busy")) return;
    event.preventDefault();
    const title = button.textContent.trim();
    if (form.method === "get") {
      print(`${form.action}?${new URLSearchParams(new FormData(form))}`, title);
      return;
    }
    form.setAttribute("aria-busy", "true");
    try {
      const place = await renewed(form, button);
      if (!place) return;
      shown(place);
      place.querySelector("[data-outcome]")?.focus();
      const address = place.querySelector("[data-print-now]")?.dataset.printNow;
      if (address) print(address, title);
      form.removeAttribute("aria-busy");
    } catch {
      // Sent once more without this script: whatever is wrong has a page that says so.
      form.requestSubmit(button);
      form.removeAttribute("aria-busy");
    }
  });
  document.addEventListener("click", (event) => {
    const again = event.target.closest("[data-print]");
    if (again) print(again.dataset.print, again.textContent.trim());
  });
});
