/** Where it goes: the layer tree as a picture that zooms, goes to the code, and lights what the cursor's line makes. */
import { html, nothing, svg, type TemplateResult } from "lit";
import { type Icicle, type IcicleRect, icicle } from "../../surfaces/pictures/icicle.ts";
import { figureText, type Measured, type ReportRow } from "../../surfaces/pictures/rows.ts";
import type { ReportView } from "../../surfaces/report.ts";
import { measures } from "../pageMessages.ts";
import { layerTable } from "./layerTable.ts";
import { measureNames, type Page, type Report } from "./page.ts";
import { type Content, link, pictured, segments } from "./parts.ts";
import { fitting, widthOf } from "./text.ts";

export function tree(page: Page, { report }: Report): TemplateResult {
  const { measure } = page.memory;
  const known = measures.filter((one) => one !== "time" || report.root.time.value !== undefined);
  const now = known.includes(measure) ? measure : "params";
  const names = known.map((one) => [one, measureNames[one]] as const);
  return pictured(page, { id: "tree", title: "Where it goes", table: layerTable(page, report, now) }, () => {
    const height = page.width < 480 ? 280 : 340;
    const laid = layout(report.root, now, page.memory.zoom, page.width, height);
    return html`${segments("Measured by", names, now, (value) => page.remember({ measure: value }))}
        ${crumbs(page, laid)} ${picture(page, laid, height, report)} ${detail(page, laid, report)}`;
  });
}

let last: { of: readonly unknown[]; laid: Icicle } | undefined;

/** Pointing at a layer draws again what was laid out before. */
function layout(root: ReportRow, measure: Icicle["measure"], zoom: string | undefined, width: number, height: number) {
  const of = [root, measure, zoom, width, height];
  if (!last?.of.every((one, i) => one === of[i])) last = { of, laid: icicle(root, measure, zoom, { width, height }) };
  return last.laid;
}

/** The layers around the one that fills the picture, and that one's figure. */
function crumbs(page: Page, { path, top, measure }: Icicle): TemplateResult {
  const figure = top[measure].text;
  return html`<nav class="crumbs small" aria-label="Layers around">
    ${path.map(({ key, name }, i) =>
      i === path.length - 1
        ? html`<span aria-current="true">${name}</span>`
        : html`<button class="link" type="button" title="Zoom out to ${name}"
            @click=${() => page.remember({ zoom: key, chosen: undefined })}>${name}</button><span class="quiet" aria-hidden="true"> › </span>`,
    )}
    <span class="figure quiet">${figure}</span>
  </nav>`;
}

function picture(page: Page, laid: Icicle, height: number, report: ReportView): TemplateResult {
  const { rects, top, measure } = laid;
  const focus = rects.some(({ key }) => key === page.memory.chosen) ? page.memory.chosen : rects[0]?.key;
  const nothingHere = rects.length === 0 || (top[measure].value === 0 && top[measure].text === "");
  if (nothingHere) return html`<p class="quiet small empty">${measureNames[measure]}: nothing here.</p>`;
  return html`<svg class="icicle" role="tree" aria-label="Layers by ${measureNames[measure]}" data-testid="icicle"
    width=${page.width} height=${height} viewBox="0 0 ${page.width} ${height}"
    @keydown=${(event: KeyboardEvent) => pressed(page, laid, event)} @pointerleave=${() => page.point(undefined)}>
    ${rects.map((rect) => drawn(page, rect, measure, rect.key === focus, report))}
    <g aria-hidden="true">${rects.map((rect) => named(rect, measure))}</g>
  </svg>`;
}

function drawn(page: Page, rect: IcicleRect, measure: Icicle["measure"], focusable: boolean, report: ReportView) {
  const { row, key, kind, x, y, width, height, depth, name } = rect;
  const isLit = kind !== "more" && page.lit.has(key);
  const classes = [
    "layer",
    kind,
    `d${Math.min(depth, 3)}`,
    isLit ? "lit" : "",
    page.memory.chosen === key ? "chosen" : "",
  ];
  const [w, h] = [Math.max(0.5, width - 1), Math.max(0.5, height - (height > 3 ? 1 : 0))];
  const label = kind === "more" ? `${name}, too small to be drawn` : spoken(row, measure, report);
  return svg`<g class=${classes.filter((one) => one !== "").join(" ")} role="treeitem" aria-level=${depth + 1}
      aria-selected=${page.memory.chosen === key} aria-label=${label} tabindex=${focusable ? 0 : -1} data-key=${key}
      @click=${() => choose(page, rect)} @dblclick=${() => zoom(page, rect)} @pointerenter=${() => page.point(key)}>
      <rect x=${x} y=${y} width=${w} height=${h}></rect>
      ${kind === "unknown" ? svg`<rect class="hatch" fill="url(#unknown)" x=${x} y=${y} width=${w} height=${h}></rect>` : nothing}
      ${isLit ? svg`<rect class="mark" x=${x} y=${y} width="3" height=${h}></rect>` : nothing}
    </g>`;
}

