/** A model weighed for one scenario, as far as a fit asks. */
import type { Scenario } from "../../base/scenario.ts";
import { type Known, known, Unknown } from "../../base/unknown.ts";
import type { MemoryReport, ModelReport } from "../report.ts";

export interface Weighed {
  readonly scenario: Scenario;
  /** What the device shows at the peak: allocations, the allocator's reserve and the context, as far as they are known. */
  readonly bytes: Known<number>;
  /** Between what measured errors let it lie. */
  readonly interval: readonly [low: number, high: number] | undefined;
  /** What it consists of, the largest first. */
  readonly terms: readonly Term[];
  /** Of one pass, token or step; undefined where no time was asked for. */
  readonly seconds: Known<number> | undefined;
  readonly secondsInterval: readonly [low: number, high: number] | undefined;
  /** What one pass or step works through. */
  readonly items: { readonly count: number; readonly unit: "token" | "sample" };
  /** Whether nothing in the memory is unknown or guessed. */
  readonly complete: boolean;
  /** Where several devices share the work: the groups of ranks that one of them talks to, each with buffers of its own. */
  readonly groups?: number | undefined;
}

export interface Term {
  /** `weights`, `activations`. */
  readonly name: string;
  readonly bytes: number;
}

/**
 * How far a peak without a measured interval is trusted, either way.
 *
 * The widest relative error that a fit may have and still be told apart from the next size of card (16, 24, 32 GB …).
 */
const trust = 0.15;

export function weighedOf(
  model: Pick<ModelReport, "memory" | "scenario" | "time" | "complete" | "ranks" | "uses" | "quantization">,
): Weighed {
  const { memory, scenario, time } = model;
  const peak = known(memory.peakBytes);
  const device: Known<number> | undefined = memory.deviceBytes;
  const bytes = device === undefined || device instanceof Unknown ? memory.peakBytes : device;
  const point = known(bytes);
  const [low, high] = memory.peakInterval ?? [(1 - trust) * (peak ?? 0), (1 + trust) * (peak ?? 0)];
  const eager = scenario.compile !== true;
  // A kernel may write a weight in few bits out before it multiplies.
  const scratch = model.quantization?.largestBytes ?? 0;
  const { complete } = model;
  return {
    scenario,
    bytes,
    interval:
      point === undefined || peak === undefined ? undefined : [point + low - peak, point + high - peak + scratch],
    terms: termsOf(memory, peak),
    seconds: time && (eager ? time.eagerSeconds : time.seconds),
    secondsInterval: eager ? undefined : time?.interval,
    items: itemsOf(model),
    complete: complete.memory || (complete.cache === true && complete.weights === true),
    groups: groupsOf(model),
  };
}

function groupsOf({ ranks }: Pick<ModelReport, "ranks">): number {
  if (ranks === undefined || ranks instanceof Unknown) return 0;
  return new Set(ranks.communications.map(({ axis }) => axis)).size;
}

/** What the peak is the sum of, and what the device shows beyond it. */
function termsOf(memory: MemoryReport, peak: number | undefined): Term[] {
  const stated = (memory.terms ?? []).flatMap(({ name, bytes }) => term(name, bytes));
  const held = [
    ...term("weights", memory.weightBytes),
    ...term("buffers", memory.bufferBytes),
    ...term("gradients", memory.gradientBytes),
    ...term("optimizer state", memory.optimizerBytes),
    ...term("activations", memory.activationBytes),
  ];
  const terms = stated.length > 0 ? stated : held;
  const rest = (peak ?? 0) - terms.reduce((total, { bytes }) => total + bytes, 0);
  if (stated.length === 0 && rest > 0) terms.push({ name: "temporaries", bytes: rest });
  const device: Known<number> | undefined = memory.deviceBytes;
  if (typeof device === "number" && peak !== undefined && device > peak)
    terms.push({ name: "reserve and context", bytes: device - peak });
  return terms.toSorted((a, b) => b.bytes - a.bytes);
}

function term(name: string, value: Known<number>): Term[] {
  const bytes = known(value);
  return bytes ? [{ name, bytes }] : [];
}

function itemsOf({ scenario, uses }: Pick<ModelReport, "scenario" | "uses">): Weighed["items"] {
  const { batch, sequence, phase, gradientAccumulation = 1 } = scenario;
  const passes = phase === "train" ? gradientAccumulation : 1;
  if (!uses.sequence) return { count: passes * batch, unit: "sample" };
  return { count: passes * batch * (phase === "decode" ? 1 : sequence), unit: "token" };
}
