import type { FunctionDef, Statement } from "../../syntax/ast.ts";
import { before, blockOf, importTorch, statementOf } from "../code/edits.ts";
import { type CallNode, type Code, codeOf, functionOf, isIn, method, receiver, within } from "../code/tree.ts";
import { isBefore } from "../scripts/bindings.ts";
import { keptText } from "../scripts/figures.ts";
import { callsOf, isBackward, isGradientOff, modulesIn } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * A model in evaluation mode that is called while autograd records: `model.eval()`, and no `torch.no_grad()`.
 *
 * `eval()` changes what dropout and batch normalization do, and nothing else: autograd keeps every activation for a backward
 * pass that never comes. Nothing is said where the same function goes backward, or where whoever calls it switches autograd off.
 */
const evaluationWithGradients: Rule = {
  id: "evaluation-with-gradients",
  price: "none: the outputs are the same numbers, and no gradient leads to them.",

  *read({ file, text, models }) {
    const code = codeOf(file, text);
    if (isOffForAll(code)) return;
    const told = new Set<Statement | FunctionDef>();
    for (const mode of code.calls.filter((call) => method(call) === "eval" && call.args.length === 0)) {
      const called = firstCall(mode, code);
      if (!called) continue;
      const func = functionOf(mode, code);
      if (func && (told.has(func) || isCalledWithout(func, code))) continue;
      told.add(func ?? statementOf(called, code));
      const kept = keptText(models, code);
      yield {
        severity: "warning",
        at: code.place(called),
        what: `\`${code.text(called.func)}\` is evaluated while autograd records.`,
        why: `\`eval()\` does not stop it: all that a backward pass would need is kept until the output is let go of${kept ? `; ${kept}` : ""}.`,
        fixes: func ? decorated(func, code) : [],
      };
    }
  },
};
export default evaluationWithGradients;

/** The first call of the model after `model.eval()` and before `model.train()` that autograd records. */
function firstCall(mode: CallNode, code: Code): CallNode | undefined {
  const on = receiver(mode);
  if (!on || !modulesIn(code).has(code.text(on)) || isGradientOff(mode, code)) return undefined;
  const name = code.text(on);
  const func = functionOf(mode, code);
  const statement = statementOf(mode, code);
  const block = blockOf(statement, code);
  const rest = func
    ? block.slice(block.indexOf(statement))
    : code.nodes.filter(
        (node): node is Statement => code.parent(node) === undefined && !isBefore(node, statement, code),
      );
  const own = code.calls.filter(
    (call) =>
      functionOf(call, code) === func && isBefore(mode, call, code) && rest.some((one) => isIn(call, one, code)),
  );
  const back = own.find((call) => method(call) === "train" && code.text(receiver(call) as CallNode) === name);
  const until = back ? own.filter((call) => isBefore(call, back, code)) : own;
  const whole = func ? within(func) : until;
  if (whole.some((node) => node.kind === "Call" && wantsGradient(node, code))) return undefined;
  return until.find((call) => code.text(call.func) === name && !isGradientOff(call, code) && call.args.length > 0);
}

/** Calls by which a function shows that it wants gradients, or that others have them. */
function wantsGradient(call: CallNode, code: Code): boolean {
  const name = method(call) ?? "";
  if (isBackward(call) || /^(grad|requires_grad_|retain_grad|set_grad_enabled|register_hook|export|trace)$/.test(name))
    return true;
  return call.keywords.some(({ arg }) => arg === "create_graph" || arg === "volatile") && code.lines.length > 0;
}

/** Whether the file switches autograd off once and for all. */
function isOffForAll(code: Code): boolean {
  return code.calls.some(
    (call) =>
      /(^|\.)set_grad_enabled$/.test(code.text(call.func)) &&
      code.parent(call)?.kind === "ExpressionStatement" &&
      call.args[0]?.kind === "Singleton" &&
      call.args[0].value === false,
  );
}

/** Whether the function is called where autograd is off, or by one that goes backward through what it gives. */
function isCalledWithout(func: FunctionDef, code: Code): boolean {
  return callsOf(func.name, code).some((call) => {
    if (isGradientOff(call, code)) return true;
    const caller = functionOf(call, code);
    const isDropped = code.parent(call)?.kind === "ExpressionStatement";
    return (
      !isDropped &&
      caller !== undefined &&
      within(caller).some(
        (node) =>
          node.kind === "Call" && isBackward(node) && isBefore(call, node, code) && !hasLoopBetween(call, node, code),
      )
    );
  });
}

/** Whether the later call stands in another loop than the first: it goes backward through something else. */
function hasLoopBetween(first: CallNode, later: CallNode, code: Code): boolean {
  const loopOf = (call: CallNode) =>
    code.nodes.filter((node) => /^(For|While)$/.test(node.kind) && isIn(call, node, code)).at(-1);
  return loopOf(first) !== loopOf(later);
}

/** A decorator over the function, where the whole of it evaluates. */
function decorated(func: FunctionDef, code: Code) {
  const { name, edits } = importTorch(code);
  const first = func.decorators[0] ?? func;
  const put = before(first, `@${name}.no_grad()`, code);
  const [imported] = edits;
  // Two texts at one place would stand in an order that nobody says.
  const all =
    imported && imported.span.line === put.span.line
      ? [{ ...put, text: `${imported.text}\n\n${put.text}` }]
      : [...edits, put];
  return [{ title: `Decorate ${func.name} with @${name}.no_grad()`, edits: all, exact: true as const }];
}
