import { showBytes } from "../../base/units.ts";
import { isTensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import type { Subject } from "../subject.ts";
import { fixedIn, followed, keptBytes, type Packed, packing } from "../training/keptOtherwise.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface PackedSite extends Site {
  readonly operations: ReadonlySet<Operation>;
}

/** What of each operation is kept in 8 bits; softmax's input as well, as the authors' code keeps both. */
const policy: Readonly<Record<string, Packed>> = {
  linear: { arguments: [0] },
  addmm: { arguments: [1] },
  convolution: { arguments: [0] },
  native_layer_norm: { arguments: [0] },
  native_batch_norm: { arguments: [0] },
  cudnn_batch_norm: { arguments: [0] },
  batch_norm: { arguments: [0] },
  gelu: { arguments: [0] },
  relu: { arguments: [0], out: true },
  softmax: { arguments: [], out: true, more: [0] },
  _softmax: { arguments: [], out: true, more: [0] },
  matmul: { arguments: [0, 1] },
  bmm: { arguments: [0, 1] },
  baddbmm: { arguments: [1, 2] },
};

/** Scale and shift of a group. */
const groupBytes = 8;

/**
 * Saved activations in 8 bits with a scale and a shift for each group: of the 36·td + 10·A bytes that a block keeps in mixed
 * precision, 16·td + 3·A stay (td = B·S·d, A = B·h·S²). The forward pass uses exact values.
 */
export default technique<PackedSite>({
  id: "mesa",
  name: "Mesa",
  kind: "training-memory",
  paper: {
    title: "Mesa: A Memory-saving Training Framework for Transformers",
    arxiv: "2111.11124",
    year: 2021,
    where: "the released code's layers, table of the README",
  },
  what: "What autograd keeps of linear layers, products, softmax, norms and activations is an 8-bit copy.",
  price:
    "Gradients get the noise of 8-bit rounding; each step packs and restores what is kept, so that it is slower; the authors' code needs a CUDA extension, saved_tensors_hooks do without.",
  demands: "training",
  exact: false,
  knobs: {
    groups: { default: 3, min: 1, max: 128, what: "groups of channels or heads with a scale of their own" },
    attention: { default: true, what: "whether attention's products and softmax are packed as well" },
  },

  find(subject): Found<PackedSite> {
    const { step, scenario } = subject;
    if (!step || scenario.phase !== "train") return { sites: [], why: notTraining };
    const operations = packable(step);
    if (operations.length === 0) return { sites: [] };
    const bytes = keptBytes(step);
    const fused = followed(step).filter(({ name }) => name === "aten.scaled_dot_product_attention").length;
    const note = fused > 0 ? ` ${fused} fused attention calls keep theirs as they are.` : "";
    return {
      sites: [
        {
          at: operations[0]?.at,
          what: `${operations.length} operations are behind the ${showBytes(bytes, "GB")} kept for backward.${note}`,
          operations: new Set(operations),
        },
      ],
    };
  },

  change({ step }, sites, { groups, attention }) {
    if (!step) return {};
    const isFixed = fixedIn(step);
    const chosen = new Set(sites.flatMap(({ operations }) => [...operations].map(({ call }) => call)));
    return {
      rewrite: ({ step: one, args, run }) => {
        const rule = chosen.has(one.call) ? ruleOf(one) : undefined;
        if (!rule || (attention !== true && /matmul|bmm|softmax/.test(one.name))) return undefined;
        const bits = one.name === "aten.relu" ? 1 : 8;
        const overhead = bits === 8 ? groupBytes * Number(groups) : 0;
        const pack = (bytes: number, item: number) => Math.ceil((bytes / item) * (bits / 8)) + overhead;
        return run(packing(one.call.op, rule, pack, isFixed), ...args);
      },
      remarks: ["Weights, gradients and optimizer state stay; at the first steps the ranges are still being learned."],
    };
  },
});

const notTraining = "Nothing is kept for backward in this phase: it is for training.";

function ruleOf({ name, call }: Operation): Packed | undefined {
  return call.inPlace ? undefined : policy[name.replace(/^aten\./, "").replace(/\.\w+$/, "")];
}

function packable(step: NonNullable<Subject["step"]>): Operation[] {
  return followed(step).filter((one) => {
    if (!ruleOf(one) || one.saved.length === 0) return false;
    const [first] = one.call.args;
    return isTensor(first) && first.shape.length >= 2;
  });
}
