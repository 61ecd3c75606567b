"use strict";
(() => {
  const field = document.getElementById("filter");
  const said = document.getElementById("filtered");
  const rows = [...document.querySelectorAll("#list tbody tr")];
  document.getElementById("filter-bar").hidden = false;
  field.addEventListener("input", () => {
    const terms = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row) => {
      const text = row.textContent.toLowerCase();
      row.hidden = !terms.every((term) => text.includes(term));
      shown += row.hidden ? 0 : 1;
    });
    said.textContent = terms.length ? `${shown} of ${rows.length} rows` : "";
  });
})();
