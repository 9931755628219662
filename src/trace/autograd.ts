import type { Tensor } from "../tensor/tensor.ts";
import { BackwardPass, leafKey } from "./autograd/engine.ts";
import { Wanted } from "./autograd/wanted.ts";
import type { Tracer } from "./tracer.ts";

/**
 * Traces the backward pass from a loss, with `gradient` in the place of one: events whose pass is "backward", those of
 * regions that run again "recompute", in the module and at the place of the forward operation. All nodes that it runs
 * are released, and what leaves get is held in the tracer's `gradients`. A loss that no gradient leads from changes nothing.
 */
export function runBackward(tracer: Tracer, loss: Tensor, gradient?: Tensor): void {
  within(tracer, () => new BackwardPass(tracer).run(loss, gradient));
}

/**
 * The gradients of a tensor with respect to others, each held for the caller; undefined where none leads there. Leaves get
 * none of their own. `retain`: what the pass read stays for another one.
 */
export function gradientsFor(
  tracer: Tracer,
  loss: Tensor,
  inputs: readonly Tensor[],
  gradient: Tensor | undefined,
  retain: boolean,
): readonly (Tensor | undefined)[] {
  const wanted = new Wanted(inputs, retain, leafKey);
  within(tracer, () => new BackwardPass(tracer, wanted).run(loss, gradient));
  return inputs.map((_, i) => wanted.found.get(i));
}

function within(tracer: Tracer, run: () => void): void {
  const { pass, gradEnabled, module, slices, autocast } = tracer;
  tracer.pass = "backward";
  tracer.gradEnabled = false;
  tracer.autocast = null;
  tracer.repeated.clear();
  try {
    run();
  } finally {
    Object.assign(tracer, { pass, gradEnabled, module, slices, autocast });
  }
}

/** The gradient of a leaf (a parameter), where a backward pass gave it one. */
export function gradientOf(tracer: Tracer, leaf: Tensor): Tensor | undefined {
  return tracer.gradients.get(leafKey(leaf));
}

/** Lets go of a leaf's gradient, as `zero_grad` does. */
export function forgetGradient(tracer: Tracer, leaf: Tensor): void {
  const key = leafKey(leaf);
  const gradient = tracer.gradients.get(key);
  if (!gradient) return;
  tracer.gradients.delete(key);
  tracer.drop(gradient.storage);
}
