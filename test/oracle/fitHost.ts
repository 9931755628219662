/** What the CPU takes to ask for operations, and what optimizers reach, from measured rows. */
import { Unknown } from "../../src/base/unknown.ts";
import type { Device } from "../../src/cost/devices/device.ts";
import type { Curves, HostCurve } from "../../src/cost/time/curves/curves.ts";
import { kernelsOf } from "../../src/cost/time/kernels.ts";
import type { Operation, StepPart, Trace } from "../../src/trace/trace.ts";
import { type MeasuredModel, type MeasuredRow, tracedModel, tracedOperation } from "../support/timing.ts";
import { meanError, quantile, search } from "./fitting.ts";

/** A view takes about as long as Python needs to call anything of torch's. */
const viewMicroseconds = 1.5;

export function fittedHost(rows: readonly MeasuredRow[], folder: string): HostCurve {
  const kinds = kindMicroseconds(rows);
  const other = quantile([...kinds.values()], 0.4);
  const asked = (kind: string) => (kind === "view" ? viewMicroseconds : (kinds.get(kind) ?? other));
  const models = rows.flatMap((row) => (row.row === "model" ? summary(row, folder, asked) : []));
  const prefill = models.filter(({ row }) => row.phase === "prefill");
  // Where the GPU is far behind, the CPU waits for room in the queue and its own time is not seen.
  const train = models.filter(
    ({ row, kernels }) =>
      row.phase === "train" && !row.checkpointing && !(kernels > 1500 && row.loop_ms > 1.3 * row.host_ms),
  );
  const again = models.filter(({ row }) => row.checkpointing && row.loop_ms < 1.3 * row.host_ms);
  const forward = (one: Summary, python: number, call: number) =>
    one.base.forward + python * one.operations.forward + call * one.calls;
  const [python = 0, call = 0] = search([2, 3], ([p = 0, c = 0]) =>
    meanError(prefill.map((one) => [forward(one, p, c), 1000 * one.row.host_ms])),
  );
  const parts = (one: Summary, part: "forward" | "backward" | "optimizer") =>
    1000 * (one.row.host_parts_ms?.[part] ?? 0);
  const [followed = 0] = search([5], ([f = 0]) =>
    meanError(train.map((one) => [forward(one, python, call) + f * one.followed, parts(one, "forward")])),
  );
  const back = (one: Summary, [share = 0, node = 0, gradient = 0]: readonly number[]) =>
    share * one.base.backward + node * one.operations.backward + gradient * one.gradients;
  const backward = search([1, 2, 15], (values) =>
    meanError(train.map((one) => [back(one, values), parts(one, "backward")])),
  );
  const [step = 0, tensor = 0] = search([200, 5], ([s = 0, t = 0]) =>
    meanError(train.map((one) => [s + t * one.gradients, parts(one, "optimizer")])),
  );
  const [recomputed = 0] = search([20], ([r = 0]) =>
    meanError(
      again.map((one) => [
        back(one, backward) + one.base.recompute + (python + r) * one.operations.recompute,
        parts(one, "backward"),
      ]),
    ),
  );
  const seconds = (us: number) => us * 1e-6;
  return {
    kinds: Object.fromEntries([...kinds].map(([kind, us]) => [kind, seconds(us)])),
    view: seconds(viewMicroseconds),
    other: seconds(other),
    python: seconds(python),
    moduleCall: seconds(call),
    followed: seconds(followed),
    backwardShare: backward[0] ?? 1,
    backwardNode: seconds(backward[1] ?? 0),
    gradient: seconds(backward[2] ?? 0),
    recomputed: seconds(recomputed),
    step: seconds(step),
    stepTensor: seconds(tensor),
  };
}

/** Of each kind, what its rows leave when what else runs in them is taken off. */
function kindMicroseconds(rows: readonly MeasuredRow[]): Map<string, number> {
  const counted = rows.flatMap((row) => {
    if (row.row !== "operation") return [];
    const { grad: _grad, ...bare } = row;
    const trace = tracedOperation(bare);
    if (typeof trace === "string") return [];
    const counts = new Map<string, number>();
    for (const event of operationsOf(trace)) counts.set(kindOf(event), (counts.get(kindOf(event)) ?? 0) + 1);
    return [{ counts, us: row.host_us }];
  });
  const found = new Map<string, number>();
  for (const { counts } of counted) for (const kind of counts.keys()) if (kind !== "view") found.set(kind, 8);
  const costOf = (kind: string) => found.get(kind) ?? viewMicroseconds;
  for (let round = 0; round < 20; round++) {
    for (const kind of found.keys()) {
      const left = counted.flatMap(({ counts, us }) => {
        const own = counts.get(kind);
        if (!own) return [];
        let rest = us;
        for (const [other, n] of counts) if (other !== kind) rest -= n * costOf(other);
        return [Math.max(0.3, rest / own)];
      });
      // Other programs on the machine only ever make a call slower.
      found.set(kind, quantile(left, 0.4));
    }
  }
  return found;
}

interface Summary {
  readonly row: MeasuredModel;
  readonly base: Readonly<Record<"forward" | "backward" | "recompute", number>>;
  readonly operations: Readonly<Record<"forward" | "backward" | "recompute", number>>;
  readonly kernels: number;
  readonly calls: number;
  readonly followed: number;
  readonly gradients: number;
}

function summary(row: MeasuredModel, folder: string, asked: (kind: string) => number): Summary[] {
  const trace = tracedModel(row, folder);
  if (typeof trace === "string") {
    console.log(`left out: ${row.name} ${row.phase}: ${trace}`);
    return [];
  }
  const base = { forward: 0, backward: 0, recompute: 0 };
  const operations = { forward: 0, backward: 0, recompute: 0 };
  const gradients = new Set<object>();
  let kernels = 0;
  let followed = 0;
  for (const event of operationsOf(trace)) {
    const part = partOf(event.pass);
    base[part] += asked(kindOf(event));
    operations[part]++;
    if (kindOf(event) !== "view") kernels++;
    if (event.saved.length > 0 && part === "forward") followed++;
    for (const { storage } of event.outputs) if (storage.role === "gradient") gradients.add(storage);
  }
  return [{ row, base, operations, kernels, calls: trace.calls.length - 1, followed, gradients: gradients.size }];
}

function partOf(pass: StepPart): "forward" | "backward" | "recompute" {
  return pass === "backward" || pass === "recompute" ? pass : "forward";
}

function operationsOf({ events }: Trace): Operation[] {
  return events.filter((event) => event.kind === "operation");
}

function kindOf(event: Operation): string {
  const runs = kernelsOf(event);
  return runs instanceof Unknown ? "view" : (runs[0]?.asked ?? runs[0]?.kernel.kind ?? "view");
}

/** The fused AdamW over many elements: what its one pass over memory reaches. */
export function fittedOptimizer(rows: readonly MeasuredRow[], device: Device): Curves["optimizer"] {
  const steps = rows.flatMap((row) =>
    row.row === "optimizer" && row.optimizer === "adamw" && row.elements > 5e7 ? [row] : [],
  );
  const startSeconds = 4e-6;
  const [memoryShare = 0] = search([0.8], ([share = 1]) =>
    meanError(
      steps.map(({ tensors, elements, dtype, us }) => {
        const bytes = 7 * elements * (dtype === "float32" ? 4 : 2);
        return [startSeconds * Math.ceil(tensors / 36) + bytes / (device.memoryBytesPerSecond * share), us * 1e-6];
      }),
    ),
  );
  return { startSeconds, memoryShare: Math.min(1, memoryShare) };
}
