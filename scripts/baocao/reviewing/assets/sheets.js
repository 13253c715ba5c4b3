"use strict";
// The part of a source sheet around some cells, the cells marked.
const sheets = (() => {
  const AROUND = 2;
  const HEADER = 12;
  const AT_ONCE = 120;
  const KINDS = { e: _("error value"), u: _("formula without a result") };

  function letters(index) {
    let text = "";
    for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
      text = String.fromCharCode(65 + ((rest - 1) % 26)) + text;
    }
    return text;
  }

  function columnIndex(text) {
    return [...text].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  }

  // Name, fingerprint and link of a raw file.
  function fileHead(file) {
    return element("p", { class: "file" },
      element("a", { href: file.link }, file.name),
      element("span", { class: "sha", title: _("SHA-256 of the original file") }, `sha256 ${file.sha256 ?? _("not in the record")}`));
  }

  // `spans`: [{sheet, first, last, column, term}]; null shows the file without marks. `words` says what a marked cell is.
  async function excerpt(file, spans, words = _("cells that make the number")) {
    const box = element("div", { class: "excerpt" }, fileHead(file));
    if (file.chunk === null) {
      box.append(element("p", { class: "alert error" },
        _("This file has changed or is gone since the report was built, so its cells are not shown. Build the report again.")));
      return box;
    }
    const content = (await baocao.load(`sheets-${file.chunk}`))[file.index] ?? {};
    const wanted = spans ? [...new Set(spans.map((span) => span.sheet))] : Object.keys(content).map(Number);
    for (const sheet of wanted) {
      if (content[sheet]) box.append(sheetTable(file, sheet, content[sheet], (spans ?? []).filter((one) => one.sheet === sheet), words));
    }
    return box;
  }

  function marksOf(spans) {
    const marks = new Map();
    for (const span of spans) {
      const column = columnIndex(span.column);
      for (let row = span.first; row <= span.last; row += 1) {
        const key = `${row}:${column}`;
        marks.set(key, span.term || marks.get(key) === "term" ? "term" : "condition");
      }
    }
    return marks;
  }

  function chooseRows(content, marks) {
    if (!marks.size) return content.rows;
    const near = new Set();
    let first = Infinity;
    for (const key of marks.keys()) {
      const row = Number(key.split(":")[0]);
      first = Math.min(first, row);
      for (let one = row - AROUND; one <= row + AROUND; one += 1) near.add(one);
    }
    return content.rows.filter(([row]) => near.has(row) || (row <= HEADER && row < first));
  }

  function sheetTable(file, sheet, content, spans, words) {
    const marks = marksOf(spans);
    const name = baocao.core.sheets[sheet];
    const counts = { term: 0, condition: 0 };
    for (const role of marks.values()) counts[role] += 1;
    const rows = chooseRows(content, marks);
    const width = Math.max(...rows.map(([, cells]) => cells.length), 1);
    const body = element("tbody");
    const wide = wideColumns(rows, new Set([...marks.keys()].map((key) => Number(key.split(":")[0]))));
    const head = element("tr", {}, element("th"), ...Array.from({ length: width }, (_, i) => element("th", { scope: "col", class: wide.has(i) ? "wide" : null }, letters(i))));
    const table = element("table", { class: "sheet" }, element("caption", { class: "aside" }, _("Sheet {name}", { name })), element("thead", {}, head), body);
    const scroller = element("div", { class: "scroller", tabindex: "0", role: "group", "aria-label": _("Sheet {name} of {file}", { name, file: file.name }) }, table);
    const more = element("button", { type: "button", class: "more" });
    let shown = 0;

    function extend() {
      const next = rows.slice(shown, shown + AT_ONCE);
      const covered = coveredCells(content.merged, new Set(next.map(([row]) => row)));
      let last = shown ? rows[shown - 1][0] : 0;
      for (const [row, cells] of next) {
        if (row > last + 1) body.append(element("tr", { class: "gap" }, element("th", {}, "⋯"), element("td", { colspan: width })));
        last = row;
        body.append(sheetRow(row, cells, width, marks, covered, words));
      }
      shown += next.length;
      more.hidden = shown >= rows.length;
      more.textContent = _("Show {more} more rows ({left} left)", { more: Math.min(AT_ONCE, rows.length - shown), left: rows.length - shown });
    }

    more.addEventListener("click", extend);
    extend();
    const legend = element("p", { class: "legend" }, element("strong", {}, `${_("Sheet «{name}»:", { name })} `));
    if (counts.term) legend.append(element("span", { class: "term" }, `${numbers.print(counts.term)} ${words}`), " ");
    if (counts.condition) legend.append(element("span", { class: "condition" }, _("{count} cells are conditions that choose rows", { count: numbers.print(counts.condition) })));
    // Marked cells may lie far to the right; show the first one as soon as the table stands in the page.
    requestAnimationFrame(() => {
      const first = body.querySelector(".term, .condition");
      if (first && scroller.isConnected) {
        if (first.offsetLeft + first.offsetWidth > scroller.clientWidth) scroller.scrollLeft = first.offsetLeft - scroller.clientWidth / 2;
        if (first.offsetTop + first.offsetHeight > scroller.clientHeight) scroller.scrollTop = first.offsetTop - scroller.clientHeight / 2;
      }
    });
    return element("div", {}, legend, scroller, more);
  }

  // Columns that hold words in the marked rows; labels above them may be folded into many lines.
  function wideColumns(rows, marked) {
    const found = new Set();
    for (const [row, cells] of rows.slice(0, AT_ONCE)) {
      if (marked.has(row)) cells.forEach((cell, i) => { if (typeof cell === "string" && cell.length > 10) found.add(i); });
    }
    return found;
  }

  // For each covered cell null, for each first cell of a merged range its extent among the rows shown.
  function coveredCells(merged, rows) {
    const found = new Map();
    for (const [top, left, high, wide] of merged) {
      let tall = 0;
      while (tall < high && rows.has(top + tall)) tall += 1;
      if (!tall) continue;
      for (let row = top; row < top + tall; row += 1) for (let column = left; column < left + wide; column += 1) found.set(`${row}:${column}`, null);
      found.set(`${top}:${left}`, [tall, wide]);
    }
    return found;
  }

  function sheetRow(row, cells, width, marks, covered, words) {
    const line = element("tr", {}, element("th", { scope: "row" }, String(row)));
    for (let column = 0; column < width; column += 1) {
      const key = `${row}:${column}`;
      const extent = covered.get(key);
      if (extent === null) continue;
      const [kind, text] = show(cells[column]);
      const mark = marks.get(key);
      const cell = element("td", {
        class: [kind, mark].filter(Boolean).join(" "), title: mark ? `${letters(column)}${row}` : null,
        rowspan: extent?.[0] > 1 ? extent[0] : null,
        colspan: extent?.[1] > 1 ? Math.min(extent[1], width - column) : null,
      }, text);
      if (mark) cell.append(element("span", { class: "aside" }, mark === "term" ? ` (${words})` : ` ${_("(condition)")}`));
      line.append(cell);
    }
    return line;
  }

  function show(cell) {
    if (cell === null || cell === undefined) return ["", ""];
    if (typeof cell === "number") return ["number", numbers.print(cell)];
    if (typeof cell === "string") return ["text", cell];
    const [kind, text] = cell;
    if (kind === "d") return ["number", numbers.print(text, 15)];
    if (KINDS[kind]) return ["wrong", `${text} ${KINDS[kind]}`.trim()];
    return ["text", text];
  }

  return { excerpt, fileHead };
})();
