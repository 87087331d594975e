/* What is typed on a page is there again after signing in anew, when the session ended meanwhile: kept in this tab, for
   this person and page, until the next page is opened; never passwords or files. Gone on signing out, and when nobody
   has signed in for an hour: it may hold an identity number, and others use this computer. The counter's own form keeps
   more and longer: draft.js. */
"use strict";

(() => {
  const KEY = "onestop-typed";
  const KEPT_FOR = 60 * 60 * 1000;
  const NEVER_KEPT = ["hidden", "file", "password", "submit", "button"];
  const { user, signedOut } = document.currentScript.dataset;

  function kept() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      return null;
    }
  }

  const keep = (what) => sessionStorage.setItem(KEY, JSON.stringify({ at: Date.now(), ...what }));

  /* The page to sign in at, or the one that tells of a form from before the last signing in: whatever stands here comes
     back once. */
  if (user === undefined) {
    const waiting = kept();
    const left = waiting ? waiting.at + KEPT_FOR - Date.now() : 0;
    if (signedOut !== undefined || !(left > 0)) sessionStorage.removeItem(KEY);
    else keep({ ...waiting, returns: true });
    setTimeout(() => sessionStorage.removeItem(KEY), Math.max(left, 0));
    return;
  }

  const forms = () => [...document.querySelectorAll("main form[method=post]:not([data-draft]), #content-main form")];
  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !NEVER_KEPT.includes(field.type));
  const isTicked = (field) => ["checkbox", "radio"].includes(field.type);

  function typed() {
    return forms().map((form) =>
      fieldsOf(form).map((field) => [field.name, isTicked(field) ? field.value : null, isTicked(field) ? field.checked : field.value]),
    );
  }

  function putBack(values) {
    forms().forEach((form, number) => {
      for (const [name, option, value] of values[number] ?? []) {
        const field = fieldsOf(form).find((each) => each.name === name && (option === null || each.value === option));
        if (field && option !== null) field.checked = value;
        else if (field) field.value = value;
      }
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const before = kept();
    sessionStorage.removeItem(KEY);
    if (before?.returns && before.user === user && before.path === location.pathname) {
      putBack(before.values);
      keep({ user, path: location.pathname, values: typed() });
    }
    for (const form of forms()) {
      // On sending, too: a form that came back with errors is typed, although nobody touched it since.
      for (const kind of ["input", "submit"]) {
        form.addEventListener(kind, () => keep({ user, path: location.pathname, values: typed() }));
      }
    }
  });
})();
