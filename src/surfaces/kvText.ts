/** What a model keeps from token to token, in words: per token, at the scenario's length, and in each runtime's layout. */
import { showBytes } from "../base/units.ts";
import { type Known, known, Unknown } from "../base/unknown.ts";
import type { KvReport, ModelReport } from "../cost/report.ts";
import type { MemoryRow } from "./memoryText.ts";
import { bytes, total, type View } from "./view.ts";

export interface RuntimeRow {
  readonly name: string;
  readonly value: string;
  readonly perToken: string;
  /** Whether the report's figures are of it. */
  readonly isChosen: boolean;
  /** What it keeps and where that is written, or why it is not known. */
  readonly source: string;
}

type Cached = Pick<ModelReport, "memory" | "scenario" | "complete" | "unknowns">;

/** `KV cache 131 kB per token`, and what all tokens take; nothing for a model that keeps nothing. */
export function cacheRows(model: Cached, view: View): MemoryRow[] {
  const { kvBytesPerToken, kvCacheBytes } = model.memory;
  const kv = kvOf(model);
  if (kvBytesPerToken === undefined) return [];
  const show = (value: Known<number>) => total(model, "cache", value, bytes(view));
  return [
    {
      label: "KV cache",
      value: show(kvBytesPerToken),
      note: ["per token of one sequence", ...(kv ? fullText(kv, view) : [])].join(" · "),
    },
    ...(kv && kvCacheBytes !== undefined
      ? [{ label: "kept", value: show(kvCacheBytes), note: keptText(model, kv, view) }]
      : []),
  ];
}

/** Each runtime's bytes, minimal first; empty where what is kept is not known. */
export function runtimeRows(model: Cached, view: View): RuntimeRow[] {
  const kv = kvOf(model);
  if (!kv) return [];
  const show = (value: Known<number>) => (value instanceof Unknown ? "?" : total(model, "cache", value, bytes(view)));
  const chosen = kv.layouts.find(({ runtime }) => runtime === kv.runtime);
  return kv.layouts.map((layout) => ({
    name: layout.name,
    value: show(layout.bytes),
    perToken: show(layout.bytesPerToken),
    isChosen: layout === chosen,
    source: layout.bytes instanceof Unknown ? layout.bytes.reason : layout.source,
  }));
}

/** `KV cache by runtime: minimal 1.07 GB (default), transformers 1.07 GB, …`; "" for a model that keeps nothing. */
export function runtimesLine(model: Cached, view: View): string {
  const rows = runtimeRows(model, view);
  const kv = kvOf(model);
  const mark = ({ isChosen }: RuntimeRow) => (isChosen ? (kv?.byDefault ? " (default)" : " (asked for)") : "");
  return rows.length === 0
    ? ""
    : `KV cache by runtime: ${rows.map((row) => `${row.name} ${row.value}${mark(row)}`).join(", ")}`;
}

/** What was reported; undefined where nothing is kept or it is not known. */
export function kvOf({ memory }: Pick<Cached, "memory">): KvReport | undefined {
  return memory.kv === undefined ? undefined : known(memory.kv);
}

/** What layers whose window is full no longer add. */
function fullText({ full }: KvReport, view: View): string[] {
  if (full.layers === 0) return [];
  const layers = full.layers === 1 ? "1 layer" : `${full.layers} layers`;
  return [`the full windows of ${layers} add nothing, and ${showBytes(full.bytesPerToken, view.units)} before that`];
}

function keptText({ scenario }: Cached, kv: KvReport, view: View): string {
  const { runtime, byDefault, tokens, stateBytes, crossedBytes, layouts } = kv;
  const size = (value: number) => showBytes(value, view.units);
  const name = layouts.find((one) => one.runtime === runtime)?.name ?? runtime;
  return [
    `${tokens > 0 ? `at ${tokens.toLocaleString("en-US")} tokens` : "whatever the length"}${scenario.batch > 1 ? ` in ${scenario.batch} sequences` : ""}`,
    ...(stateBytes > 0 && tokens > 0 ? [`states ${size(stateBytes)} whatever the length`] : []),
    ...(crossedBytes > 0 ? [`the encoder's ${size(crossedBytes)}`] : []),
    `${name} layout${byDefault ? ", the default" : ""}`,
  ].join(" · ");
}
