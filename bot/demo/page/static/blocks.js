// Block Kit as Slack draws it: one row for each type of block. What the page does not know is shown as a fault.

import { fault, renderElement } from "./elements.js";
import { emojified } from "./emoji.js";
import { h } from "./dom.js";
import { renderChart, renderTable } from "./charts.js";
import { renderMrkdwn } from "./mrkdwn.js";
import { textOf } from "./picker.js";
import { _ } from "./words.js";

let numbers = 0;

/**
 * Return the blocks of a message, window or home tab. `context`: `names` for ids, `surface`, `entered` (by block id, and
 * by action id where a block has several elements), `errors` (by block id), `users` and `channels` to choose from,
 * `onAction({block_id, action_id, value})`, `onOptions(block_id, action_id, typed)`, and `onEntered(block_id, action_id,
 * value)` where what is entered is kept.
 */
export function renderBlocks(blocks, context) {
  return h("div", { class: `bk bk-on-${context.surface}` }, ...blocks.map((block) => renderBlock(block, context)));
}

const BLOCKS = { section, header, context: small, divider, actions, input, rich_text: rich, image, data_visualization: renderChart, data_table: renderTable };

function renderBlock(block, context) {
  const render = BLOCKS[block.type];
  return render ? render(block, context) : fault(block.type);
}

/** Return a text object: mrkdwn, or plain text. */
function words(object, context) {
  if (object.type !== "mrkdwn") return h("span", {}, ...emojified(object.text));
  return renderMrkdwn(object.text, context.names, { verbatim: Boolean(object.verbatim) });
}

function section(block, context) {
  const fields = (block.fields ?? []).map((field) => h("div", { class: "bk-field" }, words(field, context)));
  return h(
    "div",
    { class: "bk-section" },
    h(
      "div",
      { class: "bk-words" },
      block.text && h("div", { class: "bk-text" }, words(block.text, context)),
      fields.length > 0 && h("div", { class: "bk-fields" }, ...fields),
    ),
    block.accessory && h("div", { class: "bk-accessory" }, acted(block, block.accessory, context, textOf(block.text))),
  );
}

function header(block) {
  return h("h3", { class: "bk-header" }, ...emojified(textOf(block.text)));
}

function small(block, context) {
  return h(
    "div",
    { class: "bk-context" },
    ...block.elements.map((element) => (element.type === "image" ? h("span", {}, `[${element.alt_text}]`) : h("span", {}, words(element, context)))),
  );
}

function divider() {
  return h("hr", { class: "bk-divider" });
}

function actions(block, context) {
  return h("div", { class: "bk-actions" }, ...block.elements.map((element) => acted(block, element, context, textOf(element.placeholder))));
}

function input(block, context) {
  const { element, optional, hint } = block;
  const id = `field-${++numbers}`;
  const error = context.errors?.[block.block_id];
  const isGroup = ["radio_buttons", "checkboxes"].includes(element.type);
  const label = [textOf(block.label), optional && h("span", { class: "bk-optional" }, ` ${_("(optional)")}`)];
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || null;
  return h(
    "div",
    { class: `bk-block-input ${error ? "bk-wrong" : ""}`.trim(), "data-block": block.block_id },
    isGroup ? h("p", { class: "bk-label" }, ...label) : h("label", { class: "bk-label", for: id }, ...label),
    renderElement(element, { ...fieldOf(block, element, context, Boolean(block.dispatch_action)), id, label: textOf(block.label), describedby: described, invalid: error ? "true" : null }),
    error && h("p", { class: "bk-error", id: `${id}-error`, role: "alert" }, error),
    hint && h("p", { class: "bk-hint", id: `${id}-hint` }, textOf(hint)),
  );
}

/** Return an element outside an input block: it tells the app at once. */
const acted = (block, element, context, label) => renderElement(element, { ...fieldOf(block, element, context, true), label });

function fieldOf(block, element, context, dispatches) {
  const [blockId, actionId] = [block.block_id, element.action_id];
  const entered = context.entered?.[blockId];
  const isByAction = entered && typeof entered === "object" && !Array.isArray(entered) && !("text" in entered);
  return {
    blockId,
    actionId,
    dispatches,
    context,
    entered: isByAction ? entered[actionId] : entered,
    set: (value) => context.onEntered?.(blockId, actionId, value),
    act: (value) => context.onAction({ block_id: blockId, action_id: actionId, ...(value === undefined ? {} : { value }) }),
  };
}

// Rich text

function rich(block, context) {
  return h("div", { class: "bk-rich" }, ...block.elements.map((one) => richBlock(one, context)));
}

function richBlock(one, context) {
  const inside = () => one.elements.map((each) => richInline(each, context));
  switch (one.type) {
    case "rich_text_section": return h("p", {}, ...inside());
    case "rich_text_preformatted": return h("pre", { class: "mk-block" }, ...inside());
    case "rich_text_quote": return h("blockquote", { class: "mk-quote" }, ...inside());
    case "rich_text_list": return h(one.style === "ordered" ? "ol" : "ul", { class: "bk-list" }, ...one.elements.map((each) => h("li", {}, richBlock(each, context))));
    default: return fault(one.type);
  }
}

function richInline(each, context) {
  const { names } = context;
  const shown = {
    text: () => each.text,
    link: () => h("a", { href: each.url, target: "_blank", rel: "noopener noreferrer" }, each.text ?? each.url),
    user: () => h("span", { class: "mk-mention" }, `@${names.users[each.user_id] ?? each.user_id}`),
    channel: () => h("span", { class: "mk-mention" }, `#${names.channels[each.channel_id] ?? _("private-channel")}`),
    emoji: () => (each.unicode ? String.fromCodePoint(...each.unicode.split("-").map((code) => parseInt(code, 16))) : `:${each.name}:`),
  }[each.type]?.();
  if (shown === undefined) return fault(each.type);
  return Object.entries({ bold: "b", italic: "i", strike: "s", code: "code" }).reduce((inner, [style, tag]) => (each.style?.[style] ? h(tag, {}, inner) : inner), shown);
}

/** An image is named and not fetched: nothing here comes from elsewhere. */
function image(block) {
  return h("figure", { class: "bk-image", role: "img", "aria-label": block.alt_text }, block.title && h("figcaption", {}, textOf(block.title)), h("span", {}, block.alt_text));
}
