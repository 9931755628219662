import { withKeyword } from "../code/edits.ts";
import { codeOf, keyword } from "../code/tree.ts";
import { statedScenario } from "../scripts/stated.ts";
import type { Subject } from "../subject.ts";
import { optimizerCalls } from "../training/script.ts";
import { type Found, type Site, technique } from "./technique.ts";

/**
 * PyTorch's optimizers run operation by operation over lists of tensors unless `fused=True` asks for one kernel; the square
 * roots of all second averages are then never alive together, which is one copy of the trained parameters.
 */
export default technique<Site>({
  id: "fused-optimizer",
  name: "Fused AdamW",
  kind: "optimizer",
  what: "One kernel updates parameter and averages, without the temporaries of all parameters at once.",
  price: "Parameters must be floating-point tensors on one kind of device; updates differ by rounding.",
  demands: "nothing",
  exact: true,
  knobs: {},

  find(subject): Found {
    const { scenario } = subject;
    if (scenario.phase !== "train") return { sites: [] };
    if (scenario.optimizer === "adamw") return { sites: [], why: "The scenario's AdamW is the fused one already." };
    if (scenario.optimizer !== "adamw-foreach") return { sites: [] };
    const code = codeOf(subject.file, subject.text);
    if (statedScenario(code).optimizer === "adamw")
      return { sites: [], why: "The file's optimizer is asked to be fused already." };
    const [call] = unfused(subject);
    return {
      sites: [
        {
          at: call && code.place(call),
          what: "AdamW takes the square roots of all second averages at once, and runs a dozen kernels over each list of tensors.",
        },
      ],
    };
  },

  change() {
    return { scenario: { optimizer: "adamw" } };
  },

  edit(subject) {
    const code = codeOf(subject.file, subject.text);
    const calls = unfused(subject);
    if (calls.length === 0) return { reason: "the file builds no AdamW" };
    return {
      title: "Ask for the fused optimizer",
      edits: calls.map((call) => withKeyword(call, "fused", "True", code)),
    };
  },
});

function unfused({ file, text }: Subject) {
  return optimizerCalls(codeOf(file, text), /^AdamW?$/).filter(
    (call) => !keyword(call, "fused") && !keyword(call, "foreach") && !keyword(call, "differentiable"),
  );
}
