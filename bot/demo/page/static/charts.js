// Charts and tables as Slack draws them: data visualization block and data table block.

import { fault } from "./elements.js";
import { h, s } from "./dom.js";
import { inLanguage } from "./zone.js";
import { _ } from "./words.js";

const WIDTH = 640;
const HEIGHT = 220;
const EDGE = { top: 10, right: 8, bottom: 40, left: 40 };
const MOST_LABELS = 10;

/** Return a chart with its title and what its colors mean. */
export function renderChart(block) {
  const draw = { pie, bar: bars }[block.chart.type];
  if (!draw) return fault(block.chart.type);
  const [picture, legend] = draw(block.chart);
  const words = legend.map(({ name, said }) => `${name}: ${said}`).join("; ");
  picture.setAttribute("aria-label", `${block.title}. ${words}`);
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", { class: "chart-title" }, block.title),
    picture,
    h("ul", { class: "chart-legend" }, ...legend.map(({ name, value }, at) => h("li", { class: `chart-${at + 1}` }, h("i"), name, value !== undefined && h("b", {}, shown(value))))),
  );
}

const shown = (number) => number.toLocaleString(inLanguage());

function pie({ segments }) {
  const total = segments.reduce((sum, { value }) => sum + value, 0);
  let turned = 0;
  const slices = segments.map(({ label, value }, at) => {
    const [from, to] = [turned, (turned += value / total)];
    const [x1, y1, x2, y2] = [...onCircle(from), ...onCircle(to)];
    const path = segments.length === 1 ? "M0-90A90 90 0 1 1-.01-90Z" : `M0 0L${x1} ${y1}A90 90 0 ${to - from > 0.5 ? 1 : 0} 1 ${x2} ${y2}Z`;
    return s("path", { d: path, class: `chart-${at + 1}` }, s("title", {}, `${label}: ${shown(value)}`));
  });
  const picture = s("svg", { viewBox: "-100 -100 200 200", class: "chart-pie", role: "img" }, ...slices);
  return [picture, segments.map(({ label, value }) => ({ name: label, value, said: shown(value) }))];
}

/** Return the point at a part of the way around, from the top. */
const onCircle = (part) => [Math.sin(part * 2 * Math.PI) * 90, -Math.cos(part * 2 * Math.PI) * 90].map((number) => number.toFixed(2));

function bars({ series, axis_config: { categories, x_label: label } }) {
  const top = roundedUp(Math.max(...series.flatMap(({ data }) => data.map(({ value }) => value)), 1));
  const [wide, high] = [WIDTH - EDGE.left - EDGE.right, HEIGHT - EDGE.top - EDGE.bottom];
  const y = (value) => EDGE.top + high - (value / top) * high;
  const [room, every] = [wide / categories.length, Math.ceil(categories.length / MOST_LABELS)];
  const width = Math.min(28, (room * 0.8) / series.length);
  const lines = [0, 0.5, 1].map((part) => [
    s("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(part * top), y2: y(part * top), class: "chart-line" }),
    s("text", { x: EDGE.left - 6, y: y(part * top) + 4, class: "chart-words", "text-anchor": "end" }, shown(part * top)),
  ]);
  const groups = categories.map((category, place) => {
    const middle = EDGE.left + room * (place + 0.5);
    const drawn = series.map(({ name, data }, at) => {
      const { value } = data[place];
      const box = { x: middle + (at - series.length / 2) * width, y: y(value), width: width - 1, height: y(0) - y(value) };
      return s("rect", { ...box, class: `chart-${at + 1}` }, s("title", {}, `${name}, ${category}: ${shown(value)}`));
    });
    return [...drawn, place % every === 0 && s("text", { x: middle, y: HEIGHT - 22, class: "chart-words", "text-anchor": "middle" }, category)];
  });
  const axis = label && s("text", { x: EDGE.left + wide / 2, y: HEIGHT - 4, class: "chart-words", "text-anchor": "middle" }, label);
  const picture = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart-plot", role: "img" }, ...lines.flat(), ...groups.flat(), axis);
  const said = ({ name, data }) => ({ name, said: data.map((point) => `${point.label} ${shown(point.value)}`).join(", ") });
  return [picture, series.map(said)];
}

/** Return the next even number that looks well at the top of an axis. */
function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [2, 4, 6, 8, 10].map((step) => step * power).find((step) => step >= value);
}

/** Return a table that the reader sorts by a click on a heading, and turns the pages of. */
export function renderTable(block) {
  const [heading, ...rows] = block.rows;
  const size = block.page_size ?? 5;
  const state = { page: 0, column: null, down: false };
  const body = h("tbody");
  const pages = h("p", { class: "table-pages" });
  const turn = (by) => h("button", { type: "button", class: "bk-button", onclick: () => ((state.page += by), draw()) }, by < 0 ? _("Previous") : _("Next"));
  const [previous, next, place] = [turn(-1), turn(1), h("span")];
  const cells = heading.map((cell, column) =>
    h("th", { scope: "col", class: rows[0][column].type === "raw_number" ? "table-number" : null }, h("button", { type: "button", onclick: () => sort(column) }, cell.text)),
  );

  function sort(column) {
    Object.assign(state, { page: 0, down: state.column === column && !state.down, column });
    const value = (row) => row[column].value ?? row[column].text;
    rows.sort((one, other) => (value(one) < value(other) ? -1 : value(one) > value(other) ? 1 : 0) * (state.down ? -1 : 1));
    draw();
  }

  function draw() {
    const first = state.page * size;
    body.replaceChildren(...rows.slice(first, first + size).map((row) => h("tr", {}, ...row.map((cell, at) => h(at ? "td" : "th", { scope: at ? null : "row", class: cell.type === "raw_number" ? "table-number" : null }, cell.text)))));
    cells.forEach((cell, at) => cell.setAttribute("aria-sort", at !== state.column ? "none" : state.down ? "descending" : "ascending"));
    place.textContent = _("{first} to {last} of {count}", { first: first + 1, last: Math.min(first + size, rows.length), count: rows.length });
    previous.disabled = state.page === 0;
    next.disabled = first + size >= rows.length;
  }

  if (rows.length > size) pages.append(previous, place, next);
  draw();
  return h("div", { class: "table-frame" }, h("table", { class: "table" }, h("caption", {}, block.caption), h("thead", {}, h("tr", {}, ...cells)), body), rows.length > size && pages);
}
