import type { CallNode } from "../../syntax/script/ast.ts";
import { calledName, surroundings, walkScript } from "../../syntax/script/walk.ts";
import type { ScriptRule } from "./rule.ts";

/**
 * A model asked for one sample after another in a loop: each call pays for its own launches and reads all weights again. One call
 * with the samples stacked reads them once.
 */
const unbatchedPrediction: ScriptRule = {
  id: "unbatched-prediction",
  price: "All samples must be at hand at once, and their activations take memory together.",

  *read({ script, placeOf }) {
    const found: CallNode[] = [];
    walkScript(script.body, (node, around) => {
      if (node.kind !== "Call" || node.callee.kind !== "Member" || calledName(node) !== "predict") return;
      const [loop] = surroundings(around).loops.filter(({ kind }) => kind !== "While");
      if (loop) found.push(node);
    });
    for (const call of found) {
      yield {
        severity: "information",
        at: placeOf(call),
        what: "The model is asked for one sample in every round of the loop.",
        why: "Each call launches all its kernels and reads all weights anew: stack the samples with tf.stack or tf.concat, and ask once.",
        fixes: [],
      };
    }
  },
};
export default unbatchedPrediction;
