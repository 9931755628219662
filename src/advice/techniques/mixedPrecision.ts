import { known } from "../../base/unknown.ts";
import { importTorch } from "../code/edits.ts";
import { methodOf } from "../code/modules.ts";
import { linearUses } from "../training/linears.ts";
import { modelClass } from "../training/scaffold.ts";
import { type Found, type Site, technique } from "./technique.ts";

/**
 * Products run in bfloat16 or float16 inside an autocast region over float32 weights; softmax, norms and losses stay in
 * float32. Copies of the weights in the reduced type are kept for the backward pass.
 */
export default technique<Site>({
  id: "mixed-precision",
  name: "Mixed precision (autocast)",
  kind: "training-memory",
  paper: { title: "Mixed Precision Training", arxiv: "1710.03740", year: 2017, where: "section 3" },
  what: "Products run in a 16-bit type, over weights that stay in float32.",
  price:
    "Products are rounded to 8 bits of precision in bfloat16, 11 in float16, where a GradScaler is needed as well; 2 bytes a parameter are kept for its copy in the reduced type.",
  demands: "nothing",
  exact: false,
  knobs: { dtype: { default: "bf16", values: ["bf16", "fp16"], what: "the reduced type" } },

  find({ scenario, step, inference, figures, text, device }): Found {
    if (scenario.autocast) return { sites: [], why: `The scenario runs in autocast ${scenario.autocast} already.` };
    if (scenario.dtype !== "fp32") return { sites: [], why: `Weights and products are ${scenario.dtype} already.` };
    if (/autocast/.test(text)) return { sites: [], why: "The code has an autocast region of its own." };
    if (device && device.kind !== "gpu") return { sites: [] };
    const uses = linearUses(step ?? inference, figures.tree);
    const macs = uses.reduce((sum, { operation }) => sum + (known(operation.macs) ?? 0), 0);
    const convolutions = (step ?? inference).events.filter(
      (event) => event.kind === "operation" && event.name === "aten.convolution",
    );
    if (macs === 0 && convolutions.length === 0) return { sites: [] };
    return {
      sites: [
        {
          at: undefined,
          what: `${uses.length + convolutions.length} products with weights run in float32.`,
        },
      ],
    };
  },

  change({ scenario }, _sites, { dtype }) {
    const remarks =
      scenario.phase === "train" && dtype === "fp16" ? ["float16 needs torch.amp.GradScaler around the loss."] : [];
    return { scenario: { autocast: dtype === "fp16" ? "fp16" : "bf16" }, remarks };
  },

  edit(subject, _sites, { dtype }) {
    const found = modelClass(subject);
    if ("reason" in found) return found;
    const forward = methodOf(found.owner, "forward");
    if (!forward) return { reason: "the model's class has no forward of its own" };
    const { name, edits } = importTorch(found.code);
    const { line, column } = found.code.span(forward.decorators[0] ?? forward);
    const type = dtype === "fp16" ? "float16" : "bfloat16";
    return {
      title: `Run forward in autocast ${type}`,
      edits: [
        ...edits,
        {
          span: { line, column: 0, endLine: line, endColumn: 0 },
          text: `${" ".repeat(forward.decorators[0] ? column - 1 : column)}@${name}.autocast("cuda", dtype=${name}.${type})\n`,
        },
      ],
    };
  },
});
