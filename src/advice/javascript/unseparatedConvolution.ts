import { showFlops, showShare } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { CallNode } from "../../syntax/script/ast.ts";
import type { ScriptRule } from "./rule.ts";

/** Narrower ones cost little, and kernels for channels apart gain nothing on them. */
const fewChannels = 64;

/** Settings that a separable convolution spells otherwise. */
const ofOneKernel = /^kernel(Initializer|Regularizer|Constraint)$/;

/**
 * A convolution of many channels that takes a large share of the model's multiply-adds: split into one that works on each
 * channel apart and one that mixes the channels, it needs about a kernel's area fewer of them.
 */
const unseparatedConvolution: ScriptRule = {
  id: "unseparated-convolution",
  price: "The layer can express less, and the model must be trained again.",

  *check({ model, layers, callOf, placeOf }) {
    const whole = known(model.root.flops) ?? 0;
    for (const layer of layers) {
      const flops = known(layer.flops) ?? 0;
      if (layer.className !== "Conv2D" || flops < whole / 4 || flops < 1e8) continue;
      const [input, output] = [layer.inputs[0], layer.outputs[0]].map((shape) => sizes(shape?.concrete));
      const [before, after] = [input?.at(-1) ?? 0, output?.at(-1) ?? 0];
      const positions = (output ?? []).slice(0, -1).reduce((a, b) => a * b, 1);
      const window = flops / (2 * positions * before * after);
      if (Math.min(before, after) < fewChannels || window < 4) continue;
      const apart = 2 * positions * before * (window + after);
      const call = callOf(layer);
      yield {
        severity: "information",
        at: call ? placeOf(call) : (layer.madeAt ?? model.at),
        what: `This convolution takes ${showFlops(flops)}, ${showShare(flops, whole)} of the model's.`,
        why: `As a separable one, each channel apart and then mixed, it would take ${showFlops(apart)}.`,
        fixes: call && isPlain(call) ? [renamed(call, placeOf)] : [],
      };
    }
  },
};
export default unseparatedConvolution;

function sizes(shape: string | undefined): number[] {
  return (shape ?? "[]").slice(1, -1).split(", ").map(Number);
}

/** Whether the call says nothing that a separable convolution does not take. */
function isPlain({ callee, args }: CallNode): boolean {
  const [settings] = args;
  if (callee.kind !== "Member" || callee.property !== "conv2d" || settings?.kind !== "Object") return false;
  return settings.members.every(
    ({ kind, key }) => kind === "value" && typeof key === "string" && !ofOneKernel.test(key),
  );
}

function renamed(call: CallNode, placeOf: Parameters<NonNullable<ScriptRule["check"]>>[0]["placeOf"]) {
  const at = call.callee.kind === "Member" ? call.callee.at : call;
  return { title: "Make it a separable convolution", edits: [{ span: placeOf(at), text: "separableConv2d" }] };
}
