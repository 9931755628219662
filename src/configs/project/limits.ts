/** The figures of a model that a budget can limit, by the words that people write for them. */
import * as z from "zod";
import { amountPattern, type Unit } from "../../base/amounts.ts";

/** Each figure's unit, its name in a sentence, and what it is. */
export const limitWords = {
  params: { unit: "count", label: "parameters", what: "Distinct parameters' elements." },
  trained: { unit: "count", label: "trained parameters", what: "Parameters that take a gradient." },
  flops: { unit: "flops", label: "FLOPs", what: "FLOPs of one forward pass, two a multiply-add." },
  weights: { unit: "bytes", label: "weights", what: "Bytes of the parameters." },
  buffers: { unit: "bytes", label: "buffers", what: "Bytes of the buffers." },
  gradients: { unit: "bytes", label: "gradients", what: "Bytes of the gradients in training." },
  optimizer: { unit: "bytes", label: "optimizer state", what: "Bytes that the optimizer keeps." },
  activations: {
    unit: "bytes",
    label: "activations",
    what: "Bytes alive after the forward pass, over those before it.",
  },
  saved: { unit: "bytes", label: "saved for backward", what: "Bytes that autograd keeps for the backward pass." },
  kv: { unit: "bytes", label: "KV cache", what: "Bytes of all cached keys and values." },
  kvPerToken: {
    unit: "bytes",
    label: "KV cache per token",
    what: "Bytes that the cache takes for one token of one sequence.",
  },
  peak: {
    unit: "bytes",
    label: "peak memory",
    what: "The most that is allocated at once: torch.cuda.max_memory_allocated.",
  },
  reserved: {
    unit: "bytes",
    label: "reserved memory",
    what: "What the allocator has taken from the device: torch.cuda.max_memory_reserved.",
  },
  device: {
    unit: "bytes",
    label: "memory on the card",
    what: "What the card shows: reserved, and the process's own context.",
  },
  time: { unit: "seconds", label: "time", what: "Seconds of the pass or step as PyTorch runs it." },
  kernels: {
    unit: "seconds",
    label: "time of the kernels",
    what: "Seconds without the gaps between kernels: a CUDA graph.",
  },
} as const satisfies Readonly<Record<string, { unit: Unit; label: string; what: string }>>;

export type LimitWord = keyof typeof limitWords;

/** Every word, in the order in which figures are printed. */
export const limitOrder = Object.keys(limitWords) as readonly LimitWord[];

const examples: Readonly<Record<Unit, string>> = {
  count: '8e9 or "8B"',
  flops: '"300 GFLOPs"',
  bytes: '"24GB"',
  seconds: '"100ms"',
};

/** The limits of a budget as they are written: a number in the figure's own unit, or an amount with its unit. */
export const limitSchemas = Object.fromEntries(
  limitOrder.map((word) => {
    const { unit, what } = limitWords[word];
    const written = z.string().regex(new RegExp(amountPattern(unit)), `not an amount such as ${examples[unit]}`);
    const limit = z.union([z.number().nonnegative(), written], `not an amount such as ${examples[unit]}`);
    return [word, limit.describe(`At most this: ${examples[unit]}. ${what}`).optional()];
  }),
) as unknown as Readonly<Record<LimitWord, z.ZodOptional<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>>>>;
