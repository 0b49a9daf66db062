// Windows: a stack of up to three, the one on top shown. What is typed outlives every update of its field.

import { h, icon } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { textOf } from "./picker.js";
import { _ } from "./words.js";

const STATELESS = new Set(["button", "overflow"]);
const REACHABLE = 'a[href], button:not(:disabled), input:not(:disabled), textarea, select, [tabindex="0"]';

export class ModalStack {
  /** `handlers`: submit(view, values), close(view, everything), click(view, action, values), options(view, …). */
  constructor(host, handlers) {
    this.host = host;
    this.handlers = handlers;
    this.entered = new Map();
    this.shown = null;
    this.before = null;
    host.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Show the windows that are open, the last one on top. `known`: names, users and channels. */
  show(views, known) {
    for (const id of this.entered.keys()) if (!views.some((view) => view.id === id)) this.entered.delete(id);
    const top = views.at(-1);
    if (!top) return this.#leave();
    const signature = JSON.stringify([top, views.length, this.sending === top.id]);
    if (signature === this.signature) return;
    const isNew = this.shown?.id !== top.id;
    if (!this.shown) this.before = document.activeElement;
    const focus = isNew ? null : this.#focused();
    [this.signature, this.shown, this.known, this.views] = [signature, top, known, views];
    this.#draw(top, views.length);
    this.#refocus(focus, isNew);
    // What was refused is begun with, as soon as the refusal arrives.
    const errors = JSON.stringify(top.errors);
    if (errors !== this.errors) this.host.querySelector(".bk-wrong :is(input, textarea)")?.focus();
    this.errors = errors;
  }

  #leave() {
    if (!this.shown) return;
    [this.shown, this.signature] = [null, null];
    this.host.replaceChildren();
    this.before?.focus?.();
  }

  #draw(top, depth) {
    const { view, errors, trouble } = top;
    const kept = this.entered.get(top.id) ?? this.entered.set(top.id, {}).get(top.id);
    const isSending = this.sending === top.id;
    const blocks = renderBlocks(view.blocks, {
      ...this.known,
      surface: "modal",
      entered: { ...top.entered, ...kept },
      errors,
      onEntered: (block, action, value) => this.#keep(top, block, action, value),
      onAction: (action) => this.handlers.click(top.id, action, this.#values(top)),
      onOptions: (...asked) => this.handlers.options(top.id, ...asked),
    });
    const close = h("button", { type: "button", class: "bk-button", onclick: () => this.handlers.close(top.id, false) }, textOf(view.close) || _("Cancel"));
    const submit = view.submit && h("button", { type: "submit", class: "bk-button bk-primary", disabled: isSending }, isSending ? "…" : textOf(view.submit));
    const form = h(
      "form",
      { class: "modal", role: "dialog", "aria-modal": "true", "aria-labelledby": "modal-title", novalidate: true, onsubmit: (event) => this.#submit(event, top) },
      h(
        "header",
        { class: "modal-head" },
        depth > 1 && h("button", { type: "button", class: "modal-back", "aria-label": _("Back"), onclick: () => this.handlers.close(top.id, false) }, "←"),
        h("h2", { id: "modal-title" }, textOf(view.title)),
        h("button", { type: "button", class: "modal-close", "aria-label": _("Close"), onclick: () => this.handlers.close(top.id, true) }, icon("close")),
      ),
      trouble && h("p", { class: "modal-trouble", role: "alert" }, trouble),
      h("div", { class: "modal-body" }, blocks),
      h("footer", { class: "modal-foot" }, close, submit),
    );
    const scroll = this.host.querySelector(".modal-body")?.scrollTop ?? 0;
    this.host.replaceChildren(h("div", { class: "modal-veil", onpointerdown: ({ target }) => target.classList.contains("modal-veil") && this.handlers.close(top.id, true) }, form));
    this.host.querySelector(".modal-body").scrollTop = scroll;
  }

  #keep(top, block, action, value) {
    const kept = this.entered.get(top.id);
    const isAlone = elementsOf(top.view.blocks.find((one) => one.block_id === block)).length < 2;
    kept[block] = isAlone ? value : { ...kept[block], [action]: value };
  }

  /** What was entered, by block id: for the fields that still stand there. Options go by their values. */
  #values(top) {
    const there = new Set(top.view.blocks.filter((block) => elementsOf(block).length).map((block) => block.block_id));
    const kept = Object.entries(this.entered.get(top.id) ?? {}).filter(([block]) => there.has(block));
    return Object.fromEntries(kept.map(([block, value]) => [block, bare(value)]));
  }

  async #submit(event, top) {
    event.preventDefault();
    if (this.sending) return;
    this.#setSending(top.id);
    await this.handlers.submit(top.id, this.#values(top));
    this.#setSending(null);
  }

  #setSending(id) {
    this.sending = id;
    if (this.shown) this.show(this.views, this.known);
  }

  #focused() {
    const here = this.host.contains(document.activeElement) ? document.activeElement : null;
    const block = here?.closest("[data-block]")?.dataset.block;
    return block ? { block, start: here.selectionStart, end: here.selectionEnd } : null;
  }

  #refocus(focus, isNew) {
    const field = focus && this.host.querySelector(`[data-block="${CSS.escape(focus.block)}"] :is(input, textarea)`);
    if (field) {
      field.focus();
      if (focus.start !== null && field.setSelectionRange && /text|search|url|tel|area/.test(field.type)) field.setSelectionRange(focus.start, focus.end);
    } else if (isNew || !this.host.contains(document.activeElement)) {
      (this.host.querySelector(".modal-body :is(input, textarea), .modal-foot button") ?? this.host.querySelector("button")).focus();
    }
  }

  #key(event) {
    if (!this.shown) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.handlers.close(this.shown.id, false);
    }
    if (event.key !== "Tab") return;
    const all = [...this.host.querySelectorAll(REACHABLE)].filter((one) => one.offsetParent);
    const [first, last] = [all[0], all.at(-1)];
    if (event.shiftKey ? document.activeElement === first : document.activeElement === last) {
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    }
  }
}

const elementsOf = (block) => [block?.element, block?.accessory, ...(block?.type === "actions" ? block.elements : [])].filter((one) => one && !STATELESS.has(one.type));

/** Return a value as the demo takes it: options by their values, what is empty as null. */
function bare(value) {
  if (Array.isArray(value)) return value.map(bare);
  if (value && typeof value === "object") return "value" in value && "text" in value ? value.value : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, bare(one)]));
  return value === "" ? null : value;
}
