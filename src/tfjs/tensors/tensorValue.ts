/** Tensors as values of the program, and operations applied to them. */
import { Unknown } from "../../base/unknown.ts";
import { ops } from "../../ops/catalogue.ts";
import { type Arg, type Op, Refused } from "../../ops/op.ts";
import type { DType } from "../../tensor/dtype.ts";
import { NeedsKnownSize, type Size, SymInt } from "../../tensor/size.ts";
import { denseBytes, type StorageRole, type Tensor } from "../../tensor/tensor.ts";
import type { Machine } from "../language/machine.ts";
import { isNullish, JsArray, JsObject, numberIn, type Value } from "../language/values.ts";

export class JsTensor extends JsObject {
  /** Whether the program has let go of it. */
  disposed = false;
  /** Whether `tidy` leaves it alone: it is a variable, or kept. */
  kept = false;

  constructor(
    readonly value: Tensor,
    proto: JsObject | null,
  ) {
    super(proto);
  }
}

/** The open scopes of `tf.tidy`, innermost last: what was made in each. */
const scopes = new WeakMap<Machine, Set<JsTensor>[]>();

export function tensorValue(machine: Machine, value: Tensor): JsTensor {
  const made = new JsTensor(value, machine.prototypes.tensor);
  machine.tracer.hold(value);
  scopes.get(machine)?.at(-1)?.add(made);
  return made;
}

export function dispose(machine: Machine, tensor: JsTensor): void {
  if (tensor.disposed || tensor.kept) return;
  tensor.disposed = true;
  machine.tracer.letGo(tensor.value);
}

/** Runs a step; what it makes is let go of at its end, but for what it gives. */
export function tidied(machine: Machine, run: () => Value): Value {
  const open = scopes.get(machine) ?? [];
  scopes.set(machine, open);
  const made = new Set<JsTensor>();
  open.push(made);
  let given: Value;
  try {
    given = run();
  } finally {
    open.pop();
  }
  const kept = new Set(tensorsIn(given));
  for (const tensor of made) {
    if (kept.has(tensor)) open.at(-1)?.add(tensor);
    else dispose(machine, tensor);
  }
  return given;
}

/** The tensors in a value, in lists and plain objects too. */
export function tensorsIn(value: Value, depth = 0): JsTensor[] {
  if (value instanceof JsTensor) return [value];
  if (depth > 6) return [];
  if (value instanceof JsArray) return value.items.flatMap((item) => tensorsIn(item, depth + 1));
  if (!(value instanceof JsObject)) return [];
  return [...value.props.values()].flatMap((one) => (one instanceof JsObject ? tensorsIn(one, depth + 1) : []));
}

/** A leaf: a weight, an input. */
export function leaf(
  machine: Machine,
  shape: readonly Size[],
  dtype: DType,
  role: StorageRole,
  requiresGrad = false,
): JsTensor {
  const storage = machine.tracer.storage(denseBytes(shape, dtype), role);
  const made = new JsTensor({ shape, strides: null, dtype, storage, requiresGrad }, machine.prototypes.tensor);
  made.kept = true;
  return made;
}

/** The results of an operation; one unknown where a size that must be known is not. Sizes that do not fit are the program's error. */
export function applyAll(machine: Machine, op: string | Op, args: readonly Arg[]): JsTensor[] | Unknown {
  const record = typeof op === "string" ? ops.get(op) : op;
  if (!record) return machine.unknown(`${String(op)} is not known`);
  try {
    return machine.tracer.apply(record, args, machine.place).map((one) => tensorValue(machine, one));
  } catch (error) {
    if (error instanceof Refused) return machine.refuse(error.message);
    if (!(error instanceof NeedsKnownSize)) throw error;
    machine.tracer.unknown(error.unknown);
    return error.unknown;
  }
}

export function apply(machine: Machine, op: string | Op, args: readonly Arg[]): JsTensor | Unknown {
  const all = applyAll(machine, op, args);
  return all instanceof Unknown ? all : (all[0] as JsTensor);
}

/** The sizes that a value names: `null` is one that is not known. */
export function shapeOf(machine: Machine, value: Value): readonly Size[] | Unknown {
  if (value instanceof Unknown) return value;
  if (numberIn(value) !== undefined) return [value as Size];
  if (!(value instanceof JsArray)) return machine.unknown("the shape is not known");
  return value.items.map((item) => sizeOf(machine, item));
}

export function sizeOf(machine: Machine, value: Value): Size {
  if (typeof value === "number" || value instanceof SymInt || value instanceof Unknown) return value;
  return isNullish(value) ? machine.unknown("the size is left open") : machine.unknown("the size is no number");
}

/** Sizes as the program sees them. */
export function shapeValue(machine: Machine, shape: readonly Size[]): JsArray {
  return machine.array(shape);
}

const dtypes: Readonly<Record<string, DType>> = {
  float32: "float32",
  int32: "int32",
  bool: "bool",
  complex64: "complex64",
  string: "uint8",
};

export function dtypeOf(value: Value, otherwise: DType = "float32"): DType {
  return (typeof value === "string" && dtypes[value]) || otherwise;
}
