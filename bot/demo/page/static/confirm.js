// Slack's confirmation dialog: yes or no, before anything is done.

import { h } from "./dom.js";
import { renderMrkdwn } from "./mrkdwn.js";
import { textOf } from "./picker.js";

const NOBODY = { users: {}, channels: {}, groups: {} };

/** Ask what a confirm object asks. Returns true if the person says yes. */
export function ask(confirm) {
  return new Promise((answer) => {
    const text = confirm.text.type === "mrkdwn" ? renderMrkdwn(confirm.text.text, NOBODY) : textOf(confirm.text);
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-labelledby": "confirm-title" },
      h("h2", { id: "confirm-title" }, textOf(confirm.title)),
      h("p", { class: "confirm-text" }, text),
      h(
        "div",
        { class: "confirm-buttons" },
        h("button", { type: "button", class: "bk-button", onclick: () => dialog.close("no") }, textOf(confirm.deny)),
        h(
          "button",
          { type: "button", class: `bk-button bk-${confirm.style === "danger" ? "danger-full" : "primary"}`, onclick: () => dialog.close("yes") },
          textOf(confirm.confirm),
        ),
      ),
    );
    const before = document.activeElement;
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("close", () => {
      answer(dialog.returnValue === "yes");
      dialog.remove();
      before?.focus?.();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
