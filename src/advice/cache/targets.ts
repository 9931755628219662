/** A model's KV cache as the techniques on it count: bytes a token, layers, widths. */
import { known } from "../../base/unknown.ts";
import { sizesOf } from "../../cost/memory/holdings.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { integers } from "../../tensor/size.ts";
import { cacheBytes } from "../attention/caches.ts";
import { attentionCalls } from "../attention/calls.ts";
import { layersOf } from "../code/flow.ts";
import type { Subject } from "../subject.ts";
import type { Term } from "../techniques/technique.ts";
import { type DraftShape, draftParams } from "./draftCode.ts";
import { type Draft, drafts, weightBytesOf } from "./speculation.ts";

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
  what: "the small model that looks ahead; auto: of the model's family where that is Qwen or Llama, else one that is built and trained beside it",
  values: ["auto", ...Object.keys(drafts)],
} as const;

/** The draft that a knob names. */
export function draftOf(subject: Subject, named: unknown): Draft {
  if (named !== "auto") return drafts[String(named)] as Draft;
  const family = String(subject.config?.["model_type"] ?? "");
  const shape = draftShapeOf(subject);
  if (subject.config || !shape) return drafts[family.startsWith("qwen") ? "qwen2.5-0.5b" : "llama-3.2-1b"] as Draft;
  const item = itemBytes(attentionCalls(subject.pass)[0]?.dtype ?? "bfloat16");
  return {
    name: "the draft",
    params: draftParams(shape),
    layers: shape.layers,
    width: shape.width,
    kvBytesPerToken: 2 * shape.layers * shape.width * item,
    bytesPerParameter: item,
    tableParams: shape.vocabulary * shape.width,
  };
}

/** A quarter of the model's width and a sixth of its layers, over its vocabulary; nothing where it embeds no tokens. */
export function draftShapeOf({ inference }: Subject): DraftShape | undefined {
  const embedding = inference.events.find((event) => event.kind === "operation" && event.name === "aten.embedding");
  const table = embedding?.kind === "operation" ? embedding.inputs[0] : undefined;
  const [vocabulary, width] = table ? (sizesOf(table) ?? []) : [];
  if (!vocabulary || !width) return undefined;
  const narrow = Math.max(64, 64 * Math.round(width / 4 / 64));
  return {
    vocabulary,
    width: narrow,
    layers: Math.max(1, Math.round(attentionCalls(inference).length / 6)),
    heads: narrow / 64,
  };
}

/** What a draft adds beside the model: its weights, and its parameters where the model's own file builds it. */
export function draftTerms(subject: Subject, draft: Draft, named: unknown): Term[] {
  const formula = `${draft.name}'s weights`;
  const weights = (["weightBytes", "peakBytes"] as const).map((figure) => ({
    figure,
    add: weightBytesOf(draft),
    formula,
  }));
  return [...builtTerms(subject, named), ...weights];
}

function builtTerms(subject: Subject, named: unknown): Term[] {
  const shape = named === "auto" && !subject.config ? draftShapeOf(subject) : undefined;
  if (!shape) return [];
  const formula = "V·w + L·(12·w² + 13·w) + 2·w";
  return (["params", "trainableParams"] as const).map((figure) => ({ figure, add: draftParams(shape), formula }));
}

/** Whether one of the model's layers is of a class that an edit of this catalogue brings along. */
export function has({ figures }: Subject, className: "CacheProcessor" | "Draft" | "Memo"): boolean {
  return layersOf(figures.tree).some((layer) => layer.className === className);
}
