/* The panel beside the page with what the guide says about it: by the link in the header, or by F1, which is no letter and so
   works while one is typing, too. Who holds Ctrl opens the guide itself in a new tab, as with any link. */
"use strict";

const helpOf = async (link) => {
  const panel = document.getElementById("help");
  if (panel.open) return panel.close();
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = link.hash && page.getElementById(link.hash.slice(1));
  const shown = part || page.querySelector("[data-topic], [data-contents]");
  // Signed out meanwhile: the answer is the page to sign in.
  if (!answer.ok || !shown) return location.assign(link.href);
  // The page may have the same names for places of its own.
  for (const named of [shown, ...shown.querySelectorAll("[id]")]) named.removeAttribute("id");
  panel.querySelector("[data-help-text]").replaceChildren(shown);
  // What is half filled in on the page stays there.
  for (const away of shown.querySelectorAll("a")) away.target = "_blank";
  panel.querySelector("[data-help-topic]").href = link.href;
  panel.show();
  panel.scrollTop = 0;
  panel.querySelector("[data-closes-help]").focus();
};

document.addEventListener("DOMContentLoaded", () => {
  const link = document.querySelector("[data-opens-help]");
  const panel = document.getElementById("help");
  if (!link || !panel) return;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    helpOf(link);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "F1") {
      event.preventDefault();
      helpOf(link);
    } else if (event.key === "Escape" && panel.open) panel.close();
  });
  panel.querySelector("[data-closes-help]").addEventListener("click", () => panel.close());
  panel.addEventListener("close", () => link.focus());
  for (const button of document.querySelectorAll("[data-prints-page]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
});
