import { showBytes } from "../../base/units.ts";
import type { Arg } from "../../ops/op.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { integer } from "../../tensor/size.ts";
import { isTensor, type Storage, type Tensor } from "../../tensor/tensor.ts";
import type { Rewrite } from "../../trace/rerun.ts";
import { layersOf } from "../code/flow.ts";
import { edited } from "../training/scaffold.ts";
import { memoryEdit } from "../weights/memoryEdit.ts";
import { formOf, memoryLayer, type Part, partsOf, type TableForm, tableElements } from "../weights/memoryLayers.ts";
import { type ProductWeight, productWeights } from "../weights/products.ts";
import { stacks } from "../weights/sharing.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface BlockSite extends Site {
  readonly parts: ReadonlyMap<ProductWeight, Part>;
  readonly width: number;
}

/**
 * Tables in place of a block's matrices: a token's inputs, hashed in groups of τ, pick one row of each of K = d/τ tables.
 *
 * The changed trace runs memory layers of K·(τ + h) multiply-adds a token, without attention's output projection; tables of
 * K·2^τ rows are 22 times the dense parameters at τ = 8 and e = 2. Rows are read for each token: from τ tokens on that is more
 * than the dense matrix.
 */
export default technique<BlockSite>({
  id: "memoryformer",
  name: "MemoryFormer",
  kind: "low-rank",
  paper: {
    title: "MemoryFormer: Minimize Transformer Computation by Removing Fully-Connected Layers",
    arxiv: "2411.12992",
    year: 2024,
    where: "section 3, tables 1, 3 and 5",
  },
  what: "Linear layers of the blocks become look-ups in tables by hashed inputs.",
  price:
    "22 times the blocks' parameters, with their gradients and optimizer state; from 8 tokens on more is read than the matrices hold, so that prompts and training read more. Trained from scratch; shown up to 410 M parameters, without a time.",
  demands: "training",
  exact: false,
  knobs: {
    bits: { default: 8, what: "inputs hashed together (τ)", min: 2, max: 12 },
    expanding: { default: 2, what: "bits more in the second layer of the feed-forward part (e)", min: 0, max: 4 },
    form: {
      default: "code",
      values: ["code", "kernel"],
      what: "layers of PyTorch's own operations, as the edit writes them, or one kernel that hashes and sums K·(τ + h) products",
    },
  },

  find(subject): Found<BlockSite> {
    const { figures, scenario } = subject;
    const weights = productWeights(subject);
    for (const stack of stacks(figures.tree)) {
      const blocks = stack.blocks.map(({ path }) => weights.filter((one) => one.layer.startsWith(`${path}.`)));
      const found = blocks.map((one) => partsOf(one, subject));
      const [first] = found;
      const width = blocks[0]?.[0]?.inputs;
      if (!first || !width || found.some((one) => one === undefined)) continue;
      const parts = new Map(found.flatMap((one) => [...(one as Map<ProductWeight, Part>)]));
      const positions = (blocks[0]?.[0]?.rows ?? 0) / scenario.batch;
      if (positions >= 6 * width)
        return {
          sites: [],
          why: `At ${positions} tokens attention is the larger part: tables pay below 6·d = ${6 * width}.`,
        };
      return {
        sites: [
          {
            at: figures.tree.classAt,
            parts,
            width,
            what: `${stack.path} holds ${blocks.length} blocks of width ${width}: ${first.size} matrices each.`,
          },
        ],
      };
    }
    return { sites: [] };
  },

  change(subject, sites, knobs) {
    const { figures } = subject;
    const [site] = sites;
    if (!site) return {};
    const [bits, extra] = [Number(knobs.bits), Number(knobs.expanding)];
    if (site.width % bits !== 0)
      return { remarks: [`${site.width} inputs are no multiple of ${bits}: nothing is changed.`] };
    const forms = new Map<Storage, TableForm | "left out">();
    for (const [weight, part] of site.parts)
      forms.set(weight.tensor.storage, part === "left out" ? part : formOf(part, weight, site.width, bits, extra));
    const layers = new Set([...site.parts.keys()].map(({ layer }) => layer));
    const paths = new Set(
      layersOf(figures.tree).flatMap((layer) =>
        layers.has(layer.path) ? layer.parameters.map(({ name }) => `${layer.path}.${name}`) : [],
      ),
    );
    const tables = [...forms.values()].flatMap((form) => (form === "left out" ? [] : [tableElements(form)]));
    const after = tables.reduce((sum, one) => sum + one, 0);
    const before = [...site.parts.keys()].reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
    const [one] = site.parts.keys();
    const tokens = one?.rows ?? 1;
    const shows = [
      { name: "parameters of the blocks' layers more by", after: `${(after / before).toFixed(1)} ×` },
      {
        name: "tables",
        before: showBytes(before * itemBytes(one?.tensor.dtype ?? "float32"), "GB"),
        after: showBytes(after * itemBytes(one?.tensor.dtype ?? "float32"), "GB"),
      },
    ];
    const remarks =
      tokens > bits
        ? [
            `${tokens} tokens read ${tokens} rows of each table, more than the dense matrices hold: memory traffic rises, it falls below ${bits} tokens.`,
          ]
        : [
            `At ${tokens} ${tokens === 1 ? "token" : "tokens"} a step fewer bytes are read than the dense matrices hold.`,
          ];
    const fix = knobs.form === "code" ? memoryEdit(subject, site.parts, bits, extra) : { reason: "" };
    if (!("reason" in fix)) return { text: edited(subject.text, fix), shows, remarks };
    return {
      rewrite: inTables(forms),
      weight: ({ path }) => (paths.has(path) ? "removed" : undefined),
      shows,
      remarks,
    };
  },

  edit(subject, [site], knobs) {
    if (!site) return { reason: "it fits nowhere" };
    const [bits, extra] = [Number(knobs.bits), Number(knobs.expanding)];
    if (site.width % bits !== 0) return { reason: `${site.width} inputs are no multiple of ${bits}` };
    if (knobs.form === "kernel") return { reason: "the kernel is one that the user has to write" };
    return memoryEdit(subject, site.parts, bits, extra);
  },
});

