/**
 * Fits the curves of times to `times.jsonl.gz` and writes the record of the device that was measured.
 *
 *     node test/oracle/fitTimes.mjs --sources FOLDER [--dry] [--rows KIND] [--only KIND,KIND]
 *
 * `--only` fits these kinds alone, from the record as it is, which keeps all others. FOLDER holds torchvision/ and timm/, whose models are among the rows. Kinds of kernels are fitted to the rows that run
 * that kind alone; then the loss and what the CPU takes, to rows of several kinds and whole models.
 */
import { writeFileSync } from "node:fs";
import { Unknown } from "../../src/base/unknown.ts";
import device from "../../src/cost/devices/h200Sxm141.ts";
import type { Curves } from "../../src/cost/time/curves/curves.ts";
import h200Sxm141 from "../../src/cost/time/curves/h200Sxm141.ts";
import { kernelsOf, type Run } from "../../src/cost/time/kernels.ts";
import { machineWith } from "../../src/cost/time/machine.ts";
import { together } from "../../src/cost/time/products.ts";
import { Residency, type Traffic } from "../../src/cost/time/residency.ts";
import { kernelSeconds } from "../../src/cost/time/seconds.ts";
import { traffic } from "../../src/cost/time/shapes.ts";
import type { StepPart, Trace } from "../../src/trace/trace.ts";
import { type MeasuredOperation, measuredRows, tracedOperation } from "../support/timing.ts";
import { fittedHost, fittedOptimizer } from "./fitHost.ts";
import { meanError, quantile, search } from "./fitting.ts";
import { recordText } from "./recordText.ts";
import { startingCurves } from "./startingCurves.ts";

interface Sample {
  readonly row: MeasuredOperation;
  readonly seconds: number;
  readonly kernels: readonly { readonly kernel: Run["kernel"]; readonly traffic: Traffic }[];
}

const words = process.argv.slice(2);
const folder = words[words.indexOf("--sources") + 1] ?? "";
const only = words.includes("--only") ? words[words.indexOf("--only") + 1]?.split(",") : undefined;
const rows = measuredRows();
const curves = {
  device: device.id,
  measured: `torch 2.11.0, CUDA 13.0: ${rows.length} rows of test/oracle/times.jsonl.gz`,
  peaks: {
    units: device.units,
    memoryBytesPerSecond: device.memoryBytesPerSecond,
    flopsPerSecond: device.flopsPerSecond,
    lastLevelCacheBytes: device.lastLevelCacheBytes,
  },
  ...structuredClone(only ? h200Sxm141 : startingCurves),
} as Curves;
const machine = machineWith(device, curves, true);
const samples = rows.flatMap((row) => (row.row === "operation" ? samplesOf(row) : []));
const alone = new Map<string, Sample[]>();
for (const sample of samples) {
  const kinds = new Set(sample.kernels.map(({ kernel }) => kernel.kind));
  const [kind] = kinds;
  if (kind !== undefined && kinds.size === 1) alone.set(kind, [...(alone.get(kind) ?? []), sample]);
}
for (const [kind, list] of alone) if (!only || only.includes(kind)) fit(kind, list);
for (const kind of only ? [] : ["loss", "recurrent"])
  fit(
    kind,
    samples.filter(({ kernels }) => kernels.some((one) => one.kernel.kind === kind)),
  );

Object.assign(curves, {
  ...(!only && { optimizer: fittedOptimizer(rows, device), host: fittedHost(rows, folder) }),
  errors: errors(),
});
if (!words.includes("--dry")) writeFileSync("src/cost/time/curves/h200Sxm141.ts", recordText(curves, device.name));

/** A row as up to three samples: operands in the cache, operands that are not, and the backward pass. */
function samplesOf(row: MeasuredOperation): Sample[] {
  const { grad: _grad, ...bare } = row;
  let trace = tracedOperation(row);
  if (typeof trace === "string" && row.grad) trace = tracedOperation(bare);
  if (typeof trace === "string") {
    console.log(`left out: ${row.kind}, ${row.code}: ${trace}`);
    return [];
  }
  const found: Sample[] = [];
  const add = (us: number | undefined, passes: number, part: StepPart) => {
    const kernels = us === undefined ? [] : kernelsIn(trace as Trace, passes, part);
    if (us !== undefined && kernels.length > 0) found.push({ row, seconds: us * 1e-6, kernels });
  };
  add(row.us, 2, "forward");
  add(row.cold_us, 1, "forward");
  add(row.backward_us, 2, "backward");
  return found;
}

