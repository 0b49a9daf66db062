// A body of a request, pretty-printed and colored: keys, texts, numbers. Long ones are folded.

import { h } from "./dom.js";
import { ngettext } from "./words.js";

const LONG = 8;

/** Return an element that shows any value of JSON. */
export function renderJson(value, depth = 0) {
  if (value === null || typeof value !== "object") return h("span", { class: `json-${value === null ? "null" : typeof value}` }, JSON.stringify(value));
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const [begin, end] = isList ? ["[", "]"] : ["{", "}"];
  if (!entries.length) return h("span", { class: "json-sign" }, begin + end);
  const isFolded = depth > 2 || (depth > 0 && entries.length > LONG);
  const about = isList ? ngettext("{count} item", "{count} items", entries.length) : entries.map(([key]) => key).slice(0, 3).join(", ");
  return h(
    "details",
    { class: "json", open: !isFolded },
    h("summary", {}, h("span", { class: "json-sign" }, begin), h("span", { class: "json-about" }, ` ${about} `), h("span", { class: "json-sign json-end" }, end)),
    h(
      "div",
      { class: "json-inside" },
      entries.map(([key, inner]) => h("div", { class: "json-row" }, !isList && h("span", { class: "json-key" }, `${key}: `), renderJson(inner, depth + 1))),
    ),
  );
}
