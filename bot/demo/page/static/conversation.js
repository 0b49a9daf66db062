// The middle: a channel, or the app with its Home and Messages tabs.

import { act } from "./net.js";
import { Composer } from "./composer.js";
import { avatar } from "./avatar.js";
import { channels, people } from "./message.js";
import { h, icon, keepingFocus } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { Timeline } from "./timeline.js";
import { _, ngettext } from "./words.js";

const SETTLE = 400;

export class Conversation {
  /** `guide` is the element of the guided start, which stands above the messages. */
  constructor(store, place, element, { guide }) {
    this.store = store;
    this.place = place;
    this.head = h("header", { class: "head" });
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Clust" });
    this.timeline = new Timeline(store, { label: _("Messages"), onThread: (ts) => place.openThread(ts), onEnd: () => this.#read() });
    this.composer = new Composer(store, { id: "composer", where: () => ({ channel: place.where }), onSend: () => this.timeline.toEnd() });
    this.home = h("div", { class: "home", role: "tabpanel", "aria-label": _("Home"), tabindex: "0" });
    this.lost = h("p", { class: "lost", role: "status", hidden: true }, _("The demo isn't responding. If it has ended, start it again with `make demo`. This page will reconnect by itself."));
    element.append(this.head, this.tabs, this.lost, guide, this.timeline.element, this.home, this.composer.element);
    store.addEventListener("message", ({ detail }) => detail.channel === place.where && this.#showMessages());
    store.addEventListener("state", () => this.#enter());
    store.addEventListener("workspace", () => this.#showHead());
    store.addEventListener("home", () => this.#showHome());
    store.addEventListener("lost", () => (this.lost.hidden = !store.lost));
    place.addEventListener("change", () => this.#moved());
    for (const kind of ["focus", "visibilitychange"]) addEventListener(kind, () => this.#read());
  }

  get channel() {
    return this.store.channel(this.place.where);
  }

  #moved() {
    const key = `${this.place.where} ${this.place.tab}`;
    if (key !== this.key) this.#enter();
  }

  #enter() {
    const { channel, place } = this;
    this.key = `${place.where} ${place.tab}`;
    if (!channel) return;
    this.newFrom = this.store.unread(channel) && channel.read !== "0" ? channel.read : null;
    this.timeline.stays = true;
    const isHome = channel.with_app && place.tab === "home";
    this.timeline.element.hidden = isHome;
    this.composer.element.hidden = isHome;
    this.home.hidden = !isHome;
    this.#showHead();
    if (isHome) {
      act("home", this.store.me);
      this.#showHome();
    } else {
      this.#showMessages();
      this.timeline.toEnd();
    }
    document.title = _("{place} · {team} · demo", { place: channel.name, team: this.store.team });
  }

  #showHead() {
    const { channel } = this;
    if (!channel) return;
    const sign = channel.with_app ? avatar(this.store, this.store.app, "small") : channel.kind === "im" ? null : icon(channel.kind === "private" ? "lock" : "hash");
    const notes = [
      channel.kind === "im" ? null : ngettext("{count} member", "{count} members", channel.members),
      channel.shared ? _("shared with another organization") : null,
      channel.archived ? _("archived") : null,
      !channel.app_is_in && channel.kind !== "im" ? _("Clust isn't in this channel") : null,
    ].filter(Boolean);
    this.head.replaceChildren(h("h2", { class: "head-name" }, sign, channel.name), h("p", { class: "head-notes" }, notes.join(" · ")));
    this.tabs.hidden = !channel.with_app;
    this.tabs.replaceChildren(...["home", "messages"].map((tab) => this.#tab(channel, tab)));
    const label = channel.with_app || channel.kind === "im" ? _("Message {name}", { name: channel.name }) : _("Message {name}", { name: `#${channel.name}` });
    this.composer.show(label, channel.archived ? _("{channel} is archived, so nobody can post here", { channel: `#${channel.name}` }) : "");
    this.#showBegin(channel);
  }

  #tab(channel, tab) {
    const isHere = this.place.tab === tab;
    const words = { home: _("Home"), messages: _("Messages") }[tab];
    return h("button", { type: "button", role: "tab", class: "tab", "aria-selected": String(isHere), onclick: () => this.place.go(channel.id, tab) }, words);
  }

  #showBegin(channel) {
    const words = channel.with_app
      ? _("Direct messages from Clust arrive here. You can also type commands.")
      : channel.kind === "im"
        ? _("This is between the two of you. Clust can't see it.")
        : _("This is the very beginning of {channel}.", { channel: `#${channel.name}` });
    this.timeline.begin.replaceChildren(h("p", {}, words));
  }

  #showMessages() {
    const { store, place } = this;
    const all = store.in(place.where);
    const replies = new Map();
    for (const one of all) {
      if (!one.thread_ts || one.thread_ts === one.ts || one.visible_to) continue;
      replies.set(one.thread_ts, [...(replies.get(one.thread_ts) ?? []), one]);
    }
    this.timeline.show(all.filter((one) => !one.in_thread), { newFrom: this.newFrom, replies });
    this.#read();
  }

  /** Mark as read what the visitor has before them, a moment later. */
  #read() {
    clearTimeout(this.reading);
    this.reading = setTimeout(() => {
      const { channel, store } = this;
      const last = channel && store.in(channel.id).findLast((one) => !one.in_thread);
      const isSeen = document.hasFocus() && this.timeline.stays && !this.timeline.element.hidden;
      if (last && isSeen && store.markRead(channel, last.ts)) act("read", store.me, { channel: channel.id, ts: last.ts });
    }, SETTLE);
  }

  #showHome() {
    if (this.home.hidden) return;
    const { store } = this;
    const { home } = store;
    if (!home) {
      this.home.replaceChildren(h("p", { class: "home-empty" }, _("Nothing here yet. Home appears when the app publishes it.")));
      return;
    }
    if (this.home.querySelector('[aria-expanded="true"]')) {
      // Not under the hand of someone who is choosing.
      this.home.addEventListener("focusout", () => setTimeout(() => this.#showHome()), { once: true });
      return;
    }
    const place = { view: home.id };
    const blocks = h(
      "div",
      { class: "home-blocks" },
      renderBlocks(home.view.blocks, {
        names: store.names,
        surface: "home",
        entered: home.entered,
        errors: home.errors,
        users: people(store),
        channels: channels(store),
        onAction: (action) => act("click", store.me, { ...place, ...action }),
        onOptions: async (block_id, action_id, typed) =>
          (await act("options", store.me, { ...place, block_id, action_id, typed })).options ?? [],
      }),
    );
    keepingFocus(this.home, () => (this.home.replaceChildren(blocks), this.home));
  }
}
