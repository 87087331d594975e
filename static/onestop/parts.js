/* A part of a page is only put in where it was asked for: whoever was signed out meanwhile is sent to the sign-in page
   instead, and what stands typed on this one stays as it is. */
"use strict";

document.addEventListener("htmx:beforeSwap", (event) => {
  const { pathInfo, xhr } = event.detail;
  const path = (address) => new URL(address, location.href).pathname;
  if (path(pathInfo.requestPath) !== path(xhr.responseURL)) event.detail.shouldSwap = false;
});
