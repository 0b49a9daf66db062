// One message, as Slack draws it.

import { act, fileAddress, fileText } from "./net.js";
import { avatar } from "./avatar.js";
import { h, icon } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { renderMrkdwn } from "./mrkdwn.js";

const PREVIEW = 1200;

/** The moment of a timestamp. */
export const moment = (ts) => new Date(Number(ts) * 1000);

export const clock = (ts) => moment(ts).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

/** The time beside a message under another: without AM and PM, for which there is no room. */
const short = (ts) => clock(ts).replace(/\s*[^\d:.]+$/, "");

/**
 * Return the element of a message. `shown` says how: `grouped` (under another of the same author, without picture),
 * `replies` (how many; null in a thread), `lastReply` (its timestamp), `onThread` (opens its thread).
 */
export function renderMessage(store, message, shown) {
  const isApp = message.user === store.app;
  const name = store.names.users[message.user] ?? message.user;
  const kinds = [shown.grouped && "message-grouped", message.visible_to && "message-ephemeral"].filter(Boolean);
  const time = h(
    "time",
    { class: "message-time", datetime: moment(message.ts).toISOString(), title: moment(message.ts).toLocaleString() },
    shown.grouped ? short(message.ts) : clock(message.ts),
  );
  return h(
    "li",
    { class: ["message", ...kinds].join(" "), "data-ts": message.ts },
    message.visible_to && h("p", { class: "message-aside" }, icon("eye"), "Only visible to you"),
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
            isApp && h("span", { class: "app-badge" }, "APP"),
            time,
          ),
      h("div", { class: "message-body" }, ...body(store, message)),
      ...(message.files ?? []).map((file) => renderFile(store, file)),
      shown.replies > 0 && renderReplies(store, message, shown),
    ),
    shown.onThread && !message.visible_to && renderTools(shown),
  );
}

function body(store, message) {
  const edited = message.edited && !message.visible_to && h("span", { class: "message-edited" }, "(edited)");
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
    return [blocks, edited].filter(Boolean);
  }
  if (!message.text) return [];
  return [h("p", { class: "message-text" }, renderMrkdwn(message.text, store.names, { verbatim: false }), edited && " ", edited)];
}

function renderReplies(store, message, { replies, lastReply, onThread }) {
  const last = moment(lastReply).toDateString() === new Date().toDateString() ? `today at ${clock(lastReply)}` : moment(lastReply).toLocaleString();
  return h(
    "button",
    { class: "message-replies", type: "button", onclick: onThread },
    avatar(store, store.message(message.channel, lastReply)?.user ?? store.app, "small"),
    h("b", {}, `${replies} ${replies === 1 ? "reply" : "replies"}`),
    h("span", { class: "message-replies-last" }, `Last reply ${last}`),
  );
}

function renderTools({ onThread }) {
  return h(
    "div",
    { class: "message-tools" },
    h("button", { type: "button", title: "Reply in thread", "aria-label": "Reply in thread", onclick: onThread }, icon("reply")),
  );
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
      h("a", { href: address, target: "_blank", rel: "noopener" }, "Open"),
      h("a", { href: address, download: file.name }, "Download"),
    ),
    preview,
  );
}

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} kB`);

export const people = (store) => store.people.map(({ id, real_name }) => ({ id, name: real_name }));

export const channels = (store) =>
  store.channels.filter((one) => one.kind !== "im").map(({ id, name }) => ({ id, name: `#${name}` }));
