// One message, as Slack draws it.

import { act, fileAddress, fileText } from "./net.js";
import { avatar } from "./avatar.js";
import { h, icon, toast } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { renderCard } from "./card.js";
import { overflow } from "./elements.js";
import { renderMrkdwn } from "./mrkdwn.js";
import { _, ngettext } from "./words.js";
import { dayOf, inLanguage, inZone } from "./zone.js";

const PREVIEW = 1200;

/** The moment of a timestamp. */
export const moment = (ts) => new Date(Number(ts) * 1000);

export const clock = (ts) => moment(ts).toLocaleTimeString(inLanguage(), inZone({ hour: "numeric", minute: "2-digit" }));

const full = (ts) => moment(ts).toLocaleString(inLanguage(), inZone());

/** The time beside a message under another: without AM and PM, for which there is no room. */
const short = (ts) => clock(ts).replace(/\s*[^\d:.]+$/, "");

/**
 * Return the element of a message. `shown` says how: `grouped` (under another of the same author, without picture),
 * `replies` (how many, or null in a thread), `lastReply` (its timestamp), `onThread` (opens its thread).
 */
export function renderMessage(store, message, shown) {
  const isApp = message.user === store.app;
  const name = store.names.users[message.user] ?? message.user;
  const kinds = [shown.grouped && "message-grouped", message.visible_to && "message-ephemeral"].filter(Boolean);
  const time = h(
    "time",
    { class: "message-time", datetime: moment(message.ts).toISOString(), title: full(message.ts) },
    shown.grouped ? short(message.ts) : clock(message.ts),
  );
  return h(
    "li",
    { class: ["message", ...kinds].join(" "), "data-ts": message.ts },
    message.visible_to && h("p", { class: "message-aside" }, icon("eye"), _("Only visible to you")),
    h("div", { class: "message-side" }, shown.grouped ? time : avatar(store, message.user)),
    h(
      "div",
      { class: "message-main" },
      shown.grouped
        ? h("span", { class: "unseen" }, name)
        : h(
            "p",
            { class: "message-head" },
            h("b", { class: "message-name" }, name),
            isApp && h("span", { class: "app-badge" }, _("APP")),
            time,
            editedMark(message),
          ),
      message.reply_broadcast && renderBroadcast(store, message, shown),
      h("div", { class: "message-body" }, ...body(store, message, shown)),
      ...cards(store, message),
      ...(message.files ?? []).map((file) => renderFile(store, file)),
      shown.replies > 0 && renderReplies(store, message, shown),
    ),
    !message.visible_to && renderTools(store, message, shown),
  );
}

/** Return the cards of a message's links. A click on one asks for its pane. */
const cards = (store, message) =>
  (message.attachments ?? [])
    .map((card) => renderCard(store, message, card, (detail) => document.dispatchEvent(new CustomEvent("card", { detail }))));

/** Return *(edited)*, which stands beside the time, or without a time of its own, behind the last line. */
const editedMark = (message) => message.edited && !message.visible_to && h("span", { class: "message-edited" }, _("(edited)"));

function body(store, message, { grouped }) {
  const edited = grouped && editedMark(message);
  if (message.blocks?.length) {
    const blocks = renderBlocks(message.blocks, {
      names: store.names,
      surface: "message",
      entered: {},
      errors: {},
      users: people(store),
      channels: channels(store),
      onAction: (action) => act("click", store.me, { channel: message.channel, ts: message.ts, ...action }),
      onOptions: async (block_id, action_id, typed) => {
        const place = { channel: message.channel, ts: message.ts };
        return (await act("options", store.me, { ...place, block_id, action_id, typed })).options ?? [];
      },
    });
    if (edited) [...blocks.querySelectorAll(".bk-text, .bk-field, .bk-context")].at(-1)?.append(" ", edited);
    return [blocks];
  }
  if (!message.text) return [];
  return [h("p", { class: "message-text" }, renderMrkdwn(message.text, store.names, { verbatim: false }), edited && " ", edited)];
}

