/** Gradients, copies of tensor objects, and changes of their storage. */
import type { Interpreter } from "../../python/interpreter.ts";
import { define } from "../../python/native.ts";
import { unrepeatable } from "../../python/remember/reads.ts";
import { nativeClass } from "../../python/types.ts";
import { PyClass, type PyDict, PyInstance, PyList, type PyTuple, type Value } from "../../python/values.ts";
import { gradientsFor, runBackward } from "../../trace/autograd.ts";
import { listOf, shapeArgument } from "../arguments.ts";
import { constructed } from "../legacy.ts";
import { sweep } from "../liveness.ts";
import { likeOptions, make } from "../making.ts";
import { defineFunctions, run } from "../table.ts";
import { replaceValue, TensorObject, tracerOf, wrap } from "../tensorObject.ts";

const handleClass = nativeClass("RemovableHandle", "object", undefined, "torch.utils.hooks");
define(handleClass, {
  "remove(self)": () => null,
  "__enter__(self)": (_py, self: Value) => self,
  "__exit__(self, *args)": () => null,
});

defineFunctions(
  {
    "m requires_grad_(input, requires_grad=True)": (_py, input: Value, wanted: Value) => {
      if (input instanceof TensorObject) input.value = { ...input.value, requiresGrad: wanted === true };
      return input;
    },
    "m detach_(input)": (py, input: Value) => {
      if (input instanceof TensorObject)
        replaceValue(py, input, { ...input.value, requiresGrad: false, node: undefined });
      return input;
    },
    "m backward(input, gradient=None, retain_graph=None, create_graph=False, inputs=None)": (
      py,
      input: Value,
      gradient: Value,
    ) => {
      if (!(input instanceof TensorObject)) return null;
      unrepeatable("a backward pass");
      sweep(py, [input, gradient]);
      runBackward(tracerOf(py), input.value, gradient instanceof TensorObject ? gradient.value : undefined);
      return null;
    },
    "m _gradients_for(input, inputs, gradient=None, retain=False, twice=False)": (
      py,
      input: Value,
      inputs: Value,
      gradient: Value,
      retain: Value,
      twice: Value,
    ) => {
      if (!(input instanceof TensorObject) || !input.value.node) return null;
      unrepeatable("a backward pass");
      sweep(py, [input, inputs, gradient]);
      if (twice === true)
        py.note(
          "unknown-call",
          "a gradient of gradients (create_graph=True) is not followed: what it keeps and computes is not counted",
        );
      const asked = (inputs instanceof PyList ? inputs.items : []).filter((one) => one instanceof TensorObject);
      const tracer = tracerOf(py);
      const seed = gradient instanceof TensorObject ? gradient.value : undefined;
      const found = gradientsFor(
        tracer,
        input.value,
        asked.map(({ value }) => value),
        seed,
        retain === true,
      );
      return new PyList(
        found.map((one) => {
          if (!one) return null;
          const object = wrap(py, { ...one, requiresGrad: twice === true, node: undefined });
          // The caller's variable holds it from now on.
          tracer.drop(one.storage);
          return object;
        }),
      );
    },
    "m retain_grad(input)": () => null,
    "m record_stream(input, s)": () => null,
    "m register_hook,register_post_accumulate_grad_hook(input, hook)": () => new PyInstance(handleClass),
    "m rename,rename_,refine_names,align_to,align_as(input, *names, **rest)": (_py, input: Value) => input,
    "m as_subclass(input, cls)": (py, input: Value, cls: Value) =>
      input instanceof TensorObject && cls instanceof PyClass ? wrap(py, input.value, cls) : input,
    "m resize_(input, *sizes, memory_format=None)": (py, input: Value, star: PyTuple) => {
      if (input instanceof TensorObject) resize(py, input, listOf(shapeArgument(py, star)));
      return input;
    },
    "m resize_as_(input, other, memory_format=None)": (py, input: Value, other: Value) => {
      if (input instanceof TensorObject && other instanceof TensorObject) resize(py, input, listOf(other.value.shape));
      return input;
    },
    "m set_(input, source=None, *args)": (py, input: Value, source: Value) => {
      if (input instanceof TensorObject && source instanceof TensorObject) replaceValue(py, input, source.value);
      return input;
    },
    "m new(input, *args, **kwargs)": (py, input: Value, star: PyTuple, _rest: PyDict) =>
      input instanceof TensorObject ? constructed(py, star, input.value.dtype) : input,
    "m __deepcopy__(input, memo=None)": (py, input: Value) =>
      input instanceof TensorObject ? copied(py, input) : input,
    "m __copy__(input)": (py, input: Value) =>
      input instanceof TensorObject ? wrap(py, input.value, input.cls) : input,
    "m __reduce_ex__(input, protocol)": (py) => py.unknown("a tensor as bytes"),
    "m __dir__(input)": () => listOf([]),
    "m has_names,_is_view(input)": () => false,
  },
  { lenient: true },
);

function resize(py: Interpreter, input: TensorObject, shape: Value): void {
  const { dtype, requiresGrad } = input.value;
  const made = make(py, "empty", [shape], likeOptions(input, { dtype: null, device: null, requiresGrad }), dtype);
  if (made instanceof TensorObject) replaceValue(py, input, made.value);
}

/** A copy in memory of its own, as a leaf of the same class. */
function copied(py: Interpreter, input: TensorObject): Value {
  const tracer = tracerOf(py);
  const before = tracer.gradEnabled;
  tracer.gradEnabled = false;
  try {
    const made = run(py, "clone", input, null);
    if (!(made instanceof TensorObject)) return made;
    const copy = wrap(py, { ...made.value, requiresGrad: input.value.requiresGrad }, input.cls);
    for (const [name, value] of input.attrs ?? []) {
      copy.attrs ??= new Map();
      copy.attrs.set(name, value);
    }
    return copy;
  } finally {
    tracer.gradEnabled = before;
  }
}
