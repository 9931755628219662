/** Which bytes an operation finds in the last-level cache: storages by their last use, the oldest going first. */
import type { Storage } from "../../tensor/tensor.ts";

export interface Traffic {
  /** Bytes from or to the memory. */
  readonly far: number;
  /** Bytes that the cache gives or takes. */
  readonly near: number;
}

export class Residency {
  private readonly held = new Map<Storage, number>();
  private bytes = 0;

  constructor(private readonly capacity: number) {}

  /** Reads what is listed, then writes what is listed. */
  pass(reads: ReadonlyMap<Storage, number>, writes: ReadonlyMap<Storage, number>): Traffic {
    let far = 0;
    let near = 0;
    for (const [storage, bytes] of reads) {
      const found = Math.min(bytes, this.held.get(storage) ?? 0);
      near += found;
      far += bytes - found;
    }
    for (const [storage, bytes] of reads) this.touch(storage, bytes);
    for (const [storage, bytes] of writes) {
      // What is written stays in the cache where it fits, and may never reach the memory.
      const fits = bytes <= this.capacity / 2;
      near += fits ? bytes : 0;
      far += fits ? 0 : bytes;
      this.touch(storage, bytes);
    }
    return { far, near };
  }

  free(storage: Storage): void {
    this.bytes -= this.held.get(storage) ?? 0;
    this.held.delete(storage);
  }

  private touch(storage: Storage, bytes: number): void {
    const kept = Math.min(Math.max(bytes, this.held.get(storage) ?? 0), this.capacity);
    this.free(storage);
    this.held.set(storage, kept);
    this.bytes += kept;
    for (const oldest of this.held.keys()) {
      if (this.bytes <= this.capacity || oldest === storage) break;
      this.free(oldest);
    }
  }
}