/** What is written on a layer; its name for those who do not see it stands on the layer itself. */
function named({ kind, row, name, count, x, y, width, height }: IcicleRect, measure: Icicle["measure"]) {
  if (height < 14) return nothing;
  const several = kind === "more";
  return written(name, several ? 1 : count, several ? "" : row[measure].text, x, y, width - 1, height - 1);
}

/** The name at the left, the figure at the right where both fit, else below it. */
function written(name: string, count: number, figure: string, x: number, y: number, width: number, height: number) {
  const middle = y + Math.min(height, 22) / 2 + 4;
  const room = width - 12;
  const times = count > 1 ? `, ${count} ×` : "";
  const fits = (text: string) => figure !== "" && widthOf(text) + widthOf(figure) + 10 <= room;
  const full = `${name}${times}`;
  const beside = fits(full) ? full : fits(name) && height < 34 ? name : undefined;
  if (beside !== undefined)
    return svg`<text x=${x + 7} y=${middle}>${beside}</text><text class="amount" x=${x + width - 6} y=${middle} text-anchor="end">${figure}</text>`;
  const below = [times === "" ? figure : `${figure}${times}`, figure].find((text) => widthOf(text) <= room) ?? "";
  return svg`<text x=${x + 7} y=${middle}>${fitting(widthOf(full) <= room && height < 34 ? full : name, room)}</text>
    ${height >= 34 ? svg`<text class="amount" x=${x + 7} y=${middle + 15}>${below}</text>` : nothing}`;
}

function spoken(row: ReportRow, measure: Icicle["measure"], report: ReportView): string {
  return `${row.name}${row.count > 1 ? `, ${row.count} times` : ""}, ${row.className}: ${figureText(row, measure, measured(report))}`;
}

function measured({ model, scenario, units }: ReportView): Measured {
  return { model, phase: scenario.phase, units };
}

function choose(page: Page, { row, key, kind }: IcicleRect): void {
  page.remember({ chosen: key });
  if (kind !== "more" && row.place) page.send({ kind: "reveal", place: row.place });
}

function zoom(page: Page, { row, key, kind }: IcicleRect): void {
  if (kind !== "more" && row.children.length > 0) page.remember({ zoom: key, chosen: undefined });
}

/** Arrows walk, Enter goes to the line, plus and minus zoom. */
function pressed(page: Page, { rects, path }: Icicle, event: KeyboardEvent): void {
  const target = event.target as Element;
  const at = rects.findIndex(({ key }) => key === target.closest("[data-key]")?.getAttribute("data-key"));
  const now = rects[at];
  if (!now) return;
  const beside = (step: number) =>
    rects.filter(({ depth }) => depth === now.depth)[
      rects.filter(({ depth }) => depth === now.depth).indexOf(now) + step
    ];
  const next = {
    ArrowDown: () => beside(1),
    ArrowUp: () => beside(-1),
    ArrowRight: () => rects.find(({ key, depth }) => depth === now.depth + 1 && key.startsWith(`${now.key}/`)),
    ArrowLeft: () => rects.find(({ key, depth }) => depth === now.depth - 1 && now.key.startsWith(`${key}/`)),
  }[event.key];
  if (next) {
    const to = next();
    if (to) {
      page.remember({ chosen: to.key });
      (event.currentTarget as Element).querySelector<SVGElement>(`[data-key="${CSS.escape(to.key)}"]`)?.focus();
    }
  } else if (event.key === "Enter") choose(page, now);
  else if (event.key === "+" || event.key === "=") zoom(page, now);
  else if (event.key === "-" || event.key === "Escape") {
    const around = path.at(-2);
    if (around) page.remember({ zoom: around.key, chosen: undefined });
  } else return;
  event.preventDefault();
}

/** The layer under the pointer, or the chosen one, in words; as high for each, so that nothing jumps. */
function detail(page: Page, { rects, top, measure, shared }: Icicle, report: ReportView): Content {
  const key = page.pointed ?? page.memory.chosen;
  const rect = rects.find((one) => one.key === key && one.kind !== "more");
  const row = rect?.row ?? top;
  const name = rect?.name ?? row.name;
  return html`<div class="detail small" data-testid="detail">
      <div class="one"><b>${name}</b> ${row.className === name ? nothing : row.className} <span class="quiet">${row.shapes}</span></div>
      <div class="one quiet">${figureText(row, measure, measured(report))}</div>
      <div class="one">
        ${rect && row.children.length > 0 ? html`<button class="tool" type="button" @click=${() => zoom(page, rect)}>Zoom in</button>` : nothing}
        ${rect && row.place ? link(page, "Go to the line", row.place) : nothing}
        ${rect ? nothing : html`<span class="quiet">Click goes to the line, double click zooms in.</span>`}
      </div>
    </div>
    ${
      shared && (measure === "params" || measure === "memory")
        ? html`<p class="quiet small">Some layers share weights, so the parts add up to more than the whole.</p>`
        : nothing
    }`;
}
