/** A pass as a compiler fuses it: element-wise kernels that feed each other become one, which moves only what leaves it. */
import type { Storage } from "../../tensor/tensor.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import type { Machine } from "./machine.ts";
import { trafficSeconds } from "./products.ts";
import { traffic } from "./shapes.ts";
import type { TimedKernel } from "./timedKernels.ts";

/** Kinds that join what is before them; a kernel of another kind ends a chain. */
const fusible = /element-wise|norm|softmax|reduction|dropout|copy|join|fill|roll/;

export function fused(timed: readonly TimedKernel[], { events }: Trace, machine: Machine): TimedKernel[] {
  const chain = new Map<Operation, object>();
  const operations = byIndex(events);
  const groups = chains(timed, operations);
  for (const group of groups) for (const { index } of group) chain.set(operations.get(index) as Operation, group);
  const leaving = leavingStorages(events, chain);
  return groups.map((group) =>
    group.length === 1 ? (group[0] as TimedKernel) : merged(group, operations, leaving, machine),
  );
}

/** Operations by their number, which is not their place where what a step's names held was left out of the list. */
function byIndex(events: Trace["events"]): ReadonlyMap<number, Operation> {
  return new Map(events.flatMap((event) => (event.kind === "operation" ? [[event.index, event] as const] : [])));
}

/** Kernels in order, those of one chain together: each joins the chain that made one of its operands. */
function chains(timed: readonly TimedKernel[], operations: ReadonlyMap<number, Operation>): TimedKernel[][] {
  const made = new Map<Storage, TimedKernel[]>();
  const found: TimedKernel[][] = [];
  for (const one of timed) {
    const { inputs, outputs } = operations.get(one.index) as Operation;
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

/** Storages that something outside of the chain which makes them reads, or that nothing reads: results. */
function leavingStorages(events: Trace["events"], chain: ReadonlyMap<Operation, object>): ReadonlySet<Storage> {
  const makers = new Map<Storage, object | undefined>();
  const leaving = new Set<Storage>();
  const read = new Set<Storage>();
  for (const event of events) {
    if (event.kind !== "operation") continue;
    for (const { storage } of event.inputs) {
      read.add(storage);
      if (makers.has(storage) && makers.get(storage) !== chain.get(event) && event.bytesRead !== 0)
        leaving.add(storage);
    }
    for (const storage of event.made) makers.set(storage, chain.get(event));
    for (const storage of event.saved) leaving.add(storage);
  }
  for (const storage of makers.keys()) if (!read.has(storage)) leaving.add(storage);
  return leaving;
}

function merged(
  group: readonly TimedKernel[],
  all: ReadonlyMap<number, Operation>,
  leaving: ReadonlySet<Storage>,
  machine: Machine,
): TimedKernel {
  const operations = new Set(group.map(({ index }) => all.get(index) as Operation));
  const inside = new Set([...operations].flatMap(({ made }) => made));
  const counted = new Set<Storage>();
  let bytes = 0;
  for (const one of operations) {
    const { reads, writes } = traffic(one);
    for (const [storage, size] of reads) {
      if (inside.has(storage) || counted.has(storage)) continue;
      counted.add(storage);
      bytes += size;
    }
    for (const [storage, size] of writes) if (leaving.has(storage) || !inside.has(storage)) bytes += size;
  }
  const start = Math.max(...group.map((one) => one.start));
  const share = machine.curves.streams["element-wise"]?.memoryShare ?? 1;
  const rest = trafficSeconds({ far: bytes, near: 0 }, share, machine);
  return { ...(group.at(-1) as TimedKernel), kind: "fused element-wise", start, rest, bound: "memory" };
}
