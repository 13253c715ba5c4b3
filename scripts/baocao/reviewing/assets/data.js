"use strict";
// What the pages know. A page opened from disk may not fetch, so data comes as scripts that call baocao.receive.
const baocao = (() => {
  const waiting = new Map();
  const kept = new Map();
  const core = { values: [], mentions: [], byId: new Map() };

  function receive(name, data) {
    waiting.get(name)?.(data);
    waiting.delete(name);
  }

  function load(name) {
    if (!kept.has(name)) {
      kept.set(name, new Promise((resolve, reject) => {
        waiting.set(name, resolve);
        const script = document.createElement("script");
        script.src = `data/${name}.js`;
        script.onload = () => script.remove();
        script.onerror = () => {
          kept.delete(name);
          reject(new Error(_("data/{name}.js cannot be opened; make the review pages again.", { name })));
        };
        document.head.append(script);
      }));
    }
    return kept.get(name);
  }

  function group(pairs) {
    const found = new Map();
    for (const [key, one] of pairs) {
      if (found.has(key)) found.get(key).push(one);
      else found.set(key, [one]);
    }
    return found;
  }

  function unpack(data, standings) {
    Object.assign(core, data, { standings });
    core.units = data.units.map(([code, name, level], index) => ({ index, code, name, level }));
    core.files = data.files.map(([name, sha256, link, unit, chunk], index) => (
      { index, name, sha256, link, unit: unit === null ? null : core.units[unit], chunk }));
    core.values = data.values.map(([id, label, number, unit, op, basis, parents, sources, split], index) => (
      { index, id, label, number, unit, op, basis, parents, sources, split: Boolean(split) }));
    core.mentions = data.mentions.map(([id, value, printed, report, section, context]) => (
      { id, value: core.values[value], printed, report, section, context }));
    core.citations = data.citations.map(([id, printed, report, section, cells]) => ({ id, printed, report, section, cells }));
    core.charts = data.charts.map(([id, report, section, caption, marks]) => (
      { id, report, section, caption, marks: marks.map(([series, label, value]) => ({ series, label, value: core.values[value] })) }));
    core.byId = new Map(core.values.map((value) => [value.id, value]));
    core.mentionById = new Map(core.mentions.map((mention) => [mention.id, mention]));
    core.citationById = new Map(core.citations.map((citation) => [citation.id, citation]));
    core.mentionsOf = group(core.mentions.map((mention) => [mention.value, mention]));
    core.findingsOf = group(data.findings.flatMap((finding) => finding.values.map((index) => [core.values[index], finding])));
    core.unitByCode = new Map(core.units.map((unit) => [unit.code, unit]));
    core.filesOfUnit = group(core.files.filter((file) => file.unit).map((file) => [file.unit, file]));
    core.values.forEach((value) => { value.opaque = opaqueBehind(value); });
    return core;
  }

  // The opaque steps a value is made of, itself first; most have none.
  function opaqueBehind(value) {
    return [...walk(value)].filter((one) => one.op === "opaque");
  }

  function* walk(value) {
    const seen = new Set([value.index]);
    const stack = [value.index];
    while (stack.length) {
      const one = core.values[stack.pop()];
      yield one;
      for (const parent of one.parents) {
        if (!seen.has(parent)) {
          seen.add(parent);
          stack.push(parent);
        }
      }
    }
  }

  // Cells behind a value by file: spans of one column, `term` where they add to the number.
  function cellsOf(value) {
    const seen = new Map();
    for (const one of walk(value)) {
      for (const [block, column, term] of one.sources) {
        const key = `${block}!${column}`;
        seen.set(key, { block, column, term: term || seen.get(key)?.term || 0 });
      }
    }
    const found = new Map();
    for (const { block, column, term } of seen.values()) {
      const spans = core.blocks[block];
      for (let i = 0; i < spans.length; i += 4) {
        const span = { sheet: spans[i + 1], first: spans[i + 2], last: spans[i + 3], column, term };
        if (found.has(spans[i])) found.get(spans[i]).push(span);
        else found.set(spans[i], [span]);
      }
    }
    return found;
  }

  // Files of which nothing can be shown, since they changed or went away after the report was built.
  function changedFiles(cells) {
    return [...cells.keys()].map((index) => core.files[index]).filter((file) => file.chunk === null);
  }

  function countCells(cells) {
    let count = 0;
    for (const spans of cells.values()) for (const span of spans) count += span.last - span.first + 1;
    return count;
  }

  function documentTitle(id) {
    return core.documents.find((one) => one.id === id)?.title ?? id;
  }

  return { core, receive, load, unpack, walk, cellsOf, changedFiles, countCells, documentTitle };
})();

// Build elements from text only: what stands in a workbook never becomes markup.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}
