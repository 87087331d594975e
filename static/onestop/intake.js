/* The counter's form: the applicant from an earlier dossier, all papers ticked at once, the sum of the fees. */
"use strict";

(() => {
  const form = document.querySelector("form.intake");

  for (const button of form.querySelectorAll(".without-scripts")) button.hidden = true;

  /* ---- the applicant from an earlier dossier */

  const earlier = form.querySelector("[data-earlier]");
  const number = document.getElementById(earlier.dataset.earlier);

  function fillIn(button) {
    for (const [name, value] of Object.entries(button.dataset)) {
      const field = form.elements[name];
      if (field) field.value = value;
    }
    earlier.replaceChildren();
    const after = [form.elements.applicant_name, form.elements.phone, form.elements.address, form.elements.summary];
    (after.find((field) => !field.value) ?? form.elements.summary).focus();
    form.dispatchEvent(new Event("change"));
  }

  earlier.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    event.preventDefault();
    fillIn(button);
  });

  /* ---- an identity card that a reader types: number|old number|name|born|sex|address|issued. As `identity_scans.py`
     reads it, which does the same where no script runs. */

  const oldNumber = form.elements.old_number;

  function card(line) {
    const fields = line.split("|").map((field) => field.replace(/\s+/g, " ").trim());
    if (fields.length < 4) return null;
    const digits = (field) => field.replace(/[ .-]/g, "");
    const isNumber = (field) => /^(\d{12}|\d{9})$/.test(field);
    const first = digits(fields.shift());
    if (!isNumber(first)) return null;
    const old = digits(fields[0]);
    const hasOld = old === "" || isNumber(old);
    if (hasOld) fields.shift();
    const name = fields.shift() ?? "";
    const born = Math.max(0, fields.slice(0, 2).findIndex((field) => /^[0-3]?\d[/.-]?[01]?\d[/.-]?[12]\d{3}$/.test(field)));
    const day = fields[born]?.match(/^(\d{1,2})[/.-]?(\d{1,2})[/.-]?(\d{4})$/);
    const birthDate = day ? `${day[1].padStart(2, "0")}/${day[2].padStart(2, "0")}/${day[3]}` : "";
    return { number: first, old: hasOld ? old : "", name, birthDate, address: fields[born + 2] ?? "" };
  }

  /* The commune at the end of the card's address, today's or, where that was divided, the one of before. */
  async function readAddress(address) {
    const { commune } = form.elements;
    form.elements.address.value = address;
    if (!commune) return;
    const body = new URLSearchParams({ address, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    const answer = await fetch(commune.dataset.cardAddress, { method: "POST", body });
    const read = answer.ok ? await answer.json() : {};
    // Only if nobody has typed on meanwhile.
    if (read.commune === undefined || form.elements.address.value !== address || commune.value) return;
    form.elements.address.value = read.address;
    commune.value = read.commune;
    form.dispatchEvent(new Event("change"));
  }

  function readCard() {
    const read = card(number.value);
    if (!read) return false;
    number.value = read.number;
    oldNumber.value = read.old;
    if (read.name) form.elements.applicant_name.value = read.name;
    if (read.birthDate) form.elements.birth_date.value = read.birthDate;
    if (read.address) readAddress(read.address);
    // Asks for an earlier dossier, and keeps the draft.
    number.dispatchEvent(new Event("input", { bubbles: true }));
    (form.elements.phone.value ? form.elements.summary : form.elements.phone).focus();
    return true;
  }

  number.addEventListener("change", readCard);
  number.addEventListener("paste", () => setTimeout(readCard));
  number.addEventListener("input", (event) => {
    // Typed on by hand, it is no longer the card's.
    if (event.isTrusted) oldNumber.value = "";
  });

  // A reader ends with Enter: that must not send a form of which only the number is known.
  number.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (readCard()) return;
    const button = earlier.querySelector("[data-fill]");
    if (button) fillIn(button);
    else form.elements.applicant_name.focus();
  });

  /* ---- the receiving agency, folded away */

  const agency = form.elements.agency;
  agency?.addEventListener("change", () => {
    agency.closest("details").querySelector("summary strong").textContent = agency.selectedOptions[0].text;
  });

  /* ---- papers */

  for (const all of form.querySelectorAll("[data-all]")) {
    const papers = [...document.getElementById(all.dataset.all).querySelectorAll("input[type=checkbox]")];
    const shown = () => {
      const ticked = papers.filter((paper) => paper.checked).length;
      all.checked = ticked === papers.length;
      all.indeterminate = ticked > 0 && !all.checked;
    };
    all.addEventListener("change", () => {
      for (const paper of papers) paper.checked = all.checked;
    });
    form.addEventListener("change", shown);
    shown();
  }

  /* ---- fees */

  const sum = form.querySelector(".sum");

  function addUp() {
    const channel = form.querySelector("[name=channel]:checked")?.value;
    const totals = { charged: 0, paid: 0 };
    for (const fee of form.querySelectorAll(`.fee.for-${channel}`)) {
      const [charged, paid] = ["charged", "paid"].map((name) => fee.querySelector(`[name$="-${name}"]`).checked);
      const amount = Number(fee.querySelector('[name$="-amount"]').value.replace(/\D/g, ""));
      if (charged || paid) totals.charged += amount;
      if (paid) totals.paid += amount;
    }
    for (const place of sum.querySelectorAll("[data-sum]")) {
      const amount = totals[place.dataset.sum].toLocaleString("vi");
      place.textContent = place.dataset.text.replace("#", amount);
    }
  }

  if (sum) {
    form.addEventListener("input", addUp);
    form.addEventListener("change", addUp);
    addUp();
  }
})();
