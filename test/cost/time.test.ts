import assert from "node:assert/strict";
import { Unknown } from "../../src/base/unknown.ts";
import type { Device } from "../../src/cost/devices/device.ts";
import device from "../../src/cost/devices/h200Sxm141.ts";
import type { TimeReport } from "../../src/cost/report.ts";
import { throughput } from "../../src/cost/time/throughput.ts";
import { timeOf } from "../../src/cost/time/timeOf.ts";
import type { Trace } from "../../src/trace/trace.ts";
import {
  type MeasuredModel,
  type MeasuredOperation,
  measuredRows,
  scenarioOf,
  tracedModel,
  tracedOperation,
} from "../support/timing.ts";

const rows = measuredRows();
const scenario = scenarioOf({ phase: "prefill", batch: 1, sequence: 1, dtype: "bf16", request: {} } as MeasuredModel);

describe("time", () => {
  it("of single operations agrees with what an H200 took", () => {
    const errors = rows
      .filter((row): row is MeasuredOperation => row.row === "operation")
      .filter((_, i) => i % 11 === 0)
      .flatMap((row) => {
        const { grad: _grad, ...bare } = row;
        const trace = tracedOperation(bare);
        assert.ok(typeof trace !== "string", `${row.code}: ${trace}`);
        const { seconds } = timeOf(trace, { device, scenario });
        return typeof seconds === "number" && seconds > 0 ? [Math.abs((seconds * 1e6) / row.us - 1)] : [];
      })
      .sort((a, b) => a - b);
    assert.ok(errors.length > 150);
    assert.ok(at(errors, 0.5) < 0.1, `median error ${at(errors, 0.5)}`);
    assert.ok(at(errors, 0.9) < 0.4, `nine of ten err less than ${at(errors, 0.9)}`);
  });

  // Kernels were fitted to single operations: these are whole passes and steps, of which every fourth is run here.
  const models = rows.filter((one): one is MeasuredModel => one.row === "model" && one.request.config !== undefined);
  for (const row of models.filter((_, i) => i % 4 === 0)) {
    it(`of ${row.name} agrees: ${row.phase}, ${row.dtype}${row.autocast ? " autocast" : ""}, ${row.batch} × ${row.sequence}`, () => {
      const trace = tracedModel(row, "");
      assert.ok(typeof trace !== "string", String(trace));
      const { eagerSeconds } = timeOf(trace, { device, scenario: scenarioOf(row) });
      assert.ok(typeof eagerSeconds === "number");
      const error = (eagerSeconds * 1000) / row.loop_ms - 1;
      assert.ok(Math.abs(error) < 0.35, `${(eagerSeconds * 1000).toFixed(2)} ms, but ${row.loop_ms} were measured`);
    });
  }
});

