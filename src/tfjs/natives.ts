/** What our own definition of TensorFlow.js, written in JavaScript, asks of the machine: the object `assay` in it. */
import { Unknown } from "../base/unknown.ts";
import { call } from "./language/calls.ts";
import { type Machine, placeOf } from "./language/machine.ts";
import { get } from "./language/members.ts";
import { jsonValue } from "./language/modules.ts";
import { toText } from "./language/operators.ts";
import { isNullish, JsArray, JsFunction, JsObject, type Value } from "./language/values.ts";
import type { Layers } from "./layers.ts";
import { dispose, dtypeOf, JsTensor, leaf, shapeOf, tensorsIn, tidied } from "./tensors/tensorValue.ts";

export function nativeObject(machine: Machine, layers: Layers): JsObject {
  const object = machine.object();
  const on = (name: string, run: (args: readonly Value[]) => Value) =>
    object.props.set(
      name,
      machine.native(name, (_, args) => run(args)),
    );
  const text = (value: Value) => (typeof value === "string" ? value : "");
  on("made", ([layer]) => {
    if (layer instanceof JsObject) layers.made.set(layer, machine.place);
    return undefined;
  });
  on("sameAs", ([copy, original]) => {
    if (copy instanceof JsObject && original instanceof JsObject) layers.made.set(copy, layers.made.get(original));
    return undefined;
  });
  on("applied", ([layer, shape]) => {
    if (layer instanceof JsObject && machine.place)
      layers.applied.push({ layer, at: machine.place, shape: shapes(shape) });
    return undefined;
  });
  on("model", ([model]) => {
    if (model instanceof JsObject)
      layers.models.push({ model, at: machine.place, calls: callers(machine), remarks: machine.remarks.length });
    return undefined;
  });
  on("grown", ([model]) => {
    const made = layers.models.findLast((one) => one.model === model);
    if (made) made.remarks = machine.remarks.length;
    return undefined;
  });
  on("weight", ([shape, dtype, trainable]) => {
    const sizes = shapeOf(machine, shape);
    if (sizes instanceof Unknown) return sizes;
    return leaf(machine, sizes, dtypeOf(dtype), "parameter", trainable !== false);
  });
  on("call", ([layer, inputs, kwargs]) => called(machine, layer, inputs, kwargs));
  on("tidy", ([run]) => tidied(machine, () => call(machine, run, undefined, [])));
  on("release", ([value]) => {
    for (const tensor of tensorsIn(value)) dispose(machine, tensor);
    return undefined;
  });
  on("refuse", ([message]) => {
    const told = toText(message);
    return told instanceof Unknown ? machine.fail(`a layer refuses its input: ${told.reason}`) : machine.refuse(told);
  });
  on("unknown", ([reason]) => {
    const unknown = machine.unknown(text(reason));
    return unknown;
  });
  on("isUnknown", ([value]) => value instanceof Unknown);
  on("readJson", ([from]) => readJson(machine, text(from)));
  on("snake", ([name]) => {
    const apart = text(name)
      .replaceAll(/(.)([A-Z][a-z0-9]+)/g, "$1_$2")
      .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
      .toLowerCase();
    return apart.startsWith("_") ? `private${apart}` : apart;
  });
  on("camel", ([name]) =>
    text(name).length <= 1
      ? text(name)
      : text(name).replaceAll(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase()),
  );
  on("namespace", ([kind]) => {
    const made = machine.object();
    made.otherwise = new Unknown(`tf.${text(kind)} is not followed`, undefined, true);
    return made;
  });
  object.props.set(
    "tensorClass",
    machine.native("Tensor", () => undefined),
  );
  return object;
}

/** The functions of the user's that a model is being made in, innermost first, as places. */
function callers(machine: Machine) {
  return machine.calls.map(({ script, node }) => placeOf(script, node)).reverse();
}

/** The shapes that a layer gives, one for each output. */
function shapes(shape: Value): readonly (readonly Value[])[] {
  if (!(shape instanceof JsArray)) return [];
  const lists = shape.items[0] instanceof JsArray ? shape.items : [shape];
  return lists.map((one) => (one instanceof JsArray ? one.items : []));
}

/** A layer run on tensors: a module call of the trace, whose intermediate tensors are let go of at its end. */
function called(machine: Machine, layer: Value, inputs: Value, kwargs: Value): Value {
  if (layer instanceof Unknown) return layer;
  if (!(layer instanceof JsObject)) return machine.fail("what is called is no layer", "TypeError");
  const given = tensorsIn(inputs);
  const id = machine.tracer.enter(
    layer,
    given.map(({ value }) => value),
    machine.place,
  );
  let out: Value;
  try {
    out = tidied(machine, () =>
      ownTensors(
        machine,
        call(machine, get(machine, layer, "call"), layer, [inputs, isNullish(kwargs) ? machine.object() : kwargs]),
        given,
      ),
    );
    return out;
  } finally {
    machine.tracer.exit(
      id,
      tensorsIn(out).map(({ value }) => value),
    );
  }
}

/** What a layer hands on as it was given is a tensor of its own, on the same storage. */
function ownTensors(machine: Machine, value: Value, given: readonly JsTensor[]): Value {
  if (value instanceof JsTensor && given.includes(value)) {
    const clone = get(machine, value, "clone");
    return clone instanceof JsFunction ? call(machine, clone, value, []) : value;
  }
  if (!(value instanceof JsArray)) return value;
  return machine.array(value.items.map((item) => ownTensors(machine, item, given)));
}

/** A model.json beside the program; unknown where there is none. */
function readJson(machine: Machine, from: string): Value {
  const path = from.replace(/^(file:\/\/|indexeddb:\/\/|localstorage:\/\/)/, "");
  const base = machine.place?.path.split("/").slice(0, -1).join("/") ?? "";
  const relative = path.replace(/^\.\//, "");
  const text = /^\w+:\/\//.test(path)
    ? undefined
    : machine.files.text(path.startsWith("/") ? path : `${base}/${relative}`);
  return text === undefined ? machine.unknown(`there is no file ${from}`) : jsonValue(machine, text);
}
