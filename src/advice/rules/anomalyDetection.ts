import { replace } from "../code/edits.ts";
import { codeOf } from "../code/tree.ts";
import { trainingLoops } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * `torch.autograd.set_detect_anomaly(True)` in a training script.
 *
 * Every backward operation then has its result looked at for NaN, which waits for the device each time, and every forward
 * operation has its Python stack written down. It is meant for looking for one fault.
 */
const anomalyDetection: Rule = {
  id: "anomaly-detection",
  price: "a NaN in the gradients is no longer traced to the operation that made it.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    if (trainingLoops(code).length === 0) return;
    for (const call of code.calls) {
      const [first] = call.args;
      if (!/^torch\.autograd\.(anomaly_mode\.)?set_detect_anomaly$/.test(code.dotted(call.func) ?? "")) continue;
      if (first?.kind !== "Singleton" || first.value !== true) continue;
      // Behind an option it is asked for.
      const holder = code.parent(code.parent(call) ?? call);
      if (holder?.kind === "If") continue;
      yield {
        severity: "warning",
        at: code.place(call),
        what: "Anomaly detection is on for the whole run.",
        why: "Each backward operation's result is looked at for NaN, with a wait for the device, and each forward operation's Python stack is written down.",
        fixes: [{ title: "Switch it off", edits: [replace(first, "False", code)] }],
      };
    }
  },
};
export default anomalyDetection;
