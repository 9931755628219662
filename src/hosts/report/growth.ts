/** How it grows: with the sequence and the batch, and the KV cache with its tokens. */
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { html, nothing, svg, type TemplateResult } from "lit";
import { showBytes, showCount } from "../../base/units.ts";
import type { GrowthCurve, GrowthLine } from "../../surfaces/pictures/growth.ts";
import type { KvView } from "../../surfaces/pictures/kv.ts";
import type { Page, Report } from "./page.ts";
import { asked, type Content, pictured } from "./parts.ts";
import { widthOf } from "./text.ts";

const figureNames = { flops: "FLOPs", memory: "activations", time: "time" } as const;

export function growth(page: Page, { report, uri }: Report): Content {
  const now = page.growth;
  const ask = () => page.send({ kind: "growth", uri, model: report.model });
  if (now === undefined || now === "asked" || now.growth === null)
    return html`<section data-testid="growth" aria-label="How it grows">
      <div class="title"><h2>How it grows</h2>${asked(page, "growth", now, ask)}</div>
      <p class="quiet small" role="status">${
        now === undefined
          ? "The model is weighed at other sequence lengths and batches."
          : now === "asked"
            ? "Weighing at other sizes …"
            : "The model could not be weighed at other sizes."
      }</p>
    </section>`;
  const { curves } = now.growth;
  const table = {
    caption: "Growth relative to the scenario",
    columns: ["Size", "FLOPs", "Activations", "Time"],
    rows: curves.flatMap(({ symbol, lines }) => sizesOf(lines).map((size) => ({ cells: row(symbol, size, lines) }))),
  };
  const width = page.width >= 480 ? (page.width - 24) / 2 : page.width;
  return pictured(
    page,
    { id: "growth", title: "How it grows", table },
    () =>
      html`<div class="pair">${curves.map((curve) => html`<div>${picture(curve, width)}${words(curve)}</div>`)}</div>`,
  );
}

function sizesOf(lines: readonly GrowthLine[]): number[] {
  return [...new Set(lines.flatMap(({ points }) => points.map(({ size }) => size)))].sort((a, b) => a - b);
}

function row(symbol: string, size: number, lines: readonly GrowthLine[]): string[] {
  const times = (figure: GrowthLine["figure"]) => {
    const point = lines.find((one) => one.figure === figure)?.points.find((one) => one.size === size);
    return point ? `${Number(point.times.toPrecision(3))} ×` : "?";
  };
  return [`${symbol} ${size}`, times("flops"), times("memory"), times("time")];
}

function words({ axis, lines, missing }: GrowthCurve): TemplateResult {
  return html`<ul class="words small" aria-label="Growth with the ${axis}">
    ${lines.map(
      (one) =>
        html`<li><span class="swatch line ${one.figure}" aria-hidden="true"></span>${figureNames[one.figure]} ${one.words === "hardly changes" ? one.words : `grow${one.figure === "time" ? "s" : ""} ${one.words}`}</li>`,
    )}
    ${missing.length > 0 ? html`<li class="quiet">not weighed at ${missing.join(", ")}: the model does not run there</li>` : nothing}
  </ul>`;
}

const height = 128;
const margin = { top: 16, right: 44, bottom: 18, left: 4 };

function picture({ axis, symbol, now, lines }: GrowthCurve, width: number): Content {
  const sizes = sizesOf(lines);
  if (sizes.length < 2) return html`<p class="quiet small">The ${axis} could not be changed.</p>`;
  const all = lines.flatMap(({ points }) => points.map(({ times }) => times));
  const x = scaleLog([sizes[0]!, sizes.at(-1)!], [margin.left, width - margin.right]).base(2);
  const y = scaleLog([Math.min(...all), Math.max(...all)], [height - margin.bottom, margin.top]).base(2);
  const draw = line<{ size: number; times: number }>()
    .x(({ size }) => x(size))
    .y(({ times }) => y(times));
  const ends = spread(
    lines.map(({ points }) => y(points.at(-1)!.times)),
    12,
  );
  const label = `Growth with the ${axis}: ${lines.map(({ figure, words: said }) => `${figureNames[figure]} ${said}`).join("; ")}.`;
  return html`<svg class="chart" role="img" aria-label=${label} width=${width} height=${height} viewBox="0 0 ${width} ${height}">
    ${sizes.map(
      (
        size,
        i,
      ) => svg`<line class="grid" x1=${x(size)} x2=${x(size)} y1=${margin.top} y2=${height - margin.bottom}></line>
        <text class="axis" x=${x(size)} y=${height - 5} text-anchor=${i === 0 ? "start" : "middle"}>${i === 0 ? `${symbol} ` : ""}${size}</text>`,
    )}
    <line class="grid now" x1=${x(now)} x2=${x(now)} y1=${margin.top} y2=${height - margin.bottom}></line>
    <text class="axis" x=${Math.max(10, x(now))} y="11" text-anchor="middle">now</text>
    ${lines.map(
      ({ figure, points }, i) => svg`<path class="curve ${figure}" d=${draw(points) ?? ""}></path>
        ${now === sizes.at(-1) ? nothing : svg`<text class="end" x=${width - margin.right + 5} y=${ends[i]! + 4}>${Number(points.at(-1)!.times.toPrecision(3))} ×</text>`}`,
    )}
  </svg>`;
}

