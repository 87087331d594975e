/* An amount of money has its thousands apart once it is typed: 50000 becomes 50.000. The server reads both. */
"use strict";

document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-dong]");
  if (field && /^\d{4,}$/.test(field.value.trim())) field.value = Number(field.value).toLocaleString("vi");
});
