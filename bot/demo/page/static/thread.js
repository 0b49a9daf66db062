// The pane beside the conversation: a message and its replies.

import { Composer } from "./composer.js";
import { h, icon } from "./dom.js";
import { Timeline } from "./timeline.js";
import { _ } from "./words.js";

export class Thread {
  constructor(store, place, element) {
    this.store = store;
    this.place = place;
    this.element = element;
    this.where = h("span", { class: "pane-note" });
    this.timeline = new Timeline(store, { label: _("Thread") });
    this.composer = new Composer(store, { id: "reply", where: () => ({ channel: place.where, thread_ts: place.thread }), onSend: () => this.timeline.toEnd() });
    this.composer.show(_("Reply…"));
    this.close = h("button", { class: "pane-close", type: "button", "aria-label": _("Close the thread"), onclick: () => place.openThread(null) }, icon("close"));
    element.append(
      h("header", { class: "pane-head" }, h("h2", {}, _("Thread"), " ", this.where), this.close),
      this.timeline.element,
      this.composer.element,
    );
    element.addEventListener("keydown", (event) => event.key === "Escape" && place.openThread(null));
    place.addEventListener("change", () => this.#moved());
    for (const kind of ["message", "state"]) store.addEventListener(kind, () => this.#show());
  }

  #moved() {
    const wasHidden = this.element.hidden;
    this.element.hidden = !this.place.thread;
    document.body.classList.toggle("with-thread", Boolean(this.place.thread));
    this.#show();
    if (wasHidden && this.place.thread) this.composer.field.focus();
  }

  #show() {
    const { store, place } = this;
    if (!place.thread) return;
    const channel = store.channel(place.where);
    const parent = store.message(place.where, place.thread);
    this.where.textContent = channel?.kind === "im" ? channel.name : `#${channel?.name}`;
    this.composer.show(_("Reply…"), channel?.archived ? _("This channel is archived") : "");
    this.timeline.show([...(parent ? [parent] : []), ...store.replies(place.where, place.thread)]);
  }
}
