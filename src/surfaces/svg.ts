/** Pictures of a report as SVG files that need nothing else: light or dark as the page around them asks. */
import { showBytes } from "../base/units.ts";
import type { ModelReport } from "../cost/report.ts";
import { type IcicleRect, icicle } from "./pictures/icicle.ts";
import { timelineView } from "./pictures/memory.ts";
import { type Measure, rowsOf } from "./pictures/rows.ts";
import type { View } from "./view.ts";

/** The pictures that there are: the layer tree by a measure, or memory over the pass. */
export type Picture = { readonly kind: "layers"; readonly measure: Measure } | { readonly kind: "memory" };

/** `flops` for the layers by that, `timeline` for memory over the pass; undefined for any other word. */
export function pictureNamed(word: string): Picture | undefined {
  if (word === "timeline") return { kind: "memory" };
  return Object.hasOwn(measureNames, word) ? { kind: "layers", measure: word as Measure } : undefined;
}

const width = 900;
const margin = { left: 12, top: 44, bottom: 26 };
/** Pixels of a character of the font, on average. */
const characterWidth = 6.6;

/** The picture; undefined where there is nothing to draw, since the figures are not known. */
export function pictureSvg(model: ModelReport, picture: Picture, view: View): string | undefined {
  return picture.kind === "layers" ? layersSvg(model, picture.measure, view) : memorySvg(model, view);
}

const measureNames: Readonly<Record<Measure, string>> = {
  params: "parameters",
  flops: "FLOPs",
  memory: "memory",
  time: "time",
};

function layersSvg(model: ModelReport, measure: Measure, view: View): string | undefined {
  const height = 420;
  const root = rowsOf(model, view);
  const { rects, top, shared } = icicle(root, measure, undefined, { width: width - 2 * margin.left, height });
  if (rects.length === 0 || !top[measure].value) return undefined;
  const note = shared ? "; shared weights stand in each layer that uses them" : "";
  const title = `${model.name}: ${top[measure].text} ${measureNames[measure]}${note}`;
  return whole(title, height + margin.top + margin.left, rects.map((rect) => layer(rect, measure)).join(""));
}

function layer({ kind, row, name, count, x, y, width: w, height: h, depth }: IcicleRect, measure: Measure): string {
  const [left, top] = [round(margin.left + x), round(margin.top + y)];
  const figure = kind === "more" ? "" : row[measure].text;
  const full = `${name}${kind !== "more" && count > 1 ? `, ${count} ×` : ""}`;
  const about = `<title>${escaped([full, row.className, figure].filter((text) => text !== "").join(", "))}</title>`;
  const box = `<rect class="${kind === "known" ? `d${Math.min(depth, 3)}` : kind}" x="${left}" y="${top}" width="${round(Math.max(0.5, w - 1))}" height="${round(Math.max(0.5, h - (h > 3 ? 1 : 0)))}"/>`;
  if (h < 14) return `<g>${about}${box}</g>`;
  const middle = round(top + Math.min(h, 22) / 2 + 4);
  const room = w - 14;
  const isBoth = figure !== "" && widthOf(full) + widthOf(figure) + 10 <= room;
  const amount = isBoth
    ? `<text class="amount" x="${round(left + w - 8)}" y="${middle}" text-anchor="end">${escaped(figure)}</text>`
    : "";
  return `<g>${about}${box}<text x="${left + 7}" y="${middle}">${escaped(cut(full, room))}</text>${amount}</g>`;
}

function memorySvg(model: ModelReport, view: View): string | undefined {
  const shown = timelineView(model, view);
  if (!shown) return undefined;
  const { points, parts, standingBytes, peak } = shown;
  const height = 260;
  const most = Math.max(...points);
  const x = (at: number) => round(margin.left + (at / (points.length - 1)) * (width - 2 * margin.left));
  const y = (bytes: number) => round(margin.top + height * (1 - bytes / (1.05 * most)));
  const steps = points.map((bytes, at) => `${at === 0 ? `M${x(0)} ${y(bytes)}` : `H${x(at)}V${y(bytes)}`}`).join("");
  const limit = model.device && model.device.memoryBytes < 1.05 * most ? model.device.memoryBytes : undefined;
  const borders = parts.map(({ part, from, to }, i) => {
    const line = i > 0 ? `<line class="grid" x1="${x(from)}" x2="${x(from)}" y1="${margin.top}" y2="${y(0)}"/>` : "";
    const name = cut(part, x(to) - x(from) - 6);
    return `${line}${name && `<text class="quiet" x="${x(from) + 4}" y="${y(0) + 17}">${name}</text>`}`;
  });
  const at = x(points.indexOf(most));
  const body = [
    `<path class="d1" d="${steps}V${y(0)}H${x(0)}Z"/>`,
    `<rect class="d2" x="${x(0)}" y="${y(standingBytes)}" width="${width - 2 * margin.left}" height="${round(y(0) - y(standingBytes))}"/>`,
    `<text x="${x(0) + 7}" y="${y(0) - 6}">${escaped(`held all the time ${showBytes(standingBytes, view.units)}`)}</text>`,
    ...borders,
    ...(limit === undefined
      ? []
      : [`<line class="limit" x1="${x(0)}" x2="${width - margin.left}" y1="${y(limit)}" y2="${y(limit)}"/>`]),
    `<line class="grid" x1="${x(0)}" x2="${width - margin.left}" y1="${y(0)}" y2="${y(0)}"/>`,
    `<circle class="peak" cx="${at}" cy="${y(most)}" r="4"/>`,
  ];
  const title = `${model.name}: peak ${peak.text}${peak.when === "" ? "" : ` ${peak.when}`}`;
  return whole(title, margin.top + height + margin.bottom, body.join(""));
}

const style = `text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:14px}.amount,.quiet{fill:#59636e}
.d0{fill:#9cc2ef}.d1{fill:#b8d4f3}.d2{fill:#d0e3f7}.d3{fill:#e3eefa}.more{fill:#e6e8eb}.unknown{fill:#f3d9a4}
.grid{stroke:#d1d9e0}.limit{stroke:#cf222e;stroke-dasharray:4 3}.peak{fill:#cf222e}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.amount,.quiet{fill:#9198a1}.d0{fill:#1f4a7d}.d1{fill:#1a3d66}.d2{fill:#163150}.d3{fill:#12263d}.more{fill:#2f353d}.unknown{fill:#5f4a17}.grid{stroke:#3d444d}}`;

function whole(title: string, height: number, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escaped(title)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>${style}</style>
<text class="title" x="${margin.left}" y="27">${escaped(title)}</text>
${body}
</svg>
`;
}

const round = (value: number) => Math.round(100 * value) / 100;
const widthOf = (text: string) => text.length * characterWidth;

function cut(text: string, room: number): string {
  const most = Math.floor(room / characterWidth);
  if (text.length <= most) return text;
  return most < 3 ? "" : `${text.slice(0, most - 1)}…`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
