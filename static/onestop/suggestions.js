/* Makes a combobox of each field that gets suggestions (data-suggestions: the id of where they come): arrows choose,
   Enter or a click takes what is chosen, Escape closes. A suggestion with `data-value` is filled in, others are opened. */
"use strict";

(() => {
  function combobox(input) {
    const place = document.getElementById(input.dataset.suggestions);
    const status = place.parentElement.querySelector("[role=status]");
    const options = () => [...place.querySelectorAll("[role=option]:not([aria-disabled])")];
    const isOpen = () => place.childElementCount > 0;

    function choose(option) {
      for (const each of options()) each.setAttribute("aria-selected", String(each === option));
      if (option) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    }

    function close() {
      htmx.trigger(input, "htmx:abort");
      place.replaceChildren();
      told();
    }

    function told() {
      choose(null);
      input.setAttribute("aria-expanded", String(isOpen()));
      input.setAttribute("aria-controls", place.querySelector("[role=listbox]")?.id ?? place.id);
      status.textContent = place.querySelector("[data-said]")?.dataset.said ?? "";
    }

    function take(chosen) {
      if (chosen.dataset.value === undefined) {
        location.assign(chosen.href);
        return;
      }
      input.value = chosen.dataset.value;
      close();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function moved(step) {
      const all = options();
      if (!all.length) return;
      const now = all.findIndex((option) => option.id === input.getAttribute("aria-activedescendant"));
      // From the field itself the arrow up leads to the last, as if the field stood between last and first.
      const next = (now + step + all.length + 1) % (all.length + 1);
      choose(now === -1 && step === -1 ? all.at(-1) : all[next]);
    }

    for (const [name, value] of Object.entries({ "role": "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": place.id })) {
      input.setAttribute(name, value);
    }
    place.addEventListener("htmx:afterSwap", told);
    // What is pressed in the list must not take the focus, else the list would be gone before the click.
    place.addEventListener("mousedown", (event) => event.preventDefault());
    place.addEventListener("click", (event) => {
      const chosen = event.target.closest("a[data-value]");
      if (chosen) take(chosen);
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      const chosen = place.querySelector("[aria-selected=true] a");
      if (event.key === "ArrowDown") moved(1);
      else if (event.key === "ArrowUp") moved(-1);
      else if (event.key === "Escape" && isOpen()) close();
      else if (event.key === "Enter" && chosen) take(chosen);
      else return;
      event.preventDefault();
    });
  }

  document.querySelectorAll("[data-suggestions]").forEach(combobox);
})();
