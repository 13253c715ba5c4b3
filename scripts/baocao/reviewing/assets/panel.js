"use strict";
// The panel beside the report: one value, citation, chart or unit, and all that stands behind it.
const panel = (() => {
  const OPERATIONS = {
    sum: _("Sum"), count: _("Number of rows"), distinct: _("Number of different entries"), cell: _("Taken from the cell as the unit typed it"),
    difference: _("Difference"), ratio: _("Share"), over: _("Part over whole"), change: _("Change against an earlier period"), opaque: _("Made by code that cannot be traced"),
  };
  const SIGNS = { sum: " + ", difference: " − ", ratio: " : ", over: " / ", change: " ← " };
  const MOST_PARENTS = 300;
  let turn = 0;

  function link(kind, id, ...children) {
    return element("a", { href: `#${kind}=${encodeURIComponent(id)}`, class: "link" }, ...children);
  }

  function nameOf(value) {
    return value.label || (/^[a-z]+_[0-9a-f]{10}$/.test(value.id) ? _("Intermediate value") : value.id);
  }

  function findingBox(finding, cells = true) {
    const box = element("div", { class: `alert ${finding.severity}` },
      element("strong", {}, finding.severity === "error" ? `${_("Error:")} ` : `${_("Warning:")} `), finding.message);
    if (finding.expected) box.append(element("div", {}, element("b", {}, `${_("Expected:")} `), finding.expected));
    if (finding.got) box.append(element("div", {}, element("b", {}, `${_("Got:")} `), finding.got));
    if (finding.action) box.append(element("div", {}, element("b", {}, `${_("What to do:")} `), finding.action));
    if (cells && finding.cells.length) box.append(element("div", { class: "cells" }, ...finding.cells.slice(0, 6).map(cellLink)));
    return box;
  }

  function cellLink(cell) {
    if (cell.length === 1) return element("code", {}, cell[0]);
    const [file, sheet, address] = cell;
    const spelt = `${baocao.core.files[file].name}#${baocao.core.sheets[sheet]}!${address}`;
    return link("o", spelt, element("code", {}, spelt));
  }

  function changedBox(files) {
    return element("div", { class: "alert error" }, element("strong", {}, `${_("{count} source files have changed or are gone since the report was built:", { count: files.length })} `),
      files.slice(0, 6).map((file) => file.name).join(", "), files.length > 6 ? " …" : "", _(". Build the report again, then these pages; until then the cells are not shown and there is no table by unit."));
  }

  function alerts(value, cells) {
    const found = (baocao.core.findingsOf.get(value) ?? []).map((finding) => findingBox(finding));
    const changed = baocao.changedFiles(cells);
    if (changed.length) found.unshift(changedBox(changed));
    for (const one of value.opaque) {
      found.unshift(element("div", { class: "alert error opaque" },
        element("strong", {}, `${_("Cannot be traced to its cells:")} `),
        one === value ? _("this number") : _("«{name}», a part of this number,", { name: nameOf(one) }),
        ` ${_("is made by code that the system cannot look into. The reason noted: {reason}.", { reason: one.basis || _("none noted") })}`));
    }
    return found;
  }

  function formula(value) {
    const parents = value.parents.map((index) => baocao.core.values[index]);
    if (!parents.length || parents.length > 8) return null;
    const sign = SIGNS[value.op] ?? " ; ";
    const terms = parents.flatMap((parent, i) => [i ? sign : "", link("so", parent.id, numbers.printValue(parent))]);
    return element("p", { class: "formula" }, element("b", {}, numbers.printValue(value)), " = ", ...terms,
      value.op === "ratio" && value.unit === "%" ? " × 100%" : "");
  }

  function parentsTable(value) {
    const parents = value.parents.map((index) => baocao.core.values[index]);
    if (!parents.length) return null;
    const adds = value.op === "sum";
    const rows = parents.slice(0, MOST_PARENTS).map((parent) => element("tr", { class: parent.opaque.length ? "opaque" : null },
      element("th", { scope: "row" }, link("so", parent.id, nameOf(parent)), flagFor(parent)),
      element("td", { class: "number" }, numbers.printValue(parent)), element("td", {}, parent.unit),
      adds ? element("td", { class: "number" }, numbers.printPercent(numbers.percent(parent.number, value.number))) : null));
    return element("table", { class: "parents" },
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, _("Part")), element("th", { scope: "col", class: "number" }, _("Number")),
        element("th", { scope: "col" }, _("Unit of measure")), adds ? element("th", { scope: "col", class: "number" }, _("Share")) : null)),
      element("tbody", {}, ...rows));
  }

  function flagFor(value) {
    const findings = baocao.core.findingsOf.get(value) ?? [];
    if (!findings.length && !value.opaque.length) return null;
    const text = value.opaque.length ? _("cannot be traced") : _("{count} things to look at", { count: findings.length });
    return element("sup", { class: "flag", title: text }, "!", element("span", { class: "aside" }, ` ${text}`));
  }

  async function files(cells, words) {
    const box = element("div");
    const all = [...cells.keys()].map((index) => baocao.core.files[index]);
    let shown = 0;
    const more = element("button", { type: "button", class: "more", onclick: () => extend() });
    async function extend() {
      for (const file of all.slice(shown, shown + 20)) {
        const details = element("details", {}, element("summary", {}, file.unit ? `${file.unit.name} · ` : "", file.name));
        details.addEventListener("toggle", async () => {
          if (details.open && details.children.length === 1) details.append(await sheets.excerpt(file, cells.get(file.index), words));
        });
        if (all.length <= 3) {
          details.append(await sheets.excerpt(file, cells.get(file.index), words));
          details.open = true;
        }
        box.append(details);
      }
      shown = Math.min(all.length, shown + 20);
      more.hidden = shown >= all.length;
      more.textContent = _("Show more files ({count} left)", { count: numbers.print(all.length - shown) });
    }
    await extend();
    return element("div", {}, box, more);
  }

  function mentionList(value) {
    const mentions = baocao.core.mentionsOf.get(value) ?? [];
    if (!mentions.length) return [];
    return [element("h3", {}, _("Printed in the report ({count} places)", { count: mentions.length })),
      element("ul", { class: "mentions" }, ...mentions.slice(0, 30).map((mention) => element("li", {},
        element("button", { type: "button", class: "jump", "data-jump": mention.id },
          element("b", {}, mention.printed), ` ${_("section {section}", { section: mention.section })}`),
        element("span", { class: "context" }, ` ${mention.context}`), " ", element("code", {}, mention.id))))];
  }

  async function valuePage(value, unit) {
    const cells = baocao.cellsOf(value);
    const op = OPERATIONS[value.op] ?? value.op;
    const described = value.parents.length && value.op !== "opaque" ? _("{operation} of {count} values", { operation: op, count: value.parents.length }) : `${op}${value.basis ? `: ${value.basis}` : ""}`;
    const facts = element("div", { class: "facts" },
      element("p", { class: "big" }, numbers.printValue(value), value.unit === "%" ? "" : element("small", {}, ` ${value.unit}`)),
      element("p", {}, element("code", {}, value.id)),
      element("p", { class: "how" }, `${described}.`));
    const made = [...alerts(value, cells), facts, formula(value)];
    if (value.parents.length) made.push(element("h3", {}, _("The parts")), parentsTable(value));
    if (value.split) made.push(element("h3", {}, _("By unit")), await shares.table(value, unit));
    if (!value.split && cells.size) {
      made.push(element("h3", {}, _("Source cells: {cells} cells in {files} files", { cells: numbers.print(baocao.countCells(cells)), files: numbers.print(cells.size) })), await files(cells));
    } else if (value.split) {
      made.push(element("p", { class: "note" }, _("All {cells} cells in {files} files. Click a unit's name to open its sheet with the cells marked.", { cells: numbers.print(baocao.countCells(cells)), files: numbers.print(cells.size) })));
    }
    made.push(...mentionList(value));
    return [nameOf(value), made];
  }

  async function citationPage(citation) {
    const cells = new Map();
    for (const [file, sheet, address] of citation.cells.filter((cell) => cell.length === 3)) {
      const [, column, row] = /^([A-Z]+)(\d+)$/.exec(address);
      const span = { sheet, first: Number(row), last: Number(row), column, term: 1 };
      cells.set(file, [...(cells.get(file) ?? []), span]);
    }
    return [_("Document cited"), [element("p", { class: "quote" }, citation.printed),
      element("p", {}, element("code", {}, citation.id)), element("h3", {}, _("Source cells")), await files(cells, _("cell that holds this document"))]];
  }

  function chartPage(chart) {
    const rows = chart.marks.map((mark) => element("tr", {}, element("th", { scope: "row" }, link("so", mark.value.id, mark.label), flagFor(mark.value)),
      element("td", {}, mark.series), element("td", { class: "number" }, numbers.printValue(mark.value))));
    return [_("Chart"), [element("p", { class: "quote" }, chart.caption), element("p", {}, element("code", {}, chart.id)),
      element("table", { class: "parents" }, element("thead", {}, element("tr", {}, ...[_("Bar"), _("Group"), _("Number")].map((text) => element("th", { scope: "col" }, text)))), element("tbody", {}, ...rows))]];
  }

  async function unitPage(unit) {
    const own = baocao.core.filesOfUnit.get(unit) ?? [];
    const wanted = new Set(own.map((file) => file.index));
    const feeds = baocao.core.values.filter((value) => value.split && baocao.core.mentionsOf.has(value) && feedsFrom(value, wanted));
    const made = [element("p", {}, _("Code {code} · {level}", { code: unit.code, level: baocao.core.levels[unit.level] ?? unit.level }))];
    made.push(...baocao.core.findings.filter((one) => one.unit === unit.code).map((one) => findingBox(one)));
    for (const file of own) {
      const details = element("details", {}, element("summary", {}, file.name));
      details.addEventListener("toggle", async () => {
        if (details.open && details.children.length === 1) details.append(await sheets.excerpt(file, null));
      });
      made.push(details);
    }
    made.push(element("h3", {}, _("Numbers that this unit is part of ({count})", { count: feeds.length })),
      element("ul", { class: "feeds" }, ...feeds.map((value) => element("li", {},
        element("a", { class: "link", href: `#so=${encodeURIComponent(value.id)}&don-vi=${encodeURIComponent(unit.code)}` }, nameOf(value)), `: ${numbers.printValue(value)} ${value.unit === "%" ? "" : value.unit}`))));
    return [unit.name, made];
  }

  function feedsFrom(value, wanted) {
    for (const one of baocao.walk(value)) {
      for (const [block] of one.sources) {
        const spans = baocao.core.blocks[block];
        for (let i = 0; i < spans.length; i += 4) if (wanted.has(spans[i])) return true;
      }
    }
    return false;
  }

  async function filePage(name) {
    const file = baocao.core.files.find((one) => one.name === name);
    return file ? [file.name, [await sheets.excerpt(file, null)]] : [_("There is no such file"), [element("p", {}, name)]];
  }

  async function cellPage(spelt) {
    const [, name, sheet, column, row] = /^([^#]+)#(.+)!([A-Z]+)(\d+)$/.exec(spelt) ?? [];
    const file = baocao.core.files.find((one) => one.name === name);
    const number = baocao.core.sheets.indexOf(sheet);
    if (!file || number < 0) return [_("There is no such cell"), [element("p", {}, spelt)]];
    const span = { sheet: number, first: Number(row), last: Number(row), column, term: 1 };
    const fed = baocao.core.values.filter((value) => (baocao.cellsOf(value).get(file.index) ?? []).some((one) => one.sheet === number && one.column === column && one.first <= span.first && span.first <= one.last));
    return [_("Cell {column}{row}", { column, row }), [await sheets.excerpt(file, [span], _("cell looked at")),
      element("h3", {}, _("Numbers that use this cell ({count})", { count: fed.length })),
      element("ul", { class: "feeds" }, ...fed.slice(0, 200).map((value) => element("li", {}, link("so", value.id, nameOf(value)), `: ${numbers.printValue(value)}`)))]];
  }

  function findingsPage() {
    const opaque = baocao.core.values.filter((value) => value.op === "opaque");
    const made = baocao.core.notes.map((note) => element("p", { class: "alert warning" }, note));
    const changed = baocao.core.files.filter((file) => file.chunk === null);
    if (changed.length) made.push(changedBox(changed));
    made.push(...opaque.map((value) => element("div", { class: "alert error opaque" }, element("strong", {}, `${_("Cannot be traced:")} `), link("so", value.id, nameOf(value)), ` - ${value.basis}`)));
    for (const finding of baocao.core.findings) {
      const box = findingBox(finding);
      const printed = finding.values.map((index) => baocao.core.values[index]).filter((value) => baocao.core.mentionsOf.has(value));
      if (printed.length) {
        box.append(element("div", {}, element("b", {}, `${_("Concerns {count} numbers printed in the report:", { count: printed.length })} `),
          ...printed.slice(0, 12).flatMap((value, i) => [i ? " · " : "", link("so", value.id, numbers.printValue(value))])));
      }
      made.push(box);
    }
    if (!made.length) made.push(element("p", {}, _("No errors and no warnings.")));
    return [_("Things to look at"), made];
  }

  function helpPage() {
    const keys = [["/", _("search a number, unit or code")], ["Tab", _("to the next number, button or link")], ["← →", _("from this number to others in the report")],
      ["Enter", _("open what is behind a number, a unit or a search result")], ["↑ ↓", _("choose a search result; move between units in the table")],
      ["Esc", _("close, and back to the number looked at")], ["?", _("open this help")], ["Ctrl+P", _("print the report; while this panel is open, the panel")]];
    return [_("How to use this"), [
      element("ol", {}, ...[_("Click a number, a cell of a table, a bar of a chart or the name of a document in the report."),
        _("The panel beside it shows how the number is made and from which units. Click a heading to sort."),
        _("Click a unit's name to open the sheet it sent: cells with a bold frame make the number, cells with a dashed frame decide which rows count. Click a file's name to open the original."),
        _("A red or orange ! stands beside a number with an error, a warning or a part that cannot be traced; look at it before you sign.")].map((text) => element("li", {}, text))),
      element("h3", {}, _("Keyboard")),
      element("table", { class: "keys" }, element("tbody", {}, ...keys.map(([key, what]) => element("tr", {}, element("th", { scope: "row" }, element("kbd", {}, key)), element("td", {}, what)))))]];
  }

  // How a section stands, and how it is signed.
  function signPage(spelt) {
    const [report, key] = spelt.split("/");
    const section = baocao.core.documents.find((one) => one.kind === "report" && one.id === report)?.sections.find((one) => one.key === key);
    if (!section) return null;
    const { signatures, why } = baocao.core.standings[spelt] ?? { signatures: [], why: [] };
    const made = signatures.map(({ by, at, note }) => element("p", {}, _("Signed by {name}, {date}", { name: by, date: at.split("-").reverse().join("/") }), note ? `: ${note}` : ""));
    if (!signatures.length) made.push(element("p", {}, _("Nobody has signed this section yet.")));
    made.push(...why.map((text) => element("p", { class: "alert warning" }, text)));
    made.push(element("h3", {}, _("How to sign")),
      element("ol", {}, ...[_("Look at the numbers of the section that have a !, and at the notebook."), _("Run this in the folder of the project; the name is that of your git settings unless --by gives one:")].map((text) => element("li", {}, text))),
      element("pre", { class: "command" }, `baocao sign ${baocao.core.period} ${spelt}`),
      element("p", { class: "note" }, _("A signature holds for the cells, numbers and text as they are now; when they change, it is shown as out of date.")));
    return [section.heading, made];
  }

  const PAGES = {
    ky: signPage,
    tep: filePage,
    so: (id, more) => baocao.core.byId.has(id) && valuePage(baocao.core.byId.get(id), baocao.core.unitByCode.get(more.get("don-vi"))),
    "trich-dan": (id) => baocao.core.citationById.has(id) && citationPage(baocao.core.citationById.get(id)),
    "bieu-do": (id, more) => baocao.core.charts.some((one) => one.id === id)
      && chartPage(baocao.core.charts.find((one) => one.id === id && one.report === more?.get("bao-cao")) ?? baocao.core.charts.find((one) => one.id === id)),
    "don-vi": (id) => baocao.core.unitByCode.has(id) && unitPage(baocao.core.unitByCode.get(id)),
    o: cellPage,
    "phat-hien": findingsPage,
    "huong-dan": helpPage,
  };

  // Shows what the address names; gives false where it names nothing to show in the panel.
  async function show(kind, id, more) {
    const box = document.getElementById("panel");
    const mine = (turn += 1);
    const page = Object.hasOwn(PAGES, kind) && (PAGES[kind](id, more) || [_("Nothing found"), [
      element("p", { class: "alert warning" }, _("This period has no «{id}». Search by a number printed in the report, a unit's name or a code (key /).", { id }))]]);
    if (!page) {
      box.hidden = true;
      document.body.classList.remove("with-panel");
      return false;
    }
    let made;
    try {
      made = await page;
    } catch (error) {
      made = [_("Cannot be opened"), [element("p", { class: "alert error" }, error.message)]];
    }
    if (mine !== turn) return true; // something else was opened meanwhile
    const [title, content] = made;
    box.replaceChildren(
      element("div", { class: "bar" }, element("button", { type: "button", "data-back": true }, _("‹ Back")),
        element("button", { type: "button", "data-print": true }, _("Print this")),
        element("button", { type: "button", "data-close": true, "aria-label": _("Close (key Esc)") }, _("Close ✕"))),
      element("h2", { id: "panel-title" }, title), ...content.filter(Boolean));
    box.hidden = false;
    box.scrollTop = 0;
    document.body.classList.add("with-panel");
    return true;
  }

  return { show, flagFor };
})();
