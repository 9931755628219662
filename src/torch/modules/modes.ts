/** What Python files of `torch` set and ask of the trace: gradients, autocast, defaults, and nodes of their own in the graph. */

import { resultType } from "../../ops/shared/making.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { native } from "../../python/native.ts";
import { PyObject, type Value } from "../../python/values.ts";
import { isComplex, isFloating } from "../../tensor/dtype.ts";
import type { GradNode, Storage, Tensor } from "../../tensor/tensor.ts";
import { toArg } from "../apply.ts";
import { dtypeName, isSequence } from "../arguments.ts";
import { dtypeObject, replaceValue, TensorObject, tracerOf } from "../tensorObject.ts";
import { slicing } from "./slicing.ts";

export function modes(): Record<string, Value> {
  return {
    set_grad_enabled: native("set_grad_enabled(mode)", (py, mode: Value) => {
      const tracer = tracerOf(py);
      const before = tracer.gradEnabled;
      tracer.gradEnabled = mode === true;
      return before;
    }),
    is_grad_enabled: native("is_grad_enabled()", (py) => tracerOf(py).gradEnabled),
    set_autocast: native("set_autocast(dtype)", (py, dtype: Value) => {
      const tracer = tracerOf(py);
      const before = tracer.autocast;
      tracer.autocast = dtypeName(dtype) ?? null;
      return before ? dtypeObject(before) : null;
    }),
    get_autocast: native("get_autocast()", (py) => {
      const { autocast } = tracerOf(py);
      return autocast ? dtypeObject(autocast) : null;
    }),
    forget_casts: native("forget_casts()", forgetCasts),
    set_default_dtype: native("set_default_dtype(dtype)", (py, dtype: Value) => {
      tracerOf(py).defaultDtype = dtypeName(dtype) ?? tracerOf(py).defaultDtype;
    }),
    get_default_dtype: native("get_default_dtype()", (py) => dtypeObject(tracerOf(py).defaultDtype)),
    result_type: native("result_type(a, b)", (_py, a: Value, b: Value) => dtypeObject(resultType(toArg(a), toArg(b)))),
    ...slicing(),
    attach: native("attach(outputs, inputs, saved, name, always=False)", attach, { lenient: true }),
  };
}

/** Lets go of the weights that autocast cast and kept. */
function forgetCasts(py: Interpreter): null {
  const cache = py.extensions.get("autocast weights") as Map<number, Tensor> | undefined;
  for (const { storage } of cache?.values() ?? []) tracerOf(py).drop(storage);
  cache?.clear();
  return null;
}

/**
 * Puts outputs behind one node of the graph that keeps the tensors saved: a function with its own backward, or a
 * checkpointed region. Does nothing where gradients are off or no input needs one.
 */
function attach(py: Interpreter, outputs: Value, inputs: Value, saved: Value, name: Value, always: Value): null {
  const tracer = tracerOf(py);
  const given = tensorsIn(inputs);
  const needed = always === true || given.some(({ value }) => value.requiresGrad || value.storage.writer !== undefined);
  if (!tracer.gradEnabled || !needed) return null;
  const kept = new Set<Storage>(tensorsIn(saved).map(({ value }) => value.storage));
  for (const storage of kept) {
    storage.holders++;
    if (storage.role === "activation" || storage.role === "input") tracer.saved.add(storage);
  }
  const nodes = given.flatMap(({ value }) => value.node ?? value.storage.writer ?? []);
  const node: GradNode = {
    name: String(name),
    index: Math.max(0, tracer.events.length - 1),
    inputs: nodes,
    saved: [...kept],
    holders: 0,
  };
  for (const one of nodes) one.holders++;
  for (const out of tensorsIn(outputs)) {
    const { dtype } = out.value;
    if (isFloating(dtype) || isComplex(dtype)) replaceValue(py, out, { ...out.value, requiresGrad: true, node });
  }
  return null;
}

function tensorsIn(value: Value): TensorObject[] {
  if (value instanceof TensorObject) return [value];
  if (isSequence(value)) return value.items.flatMap(tensorsIn);
  const { entries } =
    value instanceof PyObject ? (value as PyObject & { entries?: ReadonlyMap<unknown, unknown> }) : {};
  if (!entries) return [];
  return [...entries.values()].flatMap((entry) => (Array.isArray(entry) ? tensorsIn(entry[1] as Value) : []));
}
