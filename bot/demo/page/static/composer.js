// The field one writes in: commands are completed with their hints, people after @ and channels after #. Enter sends.

import { act } from "./net.js";
import { h, icon } from "./dom.js";
import { LinkPreview } from "./preview.js";
import { overflow } from "./elements.js";
import { options } from "./message.js";
import { renderMrkdwn } from "./mrkdwn.js";
import { _ } from "./words.js";

let numbers = 0;

export class Composer {
  /** `where()` returns {channel, thread_ts}: where the message goes. `onSend()` is called as it is sent. */
  constructor(store, { id, where, onSend }) {
    this.store = store;
    this.where = where;
    this.onSend = onSend;
    this.chosen = 0;
    this.matches = [];
    const listId = `commands-${++numbers}`;
    this.list = h("ul", { class: "commands", id: listId, role: "listbox", "aria-label": _("Suggestions"), hidden: true });
    this.hint = h("p", { class: "commands-hint", id: `${listId}-hint`, hidden: true });
    this.field = h("textarea", {
      id,
      class: "composer-field",
      rows: "1",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": listId,
      "aria-describedby": `${listId}-hint`,
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#key(event),
      onblur: () => this.#offer([]),
    });
    this.send = h("button", { class: "composer-send", type: "submit", "aria-label": _("Send"), disabled: true }, icon("send"));
    const slash = h(
      "button",
      { class: "composer-slash", type: "button", "aria-label": _("Start a command"), title: _("Start a command"), onclick: () => this.fill("/clust ") },
      "/",
    );
    this.preview = new LinkPreview(store);
    this.shortcuts = h("span", { class: "composer-shortcuts" });
    store.addEventListener("state", () => this.#showShortcuts());
    this.element = h(
      "form",
      { class: "composer", onsubmit: (event) => this.#submit(event) },
      this.list,
      this.hint,
      h(
        "div",
        { class: "composer-box" },
        this.field,
        this.preview.element,
        h("div", { class: "composer-tools" }, slash, this.shortcuts, h("span", { class: "composer-keys" }, renderMrkdwn(_("*Enter* to send, *Shift + Enter* for a new line"), store.names)), this.send),
      ),
    );
  }

  /** Say who it writes to, or no one, where `closed` says why. */
  show(label, closed = "") {
    this.field.placeholder = closed || label;
    this.field.setAttribute("aria-label", closed || label);
    this.field.disabled = Boolean(closed);
    this.element.classList.toggle("composer-closed", Boolean(closed));
  }

  /** Put a text into the field, for the visitor to send. */
  fill(text) {
    this.field.value = text;
    this.field.focus();
    this.#typed();
  }

  #showShortcuts() {
    const { store } = this;
    const choose = (callback_id) => act("shortcut", store.me, { callback_id });
    this.shortcuts.replaceChildren(overflow({ label: _("Shortcuts"), sign: "+", options: options(store, "global") }, { act: choose }));
  }

  #typed() {
    const { value } = this.field;
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 220)}px`;
    this.send.disabled = !value.trim();
    this.preview.typed(value);
    const isCommand = value.startsWith("/") && !value.includes("\n");
    const [word] = value.split(" ");
    const known = this.store.commands;
    if (isCommand && !value.includes(" ")) this.#offer(known.filter((one) => one.command.startsWith(word)), 0, value.length);
    else this.#offerNames();
    this.#hint(isCommand && value.includes(" ") ? known.find((one) => one.command === word) : null);
  }

  /** Offer who or what the word before the cursor may name: people after @, channels after #. */
  #offerNames() {
    const end = this.field.selectionStart;
    const [, sign, typed] = /(?:^|\s)([@#])([\w.-]*)$/.exec(this.field.value.slice(0, end)) ?? [];
    if (!sign) return this.#offer([]);
    const names = sign === "@" ? this.store.handles : this.store.channels.filter((one) => ["public", "private"].includes(one.kind)).map(({ name }) => ({ name, about: "" }));
    const fits = ({ name, about }) => name.startsWith(typed.toLowerCase()) || about.toLowerCase().startsWith(typed.toLowerCase());
    const offered = names.filter(fits).map(({ name, about }) => ({ command: sign + name, usage_hint: "", description: about }));
    this.#offer(offered, end - typed.length - 1, end);
  }

  /** Offer what may stand in place of the text from `start` to `end`. */
  #offer(matches, start = 0, end = 0) {
    this.matches = matches;
    this.span = [start, end];
    this.chosen = 0;
    this.#draw();
  }

  #draw() {
    this.list.hidden = !this.matches.length;
    this.field.setAttribute("aria-expanded", String(this.matches.length > 0));
    this.list.replaceChildren(
      ...this.matches.map((one, place) =>
        h(
          "li",
          {
            id: `${this.list.id}-${place}`,
            role: "option",
            class: "command",
            "aria-selected": String(place === this.chosen),
            // Before the field loses the focus, which would take the list away.
            onmousedown: (event) => {
              event.preventDefault();
              this.#complete(one);
            },
          },
          one.command.startsWith("/") && h("img", { src: "/page/icon.svg", alt: "", class: "command-icon" }),
          h("span", { class: "command-words" }, h("b", {}, one.command), " ", h("span", { class: "command-usage" }, one.usage_hint), h("span", { class: "command-about" }, one.description)),
        ),
      ),
    );
    if (this.matches.length) {
      this.field.setAttribute("aria-activedescendant", `${this.list.id}-${this.chosen}`);
      this.list.children[this.chosen].scrollIntoView({ block: "nearest" });
    } else this.field.removeAttribute("aria-activedescendant");
  }

  #hint(command) {
    this.hint.hidden = !command;
    if (!command) return;
    this.hint.replaceChildren(h("b", {}, command.command), ` ${command.usage_hint} `, h("span", { class: "command-about" }, command.description));
  }

  #complete({ command }) {
    const { value } = this.field;
    const [start, end] = this.span;
    const before = `${value.slice(0, start)}${command} `;
    this.fill(before + value.slice(end).trimStart());
    this.field.setSelectionRange(before.length, before.length);
    this.#offer([]);
  }

  #key(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    const offered = this.matches.length;
    if (offered && event.key in moves) {
      event.preventDefault();
      this.chosen = (this.chosen + moves[event.key] + offered) % offered;
      this.#draw();
    } else if (offered && event.key === "Escape") {
      event.stopPropagation();
      this.#offer([]);
    } else if (offered && (event.key === "Tab" || (event.key === "Enter" && this.matches[this.chosen].command !== this.field.value.slice(...this.span)))) {
      event.preventDefault();
      this.#complete(this.matches[this.chosen]);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.element.requestSubmit();
    }
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    this.#typed();
    this.onSend();
    const answer = await act("say", this.store.me, { ...this.where(), text });
    if (!answer.ok && !this.field.value) this.fill(text);
  }
}
