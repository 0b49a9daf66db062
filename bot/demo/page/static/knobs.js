// The knobs: what a visitor can break, to see that no notice is lost.

import { h } from "./dom.js";
import { turn } from "./net.js";

const CLUST = {
  fine: "works",
  slow: "slow (4 s)",
  down: "down (503)",
  away: "not reachable",
  refusing: "refuses the token",
  limiting: "10 a minute",
};

/** What a visitor must know to see the bot go on. */
const ABOUT = {
  refusing: "After a refusal the bot asks again in 15 minutes, or as soon as Clust answers a person: make it work again, then open any Details.",
  limiting: "The bot slows down to what it may ask.",
};

const SPEEDS = { paused: "paused", slow: "slow", normal: "normal", fast: "fast" };

export class Knobs {
  constructor(store, place, { onKnob }) {
    this.store = store;
    this.place = place;
    this.onKnob = onKnob;
    this.clust = this.#choice("clust", "Clust", CLUST);
    this.about = h("p", { class: "knob-about", role: "status" });
    this.clust.element.append(this.about);
    this.speed = this.#choice("speed", "The account lives", SPEEDS);
    this.bot = h("p", { class: "knob-state" });
    this.kill = this.#button("kill -9 the bot", () => this.#turn("kill"));
    this.channel = h("p", { class: "knob-label" });
    this.limit = this.#button("", () => this.#turn("limit", place.where));
    this.archive = this.#button("", () => this.#turn("archive", place.where));
    this.cut = this.#button("", () => this.#turn("cut"));
    this.element = h(
      "section",
      { class: "knobs", "aria-label": "Knobs" },
      h("p", { class: "knobs-about" }, "Break things, and try to make the bot lose a notice. It should not."),
      this.clust.element,
      this.speed.element,
      h("div", { class: "knob" }, h("p", { class: "knob-label" }, "The bot"), this.bot, h("div", { class: "knob-buttons" }, this.kill)),
      h("div", { class: "knob" }, this.channel, h("div", { class: "knob-buttons" }, this.limit, this.archive, this.cut)),
    );
    for (const kind of ["knobs", "workspace", "state"]) store.addEventListener(kind, () => this.show());
    place.addEventListener("change", () => this.show());
  }

  /** Show how everything stands. */
  show() {
    const { knobs } = this.store;
    if (!knobs) return;
    this.clust.set(knobs.clust);
    if (knobs.clust !== this.was) this.about.textContent = ABOUT[knobs.clust] ?? (this.was === "refusing" && knobs.clust === "fine" ? ABOUT.refusing : "");
    this.was = knobs.clust;
    this.speed.set(knobs.speed);
    const { state, pid, starts, mode } = knobs.bot;
    this.bot.textContent = { starting: "starting…", stopped: "stopped", running: `runs as process ${pid}, by ${mode}` }[state] + (starts > 1 ? `, start no. ${starts}` : "");
    this.bot.classList.toggle("knob-bad", state !== "running");
    this.kill.disabled = state !== "running";
    const channel = this.store.channel(this.place.where);
    const isRoom = channel && channel.kind !== "im";
    this.channel.textContent = isRoom ? `Slack, in #${channel.name}` : "Slack";
    this.limit.hidden = this.archive.hidden = !isRoom;
    const left = isRoom ? Math.ceil((knobs.limited[channel.id] ?? 0) - Date.now() / 1000) : 0;
    this.limit.textContent = left > 0 ? `answers 429 for ${left} s: end it` : "answer 429 for 30 s";
    this.limit.setAttribute("aria-pressed", String(left > 0));
    clearTimeout(this.countdown);
    if (left > 0) this.countdown = setTimeout(() => this.show(), 1000);
    this.archive.textContent = channel?.archived ? "bring the channel back" : "archive the channel";
    this.cut.textContent = knobs.cut ? `hangs up after the next ${knobs.cut === 1 ? "message" : `${knobs.cut} messages`}` : "hang up after taking a message";
    this.cut.title = "Slack takes the next message and cuts the connection before it says so: a bot that just sends it again posts it twice.";
  }

  #choice(name, label, options) {
    const buttons = Object.entries(options).map(([value, words]) =>
      h("button", { type: "button", class: "choice", "data-value": value, "aria-pressed": "false", onclick: () => this.#turn(name, value) }, words),
    );
    const element = h("div", { class: "knob", role: "group", "aria-label": label }, h("p", { class: "knob-label" }, label), h("div", { class: "choices" }, buttons));
    const set = (value) => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.value === value));
      element.classList.toggle("knob-off", name === "clust" && value !== "fine");
    };
    return { element, set };
  }

  #button(words, onclick) {
    return h("button", { type: "button", class: "knob-button", onclick }, words);
  }

  async #turn(name, value) {
    const answer = await turn(name, value);
    if (answer.ok) this.onKnob(name, value);
  }
}
