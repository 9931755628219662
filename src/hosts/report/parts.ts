/** What the sections of the page share: their frame, links to the code, and a table behind each picture. */
import { html, nothing, type TemplateResult } from "lit";
import type { Place } from "../../base/place.ts";
import type { Slow } from "./asking.ts";
import type { Page } from "./page.ts";
import { saved } from "./saving.ts";

export type Content = TemplateResult | typeof nothing | string | readonly Content[];

/** A table behind a picture: what a screen reader reads and what is copied. */
export interface Table {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  /** The first is the row's heading, the others are figures. */
  readonly cells: readonly string[];
  readonly place?: Place | undefined;
}

/** A section with its picture, or with its table where the person asked for that. */
export function pictured(
  page: Page,
  { id, title, actions = nothing, table }: { id: string; title: string; actions?: Content; table: Table | TableBody },
  picture: () => Content,
): TemplateResult {
  const asTable = page.memory.tables[id] === true;
  const toggle = () => page.remember({ tables: { ...page.memory.tables, [id]: !asTable } });
  const body = "columns" in table ? tableOf(page, table) : table.draw();
  return html`<section data-testid=${id} aria-label=${title}>
    <div class="title">
      <h2>${title}</h2>
      ${actions}
      <span class="tools">
        ${
          asTable
            ? html`<button class="tool" type="button" title="Copy the table" @click=${() => page.send({ kind: "copy", text: copied(table) })}>Copy</button>`
            : html`<button class="tool saves" type="button" title="Save the picture as SVG or PNG" @click=${(event: Event) => save(page, title, event)}>Save</button>`
        }
        <button class="tool" type="button" aria-pressed=${asTable} title=${asTable ? "Show the picture" : "Show the table"}
          data-testid="${id}-table" @click=${toggle}>Table</button>
      </span>
    </div>
    ${asTable ? body : picture()}
  </section>`;
}

async function save(page: Page, name: string, event: Event): Promise<void> {
  const section = (event.target as Element).closest("section");
  const pictures = [...(section?.querySelectorAll<SVGSVGElement>(":scope svg.bar, svg.icicle, svg.chart") ?? [])];
  if (pictures.length > 0) page.send({ kind: "save", name, ...(await saved(pictures)) });
}

/** A table that draws itself. */
export interface TableBody {
  readonly draw: () => Content;
  readonly copied: () => string;
}

function copied(table: Table | TableBody): string {
  return "columns" in table ? tabbed(table.columns, table.rows) : table.copied();
}

/** Lines with tabs between the cells, as spreadsheets take them. */
export function tabbed(columns: readonly string[], rows: readonly { readonly cells: readonly string[] }[]): string {
  return [columns, ...rows.map(({ cells }) => cells)].map((cells) => cells.join("\t")).join("\n");
}

/** Rows behind these are named by their number only; all of them are copied. */
const mostRows = 200;

export function tableOf(page: Page, { caption, columns, rows }: Table): TemplateResult {
  const more = rows.length - mostRows;
  return html`<div class="scroller" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption class="unseen">${caption}</caption>
      <thead><tr>${columns.map((name, i) => html`<th scope="col" class=${i === 0 ? "" : "figure"}>${name}</th>`)}</tr></thead>
      <tbody>
        ${rows
          .slice(0, mostRows)
          .map(
            ({ cells, place }) =>
              html`<tr>${cells.map((text, i) =>
                i === 0
                  ? html`<th scope="row">${place ? link(page, text, place) : text}</th>`
                  : html`<td class="figure">${text}</td>`,
              )}</tr>`,
          )}
      </tbody>
    </table>
    ${more > 0 ? html`<p class="quiet small">and ${more} more; Copy takes them along</p>` : nothing}
  </div>`;
}

/** Beside a question that takes long: a way to end it, or to ask it after all. */
export function asked(page: Page, kind: Slow, now: unknown, ask: () => void): Content {
  const click = now === "asked" ? () => page.giveUp(kind) : ask;
  return html`<span class="tools"><button class="tool" type="button" data-testid="${kind}-ask" @click=${click}>${now === "asked" ? "Cancel" : "Weigh"}</button></span>`;
}

/** A text that goes to a place of the code; nothing where there is neither. */
export function link(page: Page, text: string, place: Place | undefined): Content {
  if (!place || text === "") return text;
  return html`<button class="link" type="button" title="Go to the line"
    @click=${() => page.send({ kind: "reveal", place })}>${text}</button>`;
}

/** A text with what stands between backticks as code. */
export function sentence(text: string): Content[] {
  return text.split("`").map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part));
}

/** One of a few choices, as buttons side by side. */
export function segments<Value extends string>(
  label: string,
  choices: readonly (readonly [Value, string])[],
  now: Value,
  choose: (value: Value) => void,
): TemplateResult {
  return html`<div class="segments" role="group" aria-label=${label}>
    ${choices.map(
      ([value, name]) =>
        html`<button type="button" aria-pressed=${value === now} data-testid="choose-${value}"
          @click=${() => choose(value)}>${name}</button>`,
    )}
  </div>`;
}
