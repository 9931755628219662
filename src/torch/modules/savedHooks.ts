/** Hooks of Python code on what autograd keeps: `torch.autograd.graph.saved_tensors_hooks`. */

import { Unknown } from "../../base/unknown.ts";
import type { Op } from "../../ops/op.ts";
import { call } from "../../python/calls.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { native } from "../../python/native.ts";
import { unrepeatable } from "../../python/remember/reads.ts";
import { PyTuple, type Value } from "../../python/values.ts";
import { productOf, type Size } from "../../tensor/size.ts";
import { contiguousStrides, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { Packed } from "../../trace/packing.ts";
import { listOf } from "../arguments.ts";
import { make } from "../making.ts";
import { parameterClass, TensorObject, tensorClass, tracerOf, wrap } from "../tensorObject.ts";
import { apart, tensorsIn } from "./attaching.ts";

/** Pairs of functions, the innermost last. */
const stackName = "hooks on saved tensors";

export function savedHooks(): Record<string, Value> {
  return {
    push_saved_hooks: native("push_saved_hooks(pack, unpack)", (py, pack: Value, unpack: Value) => {
      setStack(py, [...stackOf(py), [pack, unpack]]);
      return null;
    }),
    pop_saved_hooks: native("pop_saved_hooks()", (py) => {
      setStack(py, stackOf(py).slice(0, -1));
      return null;
    }),
    /** As large a tensor in the host's memory. */
    empty_on_host: native("empty_on_host(tensor)", (py, like: Value) => {
      if (!(like instanceof TensorObject)) return like;
      const tracer = tracerOf(py);
      const { defaultDevice } = tracer;
      tracer.defaultDevice = "cpu";
      const options = { dtype: null, device: null, requiresGrad: false };
      const made = make(py, "empty", [listOf(like.value.shape)], options, like.value.dtype);
      tracer.defaultDevice = defaultDevice;
      return made;
    }),
    /** The functions in force, or None: a function of the model's own keeps its tensors by them. */
    saved_hooks: native("saved_hooks()", (py) => {
      const last = stackOf(py).at(-1);
      return last && tracerOf(py).packing ? new PyTuple([...last]) : null;
    }),
  };
}

type Pair = readonly [Value, Value];

function stackOf(py: Interpreter): readonly Pair[] {
  // A new run begins without any.
  return tracerOf(py).packing ? ((py.extensions.get(stackName) as readonly Pair[] | undefined) ?? []) : [];
}

function setStack(py: Interpreter, stack: readonly Pair[]): void {
  const last = stack.at(-1);
  py.extensions.set(stackName, stack);
  tracerOf(py).packing = last && ((tensor, op) => packed(py, last, tensor, op));
}

/** A tensor as the functions keep it; undefined where they hand it back. They run without gradients. */
function packed(py: Interpreter, [pack, unpack]: Pair, tensor: Tensor, op: Op): Packed | undefined {
  unrepeatable("what autograd keeps goes through Python code");
  const tracer = tracerOf(py);
  const { gradEnabled } = tracer;
  const forms: Value[] = [];
  const storages: Tensor["storage"][] = [];
  tracer.gradEnabled = false;
  try {
    apart(py, () => {
      const form = call(py, pack, [asSaved(py, tensor, op)]);
      forms.push(form);
      for (const { value } of tensorsIn(form)) {
        if (storages.includes(value.storage)) continue;
        value.storage.holders++;
        storages.push(value.storage);
      }
    });
  } finally {
    tracer.gradEnabled = gradEnabled;
  }
  const [own = null] = forms;
  if (own instanceof Unknown || own === null || isSame(own, tensor)) {
    for (const storage of storages) tracer.drop(storage);
    return undefined;
  }
  return {
    storages,
    restore: (use) => {
      let done = false;
      apart(py, () => {
        const one = call(py, unpack, [own]);
        done = true;
        use(one instanceof TensorObject ? one.value : undefined);
      });
      if (!done) use(undefined);
    },
  };
}

function isSame(form: Value, { storage }: Tensor): boolean {
  return form instanceof TensorObject && form.value.storage === storage;
}

/** What PyTorch's own operation keeps: `linear` its input as a matrix and its weight transposed; parameters are themselves. */
function asSaved(py: Interpreter, tensor: Tensor, op: Op): TensorObject {
  const { shape, storage, node } = tensor;
  const plain = { ...tensor, data: undefined };
  const isWeight = storage.role === "parameter" && !node;
  if (op.name !== "aten.linear") return wrap(py, plain, isWeight ? parameterClass : tensorClass);
  if (shape.some((size) => size instanceof Unknown)) return wrap(py, plain);
  if (isWeight && shape.length === 2) {
    const [rows = 1, columns = 1] = shape;
    return wrap(py, { ...plain, shape: [columns, rows], strides: [...stridesOf(tensor)].reverse() });
  }
  if (shape.length <= 2) return wrap(py, plain);
  const flat = [productOf(shape.slice(0, -1)), shape.at(-1) as Size];
  return wrap(py, { ...plain, shape: flat, strides: tensor.strides && contiguousStrides(flat) });
}
