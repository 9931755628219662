/** A model's bytes in one pass or step, and what it keeps from token to token. */
import type { Place } from "../base/place.ts";
import type { Known } from "../base/unknown.ts";
import type { StepPart } from "../trace/trace.ts";

/** Bytes of one pass or step. Three totals are kept apart: what tensors take, what the allocator reserves, what the card shows. */
export interface MemoryReport {
  readonly weightBytes: Known<number>;
  readonly bufferBytes: Known<number>;
  readonly inputBytes: Known<number>;
  readonly gradientBytes: Known<number>;
  readonly optimizerBytes: Known<number>;
  /** Alive after forward, over what was alive before; the output included. */
  readonly activationBytes: Known<number>;
  /** Of the activations: copies of weights in autocast's type. */
  readonly castBytes: Known<number>;
  /** All keys and values that are cached; undefined for a model that has no KV cache. */
  readonly kvCacheBytes: Known<number> | undefined;
  /** Per token of one sequence; undefined for a model that has no KV cache. */
  readonly kvBytesPerToken: Known<number> | undefined;
  /** What is kept from token to token, by runtime; undefined for a model that keeps nothing, or of which nobody says so. */
  readonly kv?: Known<KvReport> | undefined;
  /** What libraries keep for products, and the most that an operation takes while it runs. */
  readonly workspaceBytes: Known<number>;
  /** The most that is allocated at once: `torch.cuda.max_memory_allocated`. */
  readonly peakBytes: Known<number>;
  /** Between which bytes the true peak lies in nine of ten cases; undefined where the peak is not known. */
  readonly peakInterval: readonly [number, number] | undefined;
  /** What the allocator has taken from the device: `torch.cuda.max_memory_reserved`. */
  readonly reservedBytes: Known<number>;
  /** What the card shows: reserved, and the process's own context. */
  readonly deviceBytes: Known<number>;
  readonly peakMoment: PeakMoment | undefined;
  /** The operation at the peak (`aten.gelu`); undefined where it is the optimizer's step. */
  readonly peakOperation: string | undefined;
  /** Where the peak is. */
  readonly peakAt: Place | undefined;
  /** What is alive at the peak, largest first. */
  readonly peakHolders: readonly PeakHolder[];
  /** What the peak is the sum of, with where each term comes from. */
  readonly terms: readonly MemoryTerm[];
  /** The highest of each part of the step, in their order; empty where these are one rank's figures. */
  readonly moments: readonly MemoryMoment[];
  /** Bytes allocated over the step, at most 400 points. */
  readonly timeline: readonly { readonly bytes: number; readonly part: StepPart }[];
  /** What the reader should know: constants assumed for a device that does not say them. */
  readonly remarks: readonly string[];
}

/** What a model keeps from token to token: keys and values, latent vectors, states. */
export interface KvReport {
  /** Whose layout `kvCacheBytes` and `kvBytesPerToken` are of. */
  readonly runtime: "minimal" | "transformers" | "vllm" | "llama.cpp";
  /** Whether nobody asked for that runtime. */
  readonly byDefault: boolean;
  /** Tokens of one sequence that are kept. */
  readonly tokens: number;
  /** That the tokens are more than the model is made for, a sentence. */
  readonly beyond?: string | undefined;
  /** Every runtime's, minimal first. */
  readonly layouts: readonly KvLayout[];
  /** Of states that have one size whatever the length, in the minimal layout; all sequences. */
  readonly stateBytes: number;
  /** Of an encoder's keys and values, in the minimal layout; all sequences. */
  readonly crossedBytes: number;
  /** The minimal layout of one sequence by its length: what layers of each window take for a token, up to that window. */
  readonly parts: readonly { readonly window: number | undefined; readonly bytesPerToken: number }[];
  /** Layers whose windows are full at this length, and what they would add for one more token of a sequence without them. */
  readonly full: { readonly layers: number; readonly bytesPerToken: number };
}

export interface KvLayout {
  /** `vLLM`, or `transformers, expanded`. */
  readonly name: string;
  readonly runtime: KvReport["runtime"];
  /** Of all sequences. */
  readonly bytes: Known<number>;
  readonly bytesPerToken: Known<number>;
  /** What it keeps and where that is written. */
  readonly source: string;
}

export type PeakMoment =
  | "forward"
  | "logits and loss"
  | "backward"
  | "recompute"
  | "optimizer step"
  | "longest prefill"
  | "decode step";

export interface PeakHolder {
  /** `weights`, or the operation that made it and its layer: `aten.gelu in layers.0.mlp`. */
  readonly name: string;
  /** How many tensors it stands for. */
  readonly count: number;
  readonly bytes: number;
  readonly at: Place | undefined;
}

/** The most that one part of a step has at once, and what that is the sum of. */
export interface MemoryMoment {
  readonly part: StepPart;
  readonly bytes: number;
  readonly terms: readonly MemoryTerm[];
}

export interface MemoryTerm {
  readonly name: string;
  readonly bytes: Known<number>;
  readonly source: string;
}
