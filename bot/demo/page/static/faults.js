// The faults: what a visitor can break, to see that no notification is lost.

import { h } from "./dom.js";
import { inject } from "./net.js";

const CLUST = {
  fine: "works",
  slow: "slow (4 s)",
  down: "down (503)",
  away: "unreachable",
  refusing: "refuses the token",
  limiting: "10 a minute",
};

/** What a visitor must know to see the bot go on. */
const ABOUT = {
  refusing: "After a refusal, the bot tries again in 15 minutes, or as soon as a person's call succeeds. To see it recover, choose “works”, then open any Details.",
  limiting: "The bot slows down to stay within the limit.",
};

const SPEEDS = { paused: "paused", slow: "slow", normal: "normal", fast: "fast" };

export class Faults {
  constructor(store, place, { onFault }) {
    this.store = store;
    this.place = place;
    this.onFault = onFault;
    this.clust = this.#choice("clust", "Clust", CLUST);
    this.about = h("p", { class: "fault-about", role: "status" });
    this.clust.element.append(this.about);
    this.speed = this.#choice("speed", "Account activity", SPEEDS);
    this.bot = h("p", { class: "fault-state" });
    this.kill = this.#button("Kill the bot (kill -9)", () => this.#inject("kill"));
    this.channel = h("p", { class: "fault-label" });
    this.limit = this.#button("", () => this.#inject("limit", place.where));
    this.archive = this.#button("", () => this.#inject("archive", place.where));
    this.cut = this.#button("", () => this.#inject("cut"));
    this.charts = this.#button("", () => this.#inject("charts"));
    this.report = this.#button("Make the regular report due", () => this.#inject("report", place.where));
    this.element = h(
      "section",
      { class: "faults", "aria-label": "Faults" },
      h("p", { class: "faults-about" }, "Break things, and try to make the bot lose a notification. It shouldn't."),
      this.clust.element,
      this.speed.element,
      h("div", { class: "fault" }, h("p", { class: "fault-label" }, "The bot"), this.bot, h("div", { class: "fault-buttons" }, this.kill)),
      h("div", { class: "fault" }, this.channel, h("div", { class: "fault-buttons" }, this.limit, this.archive, this.cut, this.charts, this.report)),
    );
    for (const kind of ["faults", "workspace", "state"]) store.addEventListener(kind, () => this.show());
    place.addEventListener("change", () => this.show());
  }

  /** Show how everything stands. */
  show() {
    const { faults } = this.store;
    if (!faults) return;
    this.clust.set(faults.clust);
    if (faults.clust !== this.was) this.about.textContent = ABOUT[faults.clust] ?? (this.was === "refusing" && faults.clust === "fine" ? ABOUT.refusing : "");
    this.was = faults.clust;
    this.speed.set(faults.speed);
    const { state, pid, starts, mode } = faults.bot;
    this.bot.textContent = { starting: "starting…", stopped: "stopped", running: `running (process ${pid}, ${mode})` }[state] + (starts > 1 ? `, started ${starts} times` : "");
    this.bot.classList.toggle("fault-bad", state !== "running");
    this.kill.disabled = state !== "running";
    const channel = this.store.channel(this.place.where);
    const isRoom = channel && channel.kind !== "im";
    this.channel.textContent = isRoom ? `Slack, in #${channel.name}` : "Slack";
    this.limit.hidden = this.archive.hidden = this.report.hidden = !isRoom;
    const left = isRoom ? Math.ceil((faults.limited[channel.id] ?? 0) - Date.now() / 1000) : 0;
    this.limit.textContent = left > 0 ? `Stop answering 429 (${left} s left)` : "Answer 429 for 30 s";
    this.limit.setAttribute("aria-pressed", String(left > 0));
    clearTimeout(this.countdown);
    if (left > 0) this.countdown = setTimeout(() => this.show(), 1000);
    this.archive.textContent = channel?.archived ? "Unarchive the channel" : "Archive the channel";
    this.cut.textContent = faults.cut ? `Will drop the connection after the next ${faults.cut === 1 ? "message" : `${faults.cut} messages`}` : "Drop the connection after a message";
    this.charts.textContent = faults.charts ? "Refuse charts and tables" : "Take charts and tables again";
    this.report.title = "Choose one in /clust subscribe, under More options: Post a report.";
    this.cut.title = "Slack accepts the next message but drops the connection before responding. A bot that simply retries would post it twice.";
  }

  #choice(name, label, options) {
    const buttons = Object.entries(options).map(([value, words]) =>
      h("button", { type: "button", class: "choice", "data-value": value, "aria-pressed": "false", onclick: () => this.#inject(name, value) }, words),
    );
    const element = h("div", { class: "fault", role: "group", "aria-label": label }, h("p", { class: "fault-label" }, label), h("div", { class: "choices" }, buttons));
    const set = (value) => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.value === value));
      element.classList.toggle("fault-off", name === "clust" && value !== "fine");
    };
    return { element, set };
  }

  #button(words, onclick) {
    return h("button", { type: "button", class: "fault-button", onclick }, words);
  }

  async #inject(name, value) {
    const answer = await inject(name, value);
    if (answer.ok) this.onFault(name, value);
  }
}
