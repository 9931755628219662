/** The KV cache against the context's length, how much of it the device has room for, and what each runtime makes of it. */
import { showBytes, showCount } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { KvReport, ModelReport } from "../../cost/report.ts";
import { kvOf, type RuntimeRow, runtimeRows } from "../kvText.ts";
import { bytes, total, type View } from "../view.ts";

export interface KvView {
  readonly perToken: string;
  readonly batch: number;
  readonly sequence: number;
  /** What weights and buffers leave of the device's memory; undefined where the device is not known. */
  readonly freeBytes?: number | undefined;
  /** The longest context drawn, in tokens. */
  readonly longest: number;
  /** Bytes of all sequences by the context's length, from nothing to the longest: a corner where a window is full. */
  readonly points: readonly { readonly tokens: number; readonly bytes: number }[];
  /** Bytes at the scenario's own length and batch. */
  readonly now: string;
  readonly nowBytes: number;
  /** How long a context fits beside the weights, a sentence; "" where it is not known. */
  readonly words: string;
  /** Each runtime's bytes at the scenario's length; empty where nobody says more than how the cache grows. */
  readonly runtimes: readonly RuntimeRow[];
}

/** Undefined for a model that keeps nothing from token to token. */
export function kvView(model: ModelReport, view: View): KvView | undefined {
  const { memory, scenario } = model;
  const perToken = memory.kvBytesPerToken === undefined ? undefined : known(memory.kvBytesPerToken);
  const kv = kvOf(model);
  const parts = kv?.parts ?? (perToken ? [{ window: undefined, bytesPerToken: perToken }] : []);
  const fixed = kv ? kv.stateBytes + kv.crossedBytes : 0;
  if (perToken === undefined || parts.length === 0) return undefined;
  const { batch } = scenario;
  const sequence = kv?.tokens ?? scenario.sequence;
  const at = (tokens: number) => fixed + batch * parts.reduce((sum, part) => sum + taken(part, tokens), 0);
  const held = (known(memory.weightBytes) ?? 0) + (known(memory.bufferBytes) ?? 0);
  const free = model.device && Math.max(0, model.device.memoryBytes - held);
  const most = free === undefined ? undefined : mostTokens(parts, (free - fixed) / batch);
  const show = bytes(view);
  const of = batch === 1 ? "" : ` in each of ${batch} sequences`;
  const isNear = most !== undefined && most > sequence && most <= 128 * sequence;
  const longest = isNear ? Math.ceil(1.1 * most) : 4 * sequence;
  const corners = parts.flatMap(({ window }) => (window !== undefined && window < longest ? [window] : []));
  const places = [...new Set([0, ...corners, longest])].sort((a, b) => a - b);
  return {
    perToken: total(model, "memory", perToken, show),
    batch,
    sequence,
    freeBytes: free,
    longest,
    points: places.map((tokens) => ({ tokens, bytes: at(tokens) })),
    now: showBytes(at(sequence), view.units),
    nowBytes: at(sequence),
    words:
      most === undefined || free === undefined
        ? ""
        : `Beside the weights ${show(free)} of ${model.device?.name} are free: room for ${most === Number.POSITIVE_INFINITY ? "any number of" : showCount(most)} tokens${of}, activations left out.`,
    runtimes: runtimeRows(model, view),
  };
}

type Part = KvReport["parts"][number];

const taken = ({ window, bytesPerToken }: Part, tokens: number) => Math.min(tokens, window ?? tokens) * bytesPerToken;

/** The longest context of one sequence that so many bytes hold: up to each window the cache grows evenly. */
function mostTokens(parts: readonly Part[], room: number): number {
  const windows = parts.map(({ window }) => window ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  let tokens = 0;
  let left = room;
  for (const window of windows) {
    const growth = parts
      .filter((part) => (part.window ?? Number.POSITIVE_INFINITY) > tokens)
      .reduce((sum, { bytesPerToken }) => sum + bytesPerToken, 0);
    if (growth === 0 || (window - tokens) * growth > left)
      return growth === 0 ? window : tokens + Math.max(0, Math.floor(left / growth));
    left -= (window - tokens) * growth;
    tokens = window;
  }
  return Number.POSITIVE_INFINITY;
}
