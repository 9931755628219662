/** Iterators and generators, and the built-in classes that make them: enumerate, zip, map, filter, reversed. */
import { Unknown } from "../../base/unknown.ts";
import { call, callMethod, resume } from "../calls.ts";
import { exception, PyError, raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { holding, iterate, toArray } from "../iteration.ts";
import { isException } from "../keys.ts";
import { define, defineProperty, defineStatic } from "../native.ts";
import { binary, isTrue } from "../operators.ts";
import { exceptionTypes, nativeClass, typeOf, types } from "../types.ts";
import {
  PyClass,
  PyDict,
  type PyGenerator,
  PyInstance,
  PyIterator,
  PyList,
  PyRange,
  PyTuple,
  type Value,
} from "../values.ts";

/** Makes an iterator class whose instances are made from the arguments. */
function iteratorClass(
  name: string,
  signature: string,
  // biome-ignore lint/suspicious/noExplicitAny: as for natives.
  make: (py: Interpreter, ...args: any[]) => (() => Value | undefined) | Unknown,
): PyClass {
  const cls = nativeClass(name, "foreign", types.iterator);
  defineStatic(
    cls,
    `__new__(cls, ${signature})`,
    (py, made: PyClass, ...args) => {
      const next = make(py, ...args);
      return next instanceof Unknown ? next : new PyIterator(next, new PyTuple(args), made);
    },
    { lenient: true },
  );
  return cls;
}

export const iteratorClasses = {
  enumerate: iteratorClass("enumerate", "iterable, start=0", (py, iterable: Value, start: Value) => {
    if (iterable instanceof Unknown) return iterable;
    const next = iterate(py, iterable);
    let index = start;
    return () => {
      const value = next();
      if (value === undefined) return undefined;
      const pair = new PyTuple([index, value]);
      index = typeof index === "number" ? index + 1 : binary(py, "+", index, 1);
      return pair;
    };
  }),
  zip: iteratorClass("zip", "*iterables, strict=False", (py, { items }: PyTuple, strict: Value) => {
    const unknown = items.find((item) => item instanceof Unknown);
    if (unknown instanceof Unknown) return unknown;
    const nexts = items.map((item) => iterate(py, item));
    return () => {
      if (nexts.length === 0) return undefined;
      const values: Value[] = [];
      return holding(py, values, () => {
        for (const [i, next] of nexts.entries()) {
          const value = next();
          if (value === undefined) {
            if (strict === true && (i > 0 || nexts.slice(1).some((other) => other() !== undefined))) {
              raise(
                "ValueError",
                `zip() argument ${i + 1} is ${i > 0 ? "shorter than" : "of another length than"} the others`,
              );
            }
            return undefined;
          }
          values.push(value);
        }
        return new PyTuple(values);
      });
    };
  }),
  map: iteratorClass("map", "function, *iterables", (py, func: Value, { items }: PyTuple) => {
    const unknown = items.find((item) => item instanceof Unknown);
    if (unknown instanceof Unknown) return unknown;
    const nexts = items.map((item) => iterate(py, item));
    return () => {
      const values: Value[] = [];
      return holding(py, values, () => {
        for (const next of nexts) {
          const value = next();
          if (value === undefined) return undefined;
          values.push(value);
        }
        return call(py, func, values);
      });
    };
  }),
  filter: iteratorClass("filter", "function, iterable", (py, func: Value, iterable: Value) => {
    if (iterable instanceof Unknown) return iterable;
    const next = iterate(py, iterable);
    return () => {
      for (let value = next(); value !== undefined; value = next()) {
        if (isTrue(py, func === null ? value : call(py, func, [value]))) return value;
      }
      return undefined;
    };
  }),
  reversed: iteratorClass("reversed", "sequence", (py, sequence: Value) => {
    if (sequence instanceof Unknown) return sequence;
    const plainList = sequence instanceof PyList || sequence instanceof PyTuple || sequence instanceof PyRange;
    if (!plainList && typeOf(sequence).lookup("__reversed__") !== undefined) {
      return iterate(py, callMethod(py, sequence, "__reversed__"));
    }
    if (sequence instanceof PyInstance && typeOf(sequence).lookup("__getitem__") !== undefined) {
      let left = Number(callMethod(py, sequence, "__len__"));
      return () => (--left < 0 ? undefined : callMethod(py, sequence, "__getitem__", left));
    }
    if (sequence instanceof PyDict || (typeof sequence !== "string" && !plainList)) {
      raise("TypeError", `'${typeOf(sequence).name}' object is not reversible`);
    }
    const values = toArray(py, sequence);
    let left = values.length;
    return () => values[--left];
  }),
};

define(types.iterator, {
  "__iter__(self)": (_py, self) => self,
  "__next__(self)": (_py, self: PyIterator) => {
    const value = self.next();
    return value === undefined ? stop(null) : value;
  },
  "__length_hint__(self)": () => 0,
});

define(
  types.generator,
  {
    "__iter__(self)": (_py, self) => self,
    "__next__(self)": (py, self: PyGenerator) => advance(py, self, null),
    "send(self, value)": (py, self: PyGenerator, value) => advance(py, self, value),
    "throw(self, type, value=None, traceback=None)": (py, self: PyGenerator, type, value) =>
      advance(py, self, null, thrown(py, type, value)),
    "close(self)": (py, self: PyGenerator) => {
      if (self.finished) return;
      try {
        resume(py, self, null, new PyError(exception("GeneratorExit")));
      } catch (error) {
        if (!(error instanceof PyError) || !isException(error.exception, "GeneratorExit")) throw error;
      }
      self.finished = true;
    },
    "__await__(self)": (_py, self) => self,
  },
  { lenient: true },
);
defineProperty(types.generator, "gi_running", (_py, self: PyGenerator) => self.running);

function advance(py: Interpreter, generator: PyGenerator, sent: Value, error?: PyError): Value {
  const value = resume(py, generator, sent, error);
  return value === undefined ? stop(generator.frame.result) : value;
}

/** Ends an iteration with what the generator returned. */
export function stop(result: Value): never {
  const made = result === null ? exception("StopIteration") : exception("StopIteration", result);
  made.attrs.set("value", result);
  throw new PyError(made);
}

function thrown(py: Interpreter, type: Value, value: Value): PyError {
  if (type instanceof PyInstance) return new PyError(type);
  if (!(type instanceof PyClass))
    raise("TypeError", "exceptions must be classes or instances deriving from BaseException");
  if (value instanceof PyInstance && value.cls.isSubclassOf(exceptionTypes.get("BaseException") as PyClass))
    return new PyError(value);
  const made = call(py, type, value === null ? [] : [value]);
  return new PyError(made as PyInstance);
}
