/** The top of the report: the model and what its figures rest on, progress, the scenario's controls, memory and totals. */
import { html, nothing, svg, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { ScenarioChange } from "../../base/settings.ts";
import type { Page, Report } from "./page.ts";
import { type Content, link, pictured } from "./parts.ts";

const phases = ["prefill", "decode", "train"];
const dtypes = ["fp32", "bf16", "fp16", "fp8", "int8", "int4"];
const optimizers = ["adamw", "adamw-foreach", "adamw-8bit", "sgd", "sgd-momentum", "adafactor", "lion", "muon"];

/** Name, whether it is exact, what it rests on. */
export function heading(page: Page, { report, pinned }: Report): TemplateResult {
  const { evidence } = report;
  const button = (label: string, title: string, kind: "pick" | "pin" | "unpin") =>
    html`<button class="tool" type="button" title=${title} @click=${() => page.send({ kind })}>${label}</button>`;
  return html`<header>
    <div class="title">
      <h1><button class="link" type="button" title="Go to the model" data-testid="model"
        @click=${() => page.send({ kind: "reveal", place: report.place })}>${report.model}</button></h1>
      <span class="tools">
        ${button("Pick", "Choose the model to watch", "pick")}
        ${
          pinned
            ? button("Unpin", "Follow the active file again", "unpin")
            : button("Pin", "Keep watching this model in every file", "pin")
        }
      </span>
    </div>
    <p class="quiet small evidence" data-testid="evidence">${report.exact ? "exact" : "incomplete"} · ${evidence.text}
      ${link(page, evidence.where, evidence.place)}</p>
  </header>`;
}

/** What is being done while it takes long, with a way to end it. */
export function progress(page: Page): Content {
  const now = page.progress;
  if (!now || now.state === "idle") return nothing;
  const busy = now.state === "busy";
  const name = now.file.split("/").at(-1);
  return html`<div class="progress" role="status" data-testid="progress">
    ${busy ? html`<vscode-progress-bar indeterminate aria-label="Weighing"></vscode-progress-bar>` : nothing}
    <span class="small">${busy ? `Weighing ${name} …` : `Given up: the figures of ${name} are older than its text.`}</span>
    ${
      busy
        ? html`<button class="tool" type="button" data-testid="cancel" @click=${() => page.send({ kind: "cancel" })}>Cancel</button>`
        : html`<button class="tool" type="button" @click=${() => page.send({ kind: "again" })}>Weigh again</button>`
    }
  </div>`;
}

/** What the figures are for. */
export function scenario(page: Page, { report, devices }: Report): TemplateResult {
  const now = report.scenario;
  const change = (part: ScenarioChange) => page.send({ kind: "scenario", change: part });
  const choice = (label: string, key: keyof ScenarioChange, values: { id: string; name: string }[], value: string) =>
    html`<label class=${key === "device" ? "wide" : ""}><span aria-hidden="true">${label}</span>
      <vscode-single-select label=${label} data-testid="scenario-${key}" ?combobox=${key === "device"}
        @change=${(event: Event) => change({ [key]: (event.target as HTMLSelectElement).value })}>
        ${values.map(({ id, name }) => html`<vscode-option value=${id} ?selected=${id === value}>${name}</vscode-option>`)}
      </vscode-single-select></label>`;
  const number = (label: string, key: "batch" | "sequence" | "imageSize", value: number) =>
    html`<label><span aria-hidden="true">${label}</span>
      <vscode-textfield type="number" min="1" step="1" required .label=${label} data-testid="scenario-${key}"
        .value=${live(String(value))}
        @change=${(event: Event) => {
          const given = Number((event.target as HTMLInputElement).value);
          if (Number.isInteger(given) && given > 0 && given !== value) change({ [key]: given });
        }}></vscode-textfield></label>`;
  const plain = (values: string[]) => values.map((id) => ({ id, name: id }));
  const training = now.phase === "train";
  return html`<section class="scenario" aria-label="Scenario" data-testid="scenario">
    ${devices.length > 0 ? choice("Device", "device", devices, now.device) : nothing}
    ${choice("Phase", "phase", plain(phases), now.phase)}
    ${choice("Type", "dtype", plain(dtypes), now.dtype)}
    ${number("Batch", "batch", now.batch)}
    ${report.uses.sequence ? number("Sequence", "sequence", now.sequence) : nothing}
    ${report.uses.image ? number("Image", "imageSize", now.imageSize) : nothing}
    ${training ? choice("Optimizer", "optimizer", plain(optimizers), now.optimizer) : nothing}
    ${
      training
        ? html`<vscode-checkbox label="Checkpointing" data-testid="scenario-checkpointing" ?checked=${now.checkpointing === true}
            @change=${(event: Event) => change({ checkpointing: (event.target as HTMLInputElement).checked })}></vscode-checkbox>`
        : nothing
    }
  </section>`;
}

/** One bar for what fills the memory, with the device's limit marked where it is known. */
export function memory(page: Page, { report }: Report): TemplateResult {
  const { terms, peak, limit, notes, unknown } = report.memory;
  const table = {
    caption: "Memory by term",
    columns: ["Term", "Bytes"],
    rows: [...terms.map(({ label, text }) => ({ cells: [label, text] })), { cells: ["peak", peak] }],
  };
  return pictured(page, { id: "memory", title: "Memory", table }, () => {
    const { width } = page;
    const height = 16;
    let x = 0;
    const parts = terms.map(({ label, text, share }, i) => {
      const from = x;
      x += share * width;
      return svg`<rect class="term t${Math.min(i, 5)}" x=${from} y="0" width=${Math.max(0.5, x - from - 1)} height=${height}><title>${label} ${text}</title></rect>`;
    });
    const end = limit && Math.min(width - 1, limit.share * width);
    const words = `${peak} at the peak${limit ? ` of ${limit.label}` : ""}: ${terms.map(({ label, text }) => `${label} ${text}`).join(", ")}`;
    return html`<svg class="bar" role="img" aria-label=${words} width=${width} height=${height + 4} viewBox="0 -2 ${width} ${height + 4}">
        <rect class="free" x="0" y="0" width=${width} height=${height}></rect>
        ${unknown === undefined ? nothing : svg`<rect fill="url(#unknown)" x=${x} y="0" width=${Math.max(0, width - x)} height=${height}><title>${unknown}</title></rect>`}
        ${parts}
        ${end === undefined ? nothing : svg`<line class=${end < x - 0.5 ? "limit over" : "limit"} x1=${end} x2=${end} y1="-2" y2=${height + 2}></line>`}
      </svg>
      <ul class="terms">${terms.map(
        ({ label, text }, i) =>
          html`<li><span class="swatch t${Math.min(i, 5)}" aria-hidden="true"></span>${label} <span class="figure">${text}</span></li>`,
      )}</ul>
      <p class="quiet small">${unknown === undefined ? `peak ${peak}` : `peak unknown: ${unknown}`}${limit ? ` of ${limit.label}` : ""}${notes.length > 0 ? `, ${notes.join("; ")}` : ""}</p>`;
  });
}

export function totals({ report }: Report): TemplateResult {
  return html`<dl class="totals" data-testid="totals">
    ${report.totals.map(
      ({ label, text, note, change }) => html`<div>
        <dt>${label}</dt>
        <dd class="large">${text}</dd>
        <dd class="quiet small">${note}</dd>
        ${change === undefined ? nothing : html`<dd class="small change">${change}</dd>`}
      </div>`,
    )}
  </dl>`;
}
