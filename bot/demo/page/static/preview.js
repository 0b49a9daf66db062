// The preview of pasted links in a composer: the app is asked a moment after they were typed, as Slack's client does.

import { act } from "./net.js";
import { h } from "./dom.js";
import { renderPreview } from "./card.js";
import { _ } from "./words.js";

const SETTLE = 400;
const LINK = /https?:\/\/\S+/gi;

export class LinkPreview {
  constructor(store) {
    this.store = store;
    this.links = "";
    this.element = h("div", { class: "preview", role: "group", "aria-label": _("Preview"), hidden: true });
    store.addEventListener("preview", ({ detail }) => detail.text === this.links && this.#show(detail.cards));
  }

  /** Ask about the links of a text, if they are others than before. */
  typed(text) {
    const links = text.startsWith("/") ? "" : (text.match(LINK) ?? []).join(" ");
    if (links === this.links) return;
    this.links = links;
    this.#show([]);
    clearTimeout(this.waiting);
    if (links) this.waiting = setTimeout(() => act("compose", this.store.me, { text: links }), SETTLE);
  }

  #show(cards) {
    this.element.hidden = !cards.length;
    this.element.replaceChildren(...cards.map((card) => renderPreview(this.store, card)));
  }
}
