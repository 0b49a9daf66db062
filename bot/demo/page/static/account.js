// The Clust account as a table that lives: the newest change first, and what can happen to each application.

import { changeAccount, follow } from "./net.js";
import { h, reconcile } from "./dom.js";
import { _, language, translate } from "./words.js";

const CHANGES = {
  step: _("Complete an item"),
  submit: _("Submit"),
  approve: _("Approve"),
  late: _("Mark as late"),
  in_time: _("Extend the deadline"),
  close: _("Close the application"),
  hold: _("Put on hold"),
  resume: _("Take off hold"),
  remove: _("Delete"),
};

const FRESH = 2500;
const CAN_HOVER = matchMedia("(hover: hover)").matches;

const $ = (id) => document.getElementById(id);
const applications = new Map();
const changed = new Map();
let isLost = false;
translate();

follow("/account/live", take, (lost) => {
  if (lost !== isLost) $("said").textContent = lost ? _("The demo isn't responding. If it has ended, start it again with `make demo`.") : "";
  isLost = lost;
});

function take(event) {
  if (event.kind === "account") {
    applications.clear();
    // In the order of their changes, as the stream tells later ones too.
    for (const one of event.applications.toReversed()) applications.set(one.id, one);
    $("template").replaceChildren(
      h("option", { value: "" }, _("Any template")),
      ...event.templates.map(({ id, title }) => h("option", { value: id }, title)),
    );
    show();
    find(location.hash.slice(1));
    return;
  }
  if (event.kind === "gone") applications.delete(event.id);
  else {
    const { application } = event;
    applications.delete(application.id);
    applications.set(application.id, application);
    changed.set(application.id, Date.now());
    setTimeout(show, FRESH);
  }
  show();
}

/** Draw the rows. Under the pointer they stay where they are: a button must not slip away before it is pressed. */
function show() {
  const words = $("search").value.trim().toLowerCase();
  let shown = [...applications.values()].reverse().filter((one) => matches(one, words));
  if (CAN_HOVER && $("rows").matches(":hover")) {
    const stays = [...$("rows").children].map(({ dataset }) => applications.get(Number(dataset.key)));
    shown = stays.filter((one) => one && shown.includes(one));
  }
  const items = shown.map((one) => {
    const isFresh = Date.now() - (changed.get(one.id) ?? 0) < FRESH;
    return { key: String(one.id), signature: JSON.stringify([one, isFresh]), make: () => row(one, isFresh) };
  });
  // What is drawn again keeps the focus.
  const focused = document.activeElement?.closest?.("tr")?.dataset.key;
  const action = document.activeElement?.dataset?.change;
  reconcile($("rows"), items);
  if (focused && !document.activeElement?.closest?.("tr")) {
    $("rows").querySelector(`tr[data-key="${focused}"] [data-change="${action}"]`)?.focus({ preventScroll: true });
  }
}

function matches(one, words) {
  const late = one.is_late ? _("late") : "";
  const said = `${one.id} #${one.id} ${one.title} ${one.recipient} ${one.template} ${one.status_string} ${late}`.toLowerCase();
  return words.split(/\s+/).every((word) => said.includes(word));
}

function row(one, isFresh) {
  const status = h("span", { class: "status" }, h("span", { class: `dot dot-${one.status?.[0] ?? "x"}` }), one.status_string);
  const progress = h("progress", { max: one.steps, value: one.done, "aria-label": _("{done} of {count} items done", { done: one.done, count: one.steps }) });
  return h(
    "tr",
    { class: isFresh ? "fresh" : null, id: `application-${one.id}` },
    h("td", { class: "number" }, `#${one.id}`),
    h("td", { class: "what" }, h("b", {}, one.title ?? _("(no title)")), h("span", {}, `${one.recipient} · ${one.template}`)),
    h("td", {}, status, one.is_late && h("span", { class: "late" }, _("late"))),
    h("td", { class: "steps" }, progress, h("span", {}, one.next_step ? _("{done} of {count} · next: {step}", { done: one.done, count: one.steps, step: one.next_step }) : _("all {count} done", { count: one.steps }))),
    h("td", { class: "when" }, new Date(one.updated_at).toLocaleString(language, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" })),
    h("td", { class: "changes" }, h("div", {}, one.changes.map((name) => button(one, name)))),
  );
}

function button(one, name) {
  const act = async () => {
    if (name === "remove" && !confirm(_("Delete application #{id}?", { id: one.id }))) return;
    const answer = await changeAccount(name, { id: one.id });
    if (!answer.ok) return;
    $("said").textContent = name === "remove" ? _("Deleted application #{id}. The bot will see it within a second.", one) : _("Changed application #{id}. The bot will see it within a second.", one);
  };
  const about = `${CHANGES[name]}: #${one.id}`;
  return h("button", { type: "button", class: name === "remove" ? "danger" : null, "data-change": name, "aria-label": about, onclick: act }, CHANGES[name]);
}

function find(number) {
  if (!/^\d+$/.test(number)) return;
  $("search").value = `#${number}`;
  show();
}

$("search").addEventListener("input", show);
$("rows").addEventListener("pointerleave", show);
addEventListener("hashchange", () => find(location.hash.slice(1)));
$("new").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await changeAccount("create", { template_id: $("template").value, title: $("title").value });
  if (!answer.ok) return;
  $("title").value = "";
  $("search").value = "";
  $("said").textContent = _("Created application #{id}. The bot will see it within a second.", { id: answer.id });
  show();
});
