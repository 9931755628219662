/** What bounds each layer: its arithmetic intensity against what it reaches of the device's peaks. */
import type { Place } from "../../base/place.ts";
import { showShare } from "../../base/units.ts";
import { known, Unknown } from "../../base/unknown.ts";
import type { Device } from "../../cost/devices/device.ts";
import type { Bound, ModelReport } from "../../cost/report.ts";
import { machineOf } from "../../cost/time/machine.ts";
import type { ReportRow } from "./rows.ts";

/** A layer's own operations; equal layers are one dot. */
export interface RooflineDot {
  readonly name: string;
  readonly count: number;
  /** FLOPs per byte of traffic. */
  readonly intensity: number;
  /** Reached, by the estimate of its time. */
  readonly flopsPerSecond: number;
  /** Of all the layers that the dot stands for. */
  readonly seconds: number;
  /** Its part of the pass's time, 0 to 1. */
  readonly share: number;
  readonly bound: Bound;
  readonly place?: Place | undefined;
}

export interface RooflineView {
  readonly device: string;
  /** Of the matrix units in the scenario's type. */
  readonly flopsPerSecond: number;
  readonly type: string;
  readonly bytesPerSecond: number;
  readonly dots: readonly RooflineDot[];
  /** Layers that multiply nothing take this part of the time. */
  readonly without: number;
  /** What bounds the time, a sentence. */
  readonly words: string;
}

/** Undefined where the time is not known. */
export function rooflineView(model: ModelReport, root: ReportRow): RooflineView | undefined {
  const { time, scenario, device } = model;
  const whole = time && known(time.seconds);
  if (!time || !whole || !device?.flopsPerSecond || device.memoryBytesPerSecond === undefined) return undefined;
  const machine = machineOf(device as Device);
  if (machine instanceof Unknown) return undefined;
  const type = scenario.autocast ?? scenario.dtype;
  const dtype = type === "fp16" ? "float16" : type === "fp32" ? "float32" : "bfloat16";
  const dots: RooflineDot[] = [];
  let without = 0;
  const visit = (row: ReportRow, path: string, times: number) => {
    const { work } = row;
    const many = row.count * times;
    if (work && work.seconds > 0) {
      const seconds = work.seconds * many;
      if (work.flops > 0 && work.trafficBytes > 0) {
        dots.push({
          name: path === "" ? row.name : path,
          count: many,
          intensity: work.flops / work.trafficBytes,
          flopsPerSecond: work.flops / work.seconds,
          seconds,
          share: seconds / whole,
          bound: work.bound,
          place: row.place,
        });
      } else without += seconds / whole;
    }
    for (const child of row.children) visit(child, path === "" ? child.name : `${path}.${child.name}`, many);
  };
  visit(root, "", 1);
  return {
    device: device.name,
    flopsPerSecond: machine.flopsPerSecond(dtype, false),
    type,
    bytesPerSecond: device.memoryBytesPerSecond,
    dots: dots.sort((a, b) => b.seconds - a.seconds),
    without,
    words: boundWords(time.bound),
  };
}

const doing: Readonly<Record<Bound, string>> = {
  compute: "multiplying",
  memory: "moving bytes",
  launch: "starting kernels",
  communication: "talking to other devices",
};

/** `62 % of the time goes into moving bytes, 30 % into multiplying, 8 % into starting kernels.` */
function boundWords(bound: Readonly<Record<Bound, number>>): string {
  const parts = (Object.entries(bound) as [Bound, number][]).filter(([, seconds]) => seconds > 0);
  const sum = parts.reduce((all, [, seconds]) => all + seconds, 0);
  const texts = parts
    .sort((a, b) => b[1] - a[1])
    .map(([name, seconds], i) => `${showShare(seconds, sum)} ${i === 0 ? "of the time goes " : ""}into ${doing[name]}`);
  return texts.length === 0 ? "" : `${texts.join(", ")}.`;
}
