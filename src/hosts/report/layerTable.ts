/** The layers as a table that folds; only the lines that can be seen are in the page, however many there are. */
import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Measure, ReportRow } from "../../surfaces/pictures/rows.ts";
import type { ReportView } from "../../surfaces/report.ts";
import { measures } from "../pageMessages.ts";
import { measureNames, type Page } from "./page.ts";
import { type TableBody, tabbed } from "./parts.ts";

interface Line {
  readonly row: ReportRow;
  readonly key: string;
  readonly level: number;
}

const lineHeight = 22;
const mostLines = 18;
/** Lines above and below what can be seen, so that scrolling finds them there. */
const spare = 6;
let scrolled = 0;
let focused = "";

export function layerTable(page: Page, report: ReportView, measure: Measure): TableBody {
  const columns = measures.filter((one) => one !== "time" || report.root.time.value !== undefined);
  return {
    draw: () => drawn(page, report.root, columns, measure),
    copied: () =>
      tabbed(
        ["Layer", "Class", "Count", ...columns.map((one) => measureNames[one]), "Shapes"],
        lines(report.root, report.root.name, 1, () => true).map(({ row, key, level }) => ({
          cells: [
            level === 1 ? row.name : key.slice(report.root.name.length + 1).replaceAll("/", "."),
            row.className,
            String(row.count),
            ...columns.map((one) => (row[one].value === undefined ? "?" : String(row[one].value))),
            row.shapes,
          ],
        })),
      ),
  };
}

function lines(row: ReportRow, key: string, level: number, isOpen: (line: Line) => boolean): Line[] {
  const line = { row, key, level };
  const below = isOpen(line)
    ? row.children.flatMap((child) => lines(child, `${key}/${child.name}`, level + 1, isOpen))
    : [];
  return [line, ...below];
}

function drawn(page: Page, root: ReportRow, columns: readonly Measure[], measure: Measure): TemplateResult {
  const isOpen = ({ row, key, level }: Line) =>
    page.memory.open[key] ?? (level === 1 || (level === 2 && row.children.length <= 8));
  const all = lines(root, root.name, 1, isOpen);
  const height = lineHeight * Math.min(mostLines, all.length);
  const from = Math.max(0, Math.floor(scrolled / lineHeight) - spare);
  const seen = all.slice(from, from + mostLines + 2 * spare);
  if (!all.some(({ key }) => key === focused)) focused = root.name;
  // Where the focused line is out of sight, the first in sight takes the keyboard.
  const tabbable = seen.some(({ key }) => key === focused) ? focused : seen[0]?.key;
  const shownColumns =
    page.width < 420 ? columns.filter((one) => one === measure || one === "params").slice(0, 2) : columns;
  return html`<div class="layers" role="treegrid" aria-label="Layers" aria-rowcount=${all.length + 1} data-testid="layers"
    @keydown=${(event: KeyboardEvent) => pressed(page, all, isOpen, event)}>
    <div class="columns" role="row" aria-rowindex="1" data-columns=${shownColumns.length}>
      <span role="columnheader">Layer</span>
      ${shownColumns.map((one) => html`<span role="columnheader" class="figure">${measureNames[one]}</span>`)}
    </div>
    <div class="window" role="rowgroup" ${sized({ height })} @scroll=${(event: Event) => {
      scrolled = (event.target as HTMLElement).scrollTop;
      page.remember({});
    }}>
      <div class="sheet" role="presentation" ${sized({ height: all.length * lineHeight })}>
        ${seen.map((line, i) => drawLine(page, line, from + i, shownColumns, measure, isOpen, line.key === tabbable))}
      </div>
    </div>
  </div>`;
}

