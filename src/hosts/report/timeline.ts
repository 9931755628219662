/** When: what is allocated behind one operation after the other, the peak named, and who holds it. */
import { scaleLinear } from "d3-scale";
import { area, curveStepAfter, line } from "d3-shape";
import { html, nothing, svg, type TemplateResult } from "lit";
import { showBytes } from "../../base/units.ts";
import type { TimelineView } from "../../surfaces/pictures/memory.ts";
import type { Page, Report } from "./page.ts";
import { type Content, link, pictured } from "./parts.ts";
import { fitting, widthOf } from "./text.ts";

const height = 132;
const margin = { top: 18, bottom: 18 };

export function timeline(page: Page, { report }: Report): Content {
  const { timeline: view, units } = report;
  if (!view) return nothing;
  const { holders, peak } = view;
  const table = {
    caption: "Who holds the peak",
    columns: ["What", "Bytes at the peak"],
    rows: [
      { cells: [`peak ${peak.when}`, peak.text], place: peak.place },
      ...holders.map(({ name, text, place }) => ({ cells: [name, text], place })),
    ],
  };
  return pictured(page, { id: "timeline", title: "When", table }, () => [
    picture(page, view, units),
    html`<p class="small">Peak ${peak.text}${peak.when === "" ? "" : ` ${peak.when}`} ${link(page, peak.where, peak.place)}</p>`,
    held(page, view),
  ]);
}

function picture(page: Page, view: TimelineView, units: "GB" | "GiB"): TemplateResult {
  const { points, parts, standingBytes, peak } = view;
  const { width } = page;
  const most = Math.max(...points, 1);
  const x = scaleLinear([0, points.length - 1], [0, width]);
  const y = scaleLinear([0, most * 1.02], [height - margin.bottom, margin.top]);
  const shape = area<number>()
    .x((_, i) => x(i))
    .y0(y(0))
    .y1((value) => y(value))
    .curve(curveStepAfter);
  const edge = line<number>()
    .x((_, i) => x(i))
    .y((value) => y(value))
    .curve(curveStepAfter);
  const at = x(points.indexOf(Math.max(...points)));
  const label = `peak ${peak.text}`;
  const isRight = at + 6 + widthOf(label) > width;
  const words = `Memory over the ${parts.length > 1 ? "step" : "pass"}: ${peak.text} at the peak ${peak.when}; ${showBytes(standingBytes, units)} are held from the beginning.`;
  return html`<svg class="chart" role="img" aria-label=${words} width=${width} height=${height} viewBox="0 0 ${width} ${height}">
    ${y
      .ticks(3)
      .map((tick) =>
        tick > 0 ? svg`<line class="grid" x1="0" x2=${width} y1=${y(tick)} y2=${y(tick)}></line>` : nothing,
      )}
    <path class="area" d=${shape(points) ?? ""}></path>
    <rect class="standing" x="0" y=${y(standingBytes)} width=${width} height=${Math.max(0, y(0) - y(standingBytes))}></rect>
    <path class="edge" d=${edge(points) ?? ""}></path>
    ${parts.map(({ part, from, to }, i) => {
      const room = x(to) - x(from);
      const name = fitting(part, room - 6);
      return svg`${i > 0 ? svg`<line class="border" x1=${x(from)} x2=${x(from)} y1=${margin.top} y2=${height - margin.bottom}></line>` : nothing}
        ${name === "" ? nothing : svg`<text class="axis" x=${x(from) + (i > 0 ? 4 : 0)} y=${height - 5}>${name}</text>`}`;
    })}
    ${
      y(0) - y(standingBytes) > 16
        ? svg`<text class="inside" x="6" y=${y(0) - 5}>${fitting(`held all the time ${showBytes(standingBytes, units)}`, width - 12)}</text>`
        : nothing
    }
    <line class="grid" x1="0" x2=${width} y1=${y(0)} y2=${y(0)}></line>
    <circle class="peak" cx=${at} cy=${y(most)} r="3.5"></circle>
    <text x=${isRight ? at - 7 : at + 7} y=${margin.top - 6} text-anchor=${isRight ? "end" : "start"}>${label}</text>
  </svg>`;
}

/** The largest holders, with bars. */
function held(page: Page, { holders }: TimelineView): Content {
  const few = page.memory.whole["holders"] === true ? holders : holders.slice(0, 5);
  const barWidth = 40;
  const most = Math.max(...holders.map(({ share }) => share));
  return html`<ul class="bars small" aria-label="Who holds the peak">
    ${few.map(
      ({ name, text, share, place, where }) => html`<li>
        <svg class="small-bar" aria-hidden="true" width=${barWidth} height="8" viewBox="0 0 ${barWidth} 8"><rect class="t0" x="0" y="0" width=${Math.max(1, (barWidth * share) / most)} height="8"></rect></svg>
        <span class="what" title=${where === "" ? name : `${name}, ${where}`}>${link(page, name, place)}</span> <span class="figure">${text}</span>
      </li>`,
    )}
  </ul>`;
}
