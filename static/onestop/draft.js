/* What is typed at the counter survives a lost connection or session: kept in this browser, for this person and
   procedure, for half a day; never files. Gone when the dossier is recorded, when discarded, and on signing out. Of
   anybody else's nothing is left once the counter's pages are opened. docs/decisions.md says why. */
"use strict";

(() => {
  const BEGINNING = "onestop-draft:";
  const KEPT_FOR = 12 * 60 * 60 * 1000;
  const NEVER_KEPT = ["file", "password", "submit", "button"];
  const { user, signedOut } = document.currentScript.dataset;
  const mine = `${BEGINNING}${user}:`;

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  /* The dossier's own page is the proof that it was recorded. */
  const isRecorded = (draft) => location.pathname.includes(`/${draft.values.uuid}/`);

  function clearAway() {
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith(BEGINNING))) {
      const draft = read(key);
      const isOthers = user !== undefined && !key.startsWith(mine);
      const isOld = !(draft && Date.now() - draft.at < KEPT_FOR);
      if (signedOut !== undefined || isOthers || isOld || isRecorded(draft)) localStorage.removeItem(key);
    }
  }

  function fieldsOf(form) {
    return [...form.elements].filter(
      (field) => field.name && field.name !== "csrfmiddlewaretoken" && !NEVER_KEPT.includes(field.type),
    );
  }

  function typed(form) {
    const values = {};
    for (const field of fieldsOf(form)) {
      if (field.type === "checkbox") values[field.name] = field.checked;
      else if (field.type !== "radio" || field.checked) values[field.name] = field.value;
    }
    return values;
  }

  function putBack(form, draft) {
    for (const field of fieldsOf(form)) {
      const value = draft.values[field.name];
      // The number of a form that was never sent is not taken up: it may still be open beside this one.
      if (value === undefined || (field.name === "uuid" && !draft.sent)) continue;
      if (field.type === "checkbox") field.checked = value;
      else if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
      if (field.tagName === "SELECT") field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    form.querySelector("details").open ||= Boolean(draft.values.comment);
    form.dispatchEvent(new Event("change"));
  }

  function keepDraftOf(form) {
    const key = `${mine}${form.dataset.draft}`;
    const notice = document.querySelector(".draft");
    const draft = read(key);
    let sent = false;
    let waiting;
    let isDiscarded = false;

    const keep = () => {
      clearTimeout(waiting);
      waiting = undefined;
      if (!isDiscarded) localStorage.setItem(key, JSON.stringify({ at: Date.now(), sent, values: typed(form) }));
    };
    const keepSoon = () => {
      waiting ??= setTimeout(keep, 300);
    };

    if (draft && !("answered" in form.dataset)) {
      // Whatever became of it then: with the same number it is one dossier.
      sent = draft.sent;
      putBack(form, draft);
      notice.querySelector("time").textContent = new Date(draft.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      notice.querySelector("button").addEventListener("click", () => {
        isDiscarded = true;
        clearTimeout(waiting);
        localStorage.removeItem(key);
        // Whole and new: with a number of its own.
        form.reset();
        location.replace(location.href);
      });
      notice.hidden = false;
    }
    form.addEventListener("input", keepSoon);
    form.addEventListener("change", keepSoon);
    form.addEventListener("submit", () => {
      sent = true;
      keep();
    });
    window.addEventListener("pagehide", () => waiting && keep());
  }

  clearAway();
  const form = document.querySelector("form[data-draft]");
  // Once htmx listens: an agency that is put back asks for its own due date.
  if (form) document.addEventListener("DOMContentLoaded", () => keepDraftOf(form));
})();
