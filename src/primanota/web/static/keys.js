// The keyboard: j and k move between rows, a and u press their buttons, / searches, g and a letter open a screen.
(() => {
  "use strict";
  let waiting = false;
  const typing = (target) => target.closest("input:not([type=checkbox]), select, textarea, dialog");
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
  const current = () => document.activeElement.closest("[data-row]");

  function move(step) {
    const all = rows();
    const place = all.indexOf(current());
    const next = all[Math.min(Math.max(place + step, 0), all.length - 1)];
    if (next) {
      next.tabIndex = -1;
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
  }

  function press(name) {
    const scope = current() || document;
    const button = scope.querySelector(`[data-key="${name}"]`) || document.querySelector(`[data-page-key="${name}"]`);
    if (button) button.click();
  }

  const help = document.getElementById("keys");
  const actions = {
    j: () => move(1),
    k: () => move(-1),
    a: () => press("a"),
    u: () => press("u"),
    "/": () => {
      const field = document.querySelector("[data-search]");
      if (field) field.focus();
      else location.href = document.body.dataset.searchPath;
    },
    "?": () => help.showModal(),
    Enter: () => {
      const link = current() === document.activeElement && current().querySelector("a[href]");
      if (link) link.click();
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (waiting) {
      waiting = false;
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) link.click();
      return;
    }
    if (event.key === "g") {
      waiting = true;
      setTimeout(() => (waiting = false), 1500);
    } else if (Object.hasOwn(actions, event.key)) {
      if (event.key !== "Enter") event.preventDefault();
      actions[event.key]();
    }
  });

  for (const button of document.querySelectorAll("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  }
  for (const box of document.querySelectorAll("[data-all]")) {
    box.addEventListener("change", () => {
      for (const other of box.form.querySelectorAll("input[type=checkbox][name=id]")) other.checked = box.checked;
    });
  }
  for (const button of document.querySelectorAll("[data-waiting]")) {
    button.form.addEventListener("submit", () => {
      button.disabled = true;
      button.textContent = button.dataset.waiting;
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
})();
