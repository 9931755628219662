/** One rank's figures as rows of text: its bytes by term beside one device's sum, and what it sends in a step. */
import { showBytes, showShare } from "../base/units.ts";
import { Unknown } from "../base/unknown.ts";
import type { Degrees } from "../cost/parallel/degrees.ts";
import type { Communication } from "../cost/parallel/links.ts";
import type { RankReport } from "../cost/parallel/perRank.ts";
import type { ModelReport } from "../cost/report.ts";
import type { View } from "./view.ts";

export interface RankRow {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

export interface RankTables {
  /** `one rank of 64: data 8 · tensor 4 · pipeline 2 · ZeRO-3`. */
  readonly title: string;
  readonly memory: readonly RankRow[];
  readonly communication: readonly RankRow[];
  /** What does not divide. */
  readonly problems: readonly string[];
  /** What the figures take for granted. */
  readonly remarks: readonly string[];
}

/** Undefined where one device does all the work, and where the ranks are not known. */
export function rankTables(
  { ranks, scenario }: Pick<ModelReport, "ranks" | "scenario">,
  { units }: Pick<View, "units">,
): RankTables | undefined {
  if (ranks === undefined || ranks instanceof Unknown) return undefined;
  const { memory, degrees, stages, heaviest, communications, exposedSeconds, bubbleFraction, seconds } = ranks;
  const bytes = (value: number) => showBytes(value, units);
  const row = (label: string, value: number, note: string): RankRow[] =>
    value > 0 ? [{ label, value: bytes(value), note }] : [];
  const stage = stages.length > 1 ? `stage ${heaviest + 1} of ${stages.length} needs most` : "";
  return {
    title: `one rank of ${degrees.ranks}: ${showDegrees(degrees)}`,
    memory: [
      ...row("weights", memory.weightBytes, degrees.zero === 3 ? "its shard" : ""),
      ...row("gathered", memory.unshardedBytes, "weights that are whole while they are used"),
      ...row("gradients", memory.gradientBytes, degrees.zero >= 2 ? "its shard" : ""),
      ...row("buckets", memory.bucketBytes, "gradients on their way to other ranks"),
      ...row("optimizer", memory.optimizerBytes, degrees.zero >= 1 ? "its shard" : ""),
      ...row("activations", memory.activationBytes, inFlight(ranks)),
      ...row("KV cache", memory.kvCacheBytes, ""),
      ...row("peak", memory.peakBytes, stage),
    ],
    communication: [
      ...communications.map((one) => sent(one, bytes)),
      ...(bubbleFraction > 0
        ? [
            {
              label: "bubble",
              value: `${Math.round(100 * bubbleFraction)} %`,
              note: "of the work's time is waited for other stages",
            },
          ]
        : []),
      ...(seconds !== undefined && exposedSeconds !== undefined
        ? [
            {
              label: scenario.phase === "train" ? "step" : "pass",
              value: showDuration(seconds),
              note: `${showShare(exposedSeconds, seconds)} of it communication that nothing hides`,
            },
          ]
        : []),
    ],
    problems: ranks.problems,
    remarks: ranks.remarks,
  };
}

/** `data 8 · tensor 4 · ZeRO-3`. */
export function showDegrees({ data, tensor, stages, context, expert, zero }: Degrees): string {
  const named: [string, number][] = [
    ["data", data],
    ["tensor", tensor],
    ["pipeline", stages],
    ["context", context],
    ["expert", expert],
  ];
  const parts = named.filter(([, degree]) => degree > 1).map(([name, degree]) => `${name} ${degree}`);
  return [...parts, ...(zero > 0 ? [`ZeRO-${zero}`] : [])].join(" · ");
}

function inFlight({ degrees: { microbatches, stages } }: RankReport): string {
  return stages > 1 && microbatches > 1 ? `of ${microbatches} micro-batches, those in flight` : "";
}

function sent(
  { name, collective, ranks, link, sentBytes, calls, seconds, exposedSeconds }: Communication,
  bytes: (value: number) => string,
): RankRow {
  const times = calls > 1 ? `${calls} × ` : "";
  const hidden =
    seconds === undefined || exposedSeconds === undefined || exposedSeconds >= seconds
      ? ""
      : `, ${showShare(seconds - exposedSeconds, seconds)} hidden`;
  const time = seconds === undefined ? "" : `: ${showDuration(seconds)}${hidden}`;
  return {
    label: name,
    value: bytes(sentBytes),
    note: `${times}${collective} over ${ranks} ranks${link ? `, ${link}` : ""}${time}`,
  };
}

/** `12.3 ms`: three digits. */
function showDuration(seconds: number): string {
  const [unit, size] = seconds >= 1 ? ["s", 1] : seconds >= 1e-3 ? ["ms", 1e-3] : (["µs", 1e-6] as const);
  return `${Number((seconds / size).toPrecision(3))} ${unit}`;
}
