"use strict";
// Search by number, unit or id, over everything the pages know.
const search = (() => {
  const MOST = 40;
  let entries = [];
  let shown = [];
  let active = -1;

  function add(kind, rank, hash, title, detail, id, words, found = []) {
    entries.push({ kind, rank, hash, title, detail, id: id.toLowerCase(), plain: words.toLowerCase(), text: ` ${numbers.fold(words)}`, numbers: found });
  }

  function build() {
    const { core } = baocao;
    entries = [];
    for (const value of core.values) {
      const mentions = core.mentionsOf.get(value) ?? [];
      const printed = [...new Set([...mentions.map((one) => one.printed), numbers.print(value.number)])];
      add(mentions.length ? _("Number") : _("Part"), mentions.length ? 0 : 2, `so=${encodeURIComponent(value.id)}`, `${numbers.printValue(value)} ${value.unit === "%" ? "" : value.unit}`,
        value.label || value.id, value.id, `${value.label} ${value.unit} ${value.id} ${mentions.map((one) => one.id).join(" ")}`, printed.map(numbers.digits));
    }
    for (const unit of core.units) add(_("Unit"), 1, `don-vi=${encodeURIComponent(unit.code)}`, unit.name, _("code {code}", { code: unit.code }), unit.code, `${unit.name} ${unit.code}`, [unit.code.toLowerCase()]);
    for (const chart of core.charts) add(_("Chart"), 3, `bieu-do=${encodeURIComponent(chart.id)}&bao-cao=${chart.report}`, chart.caption, chart.id, chart.id, `${chart.caption} ${chart.id}`);
    for (const one of core.citations) add(_("Citation"), 4, `trich-dan=${encodeURIComponent(one.id)}`, one.printed, one.id, one.id, `${one.printed} ${one.id}`);
    for (const file of core.files) add(_("File"), 5, `tep=${encodeURIComponent(file.name)}`, file.name, file.unit ? file.unit.name : "", file.name, file.name);
  }

  // Lower is better; null is no match. Words that begin a word go before parts of words, diacritics as typed before others.
  function score(entry, asked) {
    if (entry.id === asked.id) return 0;
    const named = asked.words.every((word) => entry.text.includes(word));
    if (asked.readings.length && asked.units.every((word) => entry.text.includes(` ${word}`))) {
      const exact = asked.readings.findIndex((one) => entry.numbers.includes(one));
      if (exact >= 0) return 10 + 10 * exact + entry.rank;
      if (entry.numbers.some((one) => one.startsWith(asked.readings[0]))) return 40 + entry.rank;
    }
    if (!named) return null;
    if (entry.text.startsWith(` ${asked.folded}`)) return 30 + entry.rank;
    return (asked.words.every((word) => entry.text.includes(` ${word}`)) ? 50 : 70) + (entry.plain.includes(asked.plain) ? 0 : 10) + entry.rank;
  }

  function find(query) {
    const plain = query.normalize("NFC").trim().toLowerCase();
    const folded = numbers.fold(plain);
    if (!folded) return [];
    const [, number, after] = /^([\d.,%\s/]*)(.*)$/.exec(folded);
    const asked = { plain, folded, id: plain, words: folded.split(/\s+/), readings: /\d/.test(number) ? numbers.readings(number) : [], units: after.split(/\s+/).filter(Boolean) };
    const cell = /^(.+)#(.+)!([a-z]+\d+)$/i.exec(query.trim());
    const file = cell && baocao.core.files.find((one) => one.name === cell[1] || one.name.endsWith(`/${cell[1]}`));
    const spelt = file && `${file.name}#${cell[2]}!${cell[3].toUpperCase()}`;
    const cells = spelt ? [{ kind: _("Cell"), hash: `o=${encodeURIComponent(spelt)}`, title: spelt, detail: file.unit ? file.unit.name : "" }] : [];
    return cells.concat(entries.map((entry) => [score(entry, asked), entry]).filter(([found]) => found !== null)
      .sort((a, b) => a[0] - b[0]).map(([, entry]) => entry));
  }

  function render(input, list) {
    const found = find(input.value);
    shown = found.slice(0, MOST);
    active = shown.length ? 0 : -1;
    const rows = shown.map((entry, i) => element("div", { role: "option", id: `result-${i}`, "data-hash": entry.hash, "aria-selected": i === active ? "true" : "false" },
      element("span", { class: "kind" }, entry.kind), element("b", {}, entry.title), element("span", { class: "detail" }, entry.detail)));
    if (input.value.trim()) rows.push(element("p", { class: "note" }, found.length ? _("{count} results{first}", { count: numbers.print(found.length), first: found.length > MOST ? _(", the first {count} shown", { count: MOST }) : "" }) : _("Nothing found. Try a part of the number, the unit's name or the code.")));
    list.replaceChildren(...rows);
    list.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!list.hidden));
    select(input, list, active);
  }

  function select(input, list, index) {
    active = index;
    [...list.querySelectorAll("[role=option]")].forEach((one, i) => {
      one.setAttribute("aria-selected", String(i === index));
      if (i === index) one.scrollIntoView({ block: "nearest" });
    });
    if (index >= 0) input.setAttribute("aria-activedescendant", `result-${index}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function close(input, list) {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function start() {
    const input = document.getElementById("query");
    const list = document.getElementById("results");
    build();
    input.addEventListener("input", () => render(input, list));
    input.addEventListener("focus", () => { if (input.value.trim()) render(input, list); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (shown.length) select(input, list, (active + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length);
      } else if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        close(input, list);
        location.hash = shown[active].hash;
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        close(input, list);
      }
    });
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      event.preventDefault();
      close(input, list);
      location.hash = option.dataset.hash;
    });
    input.addEventListener("blur", () => setTimeout(() => close(input, list), 150));
  }

  return { start, find };
})();
