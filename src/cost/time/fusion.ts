/** A pass as a compiler fuses it: element-wise kernels that feed each other become one, which moves only what leaves it. */
import type { Storage } from "../../tensor/tensor.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import type { Machine } from "./machine.ts";
import { together, trafficSeconds } from "./products.ts";
import { traffic } from "./shapes.ts";
import type { TimedKernel } from "./timedKernels.ts";

/** Kinds that join what is before them; a kernel of another kind ends a chain. */
const fusible = /element-wise|norm|softmax|reduction|dropout|copy|join|fill|roll/;

export function fused(timed: readonly TimedKernel[], { events }: Trace, machine: Machine): TimedKernel[] {
  const groups = chains(timed, events as Trace["events"]);
  return groups.map((group) => (group.length === 1 ? (group[0] as TimedKernel) : merged(group, events, machine)));
}

/** Kernels in order, those of one chain together: each joins the chain that made one of its operands. */
function chains(timed: readonly TimedKernel[], events: Trace["events"]): TimedKernel[][] {
  const made = new Map<Storage, TimedKernel[]>();
  const found: TimedKernel[][] = [];
  for (const one of timed) {
    const { inputs, outputs } = events[one.index] as Operation;
    const open = fusible.test(one.kind);
    const before = open
      ? inputs.map(({ storage }) => made.get(storage)).find((group) => group !== undefined)
      : undefined;
    const group = before ?? [];
    if (!before) found.push(group);
    group.push(one);
    for (const { storage } of outputs) {
      if (open) made.set(storage, group);
      else made.delete(storage);
    }
  }
  return found;
}

function merged(group: readonly TimedKernel[], events: Trace["events"], machine: Machine): TimedKernel {
  const operations = group.map(({ index }) => events[index] as Operation);
  const inside = new Set(operations.flatMap(({ made }) => made));
  const last = group.at(-1) as TimedKernel;
  const members = new Set(operations);
  const leaving = new Set<Storage>();
  for (const event of events) {
    if (event.kind !== "operation" || members.has(event)) continue;
    for (const { storage } of event.inputs) if (inside.has(storage)) leaving.add(storage);
  }
  const final = operations.at(-1) as Operation;
  for (const storage of final.made) leaving.add(storage);
  let bytes = 0;
  const counted = new Set<Storage>();
  for (const one of operations) {
    const { reads, writes } = traffic(one);
    for (const [storage, size] of reads)
      if (!inside.has(storage) && !counted.has(storage) && counted.add(storage)) bytes += size;
    for (const [storage, size] of writes) if (leaving.has(storage) || !inside.has(storage)) bytes += size;
  }
  const curve = machine.curves.streams["element-wise"];
  const start = Math.max(...group.map((one) => one.start));
  const memory = trafficSeconds({ far: bytes, near: 0 }, curve?.memoryShare ?? 0.85, machine);
  const seconds = together({ start, compute: 0, memory });
  return { ...last, kind: "fused element-wise", start, rest: seconds - start, bound: "memory" };
}
