// Workflow Builder, as small as it gets: a workflow of one of the app's steps, run from here.

import { h } from "./dom.js";
import { renderJson } from "./json.js";
import { act } from "./net.js";
import { _ } from "./words.js";

let lists = 0;

export class Workflow {
  constructor(store) {
    this.store = store;
    this.select = h("select", { class: "step-select", "aria-label": _("Step"), onchange: () => this.#draw() });
    this.inputs = h("div", { class: "step-inputs" });
    this.alone = h("input", { type: "checkbox" });
    this.run = h("button", { type: "submit", class: "fault-button" }, _("Run the workflow"));
    this.result = h("div", { class: "step-result", role: "status" });
    const form = h(
      "form",
      { class: "steps", "aria-label": _("Workflow"), onsubmit: (event) => this.#run(event) },
      h("p", { class: "faults-about" }, _("Run a workflow with one of the bot's steps, as Workflow Builder would.")),
      this.select,
      this.inputs,
      h("label", { class: "step-alone" }, this.alone, " ", _("Nobody started it (a schedule)")),
      h("div", { class: "fault-buttons" }, this.run),
      this.result,
    );
    this.element = h("details", { class: "faults workflow" }, h("summary", { class: "fault-label" }, _("Workflow Builder")), form);
    this.element.addEventListener("toggle", () => this.element.open && this.#load());
  }

  /** Ask once which steps there are. */
  async #load() {
    if (this.steps || this.loading) return;
    this.loading = true;
    const answer = await act("steps", this.store.me);
    this.loading = false;
    if (!answer.ok) return;
    this.steps = answer.steps;
    this.select.replaceChildren(...Object.entries(this.steps).map(([name, step]) => h("option", { value: name }, step.title)));
    this.#draw();
  }

  #draw() {
    const { input_parameters: parameters } = this.steps[this.select.value];
    const entered = Object.values(parameters).filter((one) => one.type !== "slack#/types/user_context");
    this.inputs.replaceChildren(...entered.map((one) => this.#field(one)));
    this.result.replaceChildren();
  }

  #field({ name, title, description, is_required: isRequired, dynamic_options: searched }) {
    const input = h("input", { type: "text", name, class: "step-input", autocomplete: "off", title: description });
    const list = searched && h("datalist", { id: `step-options-${++lists}` });
    if (searched) {
      input.setAttribute("list", list.id);
      input.addEventListener("focus", () => this.#search(name, input.value, list));
      input.addEventListener("input", () => this.#search(name, input.value, list));
    }
    return h("label", { class: "step-field" }, h("span", { class: "fault-label" }, title + (isRequired ? " *" : "")), input, list || null);
  }

  async #search(name, typed, list) {
    const answer = await act("step_options", this.store.me, { step: this.select.value, input: name, typed });
    if (answer.ok) list.replaceChildren(...answer.options.map((one) => h("option", { value: one.value }, one.text.text)));
  }

  async #run(event) {
    event.preventDefault();
    const fields = [...this.inputs.querySelectorAll("input")];
    const inputs = Object.fromEntries(fields.map((input) => [input.name, input.value.trim()]));
    this.run.disabled = true;
    this.result.replaceChildren(_("Running…"));
    const answer = await act("run_step", this.store.me, { step: this.select.value, inputs, alone: this.alone.checked });
    this.run.disabled = false;
    if (!answer.ok) this.result.replaceChildren();
    else if (answer.failed !== null) this.result.replaceChildren(h("p", { class: "step-failed" }, _("The step failed: {why}", { why: answer.failed })));
    else this.result.replaceChildren(h("p", {}, _("The step passes this to the next ones:")), renderJson(answer.outputs));
  }
}
