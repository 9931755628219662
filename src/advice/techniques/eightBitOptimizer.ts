import { showBytes } from "../../base/units.ts";
import { replace } from "../code/edits.ts";
import { codeOf } from "../code/tree.ts";
import { costsOf } from "../pricing.ts";
import { statedScenario } from "../scripts/stated.ts";
import { importOf, optimizerCalls } from "../training/script.ts";
import { type Found, type Site, technique } from "./technique.ts";

const classes: Readonly<Record<string, string>> = { Adam: "Adam8bit", AdamW: "AdamW8bit" };

/**
 * Adam's two averages in 8 bits with a scale for each 256 elements: 2.03 bytes an element in place of 8. Tensors of fewer than
 * 4096 elements keep float32.
 */
export default technique<Site>({
  id: "eight-bit-optimizer",
  name: "8-bit AdamW",
  kind: "optimizer",
  paper: { title: "8-bit Optimizers via Block-wise Quantization", arxiv: "2110.02861", year: 2021, where: "section 2" },
  what: "The optimizer's two averages are kept in 8 bits.",
  price:
    "Averages are rounded: embeddings should stay in 32 bits, and training from the beginning is less tried than fine-tuning; it needs bitsandbytes.",
  demands: "nothing",
  exact: false,
  knobs: {},

  find(subject): Found {
    const { scenario, step } = subject;
    if (scenario.phase !== "train" || !step) return { sites: [], why: "No optimizer runs in this phase." };
    if (!/^adamw(-foreach)?$/.test(scenario.optimizer))
      return { sites: [], why: `The scenario's optimizer, ${scenario.optimizer}, is no AdamW in full precision.` };
    const { optimizerBytes = 0 } = costsOf(subject);
    if (optimizerBytes === 0) return { sites: [], why: "No parameter is trained." };
    const code = codeOf(subject.file, subject.text);
    if (statedScenario(code).optimizer === "adamw-8bit")
      return { sites: [], why: "The file's optimizer keeps its averages in 8 bits already." };
    const [call] = optimizerCalls(code, /^AdamW?$/);
    return {
      sites: [{ at: call && code.place(call), what: `AdamW's averages take ${showBytes(optimizerBytes, "GB")}.` }],
    };
  },

  change() {
    return { scenario: { optimizer: "adamw-8bit" } };
  },

  edit(subject) {
    const code = codeOf(subject.file, subject.text);
    const calls = optimizerCalls(code, /^AdamW?$/).filter(({ keywords }) =>
      keywords.every(({ arg }) => arg !== null && /^(params|lr|betas|eps|weight_decay|amsgrad)$/.test(arg)),
    );
    if (calls.length === 0) return { reason: "the file builds no AdamW whose arguments bitsandbytes takes" };
    return {
      title: "Use bitsandbytes' 8-bit AdamW",
      edits: [
        ...importOf("bitsandbytes", code),
        ...calls.map((call) => {
          const name = code.dotted(call.func)?.split(".").at(-1) as string;
          return replace(call.func, `bitsandbytes.optim.${classes[name]}`, code);
        }),
      ],
    };
  },
});
