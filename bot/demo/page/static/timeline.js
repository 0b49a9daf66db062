// The messages of a conversation or a thread: what did not change is not drawn again.

import { compare } from "./store.js";
import { h, icon, reconcile } from "./dom.js";
import { moment, renderMessage } from "./message.js";
import { _, ngettext } from "./words.js";
import { dayOf, inLanguage, inZone } from "./zone.js";

const TOGETHER = 5 * 60;
const NEAR = 80;

/** A list that scrolls. It stays at its end while the reader is there. */
export class Timeline {
  /** `onThread(ts)` opens a thread. Without it, this is one. `onEnd()` is called when the reader reaches the end. */
  constructor(store, { label, onThread, onEnd }) {
    this.store = store;
    this.onThread = onThread;
    this.list = h("ol", { class: "messages", "aria-label": label });
    this.begin = h("div", { class: "timeline-begin" });
    this.more = h(
      "button",
      { class: "timeline-more", type: "button", hidden: true, onclick: () => this.toEnd() },
      _("New messages"),
      " ",
      icon("down"),
    );
    this.scroller = h("div", { class: "timeline", tabindex: "0", role: "region", "aria-label": label }, this.begin, this.list);
    this.element = h("div", { class: "timeline-frame" }, this.scroller, this.more);
    this.stays = true;
    this.scroller.addEventListener("scroll", () => {
      this.stays = this.isAtEnd;
      if (this.stays) {
        this.more.hidden = true;
        onEnd?.();
      }
    });
    // What is drawn later (a preview of a file) may make the list longer under a reader who is at its end.
    new ResizeObserver(() => this.stays && this.toEnd()).observe(this.list);
  }

  get isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd() {
    this.stays = true;
    this.more.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Show these messages. `newFrom` is the timestamp that was read up to. A line is drawn after it. */
  show(messages, { newFrom = null, replies = new Map() } = {}) {
    const grew = messages.length > (this.shown ?? 0);
    this.shown = messages.length;
    reconcile(this.list, this.#items(messages, newFrom, replies));
    if (this.stays) this.toEnd();
    else if (grew) this.more.hidden = false;
  }

  #items(messages, newFrom, replies) {
    const items = [];
    let before = null;
    let isMarked = newFrom === null;
    for (const message of messages) {
      const day = dayOf(moment(message.ts));
      if (this.onThread && (!before || dayOf(moment(before.ts)) !== day)) {
        items.push({ key: `day ${day}`, signature: "", make: () => divider(dayName(message.ts)) });
        before = null;
      }
      if (!isMarked && compare(message.ts, newFrom) > 0 && message.user !== this.store.me && !message.visible_to) {
        items.push({ key: "new", signature: "", make: newLine });
        isMarked = true;
        before = null;
      }
      items.push(this.#item(message, before, replies.get(message.ts) ?? []));
      before = message;
      if (!this.onThread && message === messages[0] && messages.length > 1) {
        const words = ngettext("{count} reply", "{count} replies", messages.length - 1);
        items.push({ key: "replies", signature: words, make: () => h("li", { class: "replies-line" }, words) });
        before = null;
      }
    }
    return items;
  }

  #item(message, before, replies) {
    const grouped =
      before?.user === message.user &&
      (before.visible_to ?? null) === (message.visible_to ?? null) &&
      !message.visible_to &&
      !message.files &&
      !message.reply_broadcast &&
      moment(message.ts) - moment(before.ts) < TOGETHER * 1000;
    const lastReply = replies.at(-1)?.ts;
    const shown = { grouped, replies: replies.length, lastReply };
    if (this.onThread) shown.onThread = () => this.onThread(message.thread_ts ?? message.ts);
    const signature = JSON.stringify([message, shown, this.store.names, this.store.me]);
    return { key: message.ts, signature, make: () => renderMessage(this.store, message, shown) };
  }
}

function divider(words) {
  return h("li", { class: "day" }, h("span", {}, words));
}

function newLine() {
  return h("li", { class: "new-line" }, h("span", {}, _("New")));
}

function dayName(ts) {
  const day = moment(ts);
  const today = new Date();
  if (dayOf(day) === dayOf(today)) return _("Today");
  return day.toLocaleDateString(inLanguage(), inZone({ weekday: "long", month: "long", day: "numeric" }));
}
