import { itemBytes } from "../../tensor/dtype.ts";
import { integers } from "../../tensor/size.ts";
import { behind, importTorch } from "../code/edits.ts";
import { type CallNode, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { frozen } from "../training/adapters.ts";
import { blocksIn } from "../training/blocks.ts";
import { isMostlyFrozen, linearUses } from "../training/linears.ts";
import { blockLoop, edited, modelClass, type Reason, scaffolded } from "../training/scaffold.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface ModelSite extends Site {
  readonly width: number;
  readonly heads: number;
}

/**
 * A frozen language model that is given prefix tokens, made by a small trained network out of learned queries and of what is
 * known of the user. Of the 16·td numbers that a block keeps with fused attention 10·td stay, as the gradient runs through the
 * frozen weights to the prefix; K tokens are added to each sequence and to its KV cache.
 */
export default technique<ModelSite>({
  id: "user-aware-prefix-tuning",
  name: "User-aware prefix tuning",
  kind: "adapters",
  paper: {
    title: "User-Aware Prefix-Tuning Is a Good Learner for Personalized Image Captioning",
    arxiv: "2312.04793",
    year: 2023,
    where: "abstract; costs derived",
  },
  what: "The language model is frozen; a small network makes prefix tokens for it, and is all that is trained.",
  price:
    "The prefix takes context and KV cache for good; quality depends on what is known of the user; the model must not run under no_grad, which would cut the prefix off from its gradient.",
  demands: "training",
  exact: false,
  knobs: { length: { default: 10, min: 1, max: 512, what: "prefix tokens" } },

  find({ step, scenario, figures, inputs }): Found<ModelSite> {
    if (!step || scenario.phase !== "train")
      return { sites: [], why: "No weights are trained in this phase: a prefix is for training." };
    const tokens = inputs.some(({ dtype, shape }) => dtype === "int64" && shape.length === 2);
    const blocks = blocksIn(step, figures.tree);
    const uses = linearUses(step, figures.tree);
    const shape = blocks[0]?.call.inputs[0]?.shape;
    if (!tokens || blocks.length < 2 || !shape || shape.length !== 3)
      return { sites: [], why: "It is no model of tokens whose blocks follow each other: a prefix has no place." };
    if (isMostlyFrozen(uses)) return { sites: [], why: "Most linear layers are frozen already." };
    const width = integers(shape)[2] ?? 0;
    const heads = [8, 4, 2].find((one) => width % one === 0) ?? 1;
    return {
      sites: [
        {
          at: blocks[0]?.call.at,
          what: `${blocks.length} blocks of ${width} features are trained whole.`,
          width,
          heads,
        },
      ],
    };
  },

  change(subject, [site], { length }) {
    if (!site) return {};
    const each = kvBytesPerToken(subject);
    const shows = [
      { name: "parameters of the prefix's network", after: prefixParameters(site.width, Number(length)) },
      ...(each === undefined
        ? []
        : [{ name: "KV cache for each prefix token and sequence", after: each, unit: "bytes" }]),
    ];
    const fix = prefixEdit(subject, site, Number(length));
    if (!("reason" in fix)) return { text: edited(subject.text, fix), shows };
    const added = prefixParameters(site.width, Number(length));
    const formula = "the prefix's network: K·d + 12·d² + 13·d parameters";
    return {
      weight: frozen(),
      terms: [
        { figure: "params", add: added, formula },
        { figure: "trainableParams", add: added, formula },
        { figure: "weightBytes", add: 4 * added, formula },
        { figure: "gradientBytes", add: 4 * added, formula },
        { figure: "optimizerBytes", add: 8 * added, formula },
        { figure: "peakBytes", add: 16 * added, formula },
      ],
      shows,
      remarks: [`The ${length} tokens more in each sequence are not in these figures.`],
    };
  },

  edit(subject, [site], { length }) {
    return site ? prefixEdit(subject, site, Number(length)) : { reason: "it fits nowhere" };
  },
});

/** Learned queries, and one transformer layer with its biases and norms. */
export function prefixParameters(width: number, length: number): number {
  return length * width + 12 * width * width + 13 * width;
}

/** Bytes of keys and values that one token of one sequence takes in all layers. */
export function kvBytesPerToken({ kvCaches }: Subject): number | undefined {
  let bytes = 0;
  for (const tensor of kvCaches.flat()) {
    const [, heads = 1, , width = 1] = integers(tensor.shape);
    bytes += heads * width * itemBytes(tensor.dtype);
  }
  return bytes > 0 ? bytes : undefined;
}

/** Prefix tokens go in before the loop over the blocks and are taken off behind it. */
function prefixEdit(subject: Subject, { width, heads }: ModelSite, length: number) {
  const found = modelClass(subject);
  if ("reason" in found) return found;
  const { code, owner } = found;
  const loop = blockLoop(subject, owner);
  const call = loop?.body
    .flatMap((one) => within(one))
    .find((one): one is CallNode => one.kind === "Call" && one.func.kind === "Name" && one.args[0]?.kind === "Name");
  const [given] = call?.args ?? [];
  if (!loop || given?.kind !== "Name")
    return { reason: "no loop of its forward calls the blocks one by one" } satisfies Reason;
  if (within(loop).some((one) => one.kind === "Call" && one.args.length > 1 && one === call))
    return {
      reason: "the blocks are given more than hidden states, which may have the prompt's length",
    } satisfies Reason;
  const { name: torch } = importTorch(code);
  const { line, column } = code.span(loop);
  const behindLoop = behind(loop, `${given.id} = ${given.id}[:, self.prefix.length :]`, code);
  if (!behindLoop) return { reason: "the loop shares its lines with other code" } satisfies Reason;
  return scaffolded(subject, {
    title: `Freeze the model and give it a trained prefix of ${length} tokens`,
    above: prefixCode,
    atEnd: `self.requires_grad_(False)\nself.prefix = UserPrefix(${width}, ${length}, ${heads})`,
    edits: [
      {
        span: { line, column: 0, endLine: line, endColumn: 0 },
        text: `${" ".repeat(column)}${given.id} = ${torch}.cat([self.prefix(${given.id}.shape[0]), ${given.id}], dim=1)\n`,
      },
      behindLoop,
    ],
  });
}

const prefixCode = (torch: string) => `
class UserPrefix(${torch}.nn.Module):
    """Prefix tokens out of learned queries and, where they are known, words of the user (arXiv 2312.04793)."""

    def __init__(self, dim, length, heads):
        super().__init__()
        self.length = length
        self.queries = ${torch}.nn.Parameter(0.02 * ${torch}.randn(length, dim))
        self.fuse = ${torch}.nn.TransformerEncoderLayer(dim, heads, 4 * dim, batch_first=True)

    def forward(self, batch, user=None):
        tokens = self.queries.expand(batch, -1, -1)
        if user is not None:
            tokens = ${torch}.cat([tokens, user], dim=1)
        return self.fuse(tokens)[:, : self.length]
`;
