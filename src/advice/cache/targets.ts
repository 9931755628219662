/** A model's KV cache as the techniques on it count: bytes a token, layers, widths. */
import { known } from "../../base/unknown.ts";
import { sizesOf } from "../../cost/memory/holdings.ts";
import { integers } from "../../tensor/size.ts";
import { cacheBytes } from "../attention/caches.ts";
import type { Subject } from "../subject.ts";
import { type Draft, drafts } from "./speculation.ts";

export interface CacheShape {
  readonly layers: number;
  /** Tokens that it holds, of each sequence. */
  readonly tokens: number;
  /** Of one sequence, all layers, keys and values. */
  readonly bytesPerToken: number;
  /** Elements of a token's keys and values in one layer: 2·h_kv·d_h. */
  readonly elementsPerLayer: number;
  readonly params: number;
}

/** Nothing where the model caches nothing. */
export function cacheShape({ kvCaches, scenario, figures }: Subject): CacheShape | undefined {
  const [key, value] = kvCaches[0] ?? [];
  if (!key || !value || kvCaches.flat().some((one) => !sizesOf(one))) return undefined;
  const tokens = integers(key.shape).at(-2) ?? 1;
  const perToken = [key, value].map(({ shape }) => {
    const [, heads = 1] = integers(shape);
    return heads * (integers(shape).at(-1) ?? 1);
  });
  return {
    layers: kvCaches.length,
    tokens,
    bytesPerToken: cacheBytes(kvCaches) / (tokens * scenario.batch),
    elementsPerLayer: (perToken[0] ?? 0) + (perToken[1] ?? 0),
    params: known(figures.layers.get("")?.params ?? 0) ?? 0,
  };
}

export const draftKnob = {
  default: "auto",
  what: "the small model that looks ahead; auto: of the model's family where that is Qwen, else Llama",
  values: ["auto", ...Object.keys(drafts)],
} as const;

export function draftOf({ config }: Subject, named: unknown): Draft {
  const family = String(config?.["model_type"] ?? "").startsWith("qwen") ? "qwen2.5-0.5b" : "llama-3.2-1b";
  return drafts[named === "auto" ? family : String(named)] as Draft;
}
