/** What bounds it: each layer as a dot under the device's roof. */
import { scaleLog } from "d3-scale";
import { html, nothing, svg, type TemplateResult } from "lit";
import { showFlops, showShare, showTime } from "../../base/units.ts";
import type { RooflineDot, RooflineView } from "../../surfaces/pictures/roofline.ts";
import type { Page, Report } from "./page.ts";
import { type Content, pictured } from "./parts.ts";
import { widthOf } from "./text.ts";

const margin = { top: 14, right: 8, bottom: 30, left: 8 };
/** Layers that take a smaller part of the time are in the table alone. */
const worthADot = 0.002;
/** Dots with a name. */
const mostNames = 6;

export function roofline(page: Page, { report }: Report): Content {
  const view = report.roofline;
  if (!view || view.dots.length === 0) return nothing;
  const table = {
    caption: "Layers on the roofline",
    columns: ["Layer", "Time", "FLOPs per byte", "Reached", "Bound by"],
    rows: view.dots.map((dot) => ({
      cells: [
        named(dot),
        `${showTime(dot.seconds)} ${showShare(dot.share, 1)}`,
        intensityText(dot.intensity),
        `${showFlops(dot.flopsPerSecond)}/s`,
        dot.bound,
      ],
      place: dot.place,
    })),
  };
  return pictured(page, { id: "roofline", title: "What bounds it", table }, () => [
    html`<p class="small">${view.words}</p>`,
    picture(page, view),
    html`<p class="quiet small">Larger dots take more time.${view.without > 0.005 ? ` Layers that multiply nothing take ${showShare(view.without, 1)} and are left out.` : ""}</p>`,
  ]);
}

function named({ name, count }: RooflineDot): string {
  return count > 1 ? `${name}, ${count} ×` : name;
}

function intensityText(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function picture(page: Page, view: RooflineView): TemplateResult {
  const { width } = page;
  const height = width < 480 ? 210 : 260;
  const { flopsPerSecond: roof, bytesPerSecond } = view;
  // What takes next to no time is told by the table, and does not stretch the picture.
  const weighty = view.dots.filter(({ share }) => share >= worthADot);
  const dots = weighty.length > 0 ? weighty : view.dots;
  const ridge = roof / bytesPerSecond;
  const intensities = dots.map(({ intensity }) => intensity);
  const low = Math.min(ridge / 30, ...intensities) / 1.5;
  const high = Math.max(ridge * 6, ...intensities) * 1.5;
  const reached = Math.min(low * bytesPerSecond * 2, ...dots.map(({ flopsPerSecond }) => flopsPerSecond));
  const x = scaleLog([low, high], [margin.left, width - margin.right]);
  const y = scaleLog([Math.max(reached / 1.6, roof / 1e7), roof * 1.25], [height - margin.bottom, margin.top]);
  const bottom = height - margin.bottom;
  const from = Math.max(low, (y.domain()[0] as number) / bytesPerSecond);
  const path = `M${x(from)},${y(from * bytesPerSecond)}L${x(ridge)},${y(roof)}L${x(high)},${y(roof)}`;
  const decades = x.ticks(5).filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e6) / 1e6));
  const top = `${showFlops(roof)}/s ${view.type}`;
  const words = `Roofline of ${view.device}: ${dots
    .slice(0, 3)
    .map((dot) => `${named(dot)} at ${intensityText(dot.intensity)} FLOPs per byte, bound by ${dot.bound}`)
    .join("; ")}.`;
  return html`<svg class="chart" role="img" aria-label=${words} width=${width} height=${height} viewBox="0 0 ${width} ${height}">
    <path class="under" d="${path}L${x(high)},${bottom}L${x(from)},${bottom}Z"></path>
    ${decades.map(
      (tick) => svg`<line class="grid" x1=${x(tick)} x2=${x(tick)} y1=${margin.top} y2=${bottom}></line>
        <text class="axis" x=${x(tick)} y=${bottom + 13} text-anchor="middle">${tick >= 1 ? tick.toLocaleString("en") : tick}</text>`,
    )}
    <path class="roof" d=${path}></path>
    <line class="ridge" x1=${x(ridge)} x2=${x(ridge)} y1=${y(roof)} y2=${bottom}></line>
    <text x=${width - margin.right} y=${y(roof) - 5} text-anchor="end">${view.device} ${top}</text>
    <text class="axis" x=${width - margin.right} y=${height - 4} text-anchor="end">FLOPs per byte; the roof bends at ${intensityText(ridge)}</text>
    ${dots.toReversed().map(
      (dot) =>
        svg`<circle class="dot ${dot.bound}" cx=${x(dot.intensity)} cy=${y(dot.flopsPerSecond)} r=${radius(dot)}
          @click=${() => dot.place && page.send({ kind: "reveal", place: dot.place })}><title>${named(dot)}: ${showTime(dot.seconds)}, ${showShare(dot.share, 1)} of the time, ${intensityText(dot.intensity)} FLOPs per byte, bound by ${dot.bound}</title></circle>`,
    )}
    ${labels(dots, (dot) => [x(dot.intensity), y(dot.flopsPerSecond)], width, [{ x: 0, y: 0, width, height: y(roof) }])}
  </svg>`;
}

function radius({ share }: RooflineDot): number {
  return 2.5 + 11 * Math.sqrt(Math.min(1, share));
}

/** The last two names of a path, numbers left out: `h.attn, 12 ×`. */
function shortName(dot: RooflineDot): string {
  const names = dot.name.split(".").filter((name) => !/^\d/.test(name));
  return named({ ...dot, name: names.slice(-2).join(".") || dot.name });
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Names beside the largest dots, left out where they would lie over other dots or names. */
function labels(
  dots: readonly RooflineDot[],
  at: (dot: RooflineDot) => [number, number],
  width: number,
  above: readonly Box[],
) {
  const taken: Box[] = [
    ...above,
    ...dots.map((dot) => {
      const [cx, cy] = at(dot);
      const r = radius(dot);
      return { x: cx - r, y: cy - r, width: 2 * r, height: 2 * r };
    }),
  ];
  return dots.slice(0, mostNames).map((dot) => {
    const [cx, cy] = at(dot);
    const name = shortName(dot);
    const long = widthOf(name);
    const away = radius(dot) + 4;
    const places = [
      [cx + away, cy],
      [cx - away - long, cy],
      [cx - long / 2, cy + away + 7],
      [cx - long / 2, cy - away - 7],
    ] as const;
    const found = places
      .map(([x, y]): Box => ({ x, y: y - 6, width: long, height: 12 }))
      .find((box) => box.x >= 0 && box.x + long <= width && !taken.some((one) => overlap(one, box)));
    if (!found) return nothing;
    taken.push(found);
    return svg`<text x=${found.x} y=${found.y + 10}>${name}</text>`;
  });
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width + 2 && b.x < a.x + a.width + 2 && a.y < b.y + b.height && b.y < a.y + a.height;
}