/** Kernels of a part of a trace in its last pass, with the traffic that the passes before leave it. */
function kernelsIn({ events }: Trace, passes: number, part: StepPart): Sample["kernels"] {
  const residency = new Residency(machine.cacheBytes);
  let found: { kernel: Run["kernel"]; traffic: Traffic }[] = [];
  for (let pass = 0; pass < passes; pass++) {
    found = [];
    for (const event of events) {
      if (event.kind === "release") residency.free(event.storage);
      if (event.kind !== "operation" || event.pass !== part) continue;
      const runs = kernelsOf(event);
      if (runs instanceof Unknown) return [];
      for (const { kernel, bytes } of runs) {
        const { reads, writes } = traffic(event);
        const near = bytes !== undefined && bytes <= machine.cacheBytes;
        const moved =
          bytes === undefined ? residency.pass(reads, writes) : { near: near ? bytes : 0, far: near ? 0 : bytes };
        found.push({ kernel, traffic: moved });
      }
    }
  }
  return found;
}

function predicted({ kernels }: Sample): number {
  return kernels.reduce((sum, { kernel, traffic }) => sum + together(kernelSeconds(kernel, traffic, machine)), 0);
}

/** Fits all figures of a kind that are not 0 or unlimited; shares stay below 1. */
function fit(kind: string, list: readonly Sample[]): void {
  const tables = [curves.streams, curves.products, curves.convolutions, curves.depthwise, curves.attention];
  const record = tables.map((table) => (table as Record<string, object>)[kind]).find((one) => one !== undefined) as
    | Record<string, number>
    | undefined;
  if (!record) throw new Error(`no starting curve for ${kind}`);
  const names = Object.keys(record).filter((name) => record[name] !== 0);
  const put = (values: readonly number[]) => {
    for (const [i, name] of names.entries()) record[name] = limited(name, values[i] as number);
  };
  const cost = (values: readonly number[]) => {
    put(values);
    return meanError(list.map((one) => [predicted(one), one.seconds]));
  };
  put(
    search(
      names.map((name) => record[name] as number),
      cost,
    ),
  );
}

function limited(name: string, value: number): number {
  if (name === "memoryShare") return Math.min(0.95, Math.max(0.02, value));
  if (name === "share" || name === "layoutShare" || name === "skipped") return Math.min(1, Math.max(0.02, value));
  if (name === "startSeconds") return Math.max(0.7e-6, value);
  return value;
}

function errors(): Curves["errors"] {
  const found: Record<string, { rows: number; median: number; most: number }> = {};
  for (const [kind, list] of [...alone].sort()) {
    const relative = list.map((one) => Math.abs(predicted(one) / one.seconds - 1));
    found[kind] = { rows: list.length, median: quantile(relative, 0.5), most: quantile(relative, 0.9) };
    if (words[words.indexOf("--rows") + 1] === kind) for (const one of list) printRow(one);
    console.log(
      `${kind.padEnd(44)} ${list.length} rows, median ${(100 * quantile(relative, 0.5)).toFixed(1)} %, nine of ten below ${(100 * quantile(relative, 0.9)).toFixed(0)} %`,
    );
  }
  return found;
}

function printRow(sample: Sample): void {
  const { row, seconds, kernels } = sample;
  const [far, near] = [kernels[0]?.traffic.far ?? 0, kernels[0]?.traffic.near ?? 0];
  const tensors = Object.values(row.tensors).join(" ");
  const sizes = `${(far / 1e6).toFixed(1)} MB far, ${(near / 1e6).toFixed(1)} MB near`;
  console.log(
    `  ${(100 * (predicted(sample) / seconds - 1)).toFixed(0)} % of ${(seconds * 1e6).toFixed(1)} µs: ${row.code} ${tensors} (${sizes})`,
  );
}
