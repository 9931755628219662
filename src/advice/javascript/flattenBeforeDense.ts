import { showCount } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { ScriptRule } from "./rule.ts";

/** Fewer weights than this are no burden for a page. */
const fewWeights = 500_000;

/**
 * A feature map that is flattened in front of a dense layer: the dense layer has a weight for every position and channel
 * and every unit, so that it holds most of the model. Averaging each channel over its positions first leaves one weight for
 * each channel.
 */
const flattenBeforeDense: ScriptRule = {
  id: "flatten-before-dense",
  price: "Where in the image something was is lost to the dense layer, and the model must be trained again.",

  *check({ model, layers, callOf, placeOf }) {
    const whole = known(model.root.params) ?? 0;
    for (const [i, dense] of layers.entries()) {
      const flatten = layers[i - 1];
      if (dense.className !== "Dense" || flatten?.className !== "Flatten") continue;
      const own = known(dense.params) ?? 0;
      const shape = flatten.inputs[0]?.concrete.slice(1, -1).split(", ").map(Number) ?? [];
      const channels = shape.at(-1);
      const units = Number(dense.outputs[0]?.concrete.slice(1, -1).split(", ").at(-1));
      if (shape.length !== 4 || !channels || own < fewWeights || own < whole / 2) continue;
      const left = (channels + 1) * units;
      const call = callOf(flatten);
      const isPlain = call && call.args.length === 0 && call.callee.kind === "Member";
      yield {
        severity: "warning",
        at: callOf(dense) ? placeOf(callOf(dense) ?? { start: 0, end: 0 }) : (dense.madeAt ?? model.at),
        what: `${showCount(own)} of the model's ${showCount(whole)} parameters are in the dense layer behind flatten.`,
        why: `It reads ${shape.slice(1).join(" × ")} values one by one; averaged over their positions they would be ${channels}, and its parameters ${showCount(left)}.`,
        fixes: isPlain
          ? [
              {
                title: "Average over the positions instead of flattening",
                edits: [
                  {
                    span: placeOf({
                      start: call.callee.kind === "Member" ? call.callee.at.start : call.start,
                      end: call.end,
                    }),
                    text: "globalAveragePooling2d({})",
                  },
                ],
              },
            ]
          : [],
      };
    }
  },
};
export default flattenBeforeDense;
