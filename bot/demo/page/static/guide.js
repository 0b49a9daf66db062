// The guided start: five short steps, each ticked when it was done.

import { h, icon } from "./dom.js";

const KEY = "clust-demo-guide";

const STEPS = [
  { name: "list", words: "See what's late", about: ["Type ", code("/clust list late:yes"), " and press Enter."], fill: "/clust list late:yes" },
  { name: "details", words: "Open Details", about: ["Press ", code("Details"), " on an application."] },
  { name: "create", words: "Create an application", about: ["Type ", code("/clust create"), ", fill in the form and submit it."], fill: "/clust create" },
  { name: "arrive", words: "Watch it arrive", about: ["The bot sees it in Clust and posts it in #onboarding."] },
  { name: "break", words: "Break Clust", about: ["Under Behind the scenes, set Clust to down, then back to works. Nothing is lost."], faults: true },
];

function code(text) {
  return () => h("code", {}, text);
}

export class Guide {
  /** `onFill(text)` puts a command into the composer, `onFaults()` opens the faults. */
  constructor({ onFill, onFaults }) {
    this.onFill = onFill;
    this.onFaults = onFaults;
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    this.done = new Set(kept.done ?? []);
    this.isOpen = kept.isOpen ?? matchMedia("(min-width: 700px)").matches;
    this.isDismissed = kept.isDismissed ?? false;
    this.element = h("section", { class: "guide", "aria-label": "Try it in five steps" });
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
      h("b", {}, next ? "Try it in five steps" : "Done! You've tried all five steps."),
      h("span", { class: "guide-progress" }, `${this.done.size} of ${STEPS.length}`),
      !this.isOpen && next && h("span", { class: "guide-next" }, `Next: ${next.words}`),
      icon("down"),
    );
    const dismiss = h("button", { type: "button", class: "pane-close", "aria-label": "Dismiss the five steps", onclick: () => { this.isDismissed = true; this.#keep(); } }, icon("close"));
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
      isDone && h("span", { class: "unseen" }, " (done)"),
    );
  }

  #about(step) {
    const words = step.about.map((part) => (typeof part === "function" ? part() : part));
    const act = step.fill ? () => this.onFill(step.fill) : step.faults ? () => this.onFaults() : null;
    return h(
      "p",
      { class: "guide-about" },
      h("span", {}, words),
      act && h("button", { type: "button", class: "guide-do", onclick: act }, step.fill ? "Type it for me" : "Show me where"),
    );
  }
}
