/** Which part of a step's work one rank does, by part of the step and pipeline stage. */
import { Unknown } from "../../base/unknown.ts";
import type { Operation, StepPart, Trace } from "../../trace/trace.ts";
import type { Degrees } from "./degrees.ts";
import type { Splits } from "./splits.ts";
import type { Staging } from "./stages.ts";
import { axesOf } from "./walk.ts";

export type WorkShares = Readonly<Record<StepPart, readonly number[]>>;

const parts: readonly StepPart[] = ["forward", "loss", "backward", "recompute", "optimizer"];

/**
 * By part and stage: the share of the single device's seconds. An operation weighs its seconds where they are known, else its
 * multiply-adds, else its bytes; kernels are taken to be as efficient on a part as on the whole.
 */
export function workShares(
  trace: Trace,
  { divided }: Pick<Splits, "divided">,
  staging: Staging,
  { stages, data, context, tensor }: Degrees,
  secondsOf?: (operation: Operation) => number,
): WorkShares {
  const { batch, sequence } = axesOf(trace);
  // What does not divide is done by every rank.
  const spread =
    (batch !== undefined && batch % data === 0 ? data : 1) *
    (sequence !== undefined && sequence % context === 0 ? context : 1);
  const operations = trace.events.filter((event) => event.kind === "operation");
  const all = { forward: 0, loss: 0, backward: 0, recompute: 0, optimizer: 0 };
  const own = Object.fromEntries(parts.map((part) => [part, Array<number>(stages).fill(0)])) as Record<
    StepPart,
    number[]
  >;
  const counts = new Set(parts.filter((part) => operations.some(({ pass, macs }) => pass === part && isSome(macs))));
  for (const operation of operations) {
    const { pass, macs, bytesRead, bytesWritten } = operation;
    const weight = secondsOf
      ? secondsOf(operation)
      : counts.has(pass)
        ? number(macs)
        : number(bytesRead) + number(bytesWritten);
    all[pass] += weight;
    const stage = own[pass] as number[];
    const at = staging.stageOf(operation);
    stage[at] = (stage[at] ?? 0) + weight / (spread * (divided.has(operation) ? tensor : 1));
  }
  // A part that the trace does not hold is spread as the forward pass is.
  const shareOf = (part: StepPart): number[] => {
    const from = all[part] > 0 ? part : "forward";
    return (own[from] as number[]).map((one) => (all[from] > 0 ? one / all[from] : 0));
  };
  return Object.fromEntries(parts.map((part) => [part, shareOf(part)])) as Record<StepPart, number[]>;
}

const isSome = (value: number | Unknown) => !(value instanceof Unknown) && value > 0;
const number = (value: number | Unknown) => (value instanceof Unknown ? 0 : value);
