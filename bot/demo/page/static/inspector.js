// Behind the scenes: what passes between Slack, the bot and Clust, and the faults that break it.

import { h, icon, reconcile } from "./dom.js";
import { Faults } from "./faults.js";
import { Workflow } from "./workflow.js";
import { renderJson } from "./json.js";
import { loggedRequest } from "./net.js";
import { _ } from "./words.js";
import { inLanguage, inZone } from "./zone.js";

const WAYS = { "slack→bot": _("Slack → bot"), "bot→slack": _("bot → Slack"), "bot→clust": _("bot → Clust"), "clust→bot": _("Clust → bot") };

export class Inspector {
  constructor(store, place, element, { onFault, onClose }) {
    this.store = store;
    this.element = element;
    this.shownWays = new Set(Object.keys(WAYS));
    this.open = new Map();
    this.list = h("ol", { class: "passed", "aria-label": _("Requests, newest first") });
    this.faults = new Faults(store, place, { onFault });
    const close = h("button", { class: "pane-close", type: "button", "aria-label": _("Close"), onclick: onClose }, icon("close"));
    element.append(
      h("header", { class: "pane-head" }, h("h2", {}, _("Behind the scenes")), close),
      h(
        "div",
        { class: "pane-scroll", tabindex: "0", role: "region", "aria-label": _("Faults and requests") },
        this.faults.element,
        new Workflow(store).element,
        h("h3", { class: "pane-title" }, _("Requests")),
        h("div", { class: "ways", role: "group", "aria-label": _("Filter requests") }, Object.entries(WAYS).map(([way, words]) => this.#way(way, words))),
        this.list,
      ),
    );
    element.addEventListener("keydown", (event) => event.key === "Escape" && onClose());
    for (const kind of ["requests", "state"]) store.addEventListener(kind, () => this.show());
  }

  /** Draw the requests, where the pane is open. */
  show() {
    if (this.element.hidden) return;
    this.faults.show();
    const shown = this.store.requests.filter((entry) => this.shownWays.has(entry.way));
    reconcile(this.list, folded(shown).reverse().map((group) => this.#item(group)));
  }

  #way(way, words) {
    const toggle = ({ currentTarget }) => {
      const isOn = !this.shownWays.has(way);
      this.shownWays[isOn ? "add" : "delete"](way);
      currentTarget.setAttribute("aria-pressed", String(isOn));
      this.show();
    };
    return h("button", { type: "button", class: `way way-${way.replace("→", "-")}`, "aria-pressed": "true", onclick: toggle }, words);
  }

  #item(group) {
    const { first, last, count } = group;
    return { key: String(first.number), signature: JSON.stringify([last.number, count]), make: () => this.#draw(first, last, count) };
  }

  #draw(first, last, count) {
    const body = h("div", { class: "passed-body" });
    const details = h(
      "details",
      { class: `passed-one${last.is_fine ? "" : " passed-bad"}`, open: this.open.has(first.number) },
      h(
        "summary",
        {},
        h("time", {}, new Date(last.at * 1000).toLocaleTimeString(inLanguage(), inZone({ hour: "numeric", minute: "2-digit", second: "2-digit" }))),
        h("span", { class: `way-mark way-${last.way.replace("→", "-")}` }, WAYS[last.way]),
        h("span", { class: "passed-title" }, last.title, count > 1 && h("span", { class: "passed-count" }, `×${count}`)),
        h("span", { class: "passed-outcome" }, last.outcome),
        h("span", { class: "passed-time" }, duration(last.seconds)),
      ),
      body,
    );
    const fill = async () => {
      const entry = await loggedRequest(last.number, this.store.me);
      if (entry.error) body.replaceChildren(h("p", {}, entry.error));
      else body.replaceChildren(...part(_("Request"), entry.sent), ...part(_("Response"), entry.answer));
    };
    details.addEventListener("toggle", () => {
      if (!details.open) this.open.delete(first.number);
      else {
        this.open.set(first.number, true);
        if (!body.firstChild) fill();
      }
    });
    return h("li", {}, details);
  }
}

/** Put requests that follow each other and are alike, such as polls, into one row. */
function folded(entries) {
  const groups = [];
  for (const entry of entries) {
    const before = groups.at(-1);
    const isAlike = before && before.last.title === entry.title && before.last.outcome === entry.outcome && before.last.way === entry.way;
    if (isAlike) {
      before.last = entry;
      before.count += 1;
    } else groups.push({ first: entry, last: entry, count: 1 });
  }
  return groups;
}

const part = (name, value) => [h("h4", {}, name), value === null ? h("p", { class: "json-about" }, _("No body")) : renderJson(value)];

const duration = (seconds) => (seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toLocaleString(inLanguage(), { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`);
