"use strict";
(() => {
  const sections = [...document.querySelectorAll("section.table")];
  const folds = [...document.querySelectorAll("details")];

  const numberIn = (text) => {
    const found = text.replace("−", "-").match(/^[<+]?(-?\d*\.?\d+)\s*([kMG]?)/);
    return found ? Number(found[1]) * { "": 1, k: 1e3, M: 1e6, G: 1e9 }[found[2]] : NaN;
  };

  const compare = (one, other) => {
    const [a, b] = [numberIn(one), numberIn(other)];
    if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1;
    return null;
  };

  const sortBy = (table, heads, place) => {
    const head = heads[place];
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const textOf = (row) => row.cells[place].textContent.trim();
    const numeric = rows.some((row) => !Number.isNaN(numberIn(textOf(row)))) && place > 0;
    const order = numeric ? ["descending", "ascending"] : ["ascending", "descending"];
    const next = order[order.indexOf(head.ariaSort) + 1] || "none";
    heads.forEach((each) => each.removeAttribute("aria-sort"));
    if (next !== "none") head.setAttribute("aria-sort", next);
    table.classList.toggle("sorted", next !== "none");
    const sign = next === "descending" ? -1 : 1;
    rows.sort((one, other) => {
      if (next === "none") return one.dataset.place - other.dataset.place;
      const [a, b] = [textOf(one), textOf(other)];
      const missingLast = numeric ? compare(a, b) : null;
      if (missingLast !== null) return missingLast;
      const found = numeric ? numberIn(a) - numberIn(b) : a.localeCompare(b, "en", { numeric: true });
      return sign * found || one.dataset.place - other.dataset.place;
    });
    body.append(...rows);
  };

  sections.forEach((section) => {
    const table = section.querySelector("table");
    const heads = [...table.querySelectorAll("tr.heads th")];
    [...table.tBodies[0].rows].forEach((row, place) => { row.dataset.place = place; });
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = "Sort by this column; again to turn, a third time to restore";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sortBy(table, heads, place));
    });
  });

  const bar = document.getElementById("filter-bar");
  const field = document.getElementById("filter");
  const said = document.getElementById("filtered");
  const openBefore = new Map();

  const filter = () => {
    const terms = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    let all = 0;
    sections.forEach((section) => {
      const title = section.dataset.words.toLowerCase();
      let here = 0;
      [...section.querySelector("table").tBodies[0].rows].forEach((row) => {
        const words = `${title} ${row.textContent.toLowerCase()}`;
        row.hidden = !terms.every((term) => words.includes(term));
        here += row.hidden ? 0 : 1;
        all += 1;
      });
      section.hidden = here === 0;
      shown += here;
    });
    folds.forEach((fold) => {
      const tables = [...fold.querySelectorAll("section.table")];
      if (!tables.length) return;
      if (terms.length && !openBefore.has(fold)) openBefore.set(fold, fold.open);
      if (terms.length) fold.open = tables.some((section) => !section.hidden);
      else if (openBefore.has(fold)) { fold.open = openBefore.get(fold); openBefore.delete(fold); }
    });
    said.textContent = terms.length ? `${shown} of ${all} rows` : "";
  };

  field.addEventListener("input", filter);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { field.value = ""; filter(); }
  });
  bar.hidden = sections.length === 0;

  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let fold = target; fold; fold = fold.parentElement) if (fold.tagName === "DETAILS") fold.open = true;
    if (target) target.scrollIntoView();
  };
  window.addEventListener("hashchange", openTarget);
  openTarget();

  document.querySelectorAll("a.m:not([title])").forEach((link) => {
    const idea = document.getElementById(link.hash.slice(1))?.nextElementSibling.querySelector(".idea");
    if (idea) link.title = idea.textContent;
  });

  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = folds.filter((fold) => !fold.open && fold.classList.contains("printed"));
    folded.forEach((fold) => { fold.open = true; });
  });
  window.addEventListener("afterprint", () => folded.forEach((fold) => { fold.open = false; }));
})();
