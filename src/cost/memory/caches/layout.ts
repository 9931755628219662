/** How a runtime lays out what a model keeps from token to token. */
import { type ScenarioDtype, scenarioItemBytes } from "../../../base/scenario.ts";
import type { Known } from "../../../base/unknown.ts";
import type { CacheFacts } from "../../../evidence/caches.ts";
import { type CachedLayer, type CachedState, type CachedTokens, isTokens } from "./cachedLayer.ts";

/** What is kept, and in which type it is asked to be. */
export interface Kept {
  readonly layers: readonly CachedLayer[];
  readonly facts: CacheFacts;
  /** Undefined: the model's own. */
  readonly kvDtype: ScenarioDtype | undefined;
}

export interface Layout {
  /** Of all sequences, at the scenario's length. */
  readonly bytes: number;
  /** That one more token of one sequence adds there; where memory is taken in pages, a page's share. */
  readonly bytesPerToken: number;
}

export interface Runtime {
  readonly id: "minimal" | "transformers" | "vllm" | "llama.cpp";
  /** What it keeps and where that is written, a short sentence. */
  readonly source: (kept: Kept) => string;
  readonly layout: (kept: Kept) => Known<Layout>;
}

/** For each 64 elements a scale and a zero point of two bytes each; llama.cpp's q8_0 and q4_0 have two bytes for each 32, as much. */
const groupBytesPerElement = 4 / 64;

/** Bytes of one stored element of a type, its part of a scale and a zero point included. */
export function storedItemBytes(dtype: ScenarioDtype): number {
  return scenarioItemBytes(dtype) + (dtype === "int8" || dtype === "int4" ? groupBytesPerElement : 0);
}

export function tokensOf(layers: readonly CachedLayer[]): CachedTokens[] {
  return layers.filter(isTokens);
}

export function statesOf(layers: readonly CachedLayer[]): CachedState[] {
  return layers.filter((layer): layer is CachedState => !isTokens(layer));
}

export function total<T>(items: readonly T[], bytes: (item: T) => number): number {
  return items.reduce((sum, item) => sum + bytes(item), 0);
}

/** The least multiple that holds it. */
export function upTo(multiple: number, size: number): number {
  return Math.ceil(size / multiple) * multiple;
}
