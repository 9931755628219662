import { type Place, showPlace } from "../base/place.ts";
import { exceptionTypes } from "./types.ts";
import { type PyClass, PyInstance, PyTuple, type Value } from "./values.ts";

/** A Python exception on its way up: the one thing that Python code can catch. */
export class PyError {
  /** Innermost first. */
  readonly trace: Place[] = [];
  constructor(readonly exception: PyInstance) {}

  get type(): PyClass {
    return this.exception.cls;
  }

  /** `ValueError: too many values`. */
  get text(): string {
    const args = this.exception.payload as readonly Value[] | undefined;
    const [first] = args ?? [];
    const message = typeof first === "string" ? first : first === undefined ? "" : String(first);
    return message ? `${this.type.name}: ${message}` : this.type.name;
  }

  get where(): string {
    return showPlace(this.trace[0]);
  }
}

/** An exception object of a built-in type. `args` are its arguments. */
export function exception(type: string | PyClass, ...args: Value[]): PyInstance {
  const cls = typeof type === "string" ? exceptionTypes.get(type) : type;
  if (!cls) throw new Error(`no exception type ${type}`);
  return new PyInstance(cls, new Map<string, Value>([["args", new PyTuple(args)]]), args);
}

/** Raises a built-in exception: `raise("ValueError", "not enough values")`. */
export function raise(type: string, message: string): never {
  throw new PyError(exception(type, message));
}
