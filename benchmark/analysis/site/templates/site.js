"use strict";
(() => {
  const boards = JSON.parse(document.getElementById("data").textContent);
  const AXES = ["corpus", "kind", "rate"];

  const cell = (text, address, name = "td") => {
    const made = document.createElement(name);
    if (name === "th") made.scope = "row";
    if (!address) { made.textContent = text; return made; }
    const link = document.createElement("a");
    link.href = address;
    link.textContent = text;
    made.append(link);
    return made;
  };

  const row = (board, [place, rank, gain, interval, mean, cost, blocks, link]) => {
    const [label, page, needs] = board.methods[place];
    const made = document.createElement("tr");
    made.classList.toggle("apart", rank === "–");
    made.append(cell(label, `${page}#${board.key}`, "th"), cell(rank), cell(gain, link));
    [interval, mean, cost, blocks].forEach((text) => made.append(cell(text)));
    const words = cell(needs);
    words.className = "words";
    made.append(words);
    return made;
  };

  const show = (board, section, form) => {
    const found = board.places[AXES.map((axis) => form.elements[axis].value).join("\n")];
    const { words, lines } = found === undefined ? { words: "No cell is like that.", lines: [] } : board.boards[found];
    section.querySelector(".words").textContent = words;
    section.querySelector("tbody").replaceChildren(...lines.map((line) => row(board, line)));
  };

  const address = (board, form) => {
    const chosen = AXES.filter((axis) => form.elements[axis].value)
      .map((axis) => `${axis}=${encodeURIComponent(form.elements[axis].value)}`);
    history.replaceState(null, "", `#${[board.key, ...chosen].join("&")}`);
  };

  const forms = boards.map((board) => {
    const section = document.getElementById(board.key);
    const form = section.querySelector("form");
    form.hidden = false;
    form.addEventListener("change", () => { show(board, section, form); address(board, form); });
    form.addEventListener("reset", () => setTimeout(() => { show(board, section, form); address(board, form); }));
    form.addEventListener("submit", (event) => event.preventDefault());
    return { board, section, form };
  });

  const follow = () => {
    const [key, ...chosen] = location.hash.slice(1).split("&");
    const found = forms.find(({ board }) => board.key === key);
    if (!found) return;
    const values = new URLSearchParams(chosen.join("&"));
    AXES.forEach((axis) => {
      const menu = found.form.elements[axis];
      menu.value = values.get(axis) || "";
      if (menu.selectedIndex < 0) menu.value = "";
    });
    show(found.board, found.section, found.form);
    if (chosen.length) found.section.scrollIntoView();
  };
  window.addEventListener("hashchange", follow);
  follow();
})();
