import { before, statementOf } from "../code/edits.ts";
import { codeOf, functionOf, method, receiver } from "../code/tree.ts";
import { isBackward, trainingLoops } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * A training loop whose file never sets gradients to zero: each step follows the sum of all gradients so far.
 *
 * Nothing is said where anything of the file clears them in any way, or hands the loop to something that does.
 */
const unclearedGradient: Rule = {
  id: "uncleared-gradient",
  price: "the model begins to learn from one batch at a time: what its rate was tuned for was something else.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    if (/zero_grad|\.grad\s*=|\.grad\.(zero_|data\.zero_|detach_\(\)\.zero_)|\.zero_\(|set_to_none/.test(text)) return;
    if (/deepspeed|accelerat|lightning|apex|fabric|closure|functional_call|autograd\.grad/.test(text)) return;
    for (const { backwards, loop } of trainingLoops(code)) {
      const step = code.calls.find((call) => {
        const on = receiver(call);
        const stepped = method(call) === "step" && on?.kind === "Name" && call.args.length === 0 ? on.id : undefined;
        if (stepped === undefined) return false;
        return code.nodes.some(
          (node) =>
            node.kind === "Assign" &&
            node.value.kind === "Call" &&
            /^torch\.optim\.(?!lr_scheduler)\w+$/.test(code.dotted(node.value.func) ?? "") &&
            node.targets.some((target) => target.kind === "Name" && target.id === stepped) &&
            [functionOf(call, code), undefined].includes(functionOf(node, code)),
        );
      });
      const [backward] = backwards;
      if (!step || !backward || !isBackward(backward)) continue;
      const inLoop = code.span(step).line >= code.span(loop).line && code.span(step).endLine <= code.span(loop).endLine;
      if (!inLoop) continue;
      const on = code.text(receiver(step) ?? step);
      yield {
        severity: "error",
        at: code.place(backward),
        what: `Gradients are never set to zero: each \`${on}.step()\` follows the sum of all since the start.`,
        why: "`backward` adds to the gradients that are there.",
        fixes: [
          {
            title: `Call ${on}.zero_grad() before backward`,
            edits: [before(statementOf(backward, code), `${on}.zero_grad()`, code)],
          },
        ],
      };
    }
  },
};
export default unclearedGradient;
