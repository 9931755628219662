/** Figures before and after, a line each; those that hardly change stand behind a click. */
import { html, nothing, type TemplateResult } from "lit";
import type { Page } from "./page.ts";

export interface Delta {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** `−12.3 %`. */
  readonly change: string;
}

/** A change of less than this, in percent, is little. */
const little = 1;

export function deltas(page: Page, id: string, label: string, rows: readonly Delta[]): TemplateResult {
  const whole = page.memory.whole[id] === true;
  const large = rows.filter(({ change }) => !isLittle(change));
  const shown = whole || large.length === 0 ? rows : large;
  const more = rows.length - shown.length;
  return html`<ul class="deltas small" aria-label=${label}>
      ${shown.map(
        ({ name, before, after, change }) =>
          html`<li><span class="what">${name}</span> <span class="quiet figure">${before} → ${after}</span>
            <span class="figure change">${change}</span></li>`,
      )}
    </ul>
    ${
      more > 0 || whole
        ? html`<button class="tool" type="button" aria-expanded=${whole}
            @click=${() => page.remember({ whole: { ...page.memory.whole, [id]: !whole } })}>${whole ? "Fewer" : `${more} that hardly change`}</button>`
        : nothing
    }`;
}

function isLittle(change: string): boolean {
  const percent = /^[+−-]?<?([\d.]+) %$/.exec(change)?.[1];
  return percent !== undefined && Number(percent) < little;
}
