"use strict";
// Addresses, clicks and keys.
(() => {
  let opener = null;

  function parse(hash) {
    const [first, ...rest] = hash.replace(/^#/, "").split("&");
    const [kind, id = ""] = first.split("=");
    try {
      return { kind, id: decodeURIComponent(id), more: new Map(rest.map((part) => part.split("=").map(decodeURIComponent))) };
    } catch {
      return { kind: "", id: "", more: new Map() };
    }
  }

  async function follow() {
    const { kind, id, more } = parse(location.hash);
    if (kind === "muc") {
      await documents.jump(id);
      return;
    }
    if (baocao.core.mentionById.has(kind)) {
      await documents.jump(kind);
      location.replace(`#so=${encodeURIComponent(baocao.core.mentionById.get(kind).value.id)}`);
      return;
    }
    const open = await panel.show(kind, id, more);
    documents.highlight(open && kind === "so" ? id : null);
    if (open && kind === "so") documents.reveal(id);
    if (open) document.getElementById("panel").focus({ preventScroll: true });
    announce(open ? document.getElementById("panel-title").textContent : "");
  }

  function announce(text) {
    document.getElementById("status").textContent = text;
  }

  function open(hash) {
    if (location.hash === `#${hash}`) follow();
    else location.hash = hash;
  }

  function close() {
    const box = document.getElementById("panel");
    if (box.hidden) return;
    history.pushState(null, "", "#");
    panel.show("");
    documents.highlight(null);
    if (opener?.isConnected && opener !== document.body) opener.focus();
  }

  function print() {
    window.print();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest(`${documents.CLICKABLE}, [data-open], [data-document], [data-jump], [data-close], [data-back], [data-print], a.mark, a.link`);
    if (!target) return;
    if (!target.closest("#panel")) opener = target;
    if (target.matches(documents.CLICKABLE)) {
      if (target.getAttribute("role") !== "button") return;
      documents.focus(target);
      open(documents.hashOf(target));
    } else if (target.dataset.open) open(target.dataset.open);
    else if ("close" in target.dataset) close();
    else if ("back" in target.dataset) history.back();
    else if ("print" in target.dataset) print();
    else if (target.dataset.jump) documents.jump(target.dataset.jump);
    else if (target.tagName === "BUTTON" && target.dataset.document) documents.show(target.dataset.document);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, textarea");
    const node = event.target.closest(documents.CLICKABLE);
    if (event.key === "Escape") {
      if (typing && event.target.value) event.target.value = "";
      else close();
    } else if (event.key === "/" && !typing) {
      event.preventDefault();
      opener = event.target;
      document.getElementById("query").focus({ preventScroll: true }); // it is always in sight
    } else if (event.key === "?" && !typing) open("huong-dan");
    else if (node && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      node.click();
    } else if (node && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      event.preventDefault();
      documents.step(node, event.key === "ArrowRight" ? 1 : -1);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.matches("button.unit")) {
      event.preventDefault();
      const all = [...event.target.closest("tbody").querySelectorAll("button.unit")];
      all[all.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
    }
  });

  // Print shows every row of the tables by unit, not only those scrolled to.
  window.addEventListener("beforeprint", () => {
    for (const more of document.querySelectorAll("#panel .shares > button.more")) while (!more.hidden) more.click();
  });
  window.addEventListener("hashchange", follow);

  async function start() {
    baocao.unpack(await baocao.load("core"), await baocao.load("signed"));
    const { core } = baocao;
    const errors = core.findings.filter((one) => one.severity === "error").length + core.values.filter((one) => one.op === "opaque").length
      + core.files.filter((one) => one.chunk === null).length;
    const warnings = core.findings.filter((one) => one.severity !== "error").length;
    const button = document.getElementById("findings-button");
    const counts = [errors && _("{count} errors", { count: errors }), warnings && _("{count} warnings", { count: warnings })].filter(Boolean);
    button.textContent = counts.length ? "⚠ " + counts.join(", ") : _("No warnings");
    button.className = errors ? "error" : warnings ? "warning" : "";
    button.hidden = false;
    documents.start();
    search.start();
    document.body.dataset.ready = "";
    await follow();
  }

  start().catch((error) => {
    document.querySelector(".hint").replaceWith(element("p", { class: "alert error" }, error.message));
  });
})();
