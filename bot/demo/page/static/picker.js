// A select that is searched as one types: one or several options, given at once or asked for (WAI-ARIA: combobox).

import { h, hangBelow, icon } from "./dom.js";
import { _, ngettext } from "./words.js";

const PATIENCE = 200;
let numbers = 0;

export const textOf = (object) => object?.text ?? "";

/** `load(typed)` gives options or groups of them ({label, options}), at once or later. `onChange` gets the chosen. */
export class Picker {
  constructor({ id, label, describedby, invalid, placeholder, several = false, fewest = 0, chosen = [], load, onChange }) {
    Object.assign(this, { several, fewest, load, onChange, chosen: [...chosen], shown: [], at: -1 });
    this.list = h("ul", { class: "picker-list", role: "listbox", id: `picker-${++numbers}`, "aria-label": label, hidden: true });
    this.field = h("input", {
      id,
      class: "picker-field",
      type: "text",
      role: "combobox",
      autocomplete: "off",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
      "aria-describedby": describedby,
      "aria-invalid": invalid,
      "aria-label": id ? null : label,
      placeholder: placeholder || _("Choose an option"),
      oninput: () => this.#ask(this.field.value),
      onkeydown: (event) => this.#key(event),
      onfocus: () => this.field.select(),
      onclick: () => this.list.hidden && this.#ask(""),
      onblur: () => this.#close(),
    });
    this.tags = h("span", { class: "picker-tags" });
    this.element = h("div", { class: "picker" }, this.tags, this.field, h("span", { class: "picker-arrow" }, icon("down")), this.list);
    this.#show();
  }

  #show() {
    const labels = this.chosen.map((option) => textOf(option.text));
    this.field.value = this.several ? "" : labels[0] ?? "";
    this.tags.replaceChildren(...(this.several ? this.chosen.map((option) => this.#tag(option)) : []));
  }

  #tag(option) {
    const remove = h(
      "button",
      { type: "button", "aria-label": _("Remove {option}", { option: textOf(option.text) }), onclick: () => this.#choose(option) },
      icon("close"),
    );
    return h("span", { class: "picker-tag" }, textOf(option.text), remove);
  }

  #ask(typed) {
    clearTimeout(this.asking);
    if (typed.length < this.fewest) return this.#offer([], ngettext("Type a letter to search", "Type {count} letters to search", this.fewest));
    const wanted = (this.wanted = Symbol("typed"));
    const ask = async () => {
      const found = await this.load(typed);
      if (wanted === this.wanted) this.#offer(found, _("No results"));
    };
    this.asking = setTimeout(ask, typed ? PATIENCE : 0);
  }

  #offer(found, otherwise) {
    const groups = found.length && found[0].options ? found : [{ options: found }];
    this.shown = groups.flatMap((group) => group.options);
    this.at = Math.max(0, this.shown.findIndex((option) => this.#has(option)));
    let number = 0;
    this.list.replaceChildren(
      ...groups.flatMap((group) => [
        ...(group.label ? [h("li", { class: "picker-group", role: "presentation" }, textOf(group.label))] : []),
        ...group.options.map((option) => this.#option(option, number++)),
      ]),
      ...(this.shown.length ? [] : [h("li", { class: "picker-none", role: "presentation" }, otherwise)]),
    );
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.hung?.();
    this.hung = hangBelow(this.list, this.element);
    this.#mark();
  }

  #option(option, number) {
    return h(
      "li",
      {
        class: "picker-option",
        role: "option",
        id: `${this.list.id}-${number}`,
        "aria-selected": String(this.#has(option)),
        onpointerdown: (event) => {
          event.preventDefault();
          this.#choose(option);
        },
      },
      h("span", {}, textOf(option.text)),
      option.description && h("span", { class: "picker-about" }, textOf(option.description)),
    );
  }

  #mark() {
    this.list.querySelectorAll(".picker-here").forEach((one) => one.classList.remove("picker-here"));
    const here = this.shown.length ? this.list.querySelector(`#${this.list.id}-${this.at}`) : null;
    here?.classList.add("picker-here");
    here?.scrollIntoView({ block: "nearest" });
    if (here) this.field.setAttribute("aria-activedescendant", here.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  #has(option) {
    return this.chosen.some((one) => one.value === option.value);
  }

  #choose(option) {
    const without = this.chosen.filter((one) => one.value !== option.value);
    if (this.several) this.chosen = this.#has(option) ? without : [...this.chosen, option];
    else this.chosen = [option];
    this.#close();
    this.onChange(this.several ? this.chosen : this.chosen[0]);
  }

  #close() {
    clearTimeout(this.asking);
    this.wanted = null;
    this.list.hidden = true;
    this.hung = this.hung?.();
    this.field.setAttribute("aria-expanded", "false");
    this.#show();
  }

  #key(event) {
    const isOpen = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !isOpen) this.#ask("");
    else if (step && this.shown.length) {
      this.at = (this.at + step + this.shown.length) % this.shown.length;
      this.#mark();
    } else if (event.key === "Enter" && isOpen && this.shown.length) this.#choose(this.shown[this.at]);
    else if (event.key === "Escape" && isOpen) this.#close();
    else if (event.key === "Backspace" && this.several && !this.field.value && this.chosen.length) this.#choose(this.chosen.at(-1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
