import { blockOf, removed, statementOf } from "../code/edits.ts";
import { codeOf, within } from "../code/tree.ts";
import { isOccasional, trainingLoops } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * `torch.cuda.empty_cache()` in each round of a training loop.
 *
 * It hands the allocator's free blocks back to the driver: the next round asks the driver for them again, with a
 * synchronization for each. It does not make more memory free for PyTorch itself.
 */
const emptiedCache: Rule = {
  id: "emptied-cache",
  price:
    "other processes on the device cannot use what this one does not need at the moment; a run that is short of memory by fragments may end sooner.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    for (const { loop } of trainingLoops(code)) {
      for (const call of within(loop)) {
        if (call.kind !== "Call" || code.dotted(call.func) !== "torch.cuda.empty_cache") continue;
        const statement = statementOf(call, code);
        if (isOccasional(call, loop, code) || statement.kind !== "ExpressionStatement") continue;
        const edit = removed(statement, blockOf(statement, code), code);
        yield {
          severity: "information",
          at: code.place(call),
          what: "The allocator's cache is emptied in each round of the training loop.",
          why: "Each round then waits for the device and asks the driver for the same memory again; PyTorch itself gets no more of it.",
          fixes: edit ? [{ title: "Remove the call", edits: [edit] }] : [],
        };
      }
    }
  },
};
export default emptiedCache;
