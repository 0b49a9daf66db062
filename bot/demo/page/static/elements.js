// The elements of Block Kit that a person acts on: one row for each type (Slack: "Block elements").

import { h, hangBelow } from "./dom.js";
import { Picker, textOf } from "./picker.js";
import { ask } from "./confirm.js";
import { _ } from "./words.js";

/**
 * What an element is drawn with: `entered` (what was entered so far, else undefined), `id`, `describedby`, `invalid` and
 * `label` of its field, `set(value)` which keeps what is entered, `act(value)` which tells the app at once, `context` as in blocks.js.
 */
const ELEMENTS = {
  button,
  overflow,
  plain_text_input: typed,
  email_text_input: (element, field) => typed(element, field, "email"),
  url_text_input: (element, field) => typed(element, field, "url"),
  number_input: (element, field) => typed(element, field, "text"),
  static_select: (element, field) => pick(element, field, offered(element)),
  multi_static_select: (element, field) => pick(element, field, offered(element), true),
  external_select: (element, field) => pick(element, field, asked(field)),
  multi_external_select: (element, field) => pick(element, field, asked(field), true),
  users_select: (element, field) => pickId(element, field, "user", field.context.users),
  multi_users_select: (element, field) => pickId(element, field, "users", field.context.users, true),
  conversations_select: (element, field) => pickId(element, field, "conversation", field.context.channels),
  multi_conversations_select: (element, field) => pickId(element, field, "conversations", field.context.channels, true),
  channels_select: (element, field) => pickId(element, field, "channel", field.context.channels),
  radio_buttons: (element, field) => tick(element, field, "radio"),
  checkboxes: (element, field) => tick(element, field, "checkbox"),
  datepicker: (element, field) => when(element, field, "date"),
  timepicker: (element, field) => when(element, field, "time"),
};

/** Return an element, or a visible fault for one that the page does not know. */
export function renderElement(element, field) {
  const render = ELEMENTS[element.type];
  return render ? render(element, field) : fault(element.type);
}

/** Say which part of Block Kit the page can't draw. */
export const fault = (type) => h("p", { class: "bk-fault", role: "note" }, _("This page can't show “{type}”.", { type }));

function button(element, field) {
  const classes = `bk-button ${element.style ? `bk-${element.style}` : ""}`.trim();
  const words = textOf(element.text);
  const act = async () => {
    if (!element.confirm || (await ask(element.confirm))) field.act(undefined);
  };
  if (element.url) {
    return h("a", { class: classes, href: element.url, target: "_blank", rel: "noopener noreferrer", onclick: act }, words);
  }
  return h("button", { class: classes, type: "button", "aria-label": element.accessibility_label, onclick: act }, words);
}

/** A menu behind a button. `element.label` and `element.sign` are those of the button. */
export function overflow(element, field) {
  const items = element.options.map((option) =>
    h(
      "button",
      { type: "button", role: "menuitem", class: "bk-item", onclick: () => choose(option) },
      textOf(option.text),
    ),
  );
  const list = h("div", { class: "bk-menu", role: "menu", hidden: true }, ...items);
  const opener = h(
    "button",
    { class: "bk-button bk-more", type: "button", "aria-label": element.label ?? _("More actions"), title: element.label ?? null, "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => show(list.hidden) },
    element.sign ?? "⋯",
  );
  let hung;
  function show(isOpen) {
    list.hidden = !isOpen;
    hung = isOpen ? (hung ?? hangBelow(list, opener)) : hung?.();
    opener.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) items[0]?.focus();
  }
  async function choose(option) {
    show(false);
    if (!element.confirm || (await ask(element.confirm))) field.act(option.value);
  }
  const box = h("span", { class: "bk-overflow" }, opener, list);
  box.addEventListener("focusout", ({ relatedTarget }) => !box.contains(relatedTarget) && show(false));
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items.at((items.indexOf(document.activeElement) + step) % items.length)?.focus();
    else if (event.key === "Escape" && !list.hidden) (show(false), opener.focus());
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return box;
}

