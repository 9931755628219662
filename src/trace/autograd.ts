import type { Tensor } from "../tensor/tensor.ts";
import { BackwardPass, leafKey } from "./autograd/engine.ts";
import type { Tracer } from "./tracer.ts";

/**
 * Traces the backward pass from a loss, with `gradient` in the place of one: events whose pass is "backward", those of
 * regions that run again "recompute", in the module and at the place of the forward operation. All nodes that it runs
 * are released, and what leaves get is held in the tracer's `gradients`. A loss that no gradient leads from changes nothing.
 */
export function runBackward(tracer: Tracer, loss: Tensor, gradient?: Tensor): void {
  const { pass, gradEnabled, module, slices, autocast } = tracer;
  tracer.pass = "backward";
  tracer.gradEnabled = false;
  tracer.autocast = null;
  tracer.repeated.clear();
  try {
    new BackwardPass(tracer).run(loss, gradient);
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
