"use strict";
// Reports and notebooks: numbers that can be opened, marks of charts, contents and sign-off.
const documents = (() => {
  const STATES = { signed: _("signed"), stale: _("signature out of date"), open: _("not signed") };
  const CLICKABLE = "data[data-v], cite[data-k]";
  let current = null;
  let shownReport = null;

  function start() {
    for (const article of document.querySelectorAll("article.document")) decorate(article);
    contents();
    show(baocao.core.documents[0]?.id);
  }

  function decorate(article) {
    for (const data of article.querySelectorAll("data[data-v]")) {
      const value = baocao.core.byId.get(data.dataset.v);
      if (!value) continue;
      ready(data, value.label || value.id);
      const findings = baocao.core.findingsOf.get(value) ?? [];
      if (value.opaque.length) touch(data, "opaque", _("cannot be traced to its cells"));
      else if (findings.length) touch(data, findings.some((one) => one.severity === "error") ? "error" : "warning", _("{count} things to look at", { count: findings.length }));
    }
    for (const cite of article.querySelectorAll("cite[data-k]")) ready(cite, _("Document cited"));
    for (const image of article.querySelectorAll("img[data-chart]")) pictureMarks(image);
    const first = article.querySelector(CLICKABLE);
    if (first) first.tabIndex = 0;
  }

  // One number of a document is in the Tab order; arrows go to the others.
  function ready(node, title) {
    node.setAttribute("role", "button");
    node.tabIndex = -1;
    node.title = title;
  }

  function touch(node, kind, text) {
    node.classList.add("touched", kind);
    node.title += ` - ${text}`;
    node.append(element("sup", { class: `flag ${kind}` }, "!", element("span", { class: "aside" }, ` (${text})`)));
  }

  // Both reports may draw a chart of one id; each is shown as its own report draws it.
  function findChart(id, report) {
    const all = baocao.core.charts.filter((one) => one.id === id);
    return all.find((one) => one.report === report.split("/")[0]) ?? all[0];
  }

  function pictureMarks(image) {
    const chart = findChart(image.dataset.chart, image.closest("article").dataset.document);
    if (!chart) return;
    const frame = element("span", { class: "picture" });
    image.replaceWith(frame);
    frame.append(image);
    const places = (image.dataset.marks ?? "").split(" ").filter(Boolean).map((place) => place.split(",").map(Number));
    // Places that are not one a mark would lead to wrong values; the list below always stands.
    if (places.length === chart.marks.length) {
      chart.marks.forEach((mark, i) => {
        const [left, top, width, height] = places[i];
        const name = `${mark.label}${chart.marks.some((one) => one.series !== mark.series) ? `, ${mark.series}` : ""}: ${numbers.printValue(mark.value)}`;
        // A thin bar is made easier to hit, but never at the cost of the bar beside it.
        const crowded = places.some(([x, y, w, h], k) => k !== i && left < x + w && x < left + Math.max(width, 1.5) && top < y + h && y < top + Math.max(height, 3));
        const button = element("a", { class: `mark${crowded ? " exact" : ""}${mark.value.opaque.length ? " opaque" : baocao.core.findingsOf.has(mark.value) ? " touched" : ""}`, href: `#so=${encodeURIComponent(mark.value.id)}`, title: name, "aria-label": name, tabindex: "-1" });
        Object.assign(button.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%`, zIndex: String(Math.round(1000 - 10 * Math.min(width, height))) });
        frame.append(button);
      });
    }
    const list = element("details", { class: "mark-list" }, element("summary", {}, _("Numbers of the bars in the chart ({count})", { count: chart.marks.length })),
      element("ul", {}, ...chart.marks.map((mark) => element("li", {}, element("a", { class: "link", href: `#so=${encodeURIComponent(mark.value.id)}` },
        `${mark.label}${mark.series === chart.caption || chart.caption.endsWith(mark.series) ? "" : ` (${mark.series})`}: ${numbers.printValue(mark.value)}`), panel.flagFor(mark.value)))));
    (frame.closest("figure") ?? frame.parentElement).append(list);
  }

  function contents() {
    const tabs = document.getElementById("reports");
    const nav = document.getElementById("contents");
    for (const report of baocao.core.documents.filter((one) => one.kind === "report")) {
      const links = Object.entries(report.files).map(([kind, name]) => element("a", { href: `../${name}` }, { docx: "Word", pdf: "PDF", html: "HTML" }[kind] ?? kind));
      tabs.append(element("div", { class: "tab" }, element("button", { type: "button", class: "open", "data-document": report.id }, _("Report {id}", { id: report.id.toUpperCase() })), ...links));
      nav.append(element("ol", { class: "sections", "data-report": report.id }, ...report.sections.map((section) => sectionEntry(report, section))));
    }
  }

  // The report that a notebook is part of; one that several have stays with the report it was opened from.
  function reportOf(id) {
    const has = (report) => report.id === id || report.sections.some((section) => section.notebooks.includes(id));
    const all = baocao.core.documents.filter((one) => one.kind === "report" && has(one));
    return (all.find((one) => one.id === shownReport) ?? all[0])?.id;
  }

  function sectionEntry(report, section) {
    const key = section.key.toLowerCase().replace(/đ/g, "dd").replace(/[^a-z0-9]/g, "");
    const touched = new Set(baocao.core.mentions.filter((one) => one.report === report.id && (one.section === section.key || one.section.startsWith(`${section.key}.`)) && section.notebooks.length)
      .filter((one) => baocao.core.findingsOf.has(one.value) || one.value.opaque.length).map((one) => one.value));
    const entry = element("li", { class: section.notebooks.length ? null : "part" },
      element("a", { href: `#muc=${report.id}--${report.id}_${key}` }, section.heading));
    const foot = element("div", { class: "foot" });
    if (section.notebooks.length) {
      const { state, signatures, why } = baocao.core.standings[`${report.id}/${section.key}`] ?? { state: "open", signatures: [], why: [] };
      const signed = signatures.map(({ by, at, note }) => [_("{name}, {date}", { name: by, date: at.split("-").reverse().join("/") }), note].filter(Boolean).join(": "));
      foot.append(element("button", { type: "button", class: `state ${state}`, title: [...signed, ...why].join(" · ") || null, "data-open": `ky=${encodeURIComponent(`${report.id}/${section.key}`)}` },
        STATES[state], state === "stale" ? `: ${why.join("; ")}` : ""));
    }
    if (touched.size) foot.append(element("span", { class: "state warning" }, _("{count} numbers to look at", { count: touched.size })));
    for (const [i, name] of section.notebooks.entries()) {
      if (baocao.core.documents.some((one) => one.id === name)) foot.append(element("button", { type: "button", class: "notebook", "data-document": name, title: name }, i ? _("Notebook {number}", { number: i + 1 }) : _("Notebook")));
    }
    entry.append(foot);
    return entry;
  }

  async function show(id) {
    if (!id || id === current) return;
    const index = baocao.core.documents.findIndex((one) => one.id === id);
    if (index < 0) return;
    const main = document.getElementById("documents");
    let article = main.querySelector(`article[data-document="${CSS.escape(id)}"]`);
    if (!article) {
      const template = document.createElement("template");
      template.innerHTML = await baocao.load(`document-${index}`); // cleaned when the pages were made
      article = element("article", { class: "document notebook", "data-document": id }, element("p", { class: "note" }, _("Notebook {id}: code and results as they were when the report was built.", { id })), template.content);
      main.append(article);
      decorate(article);
    }
    for (const one of main.querySelectorAll("article")) one.hidden = one !== article;
    shownReport = reportOf(id);
    for (const one of document.querySelectorAll("#contents [data-document], #reports [data-document]")) {
      one.setAttribute("aria-pressed", String(one.dataset.document === id || (one.closest("#reports") !== null && one.dataset.document === shownReport)));
    }
    for (const list of document.querySelectorAll("#contents .sections")) list.hidden = list.dataset.report !== shownReport;
    current = id;
    main.scrollTop = 0;
    window.scrollTo(0, 0);
  }

  async function jump(id) {
    const target = document.getElementById(id);
    if (!target) return;
    await show(target.closest("article")?.dataset.document);
    target.scrollIntoView({ block: "center" });
    if (target.matches(CLICKABLE)) focus(target);
  }

  function focus(node) {
    for (const one of node.closest("article").querySelectorAll(`${CLICKABLE}`)) one.tabIndex = -1;
    node.tabIndex = 0;
    node.focus({ preventScroll: false });
  }

  function step(node, by) {
    const all = [...node.closest("article").querySelectorAll(CLICKABLE)].filter((one) => one.getAttribute("role") === "button");
    const next = all[all.indexOf(node) + by];
    if (next) focus(next);
  }

  function hashOf(node) {
    return node.matches("cite") ? `trich-dan=${encodeURIComponent(node.id)}` : `so=${encodeURIComponent(node.dataset.v)}`;
  }

  // Brings the first place that prints a value into sight, if none is.
  function reveal(id) {
    const all = [...document.querySelectorAll(`article:not([hidden]) data[data-v="${CSS.escape(id)}"]`)];
    const seen = all.some((one) => {
      const { top, bottom } = one.getBoundingClientRect();
      return top > 60 && bottom < window.innerHeight;
    });
    if (all.length && !seen) all[0].scrollIntoView({ block: "center" });
  }

  function highlight(id) {
    for (const one of document.querySelectorAll("data.chosen")) one.classList.remove("chosen");
    if (id) for (const one of document.querySelectorAll(`data[data-v="${CSS.escape(id)}"]`)) one.classList.add("chosen");
  }

  return { start, show, jump, step, focus, reveal, hashOf, highlight, CLICKABLE };
})();
