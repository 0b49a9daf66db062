// The pictures of people: initials on a color. The app has its sign.

import { h } from "./dom.js";

const HUES = 8;

/** Return a square picture of someone: `size` is small, medium or large. */
export function avatar(store, user, size = "medium") {
  if (user === store.app) {
    return h("img", { class: `avatar avatar-${size}`, src: "/page/icon.svg", alt: "" });
  }
  const name = store.names.users[user] ?? "?";
  const initials = name.split(" ").map((part) => part[0]).slice(0, 2).join("");
  const hue = user === "USLACKBOT" ? "bot" : [...user].reduce((sum, sign) => sum + sign.codePointAt(0), 0) % HUES;
  return h("span", { class: `avatar avatar-${size} avatar-hue-${hue}`, "aria-hidden": "true" }, initials);
}