/** Heights moved apart so that texts at them do not touch, in their order. */
function spread(heights: readonly number[], apart: number): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a]! - heights[b]!);
  const moved = [...heights];
  for (let i = 1; i < order.length; i++) {
    const [above, here] = [order[i - 1]!, order[i]!];
    moved[here] = Math.max(moved[here]!, moved[above]! + apart);
  }
  return moved;
}

export function kvCache(page: Page, { report }: Report): Content {
  const { kv, units } = report;
  if (!kv) return nothing;
  const show = (bytes: number) => showBytes(bytes, units);
  const table = {
    caption: "KV cache by context",
    columns: ["Tokens", kv.batch === 1 ? "Bytes" : `Bytes of ${kv.batch} sequences`],
    rows: [{ tokens: kv.sequence, bytes: kv.nowBytes }, ...kv.points.slice(1)]
      .sort((a, b) => a.tokens - b.tokens)
      .map(({ tokens, bytes }) => ({ cells: [String(tokens), show(bytes)] })),
  };
  return pictured(page, { id: "kv", title: "KV cache", table }, () => [
    kvPicture(page, kv, units),
    html`<p class="small">${kv.perToken} per token of one sequence, ${kv.now} at ${showCount(kv.sequence)} tokens${kv.batch > 1 ? ` in ${kv.batch} sequences` : ""}. ${kv.words}</p>`,
    runtimeTable(kv),
  ]);
}

/** What each runtime keeps; the one that the figures are of is marked. */
function runtimeTable({ runtimes }: KvView): Content {
  if (runtimes.length === 0) return nothing;
  return html`<table class="small" data-testid="kv-runtimes">
    <caption>KV cache by runtime</caption>
    <thead><tr><th scope="col">Runtime</th><th scope="col">Bytes</th><th scope="col">Per token</th></tr></thead>
    <tbody>
      ${runtimes.map(
        ({ name, value, perToken, isChosen, source }) =>
          html`<tr title=${source}><th scope="row">${isChosen ? html`<strong>${name}</strong>` : name}</th><td>${value}</td><td>${perToken}</td></tr>`,
      )}
    </tbody>
  </table>`;
}

function kvPicture({ width }: Page, kv: KvView, units: "GB" | "GiB"): TemplateResult {
  const tall = 104;
  const most = kv.points.at(-1)?.bytes ?? 0;
  const x = scaleLinear([0, kv.longest], [0, width - 6]);
  const shown = kv.freeBytes !== undefined && kv.freeBytes <= 1.15 * most ? kv.freeBytes : undefined;
  const y = scaleLinear([0, Math.max(most, shown ?? 0) * 1.05], [tall - 18, 8]);
  const at = x(kv.sequence);
  const now = `${showCount(kv.sequence)} tokens, ${kv.now}`;
  const isRight = at + 8 + widthOf(now) > width;
  const path = kv.points.map(({ tokens, bytes }) => `${x(tokens)},${y(bytes)}`).join("L");
  return html`<svg class="chart" role="img" aria-label="KV cache by context. ${kv.words}" width=${width} height=${tall} viewBox="0 0 ${width} ${tall}">
    ${x.ticks(4).map(
      (tick) => svg`<line class="grid" x1=${x(tick)} x2=${x(tick)} y1="8" y2=${tall - 18}></line>
      <text class="axis" x=${x(tick)} y=${tall - 5} text-anchor=${tick === 0 ? "start" : x(tick) > width - 30 ? "end" : "middle"}>${tick === 0 ? "tokens" : showCount(tick)}</text>`,
    )}
    ${shown === undefined ? nothing : svg`<line class="limit" x1="0" x2=${width} y1=${y(shown)} y2=${y(shown)}></line><text x="4" y=${y(shown) + 13}>free ${showBytes(shown, units)}</text>`}
    <path class="curve flops" d="M${path}"></path>
    <circle class="peak" cx=${at} cy=${y(kv.nowBytes)} r="3.5"></circle>
    <text x=${isRight ? at - 8 : at + 8} y=${y(kv.nowBytes) - 5 < 16 ? 20 : y(kv.nowBytes) - 5} text-anchor=${isRight ? "end" : "start"}>${now}</text>
  </svg>`;
}
