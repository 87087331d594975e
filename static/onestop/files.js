/* Fields of files: what was chosen is listed and can be taken back, more can be added from the disk, by dropping them
   anywhere on the page, or from a phone's camera. The list is kept in the field itself, so that the form sends it. */
"use strict";

(() => {
  const locale = document.documentElement.lang;

  function sizeOf({ size }) {
    const inMegabytes = size >= 1024 * 1024;
    const amount = Math.max(size / (inMegabytes ? 1024 * 1024 : 1024), 0.1);
    return `${amount.toLocaleString(locale, { maximumFractionDigits: 1 })} ${inMegabytes ? "MB" : "KB"}`;
  }

  function field(extra) {
    const input = document.getElementById(extra.dataset.files);
    const list = extra.querySelector("ul");
    const camera = extra.querySelector(".camera input");
    let chosen = [];

    function keep(files) {
      chosen = files;
      const held = new DataTransfer();
      for (const file of files) held.items.add(file);
      input.files = held.files;
      list.replaceChildren(...files.map(line));
    }

    function add(files) {
      const isNew = (file) => !chosen.some((one) => one.name === file.name && one.size === file.size && one.lastModified === file.lastModified);
      keep([...chosen, ...[...files].filter(isNew)]);
    }

    function line(file) {
      const row = extra.querySelector("template").content.cloneNode(true);
      const button = row.querySelector("button");
      row.querySelector(".name").textContent = file.name;
      row.querySelector(".quieter").textContent = sizeOf(file);
      button.setAttribute("aria-label", `${button.textContent}: ${file.name}`);
      button.addEventListener("click", () => {
        keep(chosen.filter((one) => one !== file));
        (list.querySelector("button") ?? input).focus();
      });
      return row;
    }

    input.addEventListener("change", () => add(input.files));
    camera.addEventListener("change", () => {
      add(camera.files);
      camera.value = "";
    });

    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    const over = (isOver) => document.body.classList.toggle("dropping", isOver);
    document.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      over(true);
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) over(false);
    });
    document.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      over(false);
      add(event.dataTransfer.files);
      extra.scrollIntoView({ block: "nearest" });
    });
    extra.hidden = false;
    // Some browsers keep what was chosen when a page is reloaded.
    add(input.files);
  }

  document.querySelectorAll("[data-files]").forEach(field);
})();
