/** Whether what was weighed fits a device: it does, it does not, or it may not. Every surface tells this one verdict. */
import { known, Unknown } from "../../base/unknown.ts";
import type { Device } from "../devices/device.ts";
import type { Term, Weighed } from "./weighed.ts";

export interface Verdict {
  /**
   * `fits` only where even the upper end of the interval does, with what the allocator reserves and the process's context;
   * `may not fit` where the limit lies within the interval; `unknown` where the memory is not known well enough to compare.
   */
  readonly kind: "fits" | "may not fit" | "does not fit" | "unknown";
  /** The memory that a program surely gets. */
  readonly limitBytes: number;
  /** What is left of that; less than nothing where it does not fit. Undefined where the memory is not known. */
  readonly headroomBytes: number | undefined;
  /** How far the upper end of the memory lies beyond the limit; less than nothing where it fits. */
  readonly overBytes: number | undefined;
  /** The term that takes most of the memory. */
  readonly binding: Term | undefined;
  /** Why it is not known. */
  readonly reason?: string | undefined;
}

/** Where a device keeps weights in read-only memory, they must fit there and the rest in its RAM. */
export function verdict(weighed: Weighed, device: Device): Verdict {
  const { flashBytes } = device;
  if (flashBytes === undefined || weighed.scenario.phase === "train") return against(weighed, device, limitOf(device));
  const isStored = ({ name }: Term) => name === "weights" || name === "buffers";
  const stored = weighed.terms.filter(isStored);
  const storedBytes = stored.reduce((total, { bytes }) => total + bytes, 0);
  const inFlash = { ...weighed, bytes: storedBytes, interval: undefined, terms: stored };
  const flash = against(inFlash, device, { sure: flashBytes, most: flashBytes });
  if (flash.kind === "does not fit") return flash;
  if (weighed.bytes instanceof Unknown) return against(weighed, device, limitOf(device));
  const [low, high] = weighed.interval ?? [weighed.bytes, weighed.bytes];
  const inRam: Weighed = {
    ...weighed,
    bytes: weighed.bytes - storedBytes,
    interval: [Math.max(0, low - storedBytes), Math.max(0, high - storedBytes)],
    terms: weighed.terms.filter((term) => !isStored(term)),
  };
  return against(inRam, device, limitOf(device));
}

function against(weighed: Weighed, device: Device, { sure, most }: { sure: number; most: number }): Verdict {
  const point = known(weighed.bytes);
  const [low, end] = weighed.interval ?? [point ?? 0, point ?? 0];
  const high = end + uncountedBytes(device) + groupBytes(weighed, device);
  const common = {
    limitBytes: sure,
    headroomBytes: point === undefined ? undefined : sure - point,
    overBytes: point === undefined ? undefined : high - sure,
    binding: weighed.terms[0],
  };
  if (weighed.bytes instanceof Unknown) return { ...common, kind: "unknown", reason: weighed.bytes.reason };
  // What is known of it is a lower bound already.
  if (low > most) return { ...common, kind: "does not fit" };
  if (!weighed.complete) return { ...common, kind: "unknown", reason: "not everything that it needs is known" };
  return { ...common, kind: high <= sure ? "fits" : "may not fit" };
}

/** The largest context of a process that we measured: on the H200 with CUDA 13. A GPU on which nobody did may take as much. */
export const mostContextBytes = 915_210_240;

/** What a process may take of a device beside what was weighed. */
export function uncountedBytes({ kind, contextBytes }: Device): number {
  return kind === "gpu" && contextBytes === undefined ? mostContextBytes : 0;
}

/**
 * NCCL's buffers for one group of ranks, which no figure counts: 32 channels at most, each with a peer to send to and one to
 * receive from, and for each of these buffers of 4 MiB (NCCL_BUFFSIZE), 4.7 MiB (LL128) and 0.5 MiB (LL): nccl, src/include/device.h.
 */
const ncclGroupBytes = 32 * 2 * 9.2 * 2 ** 20;

function groupBytes({ groups = 0 }: Weighed, { kind }: Device): number {
  return kind === "gpu" ? groups * ncclGroupBytes : 0;
}

/** The part of the printed memory that a driver shows at least, where nobody wrote down how much: no GPU that we know of shows less. */
const shownAtLeast = 0.95;

/** The memory that a program gets on a device: surely, and at most. */
export function limitOf({ kind, memoryBytes, visibleBytes, limits }: Device): { sure: number; most: number } {
  const { appBytes, appBytesMost } = limits ?? {};
  if (appBytes !== undefined) return { sure: appBytes, most: appBytesMost ?? appBytes };
  if (visibleBytes !== undefined) return { sure: visibleBytes, most: visibleBytes };
  // Without a driver or a system between, all of it is the program's.
  const share = kind === "microcontroller" || kind === "fpga" ? 1 : shownAtLeast;
  return { sure: share * memoryBytes, most: memoryBytes };
}
