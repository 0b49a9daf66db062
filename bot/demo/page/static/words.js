// The page's own words, in the language of the person that the visitor acts as: a table by the English, made of the
// bot's catalogue (words.py). Modules that import this wait for it.

/** The person that the visitor acted as when the page was loaded. Empty for the one that it begins with. */
export const as = sessionStorage.getItem("clust-demo-as") ?? "";
const answer = await fetch(`/words?as=${encodeURIComponent(as)}`);
const { language, words } = await answer.json();
const rules = new Intl.PluralRules(language);

/** The language, as browsers name it. */
export { language };

/** Return the translation of `text`, with `values` in place of what stands in braces. */
export const _ = (text, values = {}) => filledIn(words[text] ?? text, values);

/** Return the translation of the form for `count`, which stands in it as `{count}`. */
export function ngettext(singular, plural, count) {
  const forms = words[singular] ?? { one: singular, other: plural };
  return filledIn(forms[rules.select(count)] ?? forms.other, { count: count.toLocaleString(language) });
}

const filledIn = (text, values) => text.replace(/\{(\w+)(?::[^}]*)?\}/g, (whole, name) => values[name] ?? whole);

const SHOWN = ["aria-label", "placeholder", "title"];

/** Translate what stands in the page's HTML. */
export function translate() {
  document.documentElement.lang = language;
  const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { currentNode: node } = texts;
    const text = node.data.trim();
    if (text) node.data = node.data.replace(text, () => _(text));
  }
  for (const name of SHOWN) {
    for (const element of document.querySelectorAll(`[${name}]`)) element.setAttribute(name, _(element.getAttribute(name)));
  }
}
