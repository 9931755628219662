import { blockOf, removed, statementOf } from "../code/edits.ts";
import { type CallNode, type Code, codeOf, functionOf, method, receiver } from "../code/tree.ts";
import { isBefore } from "../scripts/bindings.ts";
import { isBackward, modulesIn, optimizers } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * Gradients set to zero between `loss.backward()` and `optimizer.step()`: the step then has none to follow.
 *
 * Nothing is said where another `backward` comes in between, as in training two networks against each other.
 */
const clearedGradient: Rule = {
  id: "cleared-gradient",
  price: "the model begins to learn: what its rate was tuned for was something else.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    for (const step of code.calls) {
      const on = steppedBy(step, code);
      const clearing = on === undefined ? undefined : clearedBefore(step, on, code);
      if (!on || !clearing) continue;
      yield {
        severity: "error",
        at: code.place(clearing),
        what: `The gradients that \`${on}.step()\` needs are set to zero before it.`,
        why: `They come from \`backward\` above; behind \`${on}.step()\` is where they are set to zero.`,
        fixes: moved(clearing, step, code),
      };
    }
  },
};
export default clearedGradient;

function steppedBy(call: CallNode, code: Code): string | undefined {
  const on = method(call) === "step" && call.args.length === 0 ? receiver(call) : undefined;
  const name = on && code.text(on);
  return name !== undefined && optimizers(code).has(name) ? name : undefined;
}

/** The call that clears an optimizer's gradients in the step's own block, behind the last `backward` before the step. */
function clearedBefore(step: CallNode, optimizer: string, code: Code): CallNode | undefined {
  const block = blockOf(statementOf(step, code), code);
  const func = functionOf(step, code);
  const earlier = code.calls.filter((call) => functionOf(call, code) === func && isBefore(call, step, code));
  const last = earlier.findLast(
    (call) => isBackward(call) || isStepOf(call, optimizer, code) || isClearing(call, optimizer, code),
  );
  if (!last || !isClearing(last, optimizer, code) || !block.includes(statementOf(last, code))) return undefined;
  const before = earlier.findLast(
    (call) => call !== last && isBefore(call, last, code) && (isBackward(call) || isStepOf(call, optimizer, code)),
  );
  if (!before || !isBackward(before) || !block.includes(statementOf(before, code))) return undefined;
  // Closures and gradients that are put in by hand are another matter.
  const isByHand = code.lines
    .slice(code.span(last).line, code.span(step).line)
    .some((line) => /\.grad\b|autograd|closure/.test(line));
  return isByHand ? undefined : last;
}

function isStepOf(call: CallNode, optimizer: string, code: Code): boolean {
  const on = method(call) === "step" ? receiver(call) : undefined;
  return on !== undefined && code.text(on) === optimizer;
}

/** `optimizer.zero_grad()`, or a model's where there is one optimizer alone. */
function isClearing(call: CallNode, optimizer: string, code: Code): boolean {
  const on = method(call) === "zero_grad" ? receiver(call) : undefined;
  if (!on) return false;
  return (
    code.text(on) === optimizer ||
    (optimizers(code).size === 1 && modulesIn(code).size === 1 && modulesIn(code).has(code.text(on)))
  );
}

function moved(clearing: CallNode, step: CallNode, code: Code) {
  const statement = statementOf(clearing, code);
  const target = statementOf(step, code);
  const away = removed(statement, blockOf(statement, code), code);
  const { endLine, column } = code.span(target);
  if (!away || away.text === "pass" || endLine + 1 >= code.lines.length) return [];
  const indent = (code.lines[code.span(target).line] ?? "").slice(0, column);
  if (indent.trim() !== "") return [];
  const span = { line: endLine + 1, column: 0, endLine: endLine + 1, endColumn: 0 };
  return [{ title: "Clear them behind the step", edits: [away, { span, text: `${indent}${code.text(statement)}\n` }] }];
}
