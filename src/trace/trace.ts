/** What happened: the operations applied, the modules they ran in, and when storages were freed. */
import type { Place } from "../base/place.ts";
import type { Unknown } from "../base/unknown.ts";
import type { Arg, Op } from "../ops/op.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Size } from "../tensor/size.ts";
import type { GradNode, Storage, Tensor } from "../tensor/tensor.ts";

/** A tensor as it was when an operation took or made it. */
export interface TensorNote {
  readonly shape: readonly Size[];
  readonly dtype: DType;
  readonly storage: Storage;
}

export type StepPart = "forward" | "loss" | "backward" | "recompute" | "optimizer";

/** One operation applied. */
export interface Operation {
  readonly kind: "operation";
  readonly index: number;
  /** `aten.addmm`. */
  readonly name: string;
  readonly inputs: readonly TensorNote[];
  readonly outputs: readonly TensorNote[];
  /** Multiply-adds of products, convolutions and attention; half of what torch's flop counter counts. */
  readonly macs: number | Unknown;
  readonly bytesRead: number | Unknown;
  readonly bytesWritten: number | Unknown;
  /** Arithmetic operations that are no products. */
  readonly work: number | Unknown;
  /** Storages it made. */
  readonly made: readonly Storage[];
  /** Storages that autograd keeps for it, in a pass that needs gradients. */
  readonly saved: readonly Storage[];
  /** Bytes that it takes while it runs and gives back before it ends. */
  readonly workspaceBytes: number | Unknown;
  /** What of its arguments its time depends on, beside shapes: `causal`, `groups`, an SDPA back end. */
  readonly detail: Readonly<Record<string, number | string | boolean>> | undefined;
  /** Which part of a step it belongs to. */
  readonly pass: StepPart;
  /** The operation as it was asked for, so that a changed program can be run again. */
  readonly call: OperationCall;
  /** The module call it ran in; 0 is the call outside every module. For backward, the call of the forward operation. */
  readonly module: number;
  /** Where in the source it was asked for: innermost first, the library's own code left out. */
  readonly at: Place | undefined;
}

/** A record applied to its arguments. */
export interface OperationCall {
  readonly op: Op;
  readonly args: readonly Arg[];
  readonly out: readonly Tensor[];
  /** Its result is written into its first argument. */
  readonly inPlace: boolean;
}

/** The program itself let go of a storage, whatever autograd still keeps of it. */
export interface Drop {
  /** How many events came before. */
  readonly after: number;
  readonly storage: Storage;
}

/** A call whose cost is not known: figures that count it are not complete. */
export interface UnknownOperation {
  readonly kind: "unknown";
  readonly index: number;
  readonly reason: Unknown;
  readonly module: number;
}

/** A storage was freed. */
export interface Release {
  readonly kind: "release";
  readonly storage: Storage;
}

export type TraceEvent = Operation | UnknownOperation | Release;

/** One call of a module. */
export interface ModuleCall {
  readonly id: number;
  /** The module call around it; 0 for none. */
  readonly parent: number;
  /** The module, by identity. */
  readonly module: object;
  readonly inputs: readonly TensorNote[];
  outputs: readonly TensorNote[];
  readonly at: Place | undefined;
  /** Positions of its first event and behind its last. */
  readonly start: number;
  end: number;
}

/** A node that the program put into the graph itself: a function with a gradient of its own, or a region that runs again. */
export interface Attached {
  /** Position of the first event of the region, or of the function; how many events came before the node. */
  readonly from: number;
  readonly after: number;
  readonly node: GradNode;
  /** The results as they are behind the node; `node.call.out` are the same before it. */
  readonly results: readonly Tensor[];
  /** All storages that the node holds. */
  readonly held: readonly Storage[];
  readonly pass: StepPart;
}

export interface Trace {
  readonly events: readonly TraceEvent[];
  /** By id; the first stands for what runs outside every module. */
  readonly calls: readonly ModuleCall[];
  /** Distinct storages that autograd kept, parameters and buffers left out, in order. */
  readonly saved: ReadonlySet<Storage>;
  /** When the program let go of what it made, in order. */
  readonly drops: readonly Drop[];
  /** Nodes that operations did not make, in order. */
  readonly attached?: readonly Attached[];
  /** How many events and saved storages there were at the end of the forward pass, where more follows. */
  readonly forwardEnd?: { readonly events: number; readonly saved: number } | undefined;
  /** What it made and still held at its end: results, and what it put away; absent: not known. */
  readonly held?: ReadonlySet<Storage>;
}
