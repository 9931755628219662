import type { Expression } from "../../syntax/ast.ts";
import { type CallNode, type Code, codeOf, method, receiver, within } from "../code/tree.ts";
import { boundIn } from "../scripts/bindings.ts";
import { isOccasional, modulesIn, trainingLoops } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * A tensor that does not change in a training loop and is copied to the device in each round.
 *
 * Class weights, masks and fixed noise are such: copied once, before the loop, they are at hand.
 */
const repeatedTransfer: Rule = {
  id: "repeated-transfer",
  price: "its bytes stay on the device for the whole loop.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    for (const { loop } of trainingLoops(code)) {
      const bound = boundIn(loop);
      for (const node of within(loop)) {
        if (node.kind !== "Call" || isOccasional(node, loop, code)) continue;
        const on = transferred(node);
        if (!on || !/^(Name|Attribute)$/.test(on.kind) || changes(on, bound, code)) continue;
        const name = code.text(on);
        if (modulesIn(code).has(name) || isWrittenTo(name, loop, code) || !isTensor(on, code)) continue;
        yield {
          severity: "information",
          at: code.place(node),
          what: `\`${name}\` is copied to the device in each round, and is the same in all.`,
          why: "Copied once before the loop it is at hand; from memory that is not pinned Python waits for each copy.",
          fixes: [],
        };
      }
    }
  },
};
export default repeatedTransfer;

/** What `x.to(device)` and `x.cuda()` move. */
function transferred(call: CallNode): Expression | undefined {
  const name = method(call);
  const [first] = call.args;
  if (name === "cuda") return receiver(call);
  const isDevice =
    (first?.kind === "Name" && /^(device|dev|DEVICE)$/.test(first.id)) ||
    (first?.kind === "Attribute" && /device$/.test(first.attr)) ||
    (first?.kind === "Str" && /^(cuda|mps)/.test(first.value));
  return name === "to" && isDevice ? receiver(call) : undefined;
}

function changes(on: Expression, bound: ReadonlySet<string>, code: Code): boolean {
  const root = code.text(on).split(".")[0] as string;
  return bound.has(root) || on.kind === "Attribute";
}

/** Whether a method of the tensor's writes into it within the loop. */
function isWrittenTo(name: string, _loop: { body: readonly unknown[] }, code: Code): boolean {
  return code.nodes.some(
    (node) =>
      (node.kind === "Call" && /[^_]_$/.test(method(node) ?? "") && code.text(receiver(node) as Expression) === name) ||
      (node.kind === "Assign" &&
        node.targets.some((target) => target.kind === "Subscript" && code.text(target.value) === name)),
  );
}

/** Whether the file makes the name a tensor by a function of torch's. */
function isTensor(on: Expression, code: Code): boolean {
  return code.nodes.some(
    (node) =>
      node.kind === "Assign" &&
      node.value.kind === "Call" &&
      node.targets.some((target) => code.text(target) === code.text(on)) &&
      /^torch\.(?!nn\.|optim|device|load|utils|compile)\w+$/.test(code.dotted(node.value.func) ?? ""),
  );
}
