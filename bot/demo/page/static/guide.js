// The guided start: five short steps, each ticked when it was done.

import { h, icon } from "./dom.js";
import { renderMrkdwn } from "./mrkdwn.js";
import { _ } from "./words.js";

const KEY = "clust-demo-guide";

const STEPS = [
  { name: "list", words: _("See what's late"), about: _("Type `/clust list late:yes` and press Enter."), fill: "/clust list late:yes" },
  { name: "details", words: _("Open Details"), about: _("Click *Details* on an application.") },
  { name: "create", words: _("Create an application"), about: _("Type `/clust create`, fill in the form and submit it."), fill: "/clust create" },
  { name: "arrive", words: _("Watch it arrive"), about: _("The bot sees it in Clust and posts it in #onboarding.") },
  { name: "break", words: _("Break Clust"), about: _("Under *Behind the scenes*, set Clust to *down*, then back to *works*. Nothing is lost."), faults: true },
];
const NOBODY = { users: {}, channels: {}, groups: {} };

export class Guide {
  /** `onFill(text)` puts a command into the composer, `onFaults()` opens the faults. */
  constructor({ onFill, onFaults }) {
    this.onFill = onFill;
    this.onFaults = onFaults;
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    this.done = new Set(kept.done ?? []);
    this.isOpen = kept.isOpen ?? matchMedia("(min-width: 700px)").matches;
    this.isDismissed = kept.isDismissed ?? false;
    this.element = h("section", { class: "guide", "aria-label": _("Try it in five steps") });
    this.#show();
  }

  /** Tick a step. *Arrive* counts only after *create*. */
  tick(name) {
    if (this.done.has(name) || (name === "arrive" && !this.done.has("create"))) return;
    this.done.add(name);
    this.#keep();
  }

  #keep() {
    const { isOpen, isDismissed } = this;
    sessionStorage.setItem(KEY, JSON.stringify({ done: [...this.done], isOpen, isDismissed }));
    this.#show();
  }

  #show() {
    this.element.hidden = this.isDismissed;
    const next = STEPS.find((step) => !this.done.has(step.name));
    const toggle = h(
      "button",
      { type: "button", class: "guide-toggle", "aria-expanded": String(this.isOpen), onclick: () => { this.isOpen = !this.isOpen; this.#keep(); } },
      h("b", {}, next ? _("Try it in five steps") : _("Done! You've tried all five steps.")),
      h("span", { class: "guide-progress" }, _("{done} of {count}", { done: this.done.size, count: STEPS.length })),
      !this.isOpen && next && h("span", { class: "guide-next" }, _("Next: {step}", { step: next.words })),
      icon("down"),
    );
    const dismiss = h("button", { type: "button", class: "pane-close", "aria-label": _("Dismiss the five steps"), onclick: () => { this.isDismissed = true; this.#keep(); } }, icon("close"));
    const steps = h("ol", { class: "guide-steps" }, STEPS.map((step) => this.#step(step, step === next)));
    const body = h("div", { class: "guide-body", hidden: !this.isOpen }, steps, next && this.#about(next));
    this.element.replaceChildren(h("div", { class: "guide-head" }, toggle, dismiss), body);
  }

  #step(step, isNext) {
    const isDone = this.done.has(step.name);
    return h(
      "li",
      { class: `guide-step${isDone ? " guide-done" : ""}${isNext ? " guide-here" : ""}`, "aria-current": isNext ? "step" : null },
      h("span", { class: "guide-tick", "aria-hidden": "true" }, isDone && icon("check")),
      h("span", {}, step.words),
      isDone && h("span", { class: "unseen" }, ` ${_("(done)")}`),
    );
  }

  #about(step) {
    const act = step.fill ? () => this.onFill(step.fill) : step.faults ? () => this.onFaults() : null;
    return h(
      "p",
      { class: "guide-about" },
      h("span", {}, renderMrkdwn(step.about, NOBODY)),
      act && h("button", { type: "button", class: "guide-do", onclick: act }, step.fill ? _("Type it for me") : _("Show me where")),
    );
  }
}
