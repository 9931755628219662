import type { Expression } from "../../syntax/ast.ts";
import type { SyntaxNode } from "../../syntax/walk.ts";
import { withoutKeyword } from "../code/edits.ts";
import { type CallNode, type Code, codeOf, functionOf, isIn, keyword, method, receiver, within } from "../code/tree.ts";
import { boundIn, isBefore, readIn } from "../scripts/bindings.ts";
import { keptText } from "../scripts/figures.ts";
import { isBackward, type Loop, loopAround, modulesIn } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * `backward(retain_graph=True)` where nothing goes backward through the same graph again.
 *
 * The graph's saved tensors are then freed when the next round gives its names other values, not by `backward`: two rounds'
 * activations lie in memory at once. Nothing is said where another gradient is asked for in the same function, where a value is
 * carried from round to round, such as a hidden state, or where the loop reads what was computed before it.
 */
const needlessRetainGraph: Rule = {
  id: "needless-retain-graph",
  price: "none: the gradients are the same.",

  *read({ file, text, models }) {
    const code = codeOf(file, text);
    for (const call of code.calls) {
      const given = isBackward(call) ? keyword(call, "retain_graph")?.value : undefined;
      if (given?.kind !== "Singleton" || given.value !== true) continue;
      const loop = loopAround(call, code);
      if (!loop || goesBackAgain(call, code) || carries(loop, code) || takesFromOutside(loop, code)) continue;
      const kept = keptText(models, code);
      const edit = withoutKeyword(call, "retain_graph", code);
      yield {
        severity: "warning",
        at: code.place(given),
        what: "The graph is kept after `backward`, and nothing goes through it again.",
        why: `What it has saved stays in memory until the next round has made its own${kept ? `: ${kept}` : ""}.`,
        fixes: edit ? [{ title: "Let backward free the graph", edits: [edit], exact: true }] : [],
      };
    }
  },
};
export default needlessRetainGraph;

/** Whether the function asks for another gradient, or calls something that is given the loss. */
function goesBackAgain(call: CallNode, code: Code): boolean {
  const func = functionOf(call, code);
  return code.calls.some(
    (other) =>
      other !== call &&
      functionOf(other, code) === func &&
      (isBackward(other) ||
        /^(grad|hvp|jacobian|hessian)$/.test(method(other) ?? "") ||
        keyword(other, "create_graph") !== undefined),
  );
}

/**
 * Whether the loop reads what its function computed before it, which may hold a graph that all rounds go back through; or a
 * module keeps a state of its own, which the loop resets.
 */
function takesFromOutside(loop: Loop, code: Code): boolean {
  const inside = within(loop);
  const own = boundIn(loop);
  const holder = functionOf(loop, code);
  const before = holder ? within(holder) : code.nodes;
  const computed = new Set(
    before.flatMap((node) => {
      if (node.kind !== "Assign" || isIn(node, loop, code) || functionOf(node, code) !== holder) return [];
      if (!within(node.value).some((one) => one.kind === "Call") || isPlain(node.value, code)) return [];
      return node.targets.flatMap((target) => (target.kind === "Name" && !own.has(target.id) ? [target.id] : []));
    }),
  );
  return inside.some((node) => {
    if (node.kind === "Attribute" && code.text(node).startsWith("self.")) return !isCalled(node, code);
    if (node.kind === "ExpressionStatement" && node.value.kind === "Call") {
      const on = receiver(node.value);
      const isState = on !== undefined && modulesIn(code).has(code.text(on));
      return isState && !/^(train|eval|zero_grad|to|cuda|requires_grad_)$/.test(method(node.value) ?? "");
    }
    return (
      node.kind === "Name" &&
      computed.has(node.id) &&
      !isCalled(node, code) &&
      !isIn(node, loop.kind === "For" ? loop.iter : loop.test, code)
    );
  });
}

/** Whether a call makes what has no graph: an object of a class, a loader, a moved module, a device. */
function isPlain(value: Expression, code: Code): boolean {
  if (value.kind !== "Call") return false;
  const name = code.dotted(value.func) ?? code.text(value.func);
  return (
    /^torch\.(optim|device|utils)\b|(^|\.)[A-Z]\w*$|^(len|range|int|float|str|time)\b/.test(name) ||
    /^(to|cuda|parameters)$/.test(method(value) ?? "")
  );
}

/** Whether a node is what is called, or what a method is called on. */
function isCalled(node: SyntaxNode, code: Code): boolean {
  const up = code.parent(node);
  if (up?.kind === "Call") return up.func === node;
  const over = up?.kind === "Attribute" ? code.parent(up) : undefined;
  return over?.kind === "Call" && over.func === up;
}

/** Whether a loop around reads a name before it gives it its value of this round. */
function carries(loop: Loop, code: Code): boolean {
  const outer = code.nodes.filter(
    (node): node is Loop => (node.kind === "For" || node.kind === "While") && isIn(loop, node, code),
  );
  return outer.some((one) => {
    const bound = one.body.flatMap((statement) => [...boundIn(statement)]);
    const nodes = one.body.flatMap(within);
    return bound.some((name) => {
      const first = nodes.find((node) => node.kind === "Name" && node.id === name);
      const writes = nodes.filter((node) => node.kind === "Assign" && boundIn({ ...node } as typeof node).has(name));
      const [write] = writes;
      if (!first || !write) return false;
      // The first value of a round is made of the last round's, or something reads that before.
      return write.kind === "Assign" && (readIn(write.value).has(name) || isReadBefore(name, write, nodes, code));
    });
  });
}

function isReadBefore(
  name: string,
  write: CallNode | ReturnType<typeof within>[number],
  nodes: ReturnType<typeof within>,
  code: Code,
): boolean {
  return nodes.some(
    (node) => node.kind === "Name" && node.id === name && isBefore(node, write, code) && !isIn(node, write, code),
  );
}
