/** What would help: findings with their fixes, and techniques that can be tried, with what they do together. */
import { html, nothing, type TemplateResult } from "lit";
import type { FindingView, Remark } from "../../surfaces/report.ts";
import type { Choice } from "../pageMessages.ts";
import { deltas } from "./deltas.ts";
import type { Page, Report } from "./page.ts";
import { asked, type Content, link, sentence } from "./parts.ts";

const fewChoices = 6;

export function findings(page: Page, { report }: Report): Content {
  if (report.findings.length === 0) return nothing;
  return html`<section data-testid="findings" aria-label="Findings">
    <div class="title"><h2>Findings</h2></div>
    <ul class="remarks small">${report.findings.map((one) => finding(page, one))}</ul>
  </section>`;
}

function finding(page: Page, { rule, severity, text, place, where, fixes }: FindingView): TemplateResult {
  return html`<li class=${severity}>
    <span class="rule"><span class="unseen">${severity} </span>${rule}</span> ${sentence(text)} ${link(page, where, place)}
    <span class="acts">
      ${fixes.map(
        (title) =>
          html`<button class="tool" type="button" ?disabled=${!place} @click=${() => place && page.send({ kind: "fix", place, title })}>${title}</button>`,
      )}
      <button class="tool" type="button" @click=${() => page.send({ kind: "explain", id: rule })}>Why</button>
    </span>
  </li>`;
}

export function techniques(page: Page, shown: Report): Content {
  const { advice } = page;
  const frame = (
    content: Content,
    tools: Content = nothing,
  ) => html`<section data-testid="techniques" aria-label="What would help">
    <div class="title"><h2>What would help</h2>${tools}</div>${content}</section>`;
  const ask = () => page.send({ kind: "advice", uri: shown.uri, model: shown.report.model });
  if (advice === undefined || advice === "asked")
    return frame(
      html`<p class="quiet small" role="status">${advice === undefined ? "Every technique of the catalogue is priced on this model." : "Pricing techniques …"}</p>`,
      asked(page, "advice", advice, ask),
    );
  if (advice.choices === null)
    return frame(html`<p class="quiet small">Techniques are priced on a model that runs to its end.</p>`);
  const { choices, considered } = advice;
  const whole = page.memory.whole["techniques"] === true;
  const isTried = ({ id }: Choice) => page.memory.tried.includes(id);
  const few = whole ? choices : choices.filter((one, i) => i < fewChoices || isTried(one));
  const rest = choices.length - few.length;
  return frame([
    together(page),
    choices.length === 0
      ? html`<p class="quiet small">No technique of the catalogue saves anything here.</p>`
      : nothing,
    html`<ul class="techniques small">${few.map((one) => technique(page, shown, one, isTried(one)))}</ul>`,
    rest > 0 || whole
      ? html`<button class="tool" type="button" aria-expanded=${whole}
          @click=${() => page.remember({ whole: { ...page.memory.whole, techniques: !whole } })}>${whole ? "Fewer" : `${rest} more`}</button>`
      : nothing,
    whole && considered.length > 0
      ? html`<details class="small"><summary>Considered, ${considered.length}</summary><ul class="remarks">
          ${considered.map(({ name, why }) => html`<li><span class="rule plain">${name}</span> ${sentence(why)}</li>`)}</ul></details>`
      : nothing,
  ]);
}

/** Before and after of what is tried. */
function together(page: Page): Content {
  const { whatIf, memory } = page;
  if (memory.tried.length === 0) return nothing;
  if (whatIf === undefined || whatIf === "asked")
    return html`<div class="together"><p class="quiet small" role="status">Costing ${memory.tried.length} together …</p></div>`;
  const rows = whatIf.rows.filter(({ change }) => change !== "=");
  return html`<div class="together" data-testid="what-if">
    ${
      rows.length > 0
        ? deltas(page, "together", "Before and after", rows)
        : html`<p class="small">No figure changes.</p>`
    }
    ${whatIf.refused.map(({ id, reason }) => html`<p class="small">${id} was left out: ${sentence(reason)}</p>`)}
    ${whatIf.remarks.map((text) => html`<p class="quiet small">${sentence(text)}</p>`)}
  </div>`;
}

function technique(page: Page, { uri, report }: Report, choice: Choice, tried: boolean): TemplateResult {
  const { id, name, saving, price, demands, paper, sites, edits } = choice;
  const open = page.memory.whole[id] === true;
  const toggle = (event: Event) => {
    const on = (event.target as HTMLInputElement).checked;
    page.remember({ tried: on ? [...page.memory.tried, id] : page.memory.tried.filter((one) => one !== id) });
  };
  return html`<li>
    <div class="head">
      <vscode-checkbox label=${name} data-testid="try-${id}" ?checked=${tried} @change=${toggle}></vscode-checkbox>
      <span class="tools">
        ${
          edits
            ? html`<button class="tool" type="button" aria-label="Apply ${name}" data-testid="apply-${id}"
                @click=${() => page.send({ kind: "technique", uri, model: report.model, id })}>Apply</button>`
            : nothing
        }
        <button class="tool" type="button" aria-expanded=${open} aria-label="More on ${name}"
          @click=${() => page.remember({ whole: { ...page.memory.whole, [id]: !open } })}>${open ? "Less" : "More"}</button>
      </span>
    </div>
    <p class="saving">${saving}</p>
    ${
      open
        ? html`<p>${sentence(choice.what)}</p><p><b>Price:</b> ${sentence(price)}${demands === "nothing" ? "" : ` Demands ${demands}.`}</p>
          ${sites.slice(0, 3).map((text) => html`<p class="quiet">${sentence(text)}</p>`)}
          ${choice.remarks.map((text) => html`<p class="quiet">${sentence(text)}</p>`)}
          ${paper === undefined ? nothing : html`<p class="quiet">${paper}</p>`}`
        : html`<p class="quiet">${demands === "nothing" ? "" : `demands ${demands} · `}${choice.exact ? "same result" : sentence(price)}</p>`
    }
  </li>`;
}

/** A list of sentences with their places; nothing where there are none. */
export function remarks(page: Page, title: string, all: readonly Remark[]): Content {
  if (all.length === 0) return nothing;
  const id = title.toLowerCase();
  const whole = page.memory.whole[id] === true;
  const few = whole ? all : all.slice(0, 5);
  return html`<section data-testid=${id} aria-label=${title}>
    <div class="title"><h2>${title}</h2></div>
    <ul class="remarks small">
      ${few.map(({ text, place, where }) => html`<li>${sentence(text)} ${link(page, where, place)}</li>`)}
    </ul>
    ${
      all.length > 5
        ? html`<button class="tool" type="button" aria-expanded=${whole}
            @click=${() => page.remember({ whole: { ...page.memory.whole, [id]: !whole } })}>${whole ? "Fewer" : `${all.length - 5} more`}</button>`
        : nothing
    }
  </section>`;
}