/** The products as look-ups; what was viewed in the old width is viewed in the new one. */
function inTables(forms: ReadonlyMap<Storage, TableForm | "left out">): Rewrite {
  const made = new Map<unknown, Map<Storage, Tensor>>();
  return ({ step, args, run, weight, now }) => {
    const storage = step.inputs.map((one) => one.storage).find((one) => forms.has(one));
    const form = storage && forms.get(storage);
    if (!storage || !form) return viewed(step.name, step.call.args, args, (op) => run(step.call.op, ...op));
    if (step.macs === 0) return "left out";
    const at = /addmm$/.test(step.name) ? 1 : 0;
    const input = args[at] as Tensor;
    if (form === "left out") return [input];
    const own = made.get(now) ?? new Map<Storage, Tensor>();
    made.set(now, own);
    const table =
      own.get(storage) ??
      weight(
        [form.tables * 2 ** form.bits, form.outputs],
        input.dtype,
        step.call.args.some((one) => isTensor(one) && one.requiresGrad),
      );
    own.set(storage, table);
    return run(memoryLayer(form), input, table);
  };
}

function viewed(
  name: string,
  before: readonly Arg[],
  args: readonly Arg[],
  again: (args: readonly Arg[]) => Tensor[],
): Tensor[] | undefined {
  if (!/^aten\.(view|_unsafe_view|reshape)$/.test(name)) return undefined;
  const [[was, sizes], [input]] = [before, args];
  if (!isTensor(was) || !isTensor(input) || !Array.isArray(sizes)) return undefined;
  const [old, width] = [was, input].map((one) => integer(one.shape.at(-1) ?? 1));
  const last = sizes.at(-1);
  if (old === width || typeof last !== "number" || last !== old) return undefined;
  return again([input, [...sizes.slice(0, -1), width as number]]);
}
