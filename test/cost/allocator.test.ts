import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Allocator, type Block } from "../../src/cost/memory/allocator.ts";

/** What a process on an H200 asked of PyTorch's allocator over three training steps, from its first tensor on. */
interface Recording {
  readonly name: string;
  readonly steady_bytes: number;
  readonly peak_bytes: number;
  readonly reserved_bytes: number;
  /** The event that the third step begins with. */
  readonly watched_from: number;
  /** Bytes asked for; or -1 - i, where what event i asked for is given back. */
  readonly events: readonly number[];
}

const recordings = gunzipSync(readFileSync("test/oracle/allocations.jsonl.gz"))
  .toString()
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recording);

const mebibyte = 2 ** 20;

describe("the caching allocator", () => {
  for (const { name, events, watched_from, steady_bytes, peak_bytes, reserved_bytes } of recordings) {
    it(`hands out and reserves for ${name} what PyTorch's did`, () => {
      const allocator = new Allocator();
      const blocks = new Map<number, Block>();
      let peak = 0;
      events.forEach((event, i) => {
        if (i === watched_from)
          assert(
            Math.abs(allocator.allocated / steady_bytes - 1) < 0.002,
            `steady ${allocator.allocated}, but ${steady_bytes}`,
          );
        if (event >= 0) blocks.set(i, allocator.allocate(event));
        else allocator.release(blocks.get(-1 - event) as Block);
        if (i >= watched_from) peak = Math.max(peak, allocator.allocated);
      });
      // Free blocks of one size are told apart by addresses, which the driver chooses.
      assert(Math.abs(peak / peak_bytes - 1) < 0.001, `peak ${peak}, but ${peak_bytes}`);
      assert(
        Math.abs(allocator.reserved / reserved_bytes - 1) < 0.02,
        `reserved ${allocator.reserved}, but ${reserved_bytes}`,
      );
    });
  }

  it("rounds requests up to 512 bytes and takes segments of 2 MiB, 20 MiB, or multiples of 2 MiB", () => {
    const reserved = (bytes: number) => {
      const allocator = new Allocator();
      allocator.allocate(bytes);
      return [allocator.allocated, allocator.reserved];
    };
    assert.deepEqual(reserved(1), [512, 2 * mebibyte]);
    assert.deepEqual(reserved(mebibyte), [mebibyte, 2 * mebibyte]);
    assert.deepEqual(reserved(mebibyte + 1), [mebibyte + 512, 20 * mebibyte]);
    assert.deepEqual(reserved(10 * mebibyte), [10 * mebibyte, 10 * mebibyte]);
    // No more than 1 MiB is left over: the block is handed out whole.
    assert.deepEqual(reserved(501 * mebibyte), [502 * mebibyte, 502 * mebibyte]);
  });

  it("joins free neighbours, and gives unused segments back before it goes beyond its limit", () => {
    const allocator = new Allocator(true, 40 * mebibyte);
    const parts = [4, 4, 4].map((n) => allocator.allocate(n * mebibyte));
    for (const part of [parts[1], parts[0], parts[2]]) allocator.release(part as Block);
    assert.equal(allocator.allocated, 0);
    allocator.allocate(9 * mebibyte);
    assert.equal(allocator.reserved, 20 * mebibyte);
    allocator.allocate(20 * mebibyte);
    assert.equal(allocator.reserved, 40 * mebibyte);
    const full = new Allocator(true, 40 * mebibyte);
    full.release(full.allocate(20 * mebibyte));
    full.allocate(30 * mebibyte);
    assert.equal(full.reserved, 30 * mebibyte);
  });
});
