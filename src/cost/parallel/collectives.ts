/** What a collective sends and how long it takes: bytes over a rank's links, in one direction. */
import type { Interconnect } from "../interconnects/interconnect.ts";

export type Collective = "all-reduce" | "reduce-scatter" | "all-gather" | "all-to-all" | "send";

/**
 * Bytes that one rank of `ranks` sends, given the whole tensor: its full size for an all-reduce, what is gathered or
 * scattered in all, and for an all-to-all what one rank holds. Rings move the least that is possible
 * (Patarasuk and Yuan 2009): 2·(n-1)/n of the tensor for an all-reduce, (n-1)/n for each of its halves.
 */
export function sentBytes(collective: Collective, bytes: number, ranks: number): number {
  if (ranks <= 1) return 0;
  if (collective === "send") return bytes;
  const part = (bytes * (ranks - 1)) / ranks;
  return collective === "all-reduce" ? 2 * part : part;
}

/** Seconds of one collective: its steps' latencies and its bytes at the rate that large collectives reach. */
export function collectiveSeconds(
  collective: Collective,
  bytes: number,
  ranks: number,
  {
    latencySeconds,
    bytesPerSecond,
    efficiency,
  }: Pick<Interconnect, "latencySeconds" | "bytesPerSecond" | "efficiency">,
): number {
  if (ranks <= 1 || bytes === 0) return 0;
  const rate = bytesPerSecond * efficiency;
  const ring = steps(collective, ranks) * latencySeconds + sentBytes(collective, bytes, ranks) / rate;
  if (collective !== "all-reduce") return ring;
  // NCCL takes a double binary tree where a ring's latencies weigh more.
  const tree = 2 * Math.ceil(Math.log2(ranks)) * latencySeconds + (2 * bytes) / rate;
  return Math.min(ring, tree);
}

function steps(collective: Collective, ranks: number): number {
  if (collective === "send" || collective === "all-to-all") return 1;
  return collective === "all-reduce" ? 2 * (ranks - 1) : ranks - 1;
}
