/** Copies of what a trace is made of, with other tensors, storages and modules in the places of the first. */
import type { Arg, Op } from "../ops/op.ts";
import { type GradCall, type GradNode, isTensor, type Storage, type Tensor } from "../tensor/tensor.ts";
import { isPartOp, onPart } from "./graph.ts";
import type { ModuleCall, Operation, OperationCall, TensorNote } from "./trace.ts";

/** What stands for what: objects that the caller tied, and what has been copied so far. */
export interface Copying {
  readonly copies: Map<object, object>;
  /** How far events and module calls are moved on. */
  readonly events: number;
  readonly calls: number;
  /** Module calls before this one are not copied: `outside` stands for them. */
  readonly firstCall: number;
  readonly outside: number;
  /** Puts other numbers into copied arguments, by the place of their operation in the trace they come from. */
  readonly settle?: ((args: Arg[], index: number) => void) | undefined;
}

/** A storage: it must be tied, or have been copied. */
export function copyStorage({ copies }: Copying, storage: Storage): Storage {
  const copy = copies.get(storage);
  if (!copy) throw new Error("a storage that nobody knows");
  return copy as Storage;
}

export function copyTensor(copying: Copying, tensor: Tensor): Tensor {
  const before = copying.copies.get(tensor);
  if (before) return before as Tensor;
  const copy: Tensor = { ...tensor, storage: copyStorage(copying, tensor.storage) };
  copying.copies.set(tensor, copy);
  if (tensor.node) copy.node = copyNode(copying, tensor.node);
  return copy;
}

/** A node of the graph as it was made, held by nobody yet and keeping nothing: who copies says both. */
export function copyNode(copying: Copying, node: GradNode): GradNode {
  const before = copying.copies.get(node);
  if (before) return before as GradNode;
  // Chains of nodes are as long as a program: they are copied first to last, without recursion.
  const waiting = [node];
  while (waiting.length > 0) {
    const last = waiting.at(-1) as GradNode;
    const missing = last.inputs.filter((input) => !copying.copies.has(input));
    if (missing.length > 0) {
      waiting.push(...missing);
      continue;
    }
    waiting.pop();
    if (copying.copies.has(last)) continue;
    const copy: GradNode & { call: GradCall } = {
      name: last.name,
      index: last.index + copying.events,
      inputs: last.inputs.map((input) => copying.copies.get(input) as GradNode),
      saved: [],
      holders: 0,
      call: last.call,
    };
    copying.copies.set(last, copy);
    copy.call = copyGradCall(copying, last.call, last.index);
  }
  return copying.copies.get(node) as GradNode;
}

function copyGradCall(copying: Copying, call: GradCall, index: number): GradCall {
  return {
    ...call,
    op: copyOp(copying, call.op as Op),
    args: copyArgs(copying, call.args as readonly Arg[], index),
    out: copyTensors(copying, call.out),
    kept: call.kept.map((one) => one && copyTensor(copying, one)),
    module: copyCallId(copying, call.module),
  };
}

/** A record made for one call holds a tensor of that call. */
function copyOp(copying: Copying, op: Op): Op {
  return isPartOp(op) ? onPart(op.part.op, copyTensor(copying, op.part.target)) : op;
}

function copyArgs(copying: Copying, args: readonly Arg[], index: number): readonly Arg[] {
  const before = copying.copies.get(args);
  if (before) return before as readonly Arg[];
  const copy = args.map((arg): Arg => {
    if (Array.isArray(arg)) return arg.map((one) => (isTensor(one) ? copyTensor(copying, one) : one));
    return isTensor(arg) ? copyTensor(copying, arg) : arg;
  });
  copying.settle?.(copy, index);
  copying.copies.set(args, copy);
  return copy;
}

function copyTensors(copying: Copying, tensors: readonly Tensor[]): readonly Tensor[] {
  const before = copying.copies.get(tensors);
  if (before) return before as readonly Tensor[];
  const copy = tensors.map((one) => copyTensor(copying, one));
  copying.copies.set(tensors, copy);
  return copy;
}

function copyNote(copying: Copying, { shape, dtype, storage }: TensorNote): TensorNote {
  return { shape, dtype, storage: copyStorage(copying, storage) };
}

export function copyCallId({ calls, firstCall, outside }: Copying, id: number): number {
  return id < firstCall ? outside : id + calls;
}

export function copyOperation(copying: Copying, event: Operation): Operation {
  const { call } = event;
  const own: OperationCall = {
    op: call.op,
    args: copyArgs(copying, call.args, event.index),
    out: copyTensors(copying, call.out),
    inPlace: call.inPlace,
  };
  return {
    ...event,
    index: event.index + copying.events,
    inputs: event.inputs.map((one) => copyNote(copying, one)),
    outputs: event.outputs.map((one) => copyNote(copying, one)),
    made: event.made.map((one) => copyStorage(copying, one)),
    saved: event.saved.map((one) => copyStorage(copying, one)),
    call: own,
    module: copyCallId(copying, event.module),
  };
}

export function copyModuleCall(copying: Copying, call: ModuleCall): ModuleCall {
  const { copies, events } = copying;
  return {
    id: call.id + copying.calls,
    parent: copyCallId(copying, call.parent),
    module: copies.get(call.module) ?? call.module,
    inputs: call.inputs.map((one) => copyNote(copying, one)),
    outputs: call.outputs.map((one) => copyNote(copying, one)),
    at: call.at,
    start: call.start + events,
    end: call.end + events,
  };
}
