/** What a model keeps from token to token, in each runtime's layout. */
import type { Scenario } from "../../../base/scenario.ts";
import { type Known, Unknown } from "../../../base/unknown.ts";
import { beyondTrained } from "../../../configs/trainedLength.ts";
import type { CacheRecord } from "../../../evidence/caches.ts";
import type { KvLayout, KvReport } from "../../report.ts";
import { type CachedTokens, cachedLayers, tokenElements } from "./cachedLayer.ts";
import { type Kept, type Runtime, statesOf, storedItemBytes, tokensOf, total } from "./layout.ts";
import { llamaCpp } from "./llamaCpp.ts";
import { isFull, minimal, stateBytes } from "./minimal.ts";
import { expandedTransformers, transformers } from "./transformers.ts";
import { vllm } from "./vllm.ts";

const names: Readonly<Record<Runtime["id"], string>> = {
  minimal: "minimal",
  transformers: "transformers",
  vllm: "vLLM",
  "llama.cpp": "llama.cpp",
};

/** Unknown where a size of what is kept is. */
export function kvReport(record: CacheRecord, { kvDtype, runtime }: Scenario): Known<KvReport> {
  const layers = cachedLayers(record);
  if (layers instanceof Unknown) return layers;
  const kept: Kept = { layers, facts: record.facts, kvDtype };
  const tokens = tokensOf(layers);
  const full = tokens.filter((layer) => layer.kind !== "crossed" && isFull(layer));
  const item = (own: number) => (kvDtype === undefined ? own : storedItemBytes(kvDtype));
  const crossed = tokens.filter(({ kind }) => kind === "crossed");
  const own = tokens.filter(({ kind }) => kind !== "crossed");
  const length = Math.max(0, ...own.map((layer) => layer.tokens));
  return {
    runtime: runtime ?? minimal.id,
    byDefault: runtime === undefined,
    tokens: length,
    beyond: beyondTrained(record.trained, length),
    layouts: [
      ...[minimal, transformers].map((one) => laidOut(names[one.id], one, kept)),
      ...(tokens.some(({ kind, expanded }) => kind === "latent" && !expanded)
        ? [laidOut("transformers, expanded", { ...transformers, ...expandedTransformers }, kept)]
        : []),
      ...[vllm, llamaCpp].map((one) => laidOut(names[one.id], one, kept)),
    ],
    stateBytes: total(statesOf(layers), stateBytes),
    crossedBytes: total(crossed, (one) => one.batch * one.tokens * tokenElements(one) * item(one.itemBytes)),
    parts: partsOf(own, (one) => tokenElements(one) * item(one.itemBytes)),
    full: {
      layers: full.length,
      bytesPerToken: total(full, (one) => tokenElements(one) * item(one.itemBytes)),
    },
  };
}

function partsOf(layers: readonly CachedTokens[], bytes: (layer: CachedTokens) => number): KvReport["parts"] {
  const parts = new Map<number | undefined, number>();
  for (const layer of layers) parts.set(layer.window, (parts.get(layer.window) ?? 0) + bytes(layer));
  return [...parts].map(([window, bytesPerToken]) => ({ window, bytesPerToken }));
}

function laidOut(name: string, { id, layout, source }: Runtime, kept: Kept): KvLayout {
  const laid = layout(kept);
  const [bytes, bytesPerToken] = laid instanceof Unknown ? [laid, laid] : [laid.bytes, laid.bytesPerToken];
  return { name, runtime: id, bytes, bytesPerToken, source: source(kept) };
}

/** The layout of the runtime that the report is of. */
export function chosenLayout({ layouts, runtime }: KvReport): KvLayout {
  return layouts.find((one) => one.runtime === runtime) as KvLayout;
}
