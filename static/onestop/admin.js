/* Names what Django's admin leaves without one, for who hears a page instead of seeing it. */
"use strict";

const { row, removal, search, yes, no, unknown } = document.currentScript.dataset;
/* Pictures that Django has named in English, whatever the language. */
const PICTURES = { Search: search, True: yes, False: no, None: unknown };

const labelOf = (field) => {
  const cell = field.closest("td");
  const heading = cell && cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
  return (field.labels[0] || heading || field).textContent.trim().replace(/:$/, "");
};

const say = (element, words) => {
  const hidden = document.createElement("span");
  hidden.className = "hidden-words";
  hidden.textContent = words;
  element.append(hidden);
};

/* A box that scrolls sideways by itself can be reached by keyboard, and says what it is. */
const watched = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const scrolls = target.scrollWidth > target.clientWidth + 1;
    const heading = target.querySelector("h2") || document.querySelector("#content h1");
    const said = { tabindex: "0", role: "region", "aria-label": heading.textContent.trim() };
    for (const [name, value] of Object.entries(said))
      if (scrolls) target.setAttribute(name, value);
      else target.removeAttribute(name);
  }
});

const nameAll = () => {
  for (const heading of document.querySelectorAll(".inline-group thead th"))
    if (!heading.textContent.trim()) say(heading, heading.matches(".original") ? row : removal);
  for (const picture of document.querySelectorAll("img[alt]"))
    if (picture.alt in PICTURES) picture.alt = PICTURES[picture.alt];
  for (const field of document.querySelectorAll(".inline-group td :is(input:not([type=hidden]), select, textarea)"))
    if (!field.labels.length) field.setAttribute("aria-label", labelOf(field));
  for (const chosen of document.querySelectorAll("select.admin-autocomplete + .select2")) {
    const name = labelOf(chosen.previousElementSibling);
    const parts = chosen.querySelectorAll(".select2-selection, .select2-selection__rendered, .select2-search__field");
    for (const part of parts) part.setAttribute("aria-label", name);
  }
  for (const table of document.querySelectorAll(".inline-group .tabular, #changelist .results")) watched.observe(table);
};

/* After Django's own have made what is to be named: some at the end of loading, some when jQuery comes to it. */
window.addEventListener("load", () => (window.django ? django.jQuery(nameAll) : nameAll()));
document.addEventListener("formset:added", () => setTimeout(nameAll));
