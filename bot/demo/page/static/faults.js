// The faults: what a visitor can break, to see that no notification is lost.

import { h } from "./dom.js";
import { inject } from "./net.js";
import { _, ngettext } from "./words.js";

const CLUST = {
  fine: _("works"),
  slow: _("slow (4 s)"),
  down: _("down (503)"),
  away: _("unreachable"),
  refusing: _("refuses the token"),
  limiting: _("10 requests a minute"),
};

/** What a visitor must know to see the bot go on. */
const ABOUT = {
  refusing: _("After a refusal, the bot tries again in 15 minutes, or as soon as a person's call succeeds. To see it recover, choose “{works}”, then open the details of any application.", { works: CLUST.fine }),
  limiting: _("The bot slows down to stay within the limit."),
};

const SPEEDS = { paused: _("paused"), slow: _("slow"), normal: _("normal"), fast: _("fast") };

export class Faults {
  constructor(store, place, { onFault }) {
    this.store = store;
    this.place = place;
    this.onFault = onFault;
    this.clust = this.#choice("clust", "Clust", CLUST);
    this.about = h("p", { class: "fault-about", role: "status" });
    this.clust.element.append(this.about);
    this.speed = this.#choice("speed", _("Account activity"), SPEEDS);
    this.bot = h("p", { class: "fault-state" });
    this.kill = this.#button(_("Kill the bot (kill -9)"), () => this.#inject("kill"));
    this.channel = h("p", { class: "fault-label" });
    this.limit = this.#button("", () => this.#inject("limit", place.where));
    this.archive = this.#button("", () => this.#inject("archive", place.where));
    this.cut = this.#button("", () => this.#inject("cut"));
    this.charts = this.#button("", () => this.#inject("charts"));
    this.report = this.#button(_("Make the regular report due"), () => this.#inject("report", place.where));
    this.element = h(
      "section",
      { class: "faults", "aria-label": _("Faults") },
      h("p", { class: "faults-about" }, _("Break things, and try to make the bot lose a notification. It shouldn't.")),
      this.clust.element,
      this.speed.element,
      h("div", { class: "fault" }, h("p", { class: "fault-label" }, _("The bot")), this.bot, h("div", { class: "fault-buttons" }, this.kill)),
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
    const words = { starting: _("starting…"), stopped: _("stopped"), running: _("running (process {pid}, {mode})", { pid, mode }) }[state];
    this.bot.textContent = starts > 1 ? `${words} · ${ngettext("started {count} time", "started {count} times", starts)}` : words;
    this.bot.classList.toggle("fault-bad", state !== "running");
    this.kill.disabled = state !== "running";
    const channel = this.store.channel(this.place.where);
    const isRoom = channel && channel.kind !== "im";
    this.channel.textContent = isRoom ? _("Slack, in {channel}", { channel: `#${channel.name}` }) : "Slack";
    this.limit.hidden = this.archive.hidden = this.report.hidden = !isRoom;
    const left = isRoom ? Math.ceil((faults.limited[channel.id] ?? 0) - Date.now() / 1000) : 0;
    this.limit.textContent = left > 0 ? _("Stop returning 429 ({seconds} s left)", { seconds: left }) : _("Return 429 for 30 s");
    this.limit.setAttribute("aria-pressed", String(left > 0));
    clearTimeout(this.countdown);
    if (left > 0) this.countdown = setTimeout(() => this.show(), 1000);
    this.archive.textContent = channel?.archived ? _("Unarchive the channel") : _("Archive the channel");
    this.cut.textContent = faults.cut ? ngettext("Will drop the connection after the next message", "Will drop the connection after the next {count} messages", faults.cut) : _("Drop the connection after a message");
    this.charts.textContent = faults.charts ? _("Refuse charts and tables") : _("Accept charts and tables again");
    this.report.title = _("Choose one in `/clust subscribe`, under More options: Post a report.");
    this.cut.title = _("Slack accepts the next message but drops the connection before responding. A bot that simply retries would post it twice.");
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
