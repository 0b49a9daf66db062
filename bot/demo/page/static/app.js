// The page: joins the stream, the store and the panes. Read first: store.js (what is known), conversation.js (the middle).

import { act, follow } from "./net.js";
import { channels, people } from "./message.js";
import { Conversation } from "./conversation.js";
import { Guide } from "./guide.js";
import { Inspector } from "./inspector.js";
import { ModalStack } from "./modal.js";
import { Place } from "./place.js";
import { Sidebar } from "./sidebar.js";
import { Store } from "./store.js";
import { CardPane } from "./card.js";
import { Thread } from "./thread.js";
import { icon } from "./dom.js";
import { _, translate } from "./words.js";

const $ = (id) => document.getElementById(id);
translate();
const store = new Store();
const place = new Place(store);

// The guided start: what the visitor does ticks its steps.

const guide = new Guide({
  onFill: (text) => {
    if (store.channel(place.where)?.name !== "onboarding") place.go(store.channels.find((one) => one.name === "onboarding")?.id);
    conversation.composer.fill(text);
  },
  onFaults: () => showInspector(true),
});

// The last contact that the visitor created an application for. Its card is the one to watch for.
let awaited;

document.addEventListener("acted", ({ detail: { name, sent } }) => {
  if (name === "click" && sent.action_id.startsWith("application.details")) guide.tick("details");
});

// The panes

new Sidebar(store, place, $("sidebar"));
const conversation = new Conversation(store, place, $("main"), { guide: guide.element });
new Thread(store, place, $("thread"));
new CardPane(store, $("card-pane"));
const inspector = new Inspector(store, place, $("inspector"), {
  onFault: (name, value) => name === "clust" && value !== "fine" && guide.tick("break"),
  onClose: () => showInspector(false),
});
const modals = new ModalStack($("modals"), {
  submit: async (view, values) => {
    const form = store.views.find((one) => one.id === view)?.view.callback_id;
    const answer = await act("submit", store.me, { view, values });
    if (answer.ok && form === "application.create" && !answer.refused) {
      guide.tick("create");
      awaited = values.last_name;
    }
    return answer;
  },
  close: (view, everything) => act("close", store.me, { view, everything }),
  click: (view, action, values) => act("click", store.me, { view, ...action, values }),
  options: async (view, block_id, action_id, typed) =>
    (await act("options", store.me, { view, block_id, action_id, typed })).options ?? [],
});

for (const kind of ["views", "state"]) store.addEventListener(kind, () => modals.show(store.views, { names: store.names, users: people(store), channels: channels(store) }));

// What is new is read out, where the visitor is.

store.addEventListener("message", ({ detail }) => {
  const message = detail.isNew && store.message(detail.channel, detail.ts);
  if (!message || message.user === store.me) return;
  if (message.user === store.app && !message.visible_to && awaited && message.text.includes(awaited)) guide.tick("arrive");
  // An answer with Details is a list that came. One without may be a refusal.
  if (message.user === store.app && message.visible_to && JSON.stringify(message.blocks ?? []).includes('"application.details')) guide.tick("list");
  if (detail.channel === place.where) $("said").textContent = `${store.names.users[message.user]}: ${message.text}`;
});

// The top bar

function showInspector(isOpen) {
  $("inspector").hidden = !isOpen;
  $("inspector-button").setAttribute("aria-expanded", String(isOpen));
  document.body.classList.toggle("with-inspector", isOpen);
  inspector.show();
  if (isOpen) $("inspector").querySelector("button").focus();
  else $("inspector-button").focus();
}

function showMenu(isOpen) {
  $("menu").setAttribute("aria-expanded", String(isOpen));
  document.body.classList.toggle("with-menu", isOpen);
}

function showTheme() {
  const isDark = document.documentElement.dataset.theme === "dark";
  $("theme").replaceChildren(icon(isDark ? "sun" : "moon"));
  $("theme").setAttribute("aria-label", isDark ? _("Switch to light") : _("Switch to dark"));
}

$("menu").append(icon("menu"));
$("account-link").prepend(icon("table"));
$("inspector-button").prepend(icon("gears"));
$("menu").addEventListener("click", () => showMenu(!document.body.classList.contains("with-menu")));
$("inspector-button").addEventListener("click", () => showInspector($("inspector").hidden));
$("theme").addEventListener("click", () => window.switchTheme());
document.addEventListener("theme", showTheme);
document.addEventListener("keydown", ({ key }) => key === "Escape" && showMenu(false));
$("main").addEventListener("click", () => showMenu(false));
place.addEventListener("change", () => showMenu(false));
showTheme();

// Pages of Clust that exist nowhere: the account's own page shows the application.

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.('a[href^="https://clust.invalid/"]');
    if (!link) return;
    event.preventDefault();
    open(`/account#${link.href.split("/").pop()}`, "clust-account");
  },
  true,
);

// The address of a message opens it where it stands, with its thread.

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.('a[href*="/archives/"]');
    const found = link && /\/archives\/(\w+)\/p(\d{10})(\d{6})(?:\?thread_ts=([\d.]+))?/.exec(link.getAttribute("href"));
    if (!found || !store.channel(found[1])) return;
    event.preventDefault();
    place.go(found[1]);
    place.openThread(found[4] ?? `${found[2]}.${found[3]}`);
  },
  true,
);

// The stream: a new one whenever the visitor acts as someone else. The whole page is, if they read another language.

let leave;

function join() {
  leave?.();
  leave = follow(`/live?as=${encodeURIComponent(place.as ?? "")}`, (event) => store.take(event), (lost) => store.setLost(lost));
}

store.addEventListener("state", () => place.settle());
place.addEventListener("become", () => {
  if (store.person(place.as)?.locale === store.person(store.me)?.locale) join();
  else location.reload();
});
join();
