/** A model of the program's as a tree of layers. */
import type { Place } from "../base/place.ts";
import { Unknown } from "../base/unknown.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import type { Machine } from "./language/machine.ts";
import { get } from "./language/members.ts";
import { type Accessor, JsArray, JsFunction, JsObject, type Value } from "./language/values.ts";
import { JsTensor } from "./tensors/tensorValue.ts";

/** Properties under which a layer keeps layers of its own, in the order in which they are shown. */
const inside = ["cell", "cells", "layer", "forwardLayer", "backwardLayer", "layers"];

/** Whether a value is a layer or model of TensorFlow.js. */
export function isLayer(value: Value | Accessor): value is JsObject {
  return value instanceof JsObject && value.props.get("inboundNodes") instanceof JsArray;
}

/** Whether it is a model: a layer made of layers. */
export function isModel(value: Value): value is JsObject {
  return isLayer(value) && value.props.get("layers") instanceof JsArray;
}

/** The tree; a layer reached twice stands where it is reached first. */
export function layerTree(machine: Machine, model: JsObject): BuiltLayer {
  const seen = new Set<JsObject>();
  const walk = (layer: JsObject, path: string, isTrained: boolean): BuiltLayer => {
    seen.add(layer);
    const trained = isTrained && get(machine, layer, "trainable") !== false;
    const names = new Set<string>();
    const children: BuiltLayer[] = [];
    for (const child of childrenOf(layer)) {
      if (seen.has(child)) continue;
      const name = distinct(nameOf(child), names);
      children.push(walk(child, path === "" ? name : `${path}.${name}`, trained));
    }
    const lists = ["_trainableWeights", "_nonTrainableWeights"].map((list) => layer.props.get(list));
    const weights = lists.flatMap((list) => (list instanceof JsArray ? list.items : []));
    return {
      path,
      className: classNameOf(machine, layer),
      module: layer,
      parameters: [...weights.flatMap((weight) => parameter(machine, weight, trained)), ...lost(machine, layer)],
      buffers: [],
      children,
      classAt: classAt(machine, layer),
    };
  };
  return walk(model, "", true);
}

/** Stands for the weights of what a layer holds and nobody knows. */
function lost({ tracer }: Machine, layer: JsObject): BuiltLayer["parameters"] {
  const lists = inside.map((key) => layer.props.get(key)).filter((list) => list instanceof JsArray);
  const unknown = lists.map((list) => list.opaque ?? list.items.find((item) => item instanceof Unknown)).find(Boolean);
  if (!(unknown instanceof Unknown)) return [];
  const storage = tracer.storage(unknown, "parameter");
  const tensor = { shape: [unknown], strides: null, dtype: "float32" as const, storage, requiresGrad: true };
  return [{ name: "unknown", tensor }];
}

function childrenOf(layer: JsObject): JsObject[] {
  const found = new Set<JsObject>();
  const add = (value: Value | Accessor) => {
    if (isLayer(value)) found.add(value);
    else if (value instanceof JsArray) for (const item of value.items) if (isLayer(item)) found.add(item);
  };
  // A wrapper that makes two of its layer holds the copies, not the layer.
  const copied = isLayer(layer.props.get("forwardLayer"));
  for (const key of inside) if (!(copied && key === "layer")) add(layer.props.get(key));
  // A layer of the user's own keeps others under names of its own.
  for (const [key, value] of layer.props) {
    const ours =
      inside.includes(key) || key === "args_" || key === "graph" || key === "inboundNodes" || key === "outboundNodes";
    if (!ours && !key.startsWith("@@") && value instanceof JsObject) add(value);
  }
  return [...found].filter((child) => child.props.get("inboundNodes") !== undefined && !isInput(child));
}

/** An input layer holds and does nothing. */
function isInput(layer: JsObject): boolean {
  const of = layer.find("constructor");
  return of instanceof JsFunction && of.find("className") === "InputLayer";
}

function parameter(machine: Machine, weight: Value, isTrained: boolean): BuiltLayer["parameters"] {
  if (!(weight instanceof JsObject)) return [];
  const { val, name } = { val: weight.props.get("val"), name: weight.props.get("name") };
  if (!(val instanceof JsTensor)) return [];
  val.value.requiresGrad = isTrained && get(machine, weight, "trainable") !== false;
  val.value.storage.role = "parameter";
  return [{ name: typeof name === "string" ? name : "weight", tensor: val.value }];
}

export function nameOf(layer: JsObject): string {
  const name = layer.props.get("name");
  return typeof name === "string" ? name : "layer";
}

function distinct(name: string, taken: Set<string>): string {
  let own = name;
  for (let i = 2; taken.has(own); i++) own = `${name}_${i}`;
  taken.add(own);
  return own;
}

export function classNameOf(machine: Machine, layer: JsObject): string {
  const of = get(machine, layer, "constructor");
  if (!(of instanceof JsFunction)) return "Layer";
  const name = get(machine, of, "className");
  return typeof name === "string" ? name : name instanceof Unknown || of.name === "" ? "Layer" : of.name;
}

function classAt(machine: Machine, layer: JsObject): Place | undefined {
  const of = layer.find("constructor");
  const at = of instanceof JsFunction ? machine.classes.get(of) : undefined;
  return at?.path.startsWith("assay:/") ? undefined : at;
}
