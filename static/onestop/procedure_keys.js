/* The choice of a procedure by one key: a digit takes one of those received most often, a letter begins a search. */
"use strict";

document.addEventListener("onestop:key", (event) => {
  if (/^[1-9]$/.test(event.detail)) document.querySelectorAll(".frequent a")[event.detail - 1]?.click();
  // The letter itself then goes into the field.
  else if (/^\p{Letter}$/u.test(event.detail)) document.getElementById("q").focus();
});