function renderReplies(store, message, { replies, lastReply, onThread }) {
  const isToday = dayOf(moment(lastReply)) === dayOf(new Date());
  const last = isToday ? _("Last reply today at {time}", { time: clock(lastReply) }) : _("Last reply {moment}", { moment: full(lastReply) });
  return h(
    "button",
    { class: "message-replies", type: "button", onclick: onThread },
    avatar(store, store.message(message.channel, lastReply)?.user ?? store.app, "small"),
    h("b", {}, ngettext("{count} reply", "{count} replies", replies)),
    h("span", { class: "message-replies-last" }, last),
  );
}

/** Return what Slack writes over a reply that was also sent to the channel: whose thread it is of, or in the thread that it was. */
function renderBroadcast(store, message, { onThread }) {
  if (!onThread) return h("p", { class: "message-aside" }, _("Also sent to the channel"));
  const parent = store.message(message.channel, message.thread_ts);
  const about = (parent?.text ?? "").split("\n")[0];
  return h(
    "p",
    { class: "message-aside message-broadcast" },
    `${_("replied to a thread:")} `,
    h("button", { type: "button", class: "message-parent", onclick: onThread }, renderMrkdwn(withoutLinks(about) || _("a message"), store.names)),
  );
}

/** A link inside a button could not be opened: its label stays. */
const withoutLinks = (text) => text.replace(/<https?:[^|>]*\|([^>]*)>/g, "$1");

function renderTools(store, message, { onThread }) {
  const tool = (name, words, onclick) => h("button", { type: "button", title: words, "aria-label": words, onclick }, icon(name));
  return h(
    "div",
    { class: "message-tools" },
    onThread && tool("reply", _("Reply in thread"), onThread),
    tool("link", _("Copy link"), () => copyLink(message)),
    overflow({ label: _("Shortcuts on this message"), options: options(store, "message") }, {
      act: (callback_id) => act("shortcut", store.me, { callback_id, channel: message.channel, ts: message.ts }),
    }),
  );
}

/** The app's shortcuts of a type, as the options of a menu. */
export const options = (store, type) =>
  store.shortcuts.filter((one) => one.type === type).map(({ name, callback_id }) => ({ text: { text: name }, value: callback_id }));

/** Copy the address of a message, as Slack makes them. A click on one opens it here (app.js). */
async function copyLink({ channel, ts, thread_ts }) {
  const thread = thread_ts && thread_ts !== ts ? `?thread_ts=${thread_ts}&cid=${channel}` : "";
  try {
    await navigator.clipboard.writeText(`${location.origin}/archives/${channel}/p${ts.replace(".", "")}${thread}`);
    toast(_("Link copied"));
  } catch {
    toast(_("Your browser didn't allow copying the link."));
  }
}

function renderFile(store, file) {
  const address = fileAddress(file.id, store.me);
  const preview = h("pre", { class: "file-text" }, "…");
  fileText(file.id, store.me).then((text) => {
    preview.textContent = text.length > PREVIEW ? `${text.slice(0, PREVIEW)}\n…` : text;
  });
  return h(
    "figure",
    { class: "file" },
    h(
      "figcaption",
      {},
      icon("file"),
      h("span", {}, h("b", {}, file.title), h("span", { class: "file-size" }, `${file.name} · ${size(file.size)}`)),
      h("a", { href: address, target: "_blank", rel: "noopener" }, _("Open file")),
      h("a", { href: address, download: file.name }, _("Download")),
    ),
    preview,
  );
}

const size = (bytes) => (bytes < 1024 ? _("{size} B", { size: bytes }) : _("{size} kB", { size: (bytes / 1024).toLocaleString(inLanguage(), { maximumFractionDigits: 1 }) }));

export const people = (store) => store.people.map(({ id, real_name }) => ({ id, name: real_name }));

export const channels = (store) =>
  store.channels.filter((one) => one.kind !== "im").map(({ id, name }) => ({ id, name: `#${name}` }));
