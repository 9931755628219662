/** What is different since the last commit: the totals, and the layers where the difference arises. */
import { html, nothing, type TemplateResult } from "lit";
import type { ChangeView } from "../../surfaces/change.ts";
import { deltas } from "./deltas.ts";
import type { Page, Report } from "./page.ts";
import { type Content, link } from "./parts.ts";

const fewLayers = 6;

export function changes(page: Page, { report }: Report): Content {
  const { change } = report;
  if (!change || change.kind === "same") return nothing;
  const whole = page.memory.whole["changes"] === true;
  const shown = whole ? change.layers : change.layers.slice(0, fewLayers);
  const more = change.layers.length - fewLayers;
  return html`<section data-testid="changes" aria-label="Since ${change.since}">
    <div class="title"><h2>Since ${change.since}</h2></div>
    ${change.kind === "added" ? html`<p class="small">The model is new.</p>` : totals(page, change)}
    <ul class="remarks small">
      ${shown.map(
        ({ kind, name, count, className, text, place }) => html`<li>
          <span class="rule plain">${kind === "changed" ? "" : `${kind} `}</span>${link(page, `${name}${count > 1 ? `, ${count} ×` : ""}`, place)}
          <span class="quiet">${className}</span> ${text}</li>`,
      )}
    </ul>
    ${
      more > 0
        ? html`<button class="tool" type="button" aria-expanded=${whole}
            @click=${() => page.remember({ whole: { ...page.memory.whole, changes: !whole } })}>${whole ? "Fewer" : `${more} more`}</button>`
        : nothing
    }
  </section>`;
}

function totals(page: Page, { since, totals: all }: ChangeView): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  const rows = all.map(({ label, change, share, ...one }) => ({
    ...one,
    name: label,
    change: share === "" ? change : share,
  }));
  return deltas(page, "totals", `Totals since ${since}`, rows);
}
