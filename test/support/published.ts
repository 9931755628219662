/** Published closed forms of parallel training, for a transformer of known sizes. */

export interface Transformer {
  readonly sequence: number;
  readonly batch: number;
  readonly hidden: number;
  readonly heads: number;
}

export type Recompute = "none" | "selective" | "full";

/**
 * Bytes that one layer of a GPT keeps for backward in 16 bits (arXiv 2205.05198, table 2): s·b·h·(34 + 5·a·s/h) on one
 * device, s·b·h·(10 + 24/t + 5·a·s/(h·t)) under tensor parallelism, all of it over t with sequence parallelism; selective
 * recomputation drops the attention's 5·a·s/h, full recomputation keeps the layer's input, 2·s·b·h.
 */
export function layerActivationBytes(
  { sequence, batch, hidden, heads }: Transformer,
  tensor = 1,
  sequenceParallel = false,
  recompute: Recompute = "none",
): number {
  const each = sequence * batch * hidden;
  if (recompute === "full") return 2 * each;
  const attention = recompute === "selective" ? 0 : (5 * heads * sequence) / hidden;
  return each * (sequenceParallel ? (34 + attention) / tensor : 10 + (24 + attention) / tensor);
}

/**
 * Elements that one rank sends for one attention layer's forward pass under DeepSpeed-Ulysses (arXiv 2309.14509,
 * section 3.2): four all-to-alls over q, k, v and the output, 4·N·h/P in all for messages of N·h/P.
 */
export function ulyssesElements(tokens: number, hidden: number, keyHidden: number, ranks: number): number {
  return ((2 * hidden + 2 * keyHidden) * tokens * (ranks - 1)) / ranks / ranks;
}

/** Elements that one rank sends for one layer's forward pass of ring attention: its keys and values go round, p-1 times. */
export function ringElements(tokens: number, keyHidden: number, ranks: number): number {
  return ((ranks - 1) * 2 * keyHidden * tokens) / ranks;
}
