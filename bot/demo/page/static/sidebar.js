// The workspace: its channels with unread marks, the app, and the person that the visitor acts as.

import { avatar } from "./avatar.js";
import { h, icon, reconcile } from "./dom.js";
import { _, ngettext } from "./words.js";

/** The names that one can act as, in this order. The others are there for the bot to distinguish. */
const CAST = ["mei", "adrien", "gustav", "xavier"];

export class Sidebar {
  constructor(store, place, element) {
    this.store = store;
    this.place = place;
    this.channels = h("ul", { class: "rooms", "aria-label": _("Channels") });
    this.directs = h("ul", { class: "rooms", "aria-label": _("Direct messages") });
    this.apps = h("ul", { class: "rooms", "aria-label": _("Apps") });
    this.cast = h("select", { id: "act-as", class: "cast-select", onchange: () => this.#become() });
    this.picture = h("span", { class: "cast-picture" });
    this.team = h("h1", { class: "team" });
    element.append(
      this.team,
      h(
        "div",
        { class: "rooms-scroll" },
        h("h2", { class: "rooms-title" }, _("Channels")),
        this.channels,
        h("h2", { class: "rooms-title" }, _("Direct messages")),
        this.directs,
        h("h2", { class: "rooms-title" }, _("Apps")),
        this.apps,
      ),
      h("div", { class: "cast" }, this.picture, h("div", {}, h("label", { for: "act-as" }, _("Act as")), this.cast)),
    );
    for (const kind of ["state", "workspace", "message"]) store.addEventListener(kind, () => this.show());
    place.addEventListener("change", () => this.show());
  }

  show() {
    const { store } = this;
    const rooms = store.channels.filter((one) => one.kind !== "im" && one.kind !== "mpim");
    const directs = store.channels.filter((one) => (one.kind === "im" || one.kind === "mpim") && !one.with_app);
    this.team.textContent = store.team;
    reconcile(this.channels, rooms.map((one) => this.#room(one)));
    reconcile(this.directs, directs.map((one) => this.#room(one)));
    reconcile(this.apps, store.channels.filter((one) => one.with_app).map((one) => this.#room(one)));
    this.directs.previousElementSibling.hidden = !directs.length;
    this.#showCast();
  }

  #room(channel) {
    const isHere = channel.id === this.place.where;
    const unread = isHere && document.hasFocus() && this.place.tab === "messages" ? 0 : this.store.unread(channel);
    const signature = JSON.stringify([channel.name, channel.archived, channel.shared, isHere, unread, this.place.tab]);
    return { key: channel.id, signature, make: () => this.#draw(channel, isHere, unread) };
  }

  #draw(channel, isHere, unread) {
    const isPersonal = channel.kind === "im" || channel.kind === "mpim";
    const sign = channel.with_app
      ? avatar(this.store, this.store.app, "small")
      : icon(channel.archived ? "archive" : channel.kind === "private" ? "lock" : isPersonal ? "reply" : "hash");
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: `room${isHere ? " room-here" : ""}${unread ? " room-unread" : ""}`,
          "aria-current": isHere ? "page" : null,
          onclick: () => this.place.go(channel.id, channel.with_app && !unread ? "home" : "messages"),
        },
        sign,
        h("span", { class: "room-name" }, channel.name),
        channel.shared && h("span", { class: "room-note", title: _("Shared with another organization") }, icon("shared")),
        unread > 0 && h("span", { class: "room-count" }, h("span", { "aria-hidden": "true" }, unread > 99 ? "99+" : String(unread)), h("span", { class: "unseen" }, ngettext("{count} unread", "{count} unread", unread))),
      ),
    );
  }

  #showCast() {
    const { store } = this;
    const cast = CAST.map((name) => store.people.find((one) => one.name === name)).filter(Boolean);
    const me = store.person(store.me);
    if (me && !cast.includes(me)) cast.push(me);
    const signature = JSON.stringify([store.me, cast]);
    if (this.castSignature === signature) return;
    this.castSignature = signature;
    this.cast.replaceChildren(
      ...cast.map((one) => h("option", { value: one.id, selected: one.id === store.me }, `${one.real_name} · ${one.role}`)),
    );
    this.picture.replaceChildren(avatar(store, store.me, "medium"));
  }

  #become() {
    this.place.become(this.cast.value);
  }
}
