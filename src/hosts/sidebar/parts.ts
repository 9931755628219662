/** The report's parts besides the tree, from top to bottom. */
import type { Place } from "../../base/place.ts";
import type { ScenarioChange } from "../../base/settings.ts";
import type { Remark, ReportView } from "../../surfaces/report.ts";
import type { ToSidebar } from "../messages.ts";
import { clickable, element } from "./dom.ts";

type Shown = ToSidebar & { kind: "report" };
type Reveal = (place: Place) => void;

const phases = ["prefill", "decode", "train"];
const dtypes = ["auto", "fp32", "bf16", "fp16", "fp8", "int8", "int4"];
const optimizers = ["adamw", "adamw-foreach", "adamw-8bit", "sgd", "sgd-momentum", "adafactor", "lion", "muon"];

/** Name, whether it is exact, what it rests on. */
export function heading(
  { report, pinned }: Shown,
  reveal: Reveal,
  ask: (kind: "pick" | "pin" | "unpin") => void,
): HTMLElement {
  const name = clickable(
    element(
      "button",
      { class: "link", type: "button", title: "Go to the model", "data-testid": "model" },
      report.model,
    ),
    () => reveal(report.place),
  );
  const button = (label: string, title: string, kind: "pick" | "pin" | "unpin") =>
    clickable(element("button", { class: "link small", type: "button", title }, label), () => ask(kind));
  return element(
    "header",
    {},
    element(
      "div",
      { class: "head" },
      element("h1", {}, name),
      button("Pick", "Choose the model to watch", "pick"),
      pinned
        ? button("Unpin", "Follow the active file again", "unpin")
        : button("Pin", "Keep watching this model in every file", "pin"),
    ),
    element(
      "div",
      { class: "quiet small", "data-testid": "evidence" },
      `${report.exact ? "exact" : "incomplete"} · ${report.evidence.text} `,
      where(report.evidence, reveal),
    ),
  );
}

/** What the figures are for. */
export function scenario({ report, devices }: Shown, change: (part: ScenarioChange) => void): HTMLElement {
  const now = report.scenario;
  const choice = (label: string, key: string, values: { id: string; name: string }[], value: string, wide = false) => {
    const options = values.map(({ id, name }) => element("option", { value: id, selected: id === value }, name));
    const select = element("select", { "data-testid": `scenario-${key}` }, ...options);
    select.addEventListener("change", () => change({ [key]: select.value }));
    return element("label", { class: wide ? "wide" : "" }, label, select);
  };
  const number = (label: string, key: string, value: number) => {
    const input = element("input", {
      type: "number",
      min: 1,
      step: 1,
      required: true,
      value,
      "data-testid": `scenario-${key}`,
    });
    input.addEventListener("change", () => input.checkValidity() && change({ [key]: input.valueAsNumber }));
    return element("label", {}, label, input);
  };
  const plain = (values: string[]) => values.map((id) => ({ id, name: id }));
  return element(
    "section",
    { class: "scenario", "aria-label": "Scenario", "data-testid": "scenario" },
    devices.length > 0 && choice("Device", "device", devices, now.device, true),
    choice("Phase", "phase", plain(phases), now.phase),
    number("Batch", "batch", now.batch),
    report.uses.sequence && number("Sequence", "sequence", now.sequence),
    report.uses.image && number("Image", "imageSize", now.imageSize),
    choice("Type", "dtype", plain(dtypes), now.dtype),
    now.phase === "train" && choice("Optimizer", "optimizer", plain(optimizers), now.optimizer),
  );
}

export function totals({ totals: all }: ReportView): HTMLElement {
  const items = all.map(({ label, text, note }) =>
    element(
      "div",
      {},
      element("dt", {}, label),
      element("dd", { class: "figure" }, text),
      element("dd", { class: "quiet" }, note),
    ),
  );
  return element("dl", { class: "totals", "data-testid": "totals" }, ...items);
}

/** One bar for what fills the memory, with the device's limit marked where it is known. */
export function memory({ memory: { terms, peak, limit } }: ReportView): HTMLElement {
  const bar = element("div", {
    class: "bar",
    role: "img",
    "aria-label": `Memory: ${terms.map(({ label, text }) => `${label} ${text}`).join(", ")}`,
  });
  const shade = (index: number) => String(1 - (0.75 * index) / Math.max(1, terms.length));
  for (const [index, { label, text, share }] of terms.entries()) {
    const part = element("span", { title: `${label} ${text}` });
    part.style.width = `${(100 * share).toFixed(2)}%`;
    part.style.opacity = shade(index);
    bar.append(part);
  }
  if (limit) {
    const mark = element("span", { class: "limit", title: limit.label });
    mark.style.left = `calc(${(100 * Math.min(1, limit.share)).toFixed(2)}% - 2px)`;
    bar.append(mark);
  }
  const list = terms.map(({ label, text }, index) => {
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.opacity = shade(index);
    return element("li", {}, swatch, `${label} ${text}`);
  });
  const scale = limit ? `peak ${peak} of ${limit.label}` : `peak ${peak}`;
  return element(
    "section",
    { "data-testid": "memory" },
    element("h2", {}, "Memory"),
    bar,
    element("ul", { class: "terms" }, ...list),
    element("div", { class: "quiet small" }, scale),
  );
}

/** A list of sentences with their places; nothing where there are none. */
export function remarks(
  title: string,
  all: readonly (Remark & { rule?: string; severity?: string })[],
  reveal: Reveal,
): HTMLElement | undefined {
  if (all.length === 0) return undefined;
  const items = all.map((remark) =>
    element(
      "li",
      { class: remark.severity ?? "" },
      remark.rule !== undefined && element("span", { class: "rule" }, `${remark.rule} `),
      ...sentence(remark.text),
      " ",
      where(remark, reveal),
    ),
  );
  const name = title.toLowerCase();
  return element(
    "section",
    { "data-testid": name },
    element("h2", {}, title),
    element("ul", { class: "remarks small" }, ...items),
  );
}

/** A text with what stands between backticks as code. */
function sentence(text: string): (string | HTMLElement)[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? element("code", {}, part) : part));
}

function where({ place, where: text }: Remark, reveal: Reveal): HTMLElement | undefined {
  return place && clickable(element("button", { class: "link", type: "button" }, text), () => reveal(place));
}
