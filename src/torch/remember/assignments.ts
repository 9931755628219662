/** Assignments that somebody watches (py.assigned) while a call is recorded, so that its twins tell of them too. */
import type { Interpreter } from "../../python/interpreter.ts";
import { reading, unrepeatable } from "../../python/remember/reads.ts";
import type { Value } from "../../python/values.ts";
import { isModule } from "../modelTree.ts";
import { TensorObject } from "../tensorObject.ts";

type Told = Parameters<NonNullable<Interpreter["assigned"]>>;

export interface Assignments {
  readonly told: readonly Told[];
  /** Ends the watch. */
  readonly end: () => void;
}

/** Writes down what is told of from now on; nothing where nobody watches. */
export function observed(py: Interpreter): Assignments {
  const listener = py.assigned;
  if (!listener) return { told: [], end: () => undefined };
  const told: Told[] = [];
  py.assigned = (frame, target, owner, value) => {
    if (owner !== undefined && isModule(value) && reading.now) unrepeatable("a layer is put into another");
    // The value's shape is what is asked for, as it is now.
    if (owner === undefined && value instanceof TensorObject)
      told.push([frame, target, owner, new TensorObject(value.value, value.cls) as Value]);
    listener(frame, target, owner, value);
  };
  return {
    told,
    end: () => {
      py.assigned = listener;
    },
  };
}

export function tellAgain(py: Interpreter, { told }: Assignments): void {
  if (py.assigned) for (const one of told) py.assigned(...one);
}
