"use strict";
// Search by number, unit or id, over everything the pages know.
const search = (() => {
  const MOST = 40;
  let entries = [];
  let shown = [];
  let active = -1;

  function build() {
    const { core } = baocao;
    entries = [];
    for (const value of core.values) {
      const mentions = core.mentionsOf.get(value) ?? [];
      const printed = [...new Set([...mentions.map((one) => one.printed), numbers.print(value.number)])];
      entries.push({
        kind: mentions.length ? "Số" : "Thành phần", rank: mentions.length ? 0 : 2, hash: `so=${encodeURIComponent(value.id)}`,
        title: `${numbers.printValue(value)} ${value.unit === "%" ? "" : value.unit}`, detail: value.label || value.id, id: value.id,
        text: numbers.fold(`${value.label} ${value.id} ${mentions.map((one) => one.id).join(" ")}`), numbers: printed.map(numbers.digits),
      });
    }
    for (const unit of core.units) {
      entries.push({ kind: "Đơn vị", rank: 1, hash: `don-vi=${encodeURIComponent(unit.code)}`, title: unit.name, detail: `mã ${unit.code}`, id: unit.code, text: numbers.fold(`${unit.name} ${unit.code}`), numbers: [unit.code.toLowerCase()] });
    }
    for (const chart of core.charts) entries.push({ kind: "Biểu đồ", rank: 3, hash: `bieu-do=${encodeURIComponent(chart.id)}`, title: chart.caption, detail: chart.id, id: chart.id, text: numbers.fold(`${chart.caption} ${chart.id}`), numbers: [] });
    for (const one of core.citations) entries.push({ kind: "Viện dẫn", rank: 4, hash: `trich-dan=${encodeURIComponent(one.id)}`, title: one.printed, detail: one.id, id: one.id, text: numbers.fold(`${one.printed} ${one.id}`), numbers: [] });
  }

  // Lower is better; null is no match.
  function score(entry, folded, words, digits) {
    if (entry.id === folded) return 0;
    if (digits) {
      if (entry.numbers.includes(digits)) return 10 + entry.rank;
      if (entry.numbers.some((one) => one.startsWith(digits))) return 30 + entry.rank;
    }
    if (!words.every((word) => entry.text.includes(word))) return null;
    return (entry.text.startsWith(folded) ? 20 : 40) + entry.rank;
  }

  function find(query) {
    const folded = numbers.fold(query.trim());
    if (!folded) return [];
    const words = folded.split(/\s+/);
    const digits = /^[\d.,%\s/]+$/.test(folded) ? numbers.digits(folded) : "";
    return entries.map((entry) => [score(entry, folded, words, digits), entry]).filter(([found]) => found !== null)
      .sort((a, b) => a[0] - b[0]).map(([, entry]) => entry);
  }

  function render(input, list) {
    const found = find(input.value);
    shown = found.slice(0, MOST);
    active = shown.length ? 0 : -1;
    const rows = shown.map((entry, i) => element("div", { role: "option", id: `result-${i}`, "data-hash": entry.hash, "aria-selected": i === active ? "true" : "false" },
      element("span", { class: "kind" }, entry.kind), element("b", {}, entry.title), element("span", { class: "detail" }, entry.detail)));
    if (input.value.trim()) rows.push(element("p", { class: "note" }, found.length ? `${numbers.print(found.length)} kết quả${found.length > MOST ? `, hiện ${MOST} kết quả đầu` : ""}` : "Không tìm thấy. Thử một phần của số, tên đơn vị hoặc mã."));
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
