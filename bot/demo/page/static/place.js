// Where the visitor is: as which person, in which conversation, with which thread beside it. It stands in the address.

/** Events: `change`, and `become` when the visitor acts as someone else. `where` is a channel's id, or null until one is chosen, and `tab` that of the app: home or messages. */
export class Place extends EventTarget {
  constructor(store) {
    super();
    this.store = store;
    this.as = sessionStorage.getItem("clust-demo-as");
    this.where = null;
    this.tab = "home";
    this.thread = null;
    addEventListener("hashchange", () => this.#read());
  }

  /** Go to a conversation. */
  go(where, tab = "messages") {
    const channel = this.store.channel(where);
    const name = !channel ? "" : channel.with_app ? `app/${tab}` : channel.kind === "im" ? channel.id : channel.name;
    if (location.hash === `#${name}`) this.#read();
    else location.hash = name;
  }

  /** Act as someone else from now on, in this window alone. */
  become(as) {
    this.as = as;
    this.thread = null;
    sessionStorage.setItem("clust-demo-as", as);
    this.dispatchEvent(new CustomEvent("become"));
  }

  /** Open the thread of a message, or close it with null. */
  openThread(ts) {
    this.thread = ts;
    this.#tell();
  }

  /** Find the conversation that the address names, once the channels are known, or #onboarding without one. */
  settle() {
    this.#read();
  }

  #read() {
    const [name, tab] = decodeURIComponent(location.hash.slice(1)).split("/");
    const channels = this.store.channels;
    const found = channels.find((one) => (name === "app" ? one.with_app : one.id === name || one.name === name));
    const channel = found ?? channels.find((one) => one.name === "onboarding") ?? channels[0];
    if (channel?.id !== this.where) this.thread = null;
    this.where = channel?.id ?? null;
    this.tab = channel?.with_app && tab !== "messages" ? "home" : "messages";
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
