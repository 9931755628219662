/** The largest size that fits, against trying every size. */
import assert from "node:assert/strict";
import { type AskedScenario, decided, defaultScenario } from "../../src/base/scenario.ts";
import { Unknown } from "../../src/base/unknown.ts";
import type { Device } from "../../src/cost/devices/device.ts";
import { largest } from "../../src/cost/fit/largest.ts";
import type { Weighed } from "../../src/cost/fit/weighed.ts";
import { random } from "../support/random.ts";

const device = (visibleBytes: number): Device => ({
  id: "a-card",
  name: "A card",
  kind: "gpu",
  memoryBytes: visibleBytes,
  visibleBytes,
  contextBytes: 0,
  memoryBytesPerSecond: 1e12,
  flopsPerSecond: {},
  sources: [],
});

/** A model whose memory is a function of the size; `low` and `high` are the interval's ends as shares of it. */
function model(bytesOf: (size: number) => number | undefined, along: "batch" | "sequence", spread = 0.05) {
  const sizes: number[] = [];
  const weigh = (scenario: AskedScenario): Weighed => {
    const size = scenario[along];
    sizes.push(size);
    const bytes = bytesOf(size);
    const weights = bytesOf(0) ?? 0;
    return {
      scenario: decided(scenario),
      bytes: bytes ?? new Unknown("position 1024 is not in the table"),
      interval: bytes === undefined ? undefined : [(1 - spread) * bytes, (1 + spread) * bytes],
      terms:
        bytes === undefined
          ? []
          : [
              { name: "weights", bytes: weights },
              { name: "activations", bytes: bytes - weights },
            ],
      seconds: undefined,
      secondsInterval: undefined,
      items: { count: size, unit: "sample" },
      complete: true,
    };
  };
  return { weigh, sizes };
}

/** The largest size up to `most` whose upper end fits, by trying them all. */
function tried(bytesOf: (size: number) => number | undefined, limit: number, most: number, spread = 0.05) {
  let best: number | undefined;
  for (let size = 1; size <= most; size++) {
    const bytes = bytesOf(size);
    if (bytes === undefined || (1 + spread) * bytes > limit) break;
    best = size;
  }
  return best;
}

describe("the largest size that fits", () => {
  it("is where a straight line reaches the memory", () => {
    const bytes = (n: number) => 3e9 + 123_456_789 * n;
    const { weigh, sizes } = model(bytes, "batch");
    const found = largest(weigh, defaultScenario, "batch", device(24e9));
    assert.equal(found.value, tried(bytes, 24e9, 1000));
    assert.equal(found.end, "memory");
    assert.equal(found.growing, "activations");
    assert.equal(found.at.kind, "fits");
    assert.equal(found.weighed, sizes.length);
    assert(sizes.length <= 6, `${sizes}`);
  });

  it("is where a parabola does", () => {
    const bytes = (t: number) => 2e9 + 4e5 * t + 640 * t * t;
    const { weigh, sizes } = model(bytes, "sequence");
    const found = largest(weigh, defaultScenario, "sequence", device(80e9));
    assert.equal(found.value, tried(bytes, 80e9, 20_000));
    assert(sizes.length <= 10, `${sizes}`);
  });

  it("was weighed, and the next one was weighed and does not", () => {
    const bytes = (n: number) => 1e9 + 7e7 * n;
    const { weigh, sizes } = model(bytes, "batch");
    const { value } = largest(weigh, defaultScenario, "batch", device(16e9));
    assert(sizes.includes(value!) && sizes.includes(value! + 1));
  });

  it("is none where not even one fits, and names what takes the memory", () => {
    const { weigh } = model((n) => 30e9 + 1e6 * n, "batch");
    const found = largest(weigh, defaultScenario, "batch", device(24e9));
    assert.equal(found.value, undefined);
    assert.equal(found.at.kind, "does not fit");
    assert.equal(found.at.binding?.name, "weights");
  });

  it("never counts as fitting what the interval leaves open", () => {
    const { weigh } = model((n) => 1e9 * n, "batch", 0.1);
    assert.equal(largest(weigh, defaultScenario, "batch", device(22e9)).value, 20);
    assert.equal(largest(model((n) => 1e9 * n, "batch", 0).weigh, defaultScenario, "batch", device(22e9)).value, 22);
  });

  it("ends where the figures do, and says why", () => {
    const bytes = (t: number) => (t > 1024 ? undefined : 1e9 + 1e5 * t);
    const { weigh, sizes } = model(bytes, "sequence");
    const found = largest(weigh, defaultScenario, "sequence", device(24e9));
    assert.equal(found.value, 1024);
    assert.equal(found.end, "unknown");
    assert.equal(found.reason, "position 1024 is not in the table");
    assert(sizes.length <= 30, `${sizes.length}`);
  });

  it("is not looked for without end", () => {
    const { weigh, sizes } = model(() => 1e9, "batch");
    const found = largest(weigh, defaultScenario, "batch", device(24e9));
    assert.equal(found.end, "search");
    assert.equal(found.value, 2 ** 20);
    assert(sizes.length <= 12);
  });

  for (let seed = 1; seed <= 60; seed++) {
    it(`agrees with trying every size, seed ${seed}`, () => {
      const { next } = random(seed);
      const [base, linear, square] = [
        1e9 + 2e10 * next(),
        10 ** (5 + 3 * next()),
        next() < 0.5 ? 0 : 10 ** (1 + 3 * next()),
      ];
      // An allocator takes memory in steps.
      const step = next() < 0.5 ? 1 : 2e7;
      const bytes = (n: number) => step * Math.ceil((base + linear * n + square * n * n) / step);
      const { weigh, sizes } = model(bytes, "sequence");
      const found = largest(weigh, defaultScenario, "sequence", device(24e9));
      assert.equal(found.value, tried(bytes, 24e9, 300_000));
      assert(sizes.length <= 24, `${sizes.length} were weighed`);
    });
  }
});
