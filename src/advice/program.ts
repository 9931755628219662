/** A model's passes as they are, and run again with changes. */

import { type Known, Unknown } from "../base/unknown.ts";
import type { CacheRecord } from "../evidence/caches.ts";
import { Refused } from "../ops/op.ts";
import { NeedsKnownSize } from "../tensor/size.ts";
import { elements, Storage, type Tensor } from "../tensor/tensor.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import { runBackward } from "../trace/autograd.ts";
import { CannotRunAgain, type Replace, type Rerun, type Rewrite, rerun } from "../trace/rerun.ts";
import type { Trace } from "../trace/trace.ts";
import type { Subject } from "./subject.ts";
import type { Change, Weight } from "./techniques/technique.ts";

/** What costs are computed from. */
export interface Program {
  readonly tree: BuiltLayer;
  readonly inference: Trace;
  readonly step: Trace | undefined;
  /** The one of them, or the decode step, that the scenario asks for. */
  readonly pass: Trace;
  readonly inputs: readonly Tensor[];
  readonly kvCaches: readonly (readonly Tensor[])[];
  readonly caches?: CacheRecord | undefined;
}

export function programOf({ figures, inference, step, pass, inputs, kvCaches, caches }: Subject): Program {
  return { tree: figures.tree, inference, step, pass, inputs, kvCaches, caches };
}

/** The program with changes; unknown where it cannot be run again. Of two changes to one operation the first holds. */
export function rewritten(subject: Subject, changes: readonly Change[]): Known<Program> {
  const { inference, step, pass, inputs, figures, kvCaches, caches } = subject;
  const weights = changedWeights(figures.tree, changes);
  const rewrite = together(changes.flatMap((change) => change.rewrite ?? []));
  const replace: Replace = (tensor) =>
    weights.get(tensor) ?? changes.map((change) => change.replace?.(tensor)).find((one) => one !== undefined);
  const runs = new Map<Trace, Rerun>();
  const again = (trace: Trace): Known<Trace> => {
    const run = runAgain(trace, rewrite, replace);
    if (run instanceof Unknown) return run;
    runs.set(trace, run);
    return run.tracer;
  };
  const newInference = again(inference);
  if (newInference instanceof Unknown) return newInference;
  const newStep = step && again(step);
  if (newStep instanceof Unknown) return newStep;
  const newPass = pass === inference ? newInference : pass === step ? newStep : again(pass);
  if (!newPass || newPass instanceof Unknown) return newPass ?? new Unknown("the pass could not be run again");
  const { now, added } = runs.get(pass) as Rerun;
  return {
    tree: withWeights(figures.tree, now, added),
    inference: newInference,
    step: newStep,
    pass: newPass,
    inputs: inputs.map(now),
    kvCaches: kvCaches.map((layer) => layer.map(now)),
    caches: caches && {
      ...caches,
      notes: caches.notes.map((note) => ({ ...note, tensors: note.tensors.map(now) })),
    },
  };
}

function together(rewrites: readonly Rewrite[]): Rewrite {
  return (rewriting) => {
    for (const rewrite of rewrites) {
      const result = rewrite(rewriting);
      if (result !== undefined) return result;
    }
    return undefined;
  };
}

/** Forward, and backward where the trace went on to it. */
function runAgain(trace: Trace, rewrite: Rewrite, replace: Replace): Known<Rerun> {
  try {
    const run = rerun(trace, rewrite, replace);
    const loss = lossOf(trace);
    if (loss) runBackward(run.tracer, run.now(loss));
    return run;
  } catch (error) {
    if (error instanceof NeedsKnownSize) return error.unknown;
    if (error instanceof CannotRunAgain) return new Unknown(`the program cannot be run again: ${error.reason}`);
    if (error instanceof Refused) return new Unknown(`the changed program does not run: ${error.message}`);
    throw error;
  }
}

/** What the backward pass of a trace began from: the last scalar before it. */
function lossOf({ events }: Trace): Tensor | undefined {
  const first = events.findIndex((event) => event.kind === "operation" && event.pass === "backward");
  if (first < 0) return undefined;
  for (let i = first - 1; i >= 0; i--) {
    const event = events[i];
    if (event?.kind !== "operation") continue;
    const scalar = event.call.out.find(({ shape, requiresGrad }) => shape.length === 0 && requiresGrad);
    if (scalar) return scalar;
  }
  return undefined;
}

/** The weights that changes store otherwise, by the tensors that they stand for. */
function changedWeights(tree: BuiltLayer, changes: readonly Change[]): Map<Tensor, Tensor> {
  const found = new Map<Tensor, Tensor>();
  const walk = (layer: BuiltLayer) => {
    for (const { name, tensor } of layer.parameters) {
      const changed = changedWeight(layer.path ? `${layer.path}.${name}` : name, tensor, changes);
      if (changed) found.set(tensor, changed);
    }
    for (const child of layer.children) walk(child);
  };
  walk(tree);
  return found;
}

function changedWeight(path: string, tensor: Tensor, changes: readonly Change[]): Tensor | undefined {
  const count = elements(tensor.shape);
  const { bytes } = tensor.storage;
  if (count instanceof Unknown || bytes instanceof Unknown) return undefined;
  let weight: Weight = { path, elements: count, dtype: tensor.dtype, bytes, trained: tensor.requiresGrad };
  let changed = false;
  for (const change of changes) {
    const next = change.weight?.(weight);
    if (!next) continue;
    changed = true;
    weight = next === "removed" ? { ...weight, bytes: 0, elements: 0, trained: false } : { ...weight, ...next };
  }
  if (!changed) return undefined;
  // A number that no storage of the new run gets.
  const storage = new Storage(-1 - tensor.storage.id, weight.bytes, tensor.storage.role, tensor.storage.device);
  storage.holders = 1;
  return { ...tensor, dtype: weight.dtype, requiresGrad: weight.trained, storage, node: undefined };
}

/** The tree with the weights of the new run, without those that hold nothing any more; those that were added stand in the root. */
function withWeights(tree: BuiltLayer, now: (tensor: Tensor) => Tensor, added: readonly Tensor[]): BuiltLayer {
  const changed = (layer: BuiltLayer): BuiltLayer => ({
    ...layer,
    parameters: layer.parameters
      .map((one) => ({ ...one, tensor: now(one.tensor) }))
      .filter((one, i) => one.tensor.storage.bytes !== 0 || layer.parameters[i]?.tensor.storage.bytes === 0),
    buffers: layer.buffers.map((one) => ({ ...one, tensor: now(one.tensor) })),
    children: layer.children.map(changed),
  });
  const root = changed(tree);
  return { ...root, parameters: [...root.parameters, ...added.map((tensor, i) => ({ name: `added.${i}`, tensor }))] };
}
