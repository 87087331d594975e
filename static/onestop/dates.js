/* The browser's calendar beside a text field for a day or a moment: by its button or by Alt+Down, as in a field of the
   browser's own. The field works without it; the day is always written dd/mm/yyyy. */
"use strict";

(() => {
  const WRITTEN = /^\s*(\d{1,2})\D(\d{1,2})\D(\d{4}|\d{2})(?:\D+(\d{1,2}):(\d{2}))?\s*$/;
  const two = (number) => String(number).padStart(2, "0");

  function toIso(text, withTime) {
    const [, day, month, year, hour, minute] = WRITTEN.exec(text) ?? [];
    if (!day) return "";
    const iso = `${year.length === 2 ? `20${year}` : year}-${two(month)}-${two(day)}`;
    return withTime ? `${iso}T${two(hour ?? 0)}:${minute ?? "00"}` : iso;
  }

  function fromIso(iso) {
    const [day, time] = iso.split("T");
    return day.split("-").reverse().join("/") + (time ? ` ${time.slice(0, 5)}` : "");
  }

  function picture() {
    const NAMESPACE = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(NAMESPACE, "svg");
    const path = document.createElementNS(NAMESPACE, "path");
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", "M3 4.5h14v12.5H3zM3 8.5h14M7 2.5v4M13 2.5v4");
    svg.append(path);
    return svg;
  }

  function equip(field) {
    const frame = document.createElement("span");
    const native = document.createElement("input");
    const button = document.createElement("button");
    frame.className = "dated";
    Object.assign(native, { type: field.dataset.picker, tabIndex: -1, className: "calendar" });
    native.setAttribute("aria-hidden", "true");
    Object.assign(button, { type: "button", tabIndex: -1, className: "opens-calendar" });
    button.append(picture());
    button.setAttribute("aria-label", field.dataset.pickerLabel);
    if (typeof native.showPicker !== "function") return;
    field.replaceWith(frame);
    frame.append(field, native, button);

    function open() {
      native.value = toIso(field.value, native.type === "datetime-local");
      native.showPicker();
    }
    button.addEventListener("click", open);
    field.addEventListener("keydown", (event) => {
      if (!event.altKey || event.key !== "ArrowDown") return;
      event.preventDefault();
      open();
    });
    native.addEventListener("change", () => {
      if (!native.value) return;
      field.value = fromIso(native.value);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  const equipAll = (part) => {
    for (const field of part.querySelectorAll("input[data-picker]")) if (!field.closest(".dated")) equip(field);
  };
  equipAll(document);
  document.addEventListener("htmx:load", (event) => equipAll(event.target));
})();
