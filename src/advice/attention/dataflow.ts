/** Who makes and who reads a tensor in a trace, and what the program still holds at its end. */
import type { Arg } from "../../ops/op.ts";
import { isTensor, type Storage, type Tensor } from "../../tensor/tensor.ts";
import type { Operation, Trace } from "../../trace/trace.ts";

export interface Dataflow {
  /** Operations of the forward pass and the loss, in order. */
  readonly operations: readonly Operation[];
  maker(tensor: Tensor): Operation | undefined;
  readers(tensor: Tensor): readonly Operation[];
  /** Whether the program held the storage to the end: it returned it, or put it away. */
  isKept(storage: Storage): boolean;
}

const known = new WeakMap<Trace, Dataflow>();

export function dataflowOf(trace: Trace): Dataflow {
  const before = known.get(trace);
  if (before) return before;
  const operations = trace.events.filter(
    (event): event is Operation => event.kind === "operation" && (event.pass === "forward" || event.pass === "loss"),
  );
  const makers = new Map<Tensor, Operation>();
  const readers = new Map<Tensor, Operation[]>();
  const made = new Set<Storage>();
  for (const operation of operations) {
    for (const tensor of new Set(tensorsIn(operation.call.args))) {
      const list = readers.get(tensor);
      if (list) list.push(operation);
      else readers.set(tensor, [operation]);
    }
    for (const tensor of operation.call.out) makers.set(tensor, operation);
    for (const storage of operation.made) made.add(storage);
  }
  const results = new Set(trace.calls[1]?.outputs.map(({ storage }) => storage));
  const flow: Dataflow = {
    operations,
    maker: (tensor) => makers.get(tensor),
    readers: (tensor) => readers.get(tensor) ?? [],
    isKept: (storage) => made.has(storage) && (results.has(storage) || trace.held?.has(storage) === true),
  };
  known.set(trace, flow);
  return flow;
}

/** The tensors among an operation's arguments, those of lists included. */
export function tensorsIn(args: readonly Arg[]): Tensor[] {
  return args.flatMap((one) => (Array.isArray(one) ? one.filter(isTensor) : isTensor(one) ? [one] : []));
}

/** Operations that make something of a tensor which nobody uses: all that would fall away with it; nothing where it is wanted. */
export function idleReaders(tensor: Tensor, flow: Dataflow, without: Operation | undefined): Operation[] | undefined {
  const found: Operation[] = [];
  for (const reader of flow.readers(tensor)) {
    if (reader === without) continue;
    for (const out of reader.call.out) {
      if (flow.isKept(out.storage)) return undefined;
      const idle = idleReaders(out, flow, undefined);
      if (!idle) return undefined;
      found.push(...idle);
    }
    found.push(reader);
  }
  return found;
}
