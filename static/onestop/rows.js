/* The list by keyboard: “j” and “k” go from row to row, “x” picks the row, “a” all of this page. How many are picked. And
   rows of one line, as this browser remembers. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("together");
  const rows = [...document.querySelectorAll(".dossiers tbody tr:not(.group)")];
  const boxes = rows.map((row) => row.querySelector("input[name=dossier]")).filter(Boolean);

  const tell = () => {
    const told = form?.querySelector("output");
    if (!told) return;
    const picked = boxes.filter((box) => box.checked).length;
    told.dataset.none ??= told.textContent;
    told.textContent = picked ? `${told.dataset.picked}: ${picked}` : told.dataset.none;
    form.classList.toggle("has-picked", picked > 0);
  };
  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (step) => {
    const next = rows[Math.min(Math.max(here() + step, 0), rows.length - 1)];
    next?.querySelector("a.open").focus();
  };
  const pickAll = () => {
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
    tell();
  };
  const keys = {
    j: () => go(1),
    k: () => go(here() < 0 ? 0 : -1),
    x: () => rows[here()]?.querySelector("input[name=dossier]")?.click(),
    a: pickAll,
  };

  const COMPACT = "onestop:compact-rows";
  const button = document.querySelector("[data-compact]");
  if (button) {
    const table = document.querySelector(".dossiers");
    const show = () => {
      const isCompact = Boolean(localStorage.getItem(COMPACT));
      table.classList.toggle("one-line", isCompact);
      button.setAttribute("aria-pressed", isCompact);
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      if (localStorage.getItem(COMPACT)) localStorage.removeItem(COMPACT);
      else localStorage.setItem(COMPACT, "1");
      show();
    });
    show();
  }

  document.addEventListener("onestop:key", (event) => keys[event.detail]?.());
  document.addEventListener("change", (event) => event.target.name === "dossier" && tell());
  tell();
});
