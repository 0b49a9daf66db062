// The emoji that the bot writes, drawn: a machine without an emoji font would show a box for each. The sign itself stays
// in the text, unseen, so that it is read out and copied as it is.

import { h } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const [RED, AMBER, GREEN, BLUE, PURPLE, GREY, PAPER, SKIN] = ["#e01e5a", "#e8a317", "#2bac76", "#1d9bd1", "#8b5cf6", "#868686", "#f4f4f4", "#f2b56b"];
const disc = (fill) => [["circle", { cx: 8, cy: 8, r: 7, fill }]];
const line = (d, stroke = "#fff", width = 2) => ["path", { d, fill: "none", stroke, "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round" }];
const shape = (d, fill) => ["path", { d, fill }];

const DRAWN = {
  "🆕": [["rect", { x: 0.5, y: 3, width: 15, height: 10, rx: 2, fill: BLUE }], line("M3 10V6l3 4V6M8 6v4h2M8 8h1.6M11 6l.8 4 1-2.4 1 2.4.8-4", "#fff", 1)],
  "⏰": [line("M2.5 4 4.5 2M13.5 4l-2-2", RED), ["circle", { cx: 8, cy: 9, r: 6, fill: RED }], ["circle", { cx: 8, cy: 9, r: 4.4, fill: "#fff" }], line("M8 6.4V9l1.8 1.4", "#333", 1.2)],
  "📋": [["rect", { x: 2.5, y: 2.5, width: 11, height: 13, rx: 1.5, fill: "#b5783c" }], ["rect", { x: 4, y: 4.5, width: 8, height: 9.5, fill: PAPER }], ["rect", { x: 5.5, y: 1, width: 5, height: 3, rx: 1, fill: GREY }], line("M5.5 7.5h5M5.5 9.7h5M5.5 12h3", GREY, 1)],
  "📨": [["rect", { x: 3, y: 3.5, width: 12.5, height: 9.5, rx: 1.2, fill: PAPER, stroke: GREY }], line("M3.5 4.5 9.2 9l5.8-4.5", GREY, 1.2), line("M.8 6h2M.2 8.5h2.6M.8 11h2", BLUE, 1.2)],
  "✅": [["rect", { x: 1, y: 1, width: 14, height: 14, rx: 3, fill: GREEN }], line("M4 8.4 6.8 11 12 5.2")],
  "👤": [["circle", { cx: 8, cy: 5, r: 3.4, fill: GREY }], shape("M1.8 15c0-4 2.6-6 6.2-6s6.2 2 6.2 6z", GREY)],
  "📥": [shape("M1.5 9h3.6l1 2h3.8l1-2h3.6v5.5h-13z", GREY), line("M8 1.5v6M5.2 5 8 7.8 10.8 5", BLUE, 1.8)],
  "🌊": [shape("M.8 14.5C.8 7 4 2 9 2c3.6 0 5.6 2 6.2 4.6-2-1.4-4.6-1-5 .9-.5 2.4 2 3.9 5 3.7v3.3z", BLUE)],
  "🔔": [shape("M3 12c1.2-1.2 1-2.6 1.2-4.6C4.5 4.6 5.8 3 8 3s3.5 1.6 3.8 4.4c.2 2 0 3.4 1.2 4.6z", AMBER), ["circle", { cx: 8, cy: 13.4, r: 1.6, fill: AMBER }], ["circle", { cx: 8, cy: 2.4, r: 1.2, fill: AMBER }]],
  "👋": [shape("M3.2 7.8 6.8 3.6c.6-.6 1.5 0 1.1.8L7 6.2l3-3.7c.6-.7 1.6 0 1.1.8L9.3 6.2l2.7-2.6c.7-.6 1.5.2 1 .9l-2.5 3.3 1.7-1.2c.7-.4 1.3.4.8 1l-3.7 5.2c-1.7 2-4 2-5.5.5-1.7-1.6-2-3.4-.6-5.5z", SKIN)],
  "🎉": [shape("M1 15 5 5l6 6z", AMBER), ["circle", { cx: 9, cy: 3, r: 1.1, fill: RED }], ["circle", { cx: 13, cy: 7, r: 1.1, fill: GREEN }], ["circle", { cx: 13, cy: 2.5, r: 1.1, fill: BLUE }], line("M8 8c1-2 2.5-2.5 4-2", PURPLE, 1.2)],
  "⚠️": [shape("M8 1 15.5 14.5H.5z", AMBER), line("M8 5.5v4.2M8 12.2v.1", "#3b2a00", 1.6)],
  "⏸️": [["rect", { x: 1, y: 1, width: 14, height: 14, rx: 3, fill: BLUE }], line("M6 5v6M10 5v6")],
  "❌": [line("M3 3l10 10M13 3 3 13", RED, 2.6)],
  "🟢": disc(GREEN),
  "🟡": disc(AMBER),
  "🔴": disc(RED),
  "⚪": disc("#c9c9c9"),
};

const EVERY = new RegExp(Object.keys(DRAWN).sort((one, other) => other.length - one.length).join("|"), "u");

/** Return the nodes of a text, each emoji that is known here drawn. */
export function emojified(text) {
  const nodes = [];
  for (let rest = text; rest; ) {
    const found = EVERY.exec(rest);
    if (!found) {
      nodes.push(document.createTextNode(rest));
      break;
    }
    if (found.index) nodes.push(document.createTextNode(rest.slice(0, found.index)));
    nodes.push(draw(found[0]));
    rest = rest.slice(found.index + found[0].length);
  }
  return nodes;
}

function draw(sign) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of DRAWN[sign]) {
    const part = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value);
    svg.append(part);
  }
  return h("span", { class: "emoji" }, svg, h("span", { class: "unseen" }, sign));
}
