// What one person sees in Slack, kept up to date by the stream. Other modules listen for its events.

import { showTo } from "./zone.js";

/**
 * Events: `state` (everything is new), `message` (detail {channel, ts, isNew}), `workspace`, `views`, `home`,
 * `preview` (detail {text, cards}), `requests`, `faults`, `lost`.
 */
export class Store extends EventTarget {
  constructor() {
    super();
    this.channels = [];
    this.names = { users: {}, channels: {}, groups: {} };
    this.handles = [];
    this.people = [];
    this.commands = [];
    this.shortcuts = [];
    this.messages = new Map();
    this.views = [];
    this.home = null;
    this.requests = [];
    this.faults = null;
    this.me = null;
    this.app = null;
    this.team = "";
    this.lost = false;
  }

  /** Take one event of the stream. */
  take(event) {
    switch (event.kind) {
      case "state": return this.#begin(event);
      case "message": return this.#message(event.message);
      case "gone": return this.#gone(event);
      case "workspace": return this.#set("workspace", { channels: event.channels, names: event.names, handles: event.handles });
      case "views": return this.#set("views", { views: event.views });
      case "home": return this.#set("home", { home: event.home });
      case "preview": return this.#tell("preview", event);
      case "faults": return this.#set("faults", { faults: event.faults });
      case "requests": return this.#passed(event.entry);
    }
  }

  /** Note whether the connection is lost. */
  setLost(lost) {
    if (lost !== this.lost) this.#set("lost", { lost });
  }

  person(id) {
    return this.people.find((person) => person.id === id);
  }

  channel(id) {
    return this.channels.find((channel) => channel.id === id);
  }

  /** The messages of a channel, the oldest first: they come in this order, and a changed one keeps its place. */
  in(channel) {
    return [...(this.messages.get(channel)?.values() ?? [])];
  }

  message(channel, ts) {
    return this.messages.get(channel)?.get(ts);
  }

  /** The replies to a message, the oldest first. */
  replies(channel, ts) {
    return this.in(channel).filter((message) => message.thread_ts === ts && message.ts !== ts);
  }

  /** How many messages of others in a channel were not read yet. */
  unread(channel) {
    const { read } = channel;
    return this.in(channel.id).filter(
      (one) => compare(one.ts, read) > 0 && one.user !== this.me && !one.in_thread && !one.visible_to,
    ).length;
  }

  /** Note that a channel was read up to a message. */
  markRead(channel, ts) {
    if (compare(ts, channel.read) <= 0) return false;
    channel.read = ts;
    this.#tell("workspace");
    return true;
  }

  #begin(state) {
    const { kind, messages, ...rest } = state;
    Object.assign(this, rest);
    showTo(this.person(this.me));
    this.messages = new Map();
    for (const message of messages) this.#keep(message);
    this.setLost(false);
    this.#tell("state");
  }

  #message(message) {
    const isNew = !this.message(message.channel, message.ts);
    this.#keep(message);
    this.#tell("message", { channel: message.channel, ts: message.ts, isNew });
  }

  #gone({ channel, ts }) {
    this.messages.get(channel)?.delete(ts);
    this.#tell("message", { channel, ts, isNew: false });
  }

  #passed(entry) {
    this.requests = [...this.requests.slice(-449), entry];
    this.#tell("requests", entry);
  }

  #keep(message) {
    if (!this.messages.has(message.channel)) this.messages.set(message.channel, new Map());
    this.messages.get(message.channel).set(message.ts, message);
  }

  #set(kind, values) {
    Object.assign(this, values);
    this.#tell(kind);
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

/** Compare two timestamps, which have the same shape: seconds, a dot, microseconds. */
export function compare(one, other) {
  return Number(one.split(".")[0]) - Number(other.split(".")[0]) || (one < other ? -1 : Number(one > other));
}