describe("a time report", () => {
  const row = rows.find(
    (one): one is MeasuredModel => one.row === "model" && one.name === "gpt2" && one.phase === "train",
  );
  const trace = tracedModel(row as MeasuredModel, "") as Trace;
  const training = scenarioOf(row as MeasuredModel);
  const report = timeOf(trace, { device, scenario: training });

  it("adds up by what bounds it, by kind, by part of the step and by module", () => {
    const { seconds, bound, kinds, parts, calls } = report;
    near(sum(Object.values(bound)), seconds);
    near(sum(kinds.map((kind) => kind.seconds)), seconds);
    near(sum(Object.values(parts)), seconds);
    near((calls.get(0)?.seconds ?? 0) + (parts.optimizer ?? 0), seconds);
    near(sum([...report.operations.values()].map((one) => one.seconds)) + (parts.optimizer ?? 0), seconds);
  });

  it("is never shorter with the CPU than without, and lies in its interval", () => {
    assert.ok(known(report.eagerSeconds) >= known(report.seconds));
    const [low = 0, high = 0] = report.interval ?? [];
    assert.ok(low < known(report.seconds) && known(report.seconds) < high);
  });

  it("gives tokens per second and the share of the peak that they take", () => {
    const {
      tokensPerSecond = 0,
      modelFlopsUtilization = 0,
      secondsToFirstToken,
    } = throughput(report, training, { sequence: true }) ?? {};
    near(tokensPerSecond * known(report.eagerSeconds), 2 * 512);
    // About 6 floating-point operations per weight and token.
    const expected = (6 * 124e6 * 1024) / known(report.eagerSeconds) / 989.5e12;
    assert.ok(Math.abs(modelFlopsUtilization / expected - 1) < 0.15, String(modelFlopsUtilization));
    assert.equal(secondsToFirstToken, undefined);
    const images = throughput(report, { ...training, batch: 8 }, { sequence: false });
    near((images?.samplesPerSecond ?? 0) * known(report.eagerSeconds), 8);
    assert.equal(images?.tokensPerSecond, undefined);
    const token = throughput(report, { ...training, phase: "decode" }, { sequence: true });
    near((token?.tokensPerSecond ?? 0) * (token?.secondsPerToken ?? 0), 2);
  });

  it("of a step of four passes takes all but the optimizer four times, and adds up the gradients thrice", () => {
    const four = timeOf(trace, { device, scenario: { ...training, gradientAccumulation: 4 } });
    const { optimizer = 0 } = report.parts;
    near(four.parts.optimizer ?? 0, optimizer);
    near(four.parts.forward ?? 0, 4 * (report.parts.forward ?? 0));
    const sums = known(four.seconds) - optimizer - 4 * (known(report.seconds) - optimizer);
    // 124 M gradients of two bytes, two read and one written, by about 150 kernels of 1 to 3 µs.
    const traffic = (3 * 3 * 248e6) / 4.8e12;
    assert.ok(sums > traffic && sums < 1.3 * traffic + 3 * 200 * 3e-6, String(sums));
    assert.ok(known(four.eagerSeconds) > 3.5 * known(report.eagerSeconds));
    assert.ok(known(four.eagerSeconds) < 4.3 * known(report.eagerSeconds));
    near(four.modelFlops, 4 * report.modelFlops);
  });

  it("of a compiled program is shorter", () => {
    const compiled = timeOf(trace, { device, scenario: { ...training, compile: true } });
    assert.ok(known(compiled.seconds) < known(report.seconds));
    assert.ok(known(compiled.eagerSeconds) < known(report.eagerSeconds));
  });

  it("of a device without curves says whose stand in, and errs more", () => {
    const slow: Device = {
      ...device,
      id: "half",
      name: "Half",
      memoryBytesPerSecond: 2.4e12,
      flopsPerSecond: { f32: 33e12, bf16: 495e12 },
    };
    const { curves: _curves, ...other } = slow;
    const halved = timeOf(trace, { device: other, scenario: training });
    assert.match(halved.remarks.join(), /No kernels were measured on Half/);
    assert.ok(known(halved.seconds) > 1.3 * known(report.seconds));
    assert.ok(width(halved) > width(report));
  });

  it("is unknown where nobody says how fast the device is, and where the trace is", () => {
    const nameless = timeOf(trace, { device: { ...device, flopsPerSecond: {} }, scenario: training });
    assert.ok(nameless.seconds instanceof Unknown && /nobody prints/.test(nameless.seconds.reason));
    const reason = new Unknown("a loop over what is not known");
    const event = { kind: "unknown", index: 0, reason, module: 0 } as const;
    assert.equal(timeOf({ ...trace, events: [event] }, { device, scenario: training }).seconds, reason);
  });
});

function width({ interval, seconds }: TimeReport): number {
  return ((interval?.[1] ?? 0) - (interval?.[0] ?? 0)) / known(seconds);
}

function known(value: number | Unknown): number {
  assert.ok(typeof value === "number");
  return value;
}

function near(got: number, want: number | Unknown): void {
  assert.ok(Math.abs(got / known(want) - 1) < 1e-9, `${got} is not ${String(want)}`);
}

function sum(list: readonly number[]): number {
  return list.reduce((total, one) => total + one, 0);
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * sorted.length)] ?? Number.POSITIVE_INFINITY;
}
