/** What fills the device's memory at the peak, and what is alive over the pass or step. */
import type { Place } from "../../base/place.ts";
import { showFigure, showShare } from "../../base/units.ts";
import { type Known, known, Unknown } from "../../base/unknown.ts";
import type { ModelReport } from "../../cost/report.ts";
import type { StepPart } from "../../trace/trace.ts";
import { bytes, shownPlace, total, type View } from "../view.ts";

export interface MemoryView {
  /** What fills the memory, largest kinds first, with each term's share of the bar. */
  readonly terms: readonly { readonly label: string; readonly text: string; readonly share: number }[];
  readonly peak: string;
  /** The device's, on the same scale; `free` is what the peak leaves of it. */
  readonly limit?: { readonly label: string; readonly share: number } | undefined;
  /** Sentences on what the peak is worth. */
  readonly notes: readonly string[];
  /** Why the peak is not known. */
  readonly unknown?: string | undefined;
}

export interface TimelineView {
  /** Bytes allocated behind one operation after the other, at most 400 of them. */
  readonly points: readonly number[];
  /** The parts of the step, each from one point up to another. */
  readonly parts: readonly { readonly part: StepPart; readonly from: number; readonly to: number }[];
  /** Held before the first operation. */
  readonly standingBytes: number;
  readonly peak: {
    readonly at: number;
    readonly bytes: number;
    readonly text: string;
    /** `in backward, at aten.mm`. */
    readonly when: string;
    readonly place?: Place | undefined;
    readonly where: string;
  };
  /** Who holds the peak, largest first. */
  readonly holders: readonly {
    readonly name: string;
    readonly text: string;
    readonly share: number;
    readonly place?: Place | undefined;
    readonly where: string;
  }[];
}

const mostHolders = 8;
/** Terms below this part of the bar are told together. */
const worthATerm = 0.01;

export function memoryView(model: ModelReport, view: View): MemoryView {
  const { memory } = model;
  const show = bytes(view);
  const terms = known(memory.peakBytes) === undefined ? standing(model) : peakTerms(model);
  const sum = terms.reduce((all, [, value]) => all + (known(value) ?? 0), 0);
  const whole = Math.max(sum, known(memory.peakBytes) ?? 0, model.device?.memoryBytes ?? 0) || 1;
  const interval = memory.peakInterval;
  const card = known(memory.deviceBytes);
  return {
    terms: terms.map(([label, value]) => ({
      label,
      text: showFigure(value, show),
      share: (known(value) ?? 0) / whole,
    })),
    peak: total(model, "memory", memory.peakBytes, show),
    limit: model.device && {
      label: `${model.device.name} ${show(model.device.memoryBytes)}`,
      share: model.device.memoryBytes / whole,
    },
    notes: [
      ...(interval ? [`between ${show(interval[0])} and ${show(interval[1])} in nine of ten cases`] : []),
      ...(card && model.device?.contextBytes !== undefined ? [`the card shows ${show(card)}`] : []),
    ],
    unknown: memory.peakBytes instanceof Unknown ? memory.peakBytes.reason : undefined,
  };
}

const order = ["weights", "buffers", "gradients", "optimizer state", "activations and temporaries", "KV cache"];
const short: Readonly<Record<string, string>> = {
  "optimizer state": "optimizer",
  "activations and temporaries": "activations",
  "product workspaces": "workspaces",
  "workspace of the operation": "workspaces",
  "weights cast by autocast": "casts",
};

/** What the peak is the sum of; what is too small to be seen is one term. */
function peakTerms({ memory }: ModelReport): [string, Known<number>][] {
  const byName = new Map<string, number>();
  for (const { name, bytes: value } of memory.terms) {
    const label = short[name] ?? name;
    byName.set(label, (byName.get(label) ?? 0) + (known(value) ?? 0));
  }
  const sum = [...byName.values()].reduce((all, value) => all + value, 0);
  const rank = (label: string) => order.findIndex((name) => (short[name] ?? name) === label) + 1 || order.length + 1;
  const all = [...byName].sort(([a], [b]) => rank(a) - rank(b));
  const large = all.filter(([, value]) => value >= worthATerm * sum);
  const rest = all.filter(([, value]) => value < worthATerm * sum);
  if (rest.length < 2) return all;
  return [...large, ["other", rest.reduce((total, [, value]) => total + value, 0)]];
}

/** What is held whatever runs, where the walk came to no peak. */
function standing({ memory, scenario }: ModelReport): [string, Known<number>][] {
  const all: [string, Known<number>][] = [
    ["weights", memory.weightBytes],
    ["buffers", memory.bufferBytes],
    ...(scenario.phase === "train"
      ? ([
          ["gradients", memory.gradientBytes],
          ["optimizer", memory.optimizerBytes],
        ] as [string, Known<number>][])
      : []),
    ["activations", memory.activationBytes],
  ];
  return all.filter(([, value]) => known(value) !== 0);
}

/** Undefined where the peak is not known, or nothing happens. */
export function timelineView(model: ModelReport, view: View): TimelineView | undefined {
  const { memory } = model;
  const { timeline } = memory;
  const peakBytes = known(memory.peakBytes);
  if (peakBytes === undefined || timeline.length < 2) return undefined;
  const show = bytes(view);
  const points = timeline.map((point) => point.bytes);
  const parts: { part: StepPart; from: number; to: number }[] = [];
  timeline.forEach(({ part }, at) => {
    const before = parts.at(-1);
    if (before?.part === part) before.to = at;
    else parts.push({ part, from: at, to: at });
  });
  const at = points.indexOf(Math.max(...points));
  const { peakMoment, peakOperation } = memory;
  const peakAt = shownPlace(memory.peakAt);
  const when = [peakMoment && moments[peakMoment], peakOperation && `at ${peakOperation}`];
  return {
    points,
    parts: parts.filter(({ from, to }) => to > from),
    standingBytes: Math.min(
      ...points,
      [memory.weightBytes, memory.bufferBytes, memory.inputBytes, memory.optimizerBytes].reduce<number>(
        (sum, one) => sum + (known(one) ?? 0),
        0,
      ),
    ),
    peak: {
      at,
      bytes: peakBytes,
      text: total(model, "memory", memory.peakBytes, show),
      when: when.filter((one) => one !== undefined).join(", "),
      ...placed(peakAt, view),
    },
    holders: memory.peakHolders.slice(0, mostHolders).map(({ name, count: times, bytes: held, at }) => ({
      name: times > 1 ? `${name}, ${times} ×` : name,
      text: `${show(held)}, ${showShare(held, peakBytes)}`,
      share: held / peakBytes,
      ...placed(shownPlace(at), view),
    })),
  };
}

function placed(place: Place | undefined, view: View): { place: Place | undefined; where: string } {
  return { place, where: place ? `${view.shorten(place.path)}:${place.line + 1}` : "" };
}

const moments = {
  forward: "in forward",
  "logits and loss": "at logits and loss",
  backward: "in backward",
  recompute: "while a block is run again",
  "optimizer step": "in the optimizer's step",
  "longest prefill": "in prefill",
  "decode step": "in a decode step",
} as const;
