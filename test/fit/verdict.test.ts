/** Verdicts, and what a device table says of energy and money. */
import assert from "node:assert/strict";
import { decided, defaultScenario } from "../../src/base/scenario.ts";
import { Unknown } from "../../src/base/unknown.ts";
import { deviceOf } from "../../src/cost/deviceList.ts";
import type { Device } from "../../src/cost/devices/device.ts";
import { deviceTable, drawnShare, smallest } from "../../src/cost/fit/table.ts";
import { limitOf, verdict } from "../../src/cost/fit/verdict.ts";
import type { Weighed } from "../../src/cost/fit/weighed.ts";

const weighed = (change: Partial<Weighed>): Weighed => ({
  scenario: decided(defaultScenario),
  bytes: 10e9,
  interval: [9e9, 11e9],
  terms: [{ name: "weights", bytes: 6e9 }],
  seconds: undefined,
  secondsInterval: undefined,
  items: { count: 1024, unit: "token" },
  complete: true,
  ...change,
});
const device = (visibleBytes: number, more: Partial<Device> = {}): Device => ({
  id: `card-${visibleBytes / 1e9}`,
  name: "Card",
  kind: "gpu",
  memoryBytes: visibleBytes,
  visibleBytes,
  contextBytes: 0,
  memoryBytesPerSecond: 1e12,
  flopsPerSecond: {},
  sources: [],
  ...more,
});
const kind = (one: Partial<Weighed>, limit: number) => verdict(weighed(one), device(limit)).kind;

describe("a verdict", () => {
  it("says that it fits only where the upper end does", () => {
    assert.equal(kind({}, 11e9), "fits");
    assert.equal(kind({}, 10.9e9), "may not fit");
    assert.equal(kind({}, 9e9), "may not fit");
    assert.equal(kind({}, 8.9e9), "does not fit");
  });

  it("says nothing better than `unknown` of what is not known", () => {
    const none = verdict(weighed({ bytes: new Unknown("the loop does not end"), interval: undefined }), device(24e9));
    assert.equal(none.kind, "unknown");
    assert.equal(none.reason, "the loop does not end");
    assert.equal(none.headroomBytes, undefined);
    assert.equal(kind({ complete: false }, 24e9), "unknown");
  });

  it("leaves room for a context that nobody measured on that GPU", () => {
    const { contextBytes: _, ...unmeasured } = device(11e9);
    assert.equal(verdict(weighed({}), unmeasured).kind, "may not fit");
    assert.equal(verdict(weighed({}), { ...unmeasured, visibleBytes: 12e9 }).kind, "fits");
    assert.equal(verdict(weighed({}), { ...unmeasured, kind: "cpu" }).kind, "fits");
  });

  it("of a part that is too much already says that the whole does not fit", () => {
    assert.equal(kind({ complete: false }, 8e9), "does not fit");
  });

  it("names what is left and what takes most", () => {
    const { headroomBytes, binding, limitBytes } = verdict(weighed({}), device(24e9));
    assert.deepEqual([headroomBytes, limitBytes, binding?.name], [14e9, 24e9, "weights"]);
    assert.equal(verdict(weighed({}), device(8e9)).headroomBytes, -2e9);
  });

  it("takes what the driver shows for the limit, on phones what an app gets, else less than the sheet prints", () => {
    assert.deepEqual(limitOf(deviceOf("nvidia-h200-sxm-141gb")!), { sure: 150109880320, most: 150109880320 });
    const phone = deviceOf("apple-iphone-14-pro-6gb")!;
    assert.deepEqual(limitOf(phone), { sure: 3 * 2 ** 30, most: Math.floor(4.2 * 2 ** 30) });
    const { visibleBytes: _, ...unseen } = device(100e9);
    assert.deepEqual(limitOf(unseen), { sure: 95e9, most: 100e9 });
    assert.equal(verdict(weighed({ bytes: 97e9, interval: [96e9, 98e9] }), unseen).kind, "may not fit");
  });
});

describe("a verdict on a microcontroller", () => {
  const board = deviceOf("st-stm32f746-320kb")!;
  const model = (weights: number, rest: number) =>
    weighed({
      bytes: weights + rest,
      interval: [weights + 0.9 * rest, weights + 1.1 * rest],
      terms: [
        { name: "weights", bytes: weights },
        { name: "activations", bytes: rest },
      ],
    });

  it("wants its weights in the flash and the rest in the RAM", () => {
    assert.equal(verdict(model(900e3, 250e3), board).kind, "fits");
    assert.equal(verdict(model(900e3, 320e3), board).kind, "may not fit");
    const full = verdict(model(900e3, 400e3), board);
    assert.deepEqual([full.kind, full.binding?.name, full.limitBytes], ["does not fit", "activations", 327_680]);
    const large = verdict(model(2e6, 10e3), board);
    assert.deepEqual([large.kind, large.binding?.name, large.limitBytes], ["does not fit", "weights", 2 ** 20]);
  });

  it("is not known where the memory is not, although the weights would fit", () => {
    const unknown = { ...model(900e3, 0), bytes: new Unknown("the loop does not end"), interval: undefined };
    assert.equal(verdict(unknown, board).kind, "unknown");
  });

  it("trains only what is in the RAM", () => {
    const training = { ...model(900e3, 250e3), scenario: { ...decided(defaultScenario), phase: "train" as const } };
    assert.equal(verdict(training, board).kind, "does not fit");
  });
});

describe("a table of devices", () => {
  const devices = [device(24e9, { powerWatts: 400 }), device(8e9), device(12e9)];
  const rows = (seconds: number | undefined, prices = {}) => deviceTable(() => weighed({ seconds }), devices, prices);

  it("goes from the least memory to the most, and the first that fits is the smallest", () => {
    assert.deepEqual(
      rows(1).map(({ device: { id }, verdict: { kind: one } }) => [id, one]),
      [
        ["card-8", "does not fit"],
        ["card-12", "fits"],
        ["card-24", "fits"],
      ],
    );
    assert.equal(smallest(rows(1))?.device.id, "card-12");
  });

  it("tells energy where power and time are known", () => {
    const [, second, third] = rows(2);
    assert.equal(second?.joules, undefined);
    assert.equal(third?.joules, 2 * 400 * drawnShare);
    assert.equal(third?.itemsPerSecond, 512);
    assert.equal(rows(undefined)[2]?.joules, undefined);
  });

  it("tells money by the hour of a device, else by its electricity", () => {
    const [first, , third] = rows(3.6, { perHour: { "card-8": 2 }, electricityPerKwh: 0.25 });
    assert.equal(first?.cost?.of, "device");
    assert(Math.abs(first!.cost!.perStep - 0.002) < 1e-12);
    assert(Math.abs(first!.cost!.perMillionItems - 2000 / 1024) < 1e-9);
    assert.equal(third?.cost?.of, "electricity");
    assert(Math.abs(third!.cost!.perStep - ((3.6 * 400 * drawnShare) / 3.6e6) * 0.25) < 1e-15);
    assert.equal(rows(3.6)[0]?.cost, undefined);
  });
});
