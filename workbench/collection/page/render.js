"use strict";
/* Texts as they are meant to look, without trusting them: a small part of Markdown, built from text nodes alone.
   No HTML of a text is ever parsed, no link is made, nothing is loaded. */
const render = (() => {
  const INLINE = /(`[^`\n]+`|\*\*[^*\n]+\*\*|__[^_\n]+__|\*[^*\s][^*\n]*\*)/;

  function inline(into, text) {
    for (const part of text.split(INLINE)) {
      if (!part) continue;
      let name = "", inner = part;
      if (/^`.+`$/.test(part)) { name = "code"; inner = part.slice(1, -1); }
      else if (/^(\*\*.+\*\*|__.+__)$/.test(part)) { name = "strong"; inner = part.slice(2, -2); }
      else if (/^\*.+\*$/.test(part)) { name = "em"; inner = part.slice(1, -1); }
      const node = name ? document.createElement(name) : document.createTextNode(inner);
      if (name) node.textContent = inner;
      into.append(node);
    }
  }

  function block(name, lines, className) {
    const node = document.createElement(name);
    node.dir = "auto";
    if (className) node.className = className;
    lines.forEach((line, i) => {
      if (i) node.append(document.createElement("br"));
      inline(node, line);
    });
    return node;
  }

  function list(lines, ordered) {
    const node = document.createElement(ordered ? "ol" : "ul");
    if (ordered) node.start = parseInt(lines[0], 10) || 1;
    for (const line of lines) node.append(block("li", [line.replace(/^\s*([-*+]|\d+[.)])\s+/, "")]));
    return node;
  }

  const KINDS = [
    ["item", /^\s*[-*+]\s+/], ["number", /^\s*\d{1,4}[.)]\s+/], ["quote", /^>\s?/],
  ];

  function into(element, text, plain) {
    element.classList.toggle("plain", plain);
    if (plain) { element.textContent = text; return; }
    const found = document.createDocumentFragment();
    const lines = text.replace(/\r\n?/g, "\n").split("\n");
    let i = 0;
    while (i < lines.length) {
      const line = lines[i];
      if (!line.trim()) { i += 1; continue; }
      const fence = /^\s*(```|~~~)/.exec(line);
      if (fence) {
        const code = [];
        for (i += 1; i < lines.length && !lines[i].trim().startsWith(fence[1]); i += 1) code.push(lines[i]);
        i += 1;
        const pre = document.createElement("pre");
        pre.textContent = code.join("\n");
        pre.dir = "ltr";
        found.append(pre);
        continue;
      }
      const head = /^\s{0,3}#{1,6}\s+(.*)$/.exec(line);
      if (head) { found.append(block("p", [head[1]], "head")); i += 1; continue; }
      const kind = KINDS.find(([, form]) => form.test(line));
      const run = [];
      const same = (l) => l.trim() && !/^\s*(```|~~~)/.test(l) && !/^\s{0,3}#{1,6}\s/.test(l)
        && (kind ? kind[1].test(l) : !KINDS.some(([, form]) => form.test(l)));
      while (i < lines.length && same(lines[i])) { run.push(lines[i]); i += 1; }
      if (!kind) found.append(block("p", run));
      else if (kind[0] === "quote") found.append(block("blockquote", run.map((l) => l.replace(/^>\s?/, ""))));
      else found.append(list(run, kind[0] === "number"));
    }
    element.replaceChildren(found);
  }

  return into;
})();
