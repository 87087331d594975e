/* Keys that work wherever nothing is being typed: “/” leads to the search box, “?” tells of all of them, and a link or button
   with `data-key` is pressed by that key; of several the last, because a paper that is not printed yet stands below the prints.
   Pages with keys of their own listen to `onestop:key`. Who talks to the computer, or rests a hand on the keys, switches them
   off: on one computer here, or for the account on its own page, which then wins. */
"use strict";

const OFF = "onestop:keys-off";
const areOff = () => "off" in (document.getElementById("keys")?.dataset ?? {}) || Boolean(localStorage.getItem(OFF));
const shared = {
  "/": () => {
    const box = document.getElementById("find");
    box?.focus();
    box?.select();
  },
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || areOff()) return;
  const pressed = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]:not([hidden])`)].pop();
  if (event.key in shared || pressed) {
    event.preventDefault();
    event.key in shared ? shared[event.key]() : pressed.click();
  } else document.dispatchEvent(new CustomEvent("onestop:key", { detail: event.key }));
});

document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("keys-on");
  if (!box) return;
  box.checked = !areOff();
  box.disabled = "off" in document.getElementById("keys").dataset;
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  for (const opener of document.querySelectorAll("[data-opens-keys]")) {
    opener.hidden = false;
    opener.addEventListener("click", shared["?"]);
  }
});
