import type { Expression } from "../../syntax/ast.ts";
import { replace } from "../code/edits.ts";
import { type CallNode, type Code, codeOf, functionOf, method, receiver, within } from "../code/tree.ts";
import { assignmentsOf } from "../scripts/bindings.ts";
import type { Rule } from "./rule.ts";

/**
 * Binary cross entropy of a sigmoid's output, where one function computes both.
 *
 * The logarithm of a sigmoid that has become 0 or 1 is cut off at -100, and its gradient there is lost; under `autocast` PyTorch
 * refuses it. `F.binary_cross_entropy_with_logits` is exact for all logits, in one operation and with one tensor less kept.
 */
const sigmoidBeforeBinaryCrossEntropy: Rule = {
  id: "sigmoid-before-binary-cross-entropy",
  price: "none but rounding: of logits beyond ±100 the loss is larger than it was.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    for (const call of code.calls) {
      if (code.dotted(call.func) !== "torch.nn.functional.binary_cross_entropy") continue;
      const [given] = call.args;
      const sigmoid = given && sigmoidOf(given, code);
      if (!given || !sigmoid) continue;
      const logits = code.dotted(sigmoid.func) ? sigmoid.args[0] : receiver(sigmoid);
      const isInline = sigmoid === given;
      yield {
        severity: "information",
        at: code.place(call),
        what: "Sigmoid and binary cross entropy are computed one after the other.",
        why: "Where the sigmoid has become 0 or 1 the gradient is lost, and under autocast PyTorch refuses it; one function computes both from the logits.",
        fixes:
          isInline && logits && call.func.kind === "Attribute"
            ? [
                {
                  title: "Use binary_cross_entropy_with_logits",
                  edits: [
                    { span: nameSpan(call, code), text: "binary_cross_entropy_with_logits" },
                    replace(sigmoid, code.text(logits), code),
                  ],
                },
              ]
            : [],
      };
    }
  },
};
export default sigmoidBeforeBinaryCrossEntropy;

function nameSpan(call: CallNode, code: Code) {
  const { endLine, endColumn } = code.span(call.func);
  return { line: endLine, column: endColumn - "binary_cross_entropy".length, endLine, endColumn };
}

/** The sigmoid that an expression is, or that its name was given and nothing else reads. */
function sigmoidOf(node: Expression, code: Code): CallNode | undefined {
  if (node.kind === "Call") {
    const name = code.dotted(node.func);
    if (name !== undefined)
      return /^torch\.(nn\.functional\.|special\.)?(sigmoid|expit)$/.test(name) ? node : undefined;
    return method(node) === "sigmoid" && node.args.length === 0 ? node : undefined;
  }
  const func = functionOf(node, code);
  if (node.kind !== "Name" || !func) return undefined;
  const values = assignmentsOf(node.id, func.body);
  const reads = within(func).filter((one) => one.kind === "Name" && one.id === node.id);
  const [value] = values;
  // One name for the assignment, one here.
  return values.length === 1 && reads.length === 2 && value?.kind === "Assign" && value.value.kind === "Call"
    ? sigmoidOf(value.value, code)
    : undefined;
}
