import type { Expression, Statement } from "../../syntax/ast.ts";
import { replace } from "../code/edits.ts";
import { around, type CallNode, type Code, codeOf, method, receiver, within } from "../code/tree.ts";
import { assignmentsOf } from "../scripts/bindings.ts";
import { isOccasional, type Loop, type TrainingLoop, trainingLoops } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * Gradients added up over several batches, and a loss that is not divided by how many: `backward` in each round, `step` in each
 * n-th.
 *
 * The step then follows n times the mean gradient: as if the rate were n times as high (with AdamW and its like, clipping and
 * weight decay are what change). Nothing is said where anything divides the loss, or where the loss is a sum by intention.
 */
const undividedAccumulation: Rule = {
  id: "undivided-accumulation",
  price:
    "the gradient becomes that of the mean loss: a rate that was tuned without the division is too low by that factor.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    for (const training of trainingLoops(code)) {
      const [backward] = training.backwards;
      const loss = backward && lossOf(backward);
      const every = stepsEvery(training, code);
      if (!backward || training.backwards.length !== 1 || !loss || !every) continue;
      if (isOccasional(backward, training.loop, code) || isDivided(loss, backward, training.loop, code)) continue;
      const count = code.text(every);
      yield {
        severity: "warning",
        at: code.place(loss),
        what: `\`${code.text(loss)}\` is not divided by \`${count}\`, the number of batches that gradients are added up over.`,
        why: `Each step follows the sum of \`${count}\` gradients, not their mean: \`${count}\` times as far as the same batches at once would go.`,
        fixes: [
          {
            title: `Divide the loss by ${count}`,
            edits: [replace(loss, divided(loss, every, backward, code), code)],
          },
        ],
      };
    }
  },
};
export default undividedAccumulation;

/** The quotient, in parentheses where a method of it is called. */
function divided(loss: Expression, every: Expression, backward: CallNode, code: Code): string {
  const atom = (node: Expression) =>
    /^(Name|Attribute|Int|Subscript|Call)$/.test(node.kind) ? code.text(node) : `(${code.text(node)})`;
  const quotient = `${atom(loss)} / ${atom(every)}`;
  return receiver(backward) === loss ? `(${quotient})` : quotient;
}

/** What `loss.backward()` and `scaler.scale(loss).backward()` go backward from. */
function lossOf(backward: CallNode): Expression | undefined {
  const on = receiver(backward);
  return on?.kind === "Call" && method(on) === "scale" && on.args.length === 1 ? on.args[0] : on;
}

/** The `n` of `if (i + 1) % n == 0: optimizer.step()`, where no optimizer steps in every round. */
function stepsEvery({ loop, steps, zeroGrads }: TrainingLoop, code: Code): Expression | undefined {
  const counts = steps.map((step) => {
    for (const one of around(step, code)) {
      if (one === loop) return undefined;
      if (one.kind === "If" && one.body.some((statement) => within(statement).includes(step)))
        return moduloOf(one.test);
    }
    return undefined;
  });
  const [count] = counts;
  const text = count && code.text(count);
  if (!text || counts.some((one) => !one || code.text(one) !== text)) return undefined;
  // Gradients that are cleared in every round are not added up.
  return zeroGrads.some((call) => !isOccasional(call, loop, code)) ? undefined : count;
}

/** The `n` of `(i + 1) % n == 0`, of `not (i + 1) % n`, and of either beside `i + 1 == len(batches)`. */
function moduloOf(test: Expression): Expression | undefined {
  const tests = test.kind === "BoolOp" && test.op === "or" ? test.values : [test];
  // Whatever else a test asks for may make a step of each round.
  if (!tests.every(({ kind }) => kind === "Compare" || (kind === "UnaryOp" && tests.length === 1))) return undefined;
  const remainders = tests.map((one) =>
    one.kind === "Compare" ? one.left : one.kind === "UnaryOp" ? one.operand : one,
  );
  const remainder = remainders.find((one) => one.kind === "BinOp" && one.op === "%");
  if (remainder?.kind !== "BinOp") return undefined;
  return remainder.right.kind === "Int" && remainder.right.value < 2 ? undefined : remainder.right;
}

/** Whether anything between the loop's beginning and `backward` divides the loss, or it is a sum. */
function isDivided(loss: Expression, backward: CallNode, loop: Loop, code: Code): boolean {
  const hasScale = (node: Statement | Expression) =>
    within(node).some(
      (one) =>
        ((one.kind === "BinOp" || one.kind === "AugAssign") && (one.op === "/" || one.op === "*")) ||
        (one.kind === "Str" && one.value === "sum"),
    );
  const names = within(loss).flatMap((one) => (one.kind === "Name" ? [one.id] : []));
  if (hasScale(loss) || names.length === 0) return true;
  if (/^(accelerator|engine|fabric|model_engine|manager|self\.manual_backward)/.test(code.text(backward.func)))
    return true;
  if (/reduction\s*=\s*["']sum["']|size_average\s*=\s*False|world_size|accumulate\(/.test(code.lines.join("\n")))
    return true;
  if (method(backward) !== "backward") return true;
  return names.some(
    (name) => assignmentsOf(name, loop.body).some(hasScale) || assignmentsOf(name, loop.body).length === 0,
  );
}
