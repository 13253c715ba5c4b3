"use strict";
// The panel beside the report: one value, citation, chart or unit, and all that stands behind it.
const panel = (() => {
  const OPERATIONS = {
    sum: "Tổng", count: "Đếm số dòng", distinct: "Đếm số nội dung khác nhau", cell: "Lấy nguyên từ ô đơn vị đã nhập",
    difference: "Hiệu", ratio: "Tỷ lệ", over: "Số trên tổng số", opaque: "Tính bằng mã lệnh không truy vết được",
  };
  const SIGNS = { sum: " + ", difference: " − ", ratio: " : ", over: " / " };
  const MOST_PARENTS = 300;
  let turn = 0;

  function link(kind, id, ...children) {
    return element("a", { href: `#${kind}=${encodeURIComponent(id)}`, class: "link" }, ...children);
  }

  function nameOf(value) {
    return value.label || (/^[a-z]+_[0-9a-f]{10}$/.test(value.id) ? "Giá trị trung gian" : value.id);
  }

  function findingBox(finding, cells = true) {
    const box = element("div", { class: `alert ${finding.severity}` },
      element("strong", {}, finding.severity === "error" ? "Lỗi: " : "Cảnh báo: "), finding.message);
    if (finding.expected) box.append(element("div", {}, element("b", {}, "Cần: "), finding.expected));
    if (finding.got) box.append(element("div", {}, element("b", {}, "Thực tế: "), finding.got));
    if (finding.action) box.append(element("div", {}, element("b", {}, "Việc cần làm: "), finding.action));
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
    return element("div", { class: "alert error" }, element("strong", {}, `${files.length} tệp nguồn đã thay đổi hoặc không còn từ khi lập báo cáo: `),
      files.slice(0, 6).map((file) => file.name).join(", "), files.length > 6 ? " …" : "", ". Hãy lập lại báo cáo rồi tạo lại trang này; cho đến lúc đó các ô không hiện được và không có bảng theo đơn vị.");
  }

  function alerts(value, cells) {
    const found = (baocao.core.findingsOf.get(value) ?? []).map((finding) => findingBox(finding));
    const changed = baocao.changedFiles(cells);
    if (changed.length) found.unshift(changedBox(changed));
    for (const one of value.opaque) {
      found.unshift(element("div", { class: "alert error opaque" },
        element("strong", {}, "Không truy vết được đến từng ô: "),
        one === value ? "số này" : `«${nameOf(one)}», một thành phần của số này,`,
        ` được tính bằng mã lệnh mà hệ thống không theo dõi được bên trong. Lý do ghi lại: ${one.basis || "không có"}.`));
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
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Thành phần"), element("th", { scope: "col", class: "number" }, "Số"),
        element("th", { scope: "col" }, "Đơn vị tính"), adds ? element("th", { scope: "col", class: "number" }, "Tỷ trọng") : null)),
      element("tbody", {}, ...rows));
  }

  function flagFor(value) {
    const findings = baocao.core.findingsOf.get(value) ?? [];
    if (!findings.length && !value.opaque.length) return null;
    const text = value.opaque.length ? "không truy vết được" : `${findings.length} điều cần xem lại`;
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
      more.textContent = `Hiện thêm tệp (còn ${numbers.print(all.length - shown)})`;
    }
    await extend();
    return element("div", {}, box, more);
  }

  function mentionList(value) {
    const mentions = baocao.core.mentionsOf.get(value) ?? [];
    if (!mentions.length) return [];
    return [element("h3", {}, `In trong báo cáo (${mentions.length} chỗ)`),
      element("ul", { class: "mentions" }, ...mentions.slice(0, 30).map((mention) => element("li", {},
        element("button", { type: "button", class: "jump", "data-jump": mention.id },
          element("b", {}, mention.printed), ` mục ${mention.section}`),
        element("span", { class: "context" }, ` ${mention.context}`), " ", element("code", {}, mention.id))))];
  }

  async function valuePage(value, unit) {
    const cells = baocao.cellsOf(value);
    const op = OPERATIONS[value.op] ?? value.op;
    const described = value.parents.length && value.op !== "opaque" ? `${op} của ${value.parents.length} giá trị` : `${op}${value.basis ? `: ${value.basis}` : ""}`;
    const facts = element("div", { class: "facts" },
      element("p", { class: "big" }, numbers.printValue(value), value.unit === "%" ? "" : element("small", {}, ` ${value.unit}`)),
      element("p", {}, element("code", {}, value.id)),
      element("p", { class: "how" }, `${described}.`));
    const made = [...alerts(value, cells), facts, formula(value)];
    if (value.parents.length) made.push(element("h3", {}, "Các thành phần"), parentsTable(value));
    if (value.split) made.push(element("h3", {}, "Theo đơn vị"), await shares.table(value, unit));
    if (!value.split && cells.size) {
      made.push(element("h3", {}, `Ô nguồn: ${numbers.print(baocao.countCells(cells))} ô trong ${numbers.print(cells.size)} tệp`), await files(cells));
    } else if (value.split) {
      made.push(element("p", { class: "note" }, `Tất cả ${numbers.print(baocao.countCells(cells))} ô trong ${numbers.print(cells.size)} tệp. Bấm tên đơn vị để mở trang tính với các ô được đánh dấu.`));
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
    return ["Văn bản được viện dẫn", [element("p", { class: "quote" }, citation.printed),
      element("p", {}, element("code", {}, citation.id)), element("h3", {}, "Ô nguồn"), await files(cells, "ô ghi văn bản này")]];
  }

  function chartPage(chart) {
    const rows = chart.marks.map((mark) => element("tr", {}, element("th", { scope: "row" }, link("so", mark.value.id, mark.label), flagFor(mark.value)),
      element("td", {}, mark.series), element("td", { class: "number" }, numbers.printValue(mark.value))));
    return ["Biểu đồ", [element("p", { class: "quote" }, chart.caption), element("p", {}, element("code", {}, chart.id)),
      element("table", { class: "parents" }, element("thead", {}, element("tr", {}, ...["Thanh", "Nhóm", "Số"].map((text) => element("th", { scope: "col" }, text)))), element("tbody", {}, ...rows))]];
  }

  async function unitPage(unit) {
    const own = baocao.core.filesOfUnit.get(unit) ?? [];
    const wanted = new Set(own.map((file) => file.index));
    const feeds = baocao.core.values.filter((value) => value.split && baocao.core.mentionsOf.has(value) && feedsFrom(value, wanted));
    const made = [element("p", {}, `Mã ${unit.code} · ${baocao.core.levels[unit.level] ?? unit.level}`)];
    made.push(...baocao.core.findings.filter((one) => one.unit === unit.code).map((one) => findingBox(one)));
    for (const file of own) {
      const details = element("details", {}, element("summary", {}, file.name));
      details.addEventListener("toggle", async () => {
        if (details.open && details.children.length === 1) details.append(await sheets.excerpt(file, null));
      });
      made.push(details);
    }
    made.push(element("h3", {}, `Các số có phần của đơn vị (${feeds.length})`),
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
    return file ? [file.name, [await sheets.excerpt(file, null)]] : ["Không có tệp này", [element("p", {}, name)]];
  }

  async function cellPage(spelt) {
    const [, name, sheet, column, row] = /^([^#]+)#(.+)!([A-Z]+)(\d+)$/.exec(spelt) ?? [];
    const file = baocao.core.files.find((one) => one.name === name);
    const number = baocao.core.sheets.indexOf(sheet);
    if (!file || number < 0) return ["Không có ô này", [element("p", {}, spelt)]];
    const span = { sheet: number, first: Number(row), last: Number(row), column, term: 1 };
    const fed = baocao.core.values.filter((value) => (baocao.cellsOf(value).get(file.index) ?? []).some((one) => one.sheet === number && one.column === column && one.first <= span.first && span.first <= one.last));
    return [`Ô ${column}${row}`, [await sheets.excerpt(file, [span], "ô đang xem"),
      element("h3", {}, `Các số dùng ô này (${fed.length})`),
      element("ul", { class: "feeds" }, ...fed.slice(0, 200).map((value) => element("li", {}, link("so", value.id, nameOf(value)), `: ${numbers.printValue(value)}`)))]];
  }

  function findingsPage() {
    const opaque = baocao.core.values.filter((value) => value.op === "opaque");
    const made = baocao.core.notes.map((note) => element("p", { class: "alert warning" }, note));
    const changed = baocao.core.files.filter((file) => file.chunk === null);
    if (changed.length) made.push(changedBox(changed));
    made.push(...opaque.map((value) => element("div", { class: "alert error opaque" }, element("strong", {}, "Không truy vết được: "), link("so", value.id, nameOf(value)), ` - ${value.basis}`)));
    for (const finding of baocao.core.findings) {
      const box = findingBox(finding);
      const printed = finding.values.map((index) => baocao.core.values[index]).filter((value) => baocao.core.mentionsOf.has(value));
      if (printed.length) {
        box.append(element("div", {}, element("b", {}, `Liên quan ${printed.length} số in trong báo cáo: `),
          ...printed.slice(0, 12).flatMap((value, i) => [i ? " · " : "", link("so", value.id, numbers.printValue(value))])));
      }
      made.push(box);
    }
    if (!made.length) made.push(element("p", {}, "Không có lỗi hay cảnh báo nào."));
    return ["Những điều cần xem lại", made];
  }

  function helpPage() {
    const keys = [["/", "tìm số, đơn vị hoặc mã"], ["Tab", "đến con số, nút hoặc liên kết tiếp theo"], ["← →", "từ con số này sang con số khác trong báo cáo"],
      ["Enter", "mở nguồn gốc của con số, đơn vị hoặc kết quả tìm"], ["↑ ↓", "chọn kết quả tìm; đi giữa các đơn vị trong bảng"],
      ["Esc", "đóng và trở lại con số đang xem"], ["?", "mở hướng dẫn này"], ["Ctrl+P", "in báo cáo; khi bảng này đang mở thì in nội dung của bảng"]];
    return ["Hướng dẫn sử dụng", [
      element("ol", {}, ...["Bấm vào một con số, một ô trong bảng, một thanh của biểu đồ hoặc tên văn bản trong báo cáo.",
        "Bảng bên cạnh cho biết số được tính thế nào và từ những đơn vị nào. Bấm đầu cột để sắp xếp.",
        "Bấm tên đơn vị để mở trang tính đơn vị đã gửi: ô viền đậm tạo nên số, ô viền gạch quyết định dòng nào được tính. Bấm tên tệp để mở tệp gốc.",
        "Dấu ! màu đỏ hoặc cam đặt cạnh số có lỗi, cảnh báo hoặc phần không truy vết được; hãy xem trước khi ký."].map((text) => element("li", {}, text))),
      element("h3", {}, "Bàn phím"),
      element("table", { class: "keys" }, element("tbody", {}, ...keys.map(([key, what]) => element("tr", {}, element("th", { scope: "row" }, element("kbd", {}, key)), element("td", {}, what)))))]];
  }

  const PAGES = {
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
    const page = Object.hasOwn(PAGES, kind) && (PAGES[kind](id, more) || ["Không tìm thấy", [
      element("p", { class: "alert warning" }, `Kỳ này không có «${id}». Hãy tìm bằng số in trong báo cáo, tên đơn vị hoặc mã (phím /).`)]]);
    if (!page) {
      box.hidden = true;
      document.body.classList.remove("with-panel");
      return false;
    }
    let made;
    try {
      made = await page;
    } catch (error) {
      made = ["Không mở được", [element("p", { class: "alert error" }, error.message)]];
    }
    if (mine !== turn) return true; // something else was opened meanwhile
    const [title, content] = made;
    box.replaceChildren(
      element("div", { class: "bar" }, element("button", { type: "button", "data-back": true }, "‹ Quay lại"),
        element("button", { type: "button", "data-print": true }, "In phần này"),
        element("button", { type: "button", "data-close": true, "aria-label": "Đóng (phím Esc)" }, "Đóng ✕")),
      element("h2", { id: "panel-title" }, title), ...content.filter(Boolean));
    box.hidden = false;
    box.scrollTop = 0;
    document.body.classList.add("with-panel");
    return true;
  }

  return { show, flagFor };
})();
