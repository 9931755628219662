/** Arguments of tensor functions: tensors, numbers, shapes and settings as the program gives them. */
import { Unknown } from "../../base/unknown.ts";
import { type Arg, Refused } from "../../ops/op.ts";
import { Float } from "../../tensor/scalar.ts";
import { type Size, SymInt } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Machine } from "../language/machine.ts";
import { isNullish, JsArray, type Native, numberIn, type Value } from "../language/values.ts";
import { JsTensor, leaf } from "./tensorValue.ts";

/** Thrown where an argument is not known; the call then gives what is not known. */
export class NotKnown {
  constructor(readonly unknown: Unknown) {}
}

/** A function on tensors: what is not known among its arguments makes its result, and the pass's cost, unknown. */
export function tensorFunction(
  machine: Machine,
  name: string,
  run: (args: readonly Value[], self: Value) => Value,
): Native {
  return (self, args) => {
    try {
      return run(args, self);
    } catch (error) {
      if (error instanceof Refused) return machine.refuse(error.message);
      if (!(error instanceof NotKnown)) throw error;
      const reason = new Unknown(`${name}: ${error.unknown.reason}`, error.unknown.at ?? machine.place);
      machine.tracer.unknown(reason);
      return reason;
    }
  };
}

/** A tensor; lists of numbers become one. Throws NotKnown. */
export function tensorOf(machine: Machine, value: Value): Tensor {
  if (value instanceof JsTensor) {
    if (value.disposed) machine.fail("Tensor is disposed.");
    return value.value;
  }
  if (value instanceof Unknown) throw new NotKnown(value);
  if (numberIn(value) !== undefined) return leaf(machine, [], "float32", "input").value;
  if (value instanceof JsArray) return leaf(machine, literalShape(value), "float32", "input").value;
  return machine.refuse("the argument is no tensor");
}

/** A tensor, or a number that stands for one. */
export function operand(machine: Machine, value: Value): Arg {
  const number = numberIn(value);
  return number === undefined ? tensorOf(machine, value) : new Float(number);
}

export function tensorsOf(machine: Machine, value: Value): Tensor[] {
  if (value instanceof Unknown) throw new NotKnown(value);
  if (value instanceof JsArray && value.opaque) throw new NotKnown(value.opaque);
  if (value instanceof JsArray) return value.items.map((item) => tensorOf(machine, item));
  return [tensorOf(machine, value)];
}

/** Refuses a tensor of another number of axes. */
export function mustHaveAxes(machine: Machine, { shape }: Tensor, axes: number, name: string): void {
  if (shape.length !== axes) machine.refuse(`${name} takes ${axes} axes, but its input has ${shape.length}`);
}

/** The shape of nested lists. */
export function literalShape(value: Value): Size[] {
  if (!(value instanceof JsArray)) return [];
  return [value.items.length, ...literalShape(value.items[0])];
}

/** A number; `otherwise` where it is left out. Throws NotKnown. */
export function numberOf(value: Value, otherwise: number): number {
  if (value instanceof Unknown) throw new NotKnown(value);
  return numberIn(value) ?? otherwise;
}

/** Numbers, one of them standing for all; `otherwise` where they are left out. */
export function numbersOf(value: Value, count: number, otherwise: number): number[] {
  if (value instanceof Unknown) throw new NotKnown(value);
  if (!(value instanceof JsArray)) return new Array<number>(count).fill(numberIn(value) ?? otherwise);
  return value.items.map((item) => numberOf(item, otherwise));
}

/** An axis counted from 0. Refused where there is no such axis. */
export function axisOf(value: Value, rank: number, otherwise: number): number {
  const axis = numberOf(value, otherwise);
  const own = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(own) || own < 0 || own >= Math.max(rank, 1))
    throw new Refused(`axis ${axis} is none of a tensor of ${rank} axes`);
  return own;
}

/** Axes counted from 0; undefined for all of them. */
export function axesOf(value: Value, rank: number): number[] | undefined {
  if (isNullish(value)) return undefined;
  if (value instanceof Unknown) throw new NotKnown(value);
  const list = value instanceof JsArray ? value.items : [value];
  return list.map((item) => axisOf(item, rank, 0));
}

/** Sizes as a reshape takes them; -1 stands for what is left. */
export function sizesOf(value: Value): Size[] {
  if (value instanceof Unknown) throw new NotKnown(value);
  const list = value instanceof JsArray ? value.items : [value];
  return list.map((item) => {
    if (item instanceof Unknown) throw new NotKnown(item);
    if (item instanceof SymInt || typeof item === "number") return item;
    throw new NotKnown(new Unknown("a size is not known"));
  });
}
