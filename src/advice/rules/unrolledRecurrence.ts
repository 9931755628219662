import { known } from "../../base/unknown.ts";
import { isTensor, type Storage } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import { flowOf } from "../code/flow.ts";
import { type CallNode, codeOf, enclosing, gather } from "../code/tree.ts";
import type { Rule } from "./rule.ts";

/**
 * A recurrent cell called step by step over inputs that are all there before the loop.
 *
 * `nn.LSTM`, `nn.GRU` and `nn.RNN` do the same in one call of cuDNN: the products with the inputs of all steps at once, and the
 * steps without Python in between. Nothing is said where a step's input is made of the last step's output.
 */
const unrolledRecurrence: Rule = {
  id: "unrolled-recurrence",
  price: "parameters get other names (weight_ih becomes weight_ih_l0), and nothing can be done between the steps.",

  *check(model) {
    const code = codeOf(model.file, model.text);
    const flow = flowOf(model.inference, model.figures);
    const steps = new Map<CallNode, Operation[]>();
    for (const operation of flow.operations) {
      const { at } = operation;
      if (!/^aten\.(lstm|gru|rnn_tanh|rnn_relu)_cell$/.test(operation.name) || at?.path !== code.path) continue;
      const call = code.callAt(at);
      if (call) gather(steps, call, operation);
    }
    for (const [call, operations] of steps) {
      const loop = enclosing(call, code, "For", "While");
      const inputs = new Set<Storage | undefined>(
        operations.map(({ call: { args } }) => (isTensor(args[0]) ? args[0].storage : undefined)),
      );
      if (!loop || operations.length < 8 || inputs.size !== 1 || inputs.has(undefined)) continue;
      const kind = /lstm/.test(operations[0]?.name ?? "")
        ? "nn.LSTM"
        : /gru/.test(operations[0]?.name ?? "")
          ? "nn.GRU"
          : "nn.RNN";
      const macs = known(operations[0]?.macs ?? 0) ?? 0;
      yield {
        severity: "information",
        at: code.place(call),
        what: `This cell runs ${operations.length} times in a Python loop, over inputs that are all there.`,
        why: `Each step is two products of ${(macs / 1e6).toPrecision(2)} M multiply-adds and waits for Python; \`${kind}\` does all steps in one call, and the inputs' products at once.`,
        fixes: [],
      };
    }
  },
};
export default unrolledRecurrence;
