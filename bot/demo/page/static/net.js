// The way to the demo: what is done is posted, what happens comes as a stream.

import { toast } from "./dom.js";
import { _, as } from "./words.js";

const TOKEN = document.querySelector('meta[name="page-token"]').content;

async function post(path, sent) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Page-Token": TOKEN },
      body: JSON.stringify(sent),
    });
  } catch {
    return { ok: false, error: _("The demo isn't responding. Is it still running?") };
  }
  if (response.headers.get("Content-Type")?.startsWith("application/json")) return response.json();
  return { ok: false, error: await response.text() };
}

async function postOrToast(path, sent) {
  const answer = await post(path, { as, ...sent }); // what is refused is said in that person's language
  if (!answer.ok) toast(_("That didn't work: {why}", { why: /[.?!…]$/.test(answer.error) ? answer.error : `${answer.error}.` }));
  return answer;
}

/** Let someone do something (user_actions.py). A failure is shown, and returned too. It dispatches `acted` on the document. */
export function act(name, as, sent = {}) {
  document.dispatchEvent(new CustomEvent("acted", { detail: { name, sent } }));
  return postOrToast(`/act/${name}`, { ...sent, as });
}

/** Inject a fault (fault_injection.py). */
export const inject = (name, value = "") => postOrToast(`/fault/${name}`, { value });

/** Let something happen in the account (account_table.py). */
export const changeAccount = (name, sent) => postOrToast(`/account/${name}`, sent);

/** Return one request and its answer, whole. */
export async function loggedRequest(number, as) {
  const response = await fetch(`/requests/${number}?as=${encodeURIComponent(as)}`);
  return response.json();
}

/** Return the text of a file. */
export async function fileText(id, as) {
  const response = await fetch(fileAddress(id, as));
  return response.ok ? response.text() : _("This file can't be read anymore.");
}

export const fileAddress = (id, as) => `/file/${encodeURIComponent(id)}?as=${encodeURIComponent(as)}`;

/**
 * Follow a stream: `on(event)` is called with each event, `lost(is)` when the connection goes and comes back.
 * Returns a function that ends it.
 */
export function follow(path, on, lost) {
  let source;
  let again;
  const open = () => {
    source = new EventSource(path);
    source.onmessage = (message) => {
      lost(false);
      on(JSON.parse(message.data));
    };
    source.onerror = () => {
      lost(true);
      // The browser reconnects by itself, unless it gave up.
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, 2000);
    };
  };
  open();
  return () => {
    clearTimeout(again);
    source.close();
  };
}
