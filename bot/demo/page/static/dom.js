// Elements from values: text is always text, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Return an element: `h("button", {type: "button", onclick: act}, "Send")`. `class`, `data-*`, `aria-*` are attributes. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Return an element of a drawing, like `h`. */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  hash: "M6 2.5 4.5 13.5M11.5 2.5 10 13.5M2.5 6h11M2 10h11",
  lock: "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  close: "M4 4l8 8M12 4l-8 8",
  send: "M2.5 3 13.5 8 2.5 13l1.8-5zM4.3 8H9",
  reply: "M3 3.5h10v7H8.5L5.5 13v-2.5H3z",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6",
  down: "M3.5 6 8 10.5 12.5 6",
  check: "M3 8.5 6.5 12 13 4.5",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M12.8 3.2l-1.1 1.1M4.3 11.7l-1.1 1.1",
  moon: "M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3z",
  link: "M6.5 9.5l3-3M7 4.5 8.5 3a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3 3 0 0 1 3 8.5L4.5 7",
  file: "M4 1.8h5l3.5 3.5v9H4zM9 1.8v3.5h3.5",
  shared: "M5.5 8a2.5 2.5 0 1 1 0-.1M10.5 8a2.5 2.5 0 1 0 0-.1",
  table: "M2 3h12v10H2zM2 6.5h12M2 9.7h12M6 6.5V13",
  gears: "M2.5 4.5h6M12 4.5h1.5M8.5 3v3h3.5V3zM2.5 11.5h1.5M7.5 11.5h6M4 10v3h3.5v-3z",
  archive: "M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.5h3",
};

/** Return an icon of 16 by 16, which says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

const EDGE = 8;

/**
 * Hang a list below what it belongs to, or above where there is more room: over everything, so that nothing that
 * scrolls cuts it off. It follows until the function that is returned is called.
 */
export function hangBelow(list, anchor) {
  const leave = () => {
    removeEventListener("scroll", place, true);
    removeEventListener("resize", place);
  };
  const place = () => {
    if (!anchor.isConnected) return leave();
    const { top, bottom, left, width } = anchor.getBoundingClientRect();
    const below = innerHeight - bottom - EDGE;
    const isBelow = below >= Math.min(list.scrollHeight, 260) || below >= top;
    const room = (isBelow ? below : top - EDGE) - 4;
    Object.assign(list.style, {
      position: "fixed",
      top: isBelow ? `${bottom + 4}px` : "auto",
      bottom: isBelow ? "auto" : `${innerHeight - top + 4}px`,
      minWidth: `${Math.max(width, 220)}px`,
      maxHeight: `${Math.max(80, Math.min(room, 260))}px`,
    });
    list.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - list.offsetWidth - EDGE))}px`;
  };
  place();
  addEventListener("scroll", place, true);
  addEventListener("resize", place);
  return leave;
}

const REACHABLE = "a[href], button, input, textarea, select, summary";

/** Draw something again: `draw` returns what replaces `old`, and what had the focus keeps it. */
export function keepingFocus(old, draw) {
  const place = [...old.querySelectorAll(REACHABLE)].indexOf(document.activeElement);
  const fresh = draw();
  if (place >= 0) fresh.querySelectorAll(REACHABLE)[place]?.focus({ preventScroll: true });
}

const signatures = new WeakMap();

/** Make the children of `parent` those of `items` ({key, signature, make}). What has not changed stays as it is. */
export function reconcile(parent, items) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const { key, signature, make } of items) {
    let child = before.get(key);
    if (child && signatures.get(child) !== signature) {
      const fresh = make();
      if (place === child) place = fresh;
      const old = child;
      keepingFocus(old, () => (old.replaceWith(fresh), fresh));
      child = fresh;
    }
    child ??= make();
    child.dataset.key = key;
    signatures.set(child, signature);
    before.delete(key);
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
  for (const gone of before.values()) gone.remove();
}

let toasts;

/** Say something that went wrong, for a few seconds. */
export function toast(sentence) {
  toasts ??= document.getElementById("toasts");
  const shown = h("p", { class: "toast" }, sentence);
  toasts.append(shown);
  setTimeout(() => shown.remove(), 6000);
}
