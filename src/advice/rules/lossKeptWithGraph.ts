import type { Expression, Statement } from "../../syntax/ast.ts";
import type { SyntaxNode } from "../../syntax/walk.ts";
import { replace } from "../code/edits.ts";
import { type Code, codeOf, method, receiver, within } from "../code/tree.ts";
import { assignmentsOf, readIn } from "../scripts/bindings.ts";
import { isGradientOff, type TrainingLoop, trainingLoops } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * A loss added up, or put into a list, with its graph: `total += loss`.
 *
 * A tensor that a gradient leads to holds the graph that made it. `backward` frees what the graph's nodes have saved, not the
 * nodes: the sum's graph grows by one whole step in each round, and host memory with it, until the sum is let go of.
 * `loss.detach()` adds the same number without the graph and, other than `loss.item()`, does not wait for the device.
 */
const lossKeptWithGraph: Rule = {
  id: "loss-kept-with-graph",
  price: "none: the sum is the same number.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    for (const training of trainingLoops(code)) {
      for (const { into, loss } of keptLosses(training, code))
        yield {
          severity: "warning",
          at: code.place(loss),
          what: `\`${into}\` keeps the graph of each step's \`${code.text(loss)}\`.`,
          why: "The graph grows by one step in each round, and host memory with it; adding up its detached value keeps the number alone.",
          fixes: [
            {
              title: `Add ${code.text(loss)}.detach()`,
              edits: [replace(loss, `${code.text(loss)}.detach()`, code)],
              exact: true,
            },
          ],
        };
    }
  },
};
export default lossKeptWithGraph;

function keptLosses({ loop, backwards }: TrainingLoop, code: Code): { into: string; loss: Expression }[] {
  const losses = new Set(backwards.flatMap((call) => names(receiver(call))));
  const found: { into: string; loss: Expression }[] = [];
  for (const node of within(loop)) {
    const kept = keptBy(node, code);
    if (!kept || isGradientOff(node, code)) continue;
    const loss = lossIn(kept.value, losses);
    if (!loss || isDetached(loss.id, loop, node, code)) continue;
    if (feedsBackward(kept.name, losses, code) || isMadeAnew(kept.name, loop)) continue;
    found.push({ into: kept.name, loss });
  }
  return found;
}

/** `total += value`, `total = total + value`, `losses.append(value)`. */
function keptBy(node: SyntaxNode, code: Code): { name: string; value: Expression } | undefined {
  if (node.kind === "AugAssign" && node.op === "+" && /^(Name|Attribute)$/.test(node.target.kind))
    return { name: code.text(node.target), value: node.value };
  if (node.kind === "Assign" && node.targets.length === 1 && node.value.kind === "BinOp" && node.value.op === "+") {
    const [target] = node.targets;
    const { left, right } = node.value;
    if (target && code.text(left) === code.text(target)) return { name: code.text(target), value: right };
  }
  if (node.kind === "Call" && method(node) === "append" && node.args.length === 1) {
    const list = receiver(node);
    const [value] = node.args;
    if (list?.kind === "Name" && value) return { name: list.id, value };
  }
  return undefined;
}

const names = (node: Expression | undefined) => (node?.kind === "Name" ? [node.id] : []);

/** The loss in `loss`, `loss * n` and `n * loss`; nothing where a call or an attribute makes something else of it. */
function lossIn(value: Expression, losses: ReadonlySet<string>): Extract<Expression, { kind: "Name" }> | undefined {
  if (value.kind === "Name") return losses.has(value.id) ? value : undefined;
  if (value.kind !== "BinOp") return undefined;
  return lossIn(value.left, losses) ?? lossIn(value.right, losses);
}

/** Whether the name was given a value without a graph before it is kept. */
function isDetached(name: string, loop: { body: Statement[] }, keeping: SyntaxNode, code: Code): boolean {
  const { line } = code.span(keeping);
  const last = assignmentsOf(name, loop.body)
    .filter((one) => code.span(one).line < line)
    .at(-1);
  return last === undefined || /\.(item|detach|tolist|data|cpu|numpy)\b|\bfloat\(|no_grad/.test(code.text(last.value));
}

/** Whether `backward` is called on the sum, or on what is made of it. */
function feedsBackward(name: string, losses: ReadonlySet<string>, code: Code): boolean {
  const root = name.split(".")[0] as string;
  const goesBack = code.calls.some((call) => {
    const on = method(call) === "backward" ? receiver(call) : undefined;
    return on !== undefined && (code.text(on) === name || readIn(on).has(root));
  });
  if (goesBack) return true;
  // `loss = total / n; loss.backward()`, or the sum is detached by hand.
  return code.nodes.some(
    (node) =>
      node.kind === "Assign" &&
      readIn(node.value).has(root) &&
      node.targets.some(
        (target) => target.kind === "Name" && (losses.has(target.id) || isReset(node.value, target.id, code)),
      ),
  );
}

/** `total = total.detach()`, `total = total.item()`. */
function isReset(value: Expression, name: string, code: Code): boolean {
  return new RegExp(`^${name}\\.(item|detach)\\(`).test(code.text(value));
}

/** Whether the loop gives the name a new value in each round. */
function isMadeAnew(name: string, { body }: { body: Statement[] }): boolean {
  return assignmentsOf(name, body).some(
    ({ kind, ...one }) => kind === "Assign" && !readIn((one as { value: Expression }).value).has(name),
  );
}
