/** Applying operations to Python values. */
import type { Place } from "../base/place.ts";
import { Unknown } from "../base/unknown.ts";
import { ops } from "../ops/catalogue.ts";
import { type Arg, type Op, Refused } from "../ops/op.ts";
import { raise } from "../python/errors.ts";
import { type Interpreter, placeOf } from "../python/interpreter.ts";
import { plain as bareValue } from "../python/numbers.ts";
import { following, isFollowed } from "../python/remember/buildTags.ts";
import { typeOf } from "../python/types.ts";
import { PyList, PyTuple, type Value } from "../python/values.ts";
import { Complex, Float } from "../tensor/scalar.ts";
import { NeedsKnownSize, SymInt } from "../tensor/size.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { hasUnknown } from "./arguments.ts";
import { cast, endCasts } from "./autocast.ts";
import { reportRefusal } from "./findings.ts";
import { sweep } from "./liveness.ts";
import { noted, settled } from "./remember/followed.ts";
import { DeviceObject, DTypeObject, replaceValue, TensorObject, tracerOf, wrap } from "./tensorObject.ts";

/**
 * Applies an operation: one result is a tensor, several are a tuple. Unknown among the tensors gives an unknown, and an
 * unknown cost where the operation has one. Raises RuntimeError where the operation refuses its inputs.
 */
export function apply(py: Interpreter, name: string, args: readonly Value[]): Value {
  const op = operation(name);
  const unknown = unknownTensor(sliced.has(name) ? args.slice(0, 1) : args);
  if (unknown) return unknownResult(py, op, unknown);
  sweep(py, args);
  let given: readonly Arg[] = [];
  let handed = given;
  const plain = following.count > 0 ? settled(name, args, () => tracerOf(py).events.length) : args;
  const results = attempt(py, op, args, () => {
    given = plain.map((arg) => toArg(arg));
    handed = cast(py, name, given);
    return tracerOf(py).apply(op, handed, userPlace(py));
  });
  if (results instanceof Unknown) return unknownResult(py, op, results);
  const objects = results.map((tensor) => wrap(py, tensor));
  endCasts(py, given, handed);
  return objects.length === 1 && !op.list ? (objects[0] as TensorObject) : new PyTuple(objects);
}

/** Operations that make a size unknown, and no more, where a number is. */
const sliced = new Set(["aten.slice", "aten.narrow"]);

/** Applies an operation and writes its result into `args[0]`, which it gives back. */
export function applyInPlace(py: Interpreter, name: string, args: readonly Value[]): Value {
  const op = operation(name);
  const [target] = args;
  const unknown = unknownTensor(args);
  if (unknown || !(target instanceof TensorObject))
    return unknownResult(py, op, unknown ?? py.unknown(`${name} in place on something that is no tensor`));
  sweep(py, args);
  const plain = following.count > 0 ? settled(name, args, () => tracerOf(py).events.length) : args;
  const result = attempt(py, op, args, () =>
    tracerOf(py).applyInPlace(
      op,
      plain.map((arg) => toArg(arg)),
      userPlace(py),
    ),
  );
  if (result instanceof Unknown) return unknownResult(py, op, result);
  replaceValue(py, target, result);
  return target;
}

function operation(name: string): Op {
  const op = ops.get(name);
  if (!op) throw new Error(`no operation ${name}`);
  return op;
}

/** Runs an operation. One that finds an argument wrong where that argument holds an unknown has refused nothing. */
function attempt(py: Interpreter, op: Op, args: readonly Value[], run: () => Tensor[]): Tensor[] | Unknown;
function attempt(py: Interpreter, op: Op, args: readonly Value[], run: () => Tensor): Tensor | Unknown;
function attempt<T>(py: Interpreter, op: Op, args: readonly Value[], run: () => T): T | Unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof NeedsKnownSize) return error.unknown;
    if (error instanceof Refused) {
      const unknown = error.rule === "wrong-argument" ? hasUnknown(args) : undefined;
      if (unknown) return unknown;
      reportRefusal(py, op.name, error, userPlace(py));
      return raise("RuntimeError", error.message);
    }
    throw error;
  }
}

function unknownResult(py: Interpreter, op: Op, reason: Unknown): Unknown {
  if (op.macs) tracerOf(py).unknown(reason);
  return reason;
}

function unknownTensor(args: readonly Value[]): Unknown | undefined {
  for (const arg of args) {
    if (arg instanceof Unknown) return arg;
    if (arg instanceof PyList || arg instanceof PyTuple) {
      // A size that is not known is the operation's own business; where it must be known, it says so.
      if (arg.items.some((item) => item instanceof TensorObject)) {
        const found = arg.items.find((item) => item instanceof Unknown);
        if (found instanceof Unknown) return found;
      }
    }
  }
  return undefined;
}

/** A Python value as an operation's argument. Raises TypeError for what no operation takes. */
export function toArg(value: Value): Arg {
  if (value instanceof TensorObject) return value.value;
  const bare = bareValue(value);
  if (noted.arguments && isFollowed(bare)) return bare instanceof Float ? new Float(bare.value) : bare.hint;
  if (bare === null || typeof bare === "boolean" || typeof bare === "number" || typeof bare === "string") return bare;
  if (typeof bare === "bigint") return Number(bare);
  if (bare instanceof Float || bare instanceof Complex || bare instanceof SymInt || bare instanceof Unknown)
    return bare;
  if (bare instanceof DTypeObject) return bare.name;
  if (bare instanceof DeviceObject) return bare.type;
  if (bare instanceof PyList || bare instanceof PyTuple) return bare.items.map((item) => toArg(item)) as Arg;
  return raise("TypeError", `a tensor operation does not take ${typeOf(value).name}`);
}

/** The file that a run starts in, which nobody asked for. */
const startFile = "torch/_scenario.py";

/** Where the user's code stands: the innermost call that is not in our own library. */
export function userPlace(py: Interpreter): Place | undefined {
  let frame = py.frame;
  while (frame?.back && frame.code.chunk.path.startsWith("assay:/")) frame = frame.back;
  return frame && !frame.code.chunk.path.endsWith(startFile) ? placeOf(frame) : undefined;
}