function drawLine(
  page: Page,
  line: Line,
  at: number,
  columns: readonly Measure[],
  measure: Measure,
  isOpen: (line: Line) => boolean,
  tabbable: boolean,
): TemplateResult {
  const { row, key, level } = line;
  const folds = row.children.length > 0;
  const open = folds && isOpen(line);
  const fold = (event: Event) => {
    event.stopPropagation();
    page.remember({ open: { ...page.memory.open, [key]: !open } });
  };
  const choose = () => {
    focused = key;
    if (row.place) page.send({ kind: "reveal", place: row.place });
    page.remember({ chosen: key });
  };
  return html`<div class="row ${page.lit.has(key) ? "lit" : ""}" role="row" aria-rowindex=${at + 2} aria-level=${level}
    aria-expanded=${folds ? String(open) : nothing} tabindex=${tabbable ? 0 : -1} data-key=${key} data-testid="layer"
    data-columns=${columns.length} ${sized({ top: at * lineHeight })} @click=${choose}>
    <span class="share" ${sized({ widthPercent: 100 * row[measure].share })}></span>
    <span class="name" role="gridcell" title=${[row.className, row.shapes].filter((part) => part !== "").join(" · ")} ${sized({ paddingLeft: 8 * (level - 1) })}>
      <span class="twisty" aria-hidden="true" @click=${fold}>${folds ? (open ? "▾" : "▸") : ""}</span>
      <span class="own">${row.name}${row.count > 1 ? ` ${row.count} ×` : ""}</span>
      <span class="class">${row.className === row.name ? "" : row.className}</span>
    </span>
    ${columns.map((one) => html`<span class="figure" role="gridcell">${row[one].text}</span>`)}
  </div>`;
}

/** Sizes that are known only when drawing; the page's policy allows no style in the markup. */
function sized(sizes: { height?: number; top?: number; widthPercent?: number; paddingLeft?: number }) {
  return ref((element) => {
    if (!(element instanceof HTMLElement)) return;
    if (sizes.height !== undefined) element.style.height = `${sizes.height}px`;
    if (sizes.top !== undefined) element.style.top = `${sizes.top}px`;
    if (sizes.widthPercent !== undefined) element.style.width = `${sizes.widthPercent.toFixed(1)}%`;
    if (sizes.paddingLeft !== undefined) element.style.paddingLeft = `${sizes.paddingLeft}px`;
  });
}

/** Arrows walk, fold and unfold as in a tree; Enter goes to the line. */
function pressed(page: Page, all: readonly Line[], isOpen: (line: Line) => boolean, event: KeyboardEvent): void {
  const at = all.findIndex(({ key }) => key === (event.target as HTMLElement).dataset?.["key"]);
  const line = all[at];
  if (!line) return;
  const folds = line.row.children.length > 0;
  const fold = (open: boolean) => page.remember({ open: { ...page.memory.open, [line.key]: open } });
  const host = event.currentTarget as HTMLElement;
  const go = (to: number) => {
    const next = all[Math.max(0, Math.min(all.length - 1, to))];
    const window = host.querySelector<HTMLElement>(".window");
    if (!next || !window) return;
    focused = next.key;
    const top = all.indexOf(next) * lineHeight;
    if (top < window.scrollTop) window.scrollTop = top;
    if (top + lineHeight > window.scrollTop + window.clientHeight)
      window.scrollTop = top + lineHeight - window.clientHeight;
    scrolled = window.scrollTop;
    page.remember({ chosen: next.key });
    host.querySelector<HTMLElement>(`[data-key="${CSS.escape(next.key)}"]`)?.focus();
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    Home: () => go(0),
    End: () => go(all.length - 1),
    PageDown: () => go(at + mostLines),
    PageUp: () => go(at - mostLines),
    ArrowRight: () => (folds && !isOpen(line) ? fold(true) : go(at + 1)),
    ArrowLeft: () =>
      folds && isOpen(line) ? fold(false) : go(all.findLastIndex(({ level }, i) => i < at && level < line.level)),
    Enter: () => line.row.place && page.send({ kind: "reveal", place: line.row.place }),
  };
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}
