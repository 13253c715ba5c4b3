"use strict";
// A sum or count by unit: sortable, with share and change against the quarter before.
const shares = (() => {
  const AT_ONCE = 200;
  const COLUMNS = [
    { key: "name", title: _("Unit") },
    { key: "now", title: _("This period") },
    { key: "share", title: _("Share") },
    { key: "before", title: _("Period before") },
    { key: "change", title: _("Change") },
    { key: "percent", title: _("Change %") },
  ];
  const collator = new Intl.Collator("vi", { numeric: true });

  function rowsOf(split) {
    const total = split.now.reduce((sum, part) => sum + Number(part), 0);
    return split.units.map((unit, i) => {
      const now = Number(split.now[i]);
      const kept = split.before?.[i] ?? null;
      const before = kept === null ? null : Number(kept);
      const change = before === null ? null : Number((now - before).toFixed(6));
      const one = baocao.core.units[unit];
      return {
        unit: one, name: one.name, folded: numbers.fold(`${one.name} ${one.code}`), exact: split.now[i], now,
        share: numbers.percent(now, total), before, change, percent: change === null ? null : numbers.percent(change, before),
      };
    });
  }

  function compare(key, down) {
    const sign = down ? -1 : 1;
    return (a, b) => {
      const [x, y] = [a[key], b[key]];
      if (x === null || y === null) return (x === null) - (y === null); // nothing known: last, either way
      return sign * (key === "name" ? collator.compare(x, y) : x - y) || collator.compare(a.name, b.name);
    };
  }

  async function table(value, chosen) {
    const split = await baocao.load(`parts-${value.index}`);
    const cells = baocao.cellsOf(value);
    const all = rowsOf(split);
    const columns = split.before ? COLUMNS : COLUMNS.slice(0, 3);
    let order = { key: "now", down: true };
    let rows = [];
    let shown = 0;
    const body = element("tbody");
    const more = element("button", { type: "button", class: "more", onclick: () => extend() });
    const count = element("span", { class: "count", role: "status" });
    const filter = element("input", { type: "search", class: "filter", placeholder: _("Filter units"), "aria-label": _("Filter by name or code of the unit"), oninput: () => renew() });
    const heads = columns.map((column) => element("th", { scope: "col", class: column.key === "name" ? null : "number" },
      element("button", { type: "button", onclick: () => sort(column.key) }, column.title)));

    function sort(key) {
      order = { key, down: order.key === key ? !order.down : key !== "name" };
      renew();
    }

    function renew() {
      const words = numbers.fold(filter.value).split(/\s+/).filter(Boolean);
      rows = all.filter((row) => words.every((word) => row.folded.includes(word))).sort(compare(order.key, order.down));
      heads.forEach((head, i) => head.setAttribute("aria-sort", columns[i].key === order.key ? (order.down ? "descending" : "ascending") : "none"));
      body.replaceChildren();
      shown = 0;
      extend();
      count.textContent = rows.length === all.length ? _("{count} units", { count: numbers.print(all.length) }) : _("{shown} of {count} units", { shown: numbers.print(rows.length), count: numbers.print(all.length) });
    }

    function extend() {
      body.append(...rows.slice(shown, shown + AT_ONCE).map(line));
      shown = Math.min(rows.length, shown + AT_ONCE);
      more.hidden = shown >= rows.length;
      more.textContent = _("Show more ({count} units left)", { count: numbers.print(rows.length - shown) });
    }

    function line(row) {
      const toggle = element("button", { type: "button", class: "unit", "aria-expanded": "false", "data-unit": row.unit.code, onclick: () => open(row, made, toggle) },
        row.name, element("small", {}, row.unit.code));
      const texts = [numbers.print(row.exact), numbers.printPercent(row.share),
        numbers.print(row.before), numbers.printChange(row.change), numbers.printPercentChange(row.percent)];
      const made = element("tr", {}, element("th", { scope: "row" }, toggle),
        ...texts.slice(0, columns.length - 1).map((text) => element("td", { class: "number" }, text)));
      return made;
    }

    async function open(row, made, toggle) {
      if (toggle.getAttribute("aria-expanded") === "true") {
        made.nextElementSibling.remove();
        toggle.setAttribute("aria-expanded", "false");
        return;
      }
      const cell = element("td", { colspan: columns.length });
      made.after(element("tr", { class: "opened" }, cell));
      toggle.setAttribute("aria-expanded", "true");
      for (const file of baocao.core.files.filter((one) => one.unit === row.unit && cells.has(one.index))) {
        cell.append(await sheets.excerpt(file, cells.get(file.index)));
      }
    }

    // Only units of which both quarters are known can have changed.
    const known = all.filter((row) => row.before !== null);
    const before = Number(known.reduce((total, row) => total + row.before, 0).toFixed(6));
    const change = Number(known.reduce((total, row) => total + row.change, 0).toFixed(6));
    const foot = [_("Total"), numbers.printValue(value), "100,00%", numbers.print(before), numbers.printChange(change),
      numbers.printPercentChange(numbers.percent(change, before))].slice(0, columns.length);
    renew();
    const box = element("div", { class: "shares" },
      element("div", { class: "tools" }, filter, count),
      element("table", { class: "units" },
        element("caption", { class: "aside" }, _("Numbers by unit; click a heading to sort, a unit's name to open its sheet")),
        element("thead", {}, element("tr", {}, ...heads)), body,
        element("tfoot", {}, element("tr", {}, ...foot.map((text, i) => element(i ? "td" : "th", { class: i ? "number" : null }, text))))),
      more);
    if (split.before && known.length < all.length) {
      box.append(element("p", { class: "note" }, _("The period before has numbers of {known} of {count} units only; the change of the total counts these units.", { known: numbers.print(known.length), count: numbers.print(all.length) })));
    }
    if (!split.before) box.append(element("p", { class: "note" }, _("There are no numbers of the period before ({previous}) for this indicator.", { previous: baocao.core.previous })));
    if (chosen) {
      filter.value = chosen.code;
      renew();
      const toggle = body.querySelector(`button[data-unit="${CSS.escape(chosen.code)}"]`);
      toggle?.click();
    }
    return box;
  }

  return { table };
})();
