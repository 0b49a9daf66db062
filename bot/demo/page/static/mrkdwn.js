// Slack's mrkdwn as nodes (Slack: "Formatting text for app surfaces"): text is always text, never markup.

import { emojified } from "./emoji.js";
import { h } from "./dom.js";
import { _ } from "./words.js";
import { dayOf, inLanguage, inZone } from "./zone.js";

const CODE_BLOCK = /```(\n?)([\s\S]*?)\n?```/;
const INLINE = /`([^`\n]+)`|<([^<>\n]+)>|(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]*[^*\s])\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?=\S)([^_\n]*[^_\s])_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}~])~(?=\S)([^~\n]*[^~\s])~(?![\p{L}\p{N}~])/u;
const BARE_LINK = /\bhttps?:\/\/[^\s<>]+[^\s<>.,;:!?)]/;

const DAY = 86_400_000;
const DATES = {
  date_num: (at) => at.toLocaleDateString("sv", inZone()),
  date: (at) => at.toLocaleDateString(inLanguage(), inZone({ year: "numeric", month: "long", day: "numeric" })),
  date_short: (at) => at.toLocaleDateString(inLanguage(), inZone({ year: "numeric", month: "short", day: "numeric" })),
  date_long: (at) => at.toLocaleDateString(inLanguage(), inZone({ weekday: "long", year: "numeric", month: "long", day: "numeric" })),
  time: (at) => at.toLocaleTimeString(inLanguage(), inZone({ hour: "numeric", minute: "2-digit" })),
  time_secs: (at) => at.toLocaleTimeString(inLanguage(), inZone({ hour: "numeric", minute: "2-digit", second: "2-digit" })),
};

/** Return the nodes of a text. If it is not `verbatim`, bare addresses become links. */
export function renderMrkdwn(text, names, { verbatim = true } = {}) {
  const all = document.createDocumentFragment();
  for (let rest = text; rest; ) {
    const found = CODE_BLOCK.exec(rest);
    lines(found ? rest.slice(0, found.index).replace(/\n$/, "") : rest, names, verbatim, all);
    if (!found) break;
    all.append(h("pre", { class: "mk-block" }, plain(found[2])));
    rest = rest.slice(found.index + found[0].length).replace(/^\n/, "");
  }
  return all;
}

/** Return a date as Slack writes `{date_short_pretty} at {time}` and the like, in the person's zone. */
export function dateText(seconds, format) {
  const at = new Date(Number(seconds) * 1000);
  return format.replace(/\{([a-z_]+)\}/g, (whole, name) => {
    const [base, isPretty] = name.endsWith("_pretty") ? [name.slice(0, -7), true] : [name, false];
    return (isPretty && near(at)) || (DATES[base]?.(at) ?? whole);
  });
}

function near(at) {
  const days = Math.round((Date.parse(dayOf(at)) - Date.parse(dayOf(new Date()))) / DAY);
  if (Math.abs(days) > 1) return undefined;
  return new Intl.RelativeTimeFormat(inLanguage(), { numeric: "auto" }).format(days, "day");
}

function lines(text, names, verbatim, into) {
  let quote = null;
  text.split("\n").forEach((line, number, every) => {
    const quoted = /^(?:&gt;|>) ?/.exec(line);
    if (quoted) {
      if (!quote) into.append((quote = h("blockquote", { class: "mk-quote" })));
      else quote.append(h("br"));
      inline(line.slice(quoted[0].length), names, verbatim, quote);
      return;
    }
    quote = null;
    inline(line, names, verbatim, into);
    if (number < every.length - 1) into.append(h("br"));
  });
}

function inline(text, names, verbatim, into) {
  for (let rest = text; rest; ) {
    const found = INLINE.exec(rest);
    bare(found ? rest.slice(0, found.index) : rest, verbatim, into);
    if (!found) return;
    const [whole, code, token, bold, italic, strike] = found;
    if (code !== undefined) into.append(h("code", { class: "mk-code" }, plain(code)));
    else if (token !== undefined) into.append(reference(token, names));
    else into.append(styled(bold ?? italic ?? strike, bold ? "b" : italic ? "i" : "s", names, verbatim));
    rest = rest.slice(found.index + whole.length);
  }
}

function styled(text, tag, names, verbatim) {
  const element = h(tag);
  inline(text, names, verbatim, element);
  return element;
}

function bare(text, verbatim, into) {
  const found = verbatim ? null : BARE_LINK.exec(text);
  if (!found) {
    into.append(...emojified(plain(text)));
    return;
  }
  into.append(...emojified(plain(text.slice(0, found.index))), link(plain(found[0]), plain(found[0])));
  bare(text.slice(found.index + found[0].length), verbatim, into);
}

/** Return what stands between < and >: a person, a channel, a group, a date, a link. */
function reference(token, names) {
  const [target, ...labels] = token.split("|");
  const label = plain(labels.join("|"));
  if (target.startsWith("@")) return h("span", { class: "mk-mention" }, `@${names.users[target.slice(1)] ?? target.slice(1)}`);
  if (target.startsWith("#")) return h("span", { class: "mk-mention" }, `#${names.channels[target.slice(1)] ?? _("private-channel")}`);
  if (target.startsWith("!subteam^")) return h("span", { class: "mk-mention" }, `@${names.groups[target.slice(9)] ?? target.slice(9)}`);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return h("span", { class: "mk-mention mk-all" }, `@${label || target.slice(1)}`);
  const address = plain(target);
  return /^(https?|mailto|tel):/i.test(address) ? link(address, label || address) : document.createTextNode(plain(`<${token}>`));
}

function date(target, label) {
  const [, seconds, format, address] = target.split("^");
  const at = new Date(Number(seconds) * 1000);
  const shown = h("time", { datetime: at.toISOString(), title: label || at.toString() }, dateText(seconds, plain(format)));
  return address ? link(plain(address), shown) : shown;
}

const link = (address, label) => h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);

const plain = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
