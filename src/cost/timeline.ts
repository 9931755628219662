/** Bytes alive over a forward pass, from the trace's storages and releases. */
import type { Place } from "../base/place.ts";
import { type Known, Unknown } from "../base/unknown.ts";
import type { Storage } from "../tensor/tensor.ts";
import type { Trace } from "../trace/trace.ts";

export interface Timeline {
  /** Highest sum of bytes that the pass itself made, inputs and weights left out. */
  readonly peakBytes: Known<number>;
  /** The operation at the peak. */
  readonly peakAt: Place | undefined;
  /** What the pass made and is still held behind its end. */
  readonly endBytes: Known<number>;
}

/** CUDA's caching allocator hands out multiples of this many bytes (c10/cuda/CUDACachingAllocator.cpp, kMinBlockSize). */
const blockBytes = 512;

/** Walks the trace; unknown from the first storage of unknown size on. */
export function timeline(trace: Trace): Timeline {
  const alive = new Set<Storage>();
  let bytes = 0;
  let peakBytes = 0;
  let peakAt: Place | undefined;
  let unknown: Unknown | undefined;
  const add = (storage: Storage) => {
    if (alive.has(storage)) return;
    alive.add(storage);
    if (storage.bytes instanceof Unknown) unknown ??= storage.bytes;
    else bytes += rounded(storage.bytes);
  };
  for (const event of trace.events) {
    if (event.kind === "unknown") unknown ??= event.reason;
    else if (event.kind === "release") {
      if (alive.delete(event.storage) && !(event.storage.bytes instanceof Unknown))
        bytes -= rounded(event.storage.bytes);
    } else {
      for (const storage of event.made) add(storage);
      for (const storage of event.saved) if (storage.role === "activation") add(storage);
      if (bytes > peakBytes) {
        peakBytes = bytes;
        peakAt = event.at;
      }
    }
  }
  return { peakBytes: unknown ?? peakBytes, peakAt, endBytes: unknown ?? bytes };
}

function rounded(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}
