/* The screen in the hall: puts new numbers in each minute. While the office cannot be reached the last ones stay, with the
   time at which they were counted, and a line says so. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const main = () => document.querySelector("main[data-seconds]");
  const hasNumbers = (page) => page.querySelector(".hall-numbers") !== null;

  async function renew() {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      // Switched off, or with another address: the page says so.
      if (answer.status === 404) return location.reload();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-seconds]");
      if (!page || (hasNumbers(main()) && !hasNumbers(page))) throw new Error(answer.status);
      main().replaceWith(page);
    } catch {
      main().querySelector("[data-lost]").hidden = false;
    }
  }

  setInterval(renew, main().dataset.seconds * 1000);
});
