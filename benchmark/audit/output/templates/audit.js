"use strict";
(() => {
  const field = document.getElementById("filter");
  const said = document.getElementById("filtered");
  const rows = [...document.querySelectorAll("#list tbody tr")];
  const folded = (row) => row.querySelector("details")?.textContent ?? "";
  const words = rows.map((row) => row.textContent.replace(folded(row), "").toLowerCase());
  document.getElementById("filter-bar").hidden = false;
  field.addEventListener("input", () => {
    const terms = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, place) => {
      row.hidden = !terms.every((term) => words[place].includes(term));
      shown += row.hidden ? 0 : 1;
    });
    said.textContent = terms.length ? `${shown} of ${rows.length} rows` : "";
  });
})();
