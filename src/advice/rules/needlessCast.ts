import { showBytes, showShare } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Operation } from "../../trace/trace.ts";
import { flowOf, isView, trafficOf } from "../code/flow.ts";
import { codeOf, gather } from "../code/tree.ts";
import type { Rule } from "./rule.ts";

/**
 * A tensor cast to another type and at once back: `.float().to(x.dtype)` with nothing computed in between.
 *
 * Both casts go through memory, and the first one's result is two or four bytes a number more. A cast from float32 down and
 * back up rounds, and is left alone: it may be meant.
 */
const needlessCast: Rule = {
  id: "needless-cast",
  price: "none: the values are the same.",

  *check(model) {
    const code = codeOf(model.file, model.text);
    const flow = flowOf(model.inference, model.figures);
    const byPlace = new Map<string, Operation[]>();
    for (const operation of flow.operations) {
      const { at } = operation;
      if (at?.path !== code.path || !widens(operation)) continue;
      const [from] = operation.inputs;
      const [to] = operation.outputs;
      const readers = to ? flow.readers(to.storage).filter((one) => !isView(one)) : [];
      const isBack = ({ name, outputs }: Operation) => name === "aten._to_copy" && outputs[0]?.dtype === from?.dtype;
      if (readers.length === 0 || !readers.every(isBack)) continue;
      const key = `${at.line}:${at.column}`;
      gather(byPlace, key, operation, ...readers);
    }
    for (const operations of byPlace.values()) {
      const [first] = operations;
      if (!first?.at) continue;
      const traffic = operations.reduce((sum, operation) => sum + trafficOf(operation), 0);
      yield {
        severity: traffic > 0.05 * flow.trafficBytes ? "information" : "hint",
        at: first.at,
        what: `This cast from ${first.inputs[0]?.dtype} to ${first.outputs[0]?.dtype} is taken back, and nothing is computed in between.`,
        why: `Both move ${showBytes(traffic, "GB")}, ${showShare(traffic, flow.trafficBytes)} of the pass's memory traffic.`,
        fixes: [],
      };
    }
  },
};
export default needlessCast;

const bytesOf: Readonly<Record<string, number>> = { float64: 8, float32: 4, bfloat16: 2, float16: 2 };

/** A copy to a wider type, which loses nothing. */
function widens({ name, inputs, outputs, made }: Operation): boolean {
  const [from, to] = [inputs[0]?.dtype ?? "", outputs[0]?.dtype ?? ""];
  const isCopy = name === "aten._to_copy" && made.length > 0 && known(made[0]?.bytes ?? 0) !== 0;
  return isCopy && (bytesOf[to] ?? 0) > (bytesOf[from] ?? 9);
}
