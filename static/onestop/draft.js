/* What is typed at the counter survives a lost connection or session: kept in this browser, for this person and
   procedure, for half a day; never files. The form that is opened next offers it, with its applicant and time, and
   fills in nothing by itself: the next person at the counter may be another applicant. Gone when the dossier is
   recorded, when discarded, when another applicant is typed, and on signing out. Of anybody else's nothing is left once
   the counter's pages are opened. docs/decisions/09-desk.md says why. */
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
    for (const name of ["comment", "submitter_name"]) form.elements[name].closest("details").open ||= Boolean(draft.values[name]);
    form.dispatchEvent(new Event("change"));
  }

  /* 16:05, with the day where it is not today. */
  function shownTime(at) {
    const language = document.documentElement.lang;
    const time = at.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
    return at.toDateString() === new Date().toDateString() ? time : `${time} ${at.toLocaleDateString("vi")}`;
  }

  function keepDraftOf(form) {
    const key = `${mine}${form.dataset.draft}`;
    const notice = document.querySelector(".draft");
    const draft = read(key);
    let sent = false;
    let waiting;
    // A draft that is offered stays as it is until it is taken up or discarded.
    let isOffered = false;

    const keep = () => {
      clearTimeout(waiting);
      waiting = undefined;
      if (!isOffered) localStorage.setItem(key, JSON.stringify({ at: Date.now(), sent, values: typed(form) }));
    };
    const keepSoon = () => {
      waiting ??= setTimeout(keep, 300);
    };

    const endOffer = () => {
      isOffered = false;
      notice.hidden = true;
    };

    function offer() {
      const [takeUp, discard] = notice.querySelectorAll("button");
      const name = draft.values.applicant_name?.trim();
      if (name) notice.querySelector("strong").textContent = name;
      notice.querySelector("time").textContent = shownTime(new Date(draft.at));
      takeUp.addEventListener("click", () => {
        endOffer();
        // Whatever became of it then: with the same number it is one dossier.
        sent = draft.sent;
        putBack(form, draft);
        keep();
        form.elements.applicant_name.focus();
      });
      discard.addEventListener("click", () => {
        endOffer();
        localStorage.removeItem(key);
        form.elements.applicant_name.focus();
      });
      notice.hidden = false;
      isOffered = true;
    }

    const isAnothers = () =>
      ["applicant_name", "identity_no"].some((name) => {
        const [now, then] = [form.elements[name].value, draft.values[name] ?? ""].map((text) => text.trim().toLowerCase());
        return now !== "" && !then.startsWith(now);
      });

    if (draft && !("answered" in form.dataset)) offer();
    for (const kind of ["input", "change"]) {
      form.addEventListener(kind, () => {
        if (isOffered && isAnothers()) endOffer();
        keepSoon();
      });
    }
    form.addEventListener("submit", () => {
      if (isOffered) endOffer();
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