function typed(element, field, kind = "text") {
  const value = field.entered ?? element.initial_value ?? "";
  const attributes = {
    id: field.id,
    class: "bk-input",
    "aria-describedby": field.describedby,
    "aria-invalid": field.invalid,
    "aria-label": field.id ? null : field.label,
    placeholder: textOf(element.placeholder) || null,
    maxlength: element.max_length ?? 3000,
    inputmode: element.type === "number_input" ? "decimal" : null,
    oninput: ({ target }) => field.set(target.value),
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || element.multiline || !field.dispatches) return;
      event.preventDefault();
      field.act(event.target.value);
    },
  };
  if (!element.multiline) return h("input", { ...attributes, type: kind, value });
  const area = h("textarea", { ...attributes, rows: "4" });
  area.value = value;
  return area;
}

/** Return what gives the options of a select that has them all, those that hold what was typed. */
function offered(element) {
  return (typedText) => {
    const fits = (option) => textOf(option.text).toLocaleLowerCase().includes(typedText.toLocaleLowerCase());
    if (!element.option_groups) return element.options.filter(fits);
    return element.option_groups
      .map((group) => ({ ...group, options: group.options.filter(fits) }))
      .filter((group) => group.options.length);
  };
}

const asked = (field) => (typedText) => field.context.onOptions(field.blockId, field.actionId, typedText);

function pick(element, field, load, several = false) {
  const initial = several ? element.initial_options ?? [] : element.initial_option ? [element.initial_option] : [];
  const kept = field.entered === undefined ? initial : [field.entered].flat().filter(Boolean);
  const all = (element.option_groups ?? [{ options: element.options ?? [] }]).flatMap((group) => group.options);
  const chosen = kept.map((one) => (typeof one === "string" ? all.find((option) => option.value === one) : one)).filter(Boolean);
  return picker(element, field, chosen, load, several, (option) => option);
}

/** Pick people or channels: the value is an id, or a list of them. */
function pickId(element, field, key, known, several = false) {
  const initial = element[`initial_${key}`] ?? (several ? [] : undefined);
  const ids = [field.entered ?? initial].flat().filter(Boolean);
  const options = known.map(({ id, name }) => ({ text: { text: name }, value: id }));
  const chosen = ids.map((id) => options.find((option) => option.value === id) ?? { text: { text: id }, value: id });
  return picker(element, field, chosen, offered({ options }), several, (option) => option.value);
}

function picker(element, field, chosen, load, several, valueOf) {
  const made = new Picker({
    id: field.id,
    label: field.label,
    describedby: field.describedby,
    invalid: field.invalid,
    placeholder: textOf(element.placeholder),
    several,
    fewest: element.type.includes("external") ? element.min_query_length ?? 3 : 0,
    chosen,
    load,
    onChange: async (now) => {
      if (element.confirm && !(await ask(element.confirm))) return;
      field.set(several ? now.map(valueOf) : valueOf(now));
      if (field.dispatches) field.act(several ? now.map((one) => one.value) : now.value);
    },
  });
  return made.element;
}

function tick(element, field, type) {
  const isOne = type === "radio";
  const initial = isOne ? [element.initial_option].filter(Boolean) : element.initial_options ?? [];
  const kept = field.entered === undefined ? initial : [field.entered].flat().filter(Boolean);
  const values = new Set(kept.map((one) => one.value ?? one));
  const name = `tick-${field.blockId}-${field.actionId}`;
  const change = ({ target }) => {
    if (isOne) values.clear();
    if (target.checked) values.add(target.value);
    else values.delete(target.value);
    const now = isOne ? target.value : [...values];
    field.set(now);
    if (field.dispatches) field.act(now);
  };
  const boxes = element.options.map((option) =>
    h(
      "label",
      { class: "bk-tick" },
      h("input", { type, name, value: option.value, checked: values.has(option.value), onchange: change }),
      h("span", {}, textOf(option.text), option.description && h("span", { class: "bk-about" }, textOf(option.description))),
    ),
  );
  return h("div", { class: "bk-ticks", role: isOne ? "radiogroup" : "group", "aria-label": field.label, "aria-describedby": field.describedby }, ...boxes);
}

function when(element, field, type) {
  const change = ({ target }) => {
    field.set(target.value || null);
    if (field.dispatches) field.act(target.value || null);
  };
  const value = field.entered ?? element[`initial_${type}`] ?? "";
  return h("input", { id: field.id, class: "bk-input bk-when", type, value, "aria-label": field.id ? null : field.label, "aria-describedby": field.describedby, onchange: change });
}
