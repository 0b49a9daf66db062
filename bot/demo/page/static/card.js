// The card of a pasted link, and the pane beside it: Slack's Work Objects.

import { act } from "./net.js";
import { h, icon } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { moment } from "./message.js";
import { _ } from "./words.js";
import { inLanguage, inZone } from "./zone.js";

const value = (store, field) => {
  if (field.user) return field.user.text ?? store.names.users[field.user.user_id] ?? field.user.user_id;
  if (field.type === "slack#/types/timestamp") return moment(field.value).toLocaleString(inLanguage(), inZone());
  return String(field.value ?? "");
};

/** Return the rows of an entity: its own fields, then the others, in their order. */
function rows(store, payload) {
  const custom = Object.fromEntries((payload.custom_fields ?? []).map((field) => [field.key, field]));
  const all = { ...payload.fields, ...custom };
  const labels = { status: _("Status"), assignee: _("Assigned to") };
  return (payload.display_order ?? Object.keys(all))
    .filter((name) => all[name] && value(store, all[name]))
    .flatMap((name) => [
      h("dt", {}, all[name].label ?? labels[name] ?? name),
      h("dd", { class: all[name].tag_color ? `tag tag-${all[name].tag_color}` : "" }, value(store, all[name])),
    ]);
}

function actionRow(payload, click) {
  const { primary_actions = [], overflow_actions = [] } = payload.actions ?? {};
  return h(
    "div",
    { class: "card-actions" },
    [...primary_actions, ...overflow_actions].map((action) =>
      h("button", { type: "button", class: "bk-button", onclick: () => click(action.text) }, action.text),
    ),
  );
}

/** Return what stands for a link where Slack took no entity: blocks. Nothing in them is searched or entered. */
function renderPlain(store, { blocks }, onAction) {
  const context = { names: store.names, surface: "message", entered: {}, errors: {}, onAction };
  return h("article", { class: "card" }, renderBlocks(blocks, context));
}

/** Return the card of a link that isn't sent yet: its title and fields, without actions or pane. */
export function renderPreview(store, card) {
  if (!card.entity) return renderPlain(store, { blocks: card.blocks.filter((block) => block.type !== "actions") });
  const payload = card.entity.entity_payload;
  return h("article", { class: "card" }, about(payload), h("b", {}, payload.attributes.title.text), h("dl", { class: "card-fields" }, rows(store, payload)));
}

const about = ({ attributes }) => h("p", { class: "card-about" }, `${attributes.display_type} ${attributes.display_id ?? ""}`);

/** Return the card of a link. `open` opens its pane. */
export function renderCard(store, message, card, open) {
  const place = { channel: message.channel, ts: message.ts, url: card.app_unfurl_url };
  if (!card.entity) return renderPlain(store, card, (action) => act("card", store.me, { ...place, ...action }));
  const payload = card.entity.entity_payload;
  return h(
    "article",
    { class: "card" },
    about(payload),
    h("button", { type: "button", class: "card-title", onclick: () => open(place) }, payload.attributes.title.text),
    h("dl", { class: "card-fields" }, rows(store, payload)),
    actionRow(payload, (words) => act("card", store.me, { ...place, words })),
  );
}

/** The pane beside the conversation. */
export class CardPane {
  constructor(store, element) {
    this.store = store;
    this.element = element;
    store.addEventListener("state", () => this.close());
    document.addEventListener("card", ({ detail }) => this.open(detail));
  }

  close() {
    this.element.hidden = true;
  }

  async open(place) {
    const answer = await act("pane", this.store.me, place);
    if (answer.ok) this.#show(answer);
  }

  #show(pane) {
    const close = h("button", { class: "pane-close", type: "button", "aria-label": _("Close the pane"), onclick: () => this.close() }, icon("close"));
    this.element.hidden = false;
    this.element.replaceChildren(h("header", { class: "pane-head" }, h("h2", {}, _("Details")), close), this.#body(pane));
  }

  #body(pane) {
    if (pane.error && !pane.entity) return h("div", { class: "card" }, h("b", {}, pane.error.custom_title ?? ""), h("p", {}, pane.error.custom_message ?? pane.error.status));
    const payload = pane.entity.entity_payload;
    const edit = Object.keys(pane.fields).length > 0 && h("button", { type: "button", class: "bk-button", onclick: () => this.#edit(pane) }, _("Edit"));
    return h(
      "div",
      { class: "card" },
      h("h3", {}, payload.attributes.title.text),
      pane.trouble && h("p", { role: "alert" }, pane.trouble),
      h("dl", { class: "card-fields" }, rows(this.store, payload)),
      edit,
      actionRow(payload, (words) => act("pane_action", this.store.me, { pane: pane.pane, words })),
    );
  }

  #edit(pane) {
    const labels = { title: _("Title"), ...Object.fromEntries((pane.entity.entity_payload.custom_fields ?? []).map((field) => [field.key, field.label])) };
    const inputs = Object.entries(pane.fields).map(([name, field]) => [name, this.#input(name, field)]);
    const form = h(
      "form",
      { class: "card" },
      inputs.map(([name, input]) =>
        h("label", {}, labels[name] ?? name, input, pane.errors[name] && h("span", { class: "card-error", role: "alert" }, pane.errors[name])),
      ),
      h("button", { type: "submit", class: "bk-button" }, _("Save")),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const values = Object.fromEntries(inputs.map(([name, input]) => [name, input.value]));
      const answer = await act("pane_save", this.store.me, { pane: pane.pane, values });
      if (!answer.ok) return;
      const entered = Object.fromEntries(Object.entries(answer.fields).map(([name, field]) => [name, { ...field, value: values[name] }]));
      if (Object.keys(answer.errors).length) this.#edit({ ...answer, fields: entered });
      else this.#show(answer);
    });
    this.element.replaceChildren(this.element.firstChild, form);
    inputs[0][1].focus();
  }

  #input(name, field) {
    const select = field.edit.select;
    if (!select) return h("input", { name, value: field.value ?? "" });
    return h(
      "select",
      { name },
      select.static_options.map((option) => h("option", { value: option.value, selected: option.value === String(field.value ?? "") }, option.text.text)),
    );
  }
}
