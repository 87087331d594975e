/* Inserts a ready text where the cursor stands in its field: by a click, or by Alt and its digit while the field has the
   focus. Alt with a digit of the upper row is free in Vietnamese input methods, which take plain letters and digits, and in
   the house's own keys, which are plain, too. Nothing that was typed is replaced, and Ctrl+Z takes the text out again. */
"use strict";

document.querySelectorAll(".ready-texts").forEach((place) => {
  const field = document.getElementById(place.dataset.into);
  const buttons = [...place.querySelectorAll("[data-text]")];
  const status = place.querySelector("[role=status]");
  // Without scripts a chosen text takes the place of an empty field; with them the field is filled in before.
  field.required = "required" in field.dataset;

  function insert(button) {
    const at = field.selectionEnd;
    const before = field.value.slice(0, at);
    const text = (before && !/\s$/.test(before) ? " " : "") + button.dataset.text;
    field.focus();
    if (field.maxLength >= 0 && field.value.length + text.length > field.maxLength) {
      status.textContent = status.dataset.full;
      return;
    }
    field.setSelectionRange(at, at);
    // The only way that the browser can undo.
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, at, at, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    status.textContent = status.dataset.done.replace("#", button.querySelector("span").textContent);
  }

  for (const button of buttons) button.addEventListener("click", () => insert(button));
  field.addEventListener("keydown", (event) => {
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    if (!digit || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || areOff()) return;
    const button = buttons[digit - 1];
    if (!button) return;
    event.preventDefault();
    insert(button);
  });
});
