import { itemBytes } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type AttentionCall, attentionCalls, inOtherForm, type Operands } from "../attention/calls.ts";
import { layerInputs } from "../attention/layerInputs.ts";
import { type CallSite, passesOf, placed } from "../attention/sites.ts";
import { bandPairs, bigBird, longformer, type Pattern, patternKernel } from "../attention/sparse.ts";
import { type SparseForm, sparseEdit } from "../attention/sparseCode.ts";
import { banded, blockSparse } from "../attention/sparseForms.ts";
import { codeOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { type Found, type Knobs, technique } from "./technique.ts";

/** Full attention is advised below it by both patterns' authors. */
const shortest = 1024;

/**
 * An encoder's full attention over a fixed pattern: Longformer's window with global tokens, or BigBird's blocks.
 *
 * Costed as the edit writes it: chunks of half a window, or chosen blocks beside each other, each through the kernel that is
 * there. Against scores that are written out that saves memory; a fused kernel keeps none, and copies of keys come on top.
 */
export default technique<CallSite>({
  id: "clinical-longformer",
  name: "Clinical-Longformer and Clinical-BigBird",
  kind: "attention",
  paper: {
    title: "Clinical-Longformer and Clinical-BigBird: Transformers for long clinical sequences",
    arxiv: "2201.11838",
    year: 2022,
    where: "patterns of Longformer (2004.05150) and BigBird (2007.14062)",
  },
  what: "Each token meets a window around it, a few global tokens and, with BigBird, a few random blocks.",
  price:
    "Pairs outside the pattern meet only through several layers; the weights have to be trained for it (2,000 steps at the least), and a wrong global mask hurts unseen. Inputs are padded to whole windows or blocks.",
  demands: "training",
  exact: false,
  knobs: {
    pattern: { default: "longformer", what: "whose pattern", values: ["longformer", "bigbird"] },
    window: { default: 512, what: "keys around each query, beside itself (Longformer)", min: 2 },
    globals: { default: 1, what: "tokens that meet all others (Longformer)", min: 0 },
    block: { default: 64, what: "tokens in a block (BigBird)", min: 1 },
    kernel: {
      default: "chunks",
      what: "chunks or blocks through the kernel that is there, or FlexAttention with a block mask",
      values: ["chunks", "flex"],
    },
    random: { default: 3, what: "random blocks for each block of queries (BigBird)", min: 0 },
  },

  find(subject): Found<CallSite> {
    const calls = attentionCalls(subject.pass).filter(({ queries, keys }) => queries === keys && queries > 1);
    const dense = calls.filter(({ isCausal, isMaskedByQuery }) => !isCausal && !isMaskedByQuery);
    const [first] = dense;
    if (!first)
      return {
        sites: [],
        why:
          calls.length > 0
            ? "Its attention is causal, and these patterns are an encoder's: see sliding-window-attention."
            : undefined,
      };
    const positions = Math.max(...dense.map(({ queries }) => queries));
    if (positions < shortest)
      return {
        sites: [],
        why: `At ${positions} tokens full attention is cheaper: a window of 512 breaks even at 896, and BigBird's blocks are full attention up to 704.`,
      };
    return {
      sites: placed(
        dense.filter(({ queries }) => queries === positions),
        ({ rows }) => `${rows} × ${positions} × ${positions} pairs are computed`,
      ),
    };
  },

  change(subject, sites, knobs) {
    const [{ calls }] = sites as [CallSite];
    const [{ queries: positions, rows, dtype, eager }] = calls as [AttentionCall];
    const pattern = patternOf(positions, knobs);
    if (typeof pattern === "string") return { remarks: [pattern] };
    const isLongformer = knobs.pattern === "longformer";
    const all = passesOf(subject)
      .flatMap(attentionCalls)
      .filter((one) => one.queries === positions && one.keys === positions && !one.isCausal && !one.isMaskedByQuery);
    const inputs = layerInputs(subject);
    const ideal = isLongformer ? bandPairs(positions, Number(knobs.window)) : pattern.pairs;
    return {
      rewrite: inOtherForm(all, (call, operands) =>
        knobs["kernel"] === "flex"
          ? flex(operands, ideal)
          : isLongformer
            ? banded(call, operands, inputs.get(call.operation), formOf(knobs, subject))
            : blockSparse(call, operands, formOf(knobs, subject)),
      ),
      shows: [
        { name: "pairs a head", before: positions ** 2, after: ideal },
        {
          name: "scores that transformers' code keeps a head",
          before: eager ? positions ** 2 : 0,
          after: eager ? pattern.pairs : 0,
        },
        {
          name: "scores that transformers' code keeps a layer",
          before: eager ? rows * positions ** 2 * itemBytes(dtype) : 0,
          after: eager ? rows * pattern.pairs * itemBytes(dtype) : 0,
          unit: "bytes",
        },
      ],
      remarks: [
        ...(eager || knobs["kernel"] === "flex"
          ? []
          : [
              "A fused kernel keeps no scores already: products fall, and the chunks' copies of keys and values take memory. FlexAttention with a block mask copies nothing.",
            ]),
        ...(isLongformer && Number(knobs.globals) > 0
          ? ["Global tokens have projections of their own: 3·(d² + d) parameters a layer."]
          : []),
      ],
    };
  },

  edit(subject, sites, knobs) {
    const { file, text } = subject;
    const isLongformer = knobs.pattern === "longformer";
    const code = codeOf(file, text);
    const edits = code.nodes.flatMap((node) => {
      if (node.kind !== "Str") return [];
      const id = isLongformer ? longIds.get(node.value) : blockIds.get(node.value);
      return id ? [{ span: code.span(node), text: JSON.stringify(id) }] : [];
    });
    const [{ calls }] = sites as [CallSite];
    const positions = calls[0]?.queries ?? 0;
    const pattern = patternOf(positions, knobs);
    if (typeof pattern === "string") return { reason: pattern };
    if (!isLongformer && positions % Number(knobs.block) > 0)
      return { reason: `inputs have to be padded to whole blocks of ${knobs.block} first` };
    if (knobs["kernel"] === "flex")
      return {
        reason:
          "flex_attention with create_block_mask takes the pattern as a function, and the model has to be compiled",
      };
    const core = sparseEdit(subject, sites, formOf(knobs, subject));
    if (!("reason" in core)) return { ...core, edits: [...core.edits, ...edits] };
    if (edits.length === 0) return core;
    return { title: `Start from weights trained for ${isLongformer ? "Longformer" : "BigBird"}'s pattern`, edits };
  },
});

/** One kernel that skips what lies outside. */
function flex({ query, key, value, rewriting }: Operands, pairs: number): Tensor {
  return rewriting.run(patternKernel(pairs), query, key, value)[0] as Tensor;
}

function formOf(knobs: Knobs, { device }: Subject): SparseForm {
  const number = (name: string) => Number(knobs[name]);
  return {
    isLongformer: knobs.pattern === "longformer",
    window: number("window"),
    globals: number("globals"),
    block: number("block"),
    random: number("random"),
    capability: device?.capability,
  };
}

/** Weights that were trained on, from the ones named. */
const longIds = new Map([
  ["emilyalsentzer/Bio_ClinicalBERT", "yikuan8/Clinical-Longformer"],
  ["roberta-base", "allenai/longformer-base-4096"],
  ["FacebookAI/roberta-base", "allenai/longformer-base-4096"],
]);
const blockIds = new Map([
  ["emilyalsentzer/Bio_ClinicalBERT", "yikuan8/Clinical-BigBird"],
  ["roberta-base", "google/bigbird-roberta-base"],
  ["FacebookAI/roberta-base", "google/bigbird-roberta-base"],
]);

function patternOf(positions: number, knobs: Knobs): Pattern | string {
  const [window, globals, block, random] = ["window", "globals", "block", "random"].map((name) =>
    Number(knobs[name]),
  ) as [number, number, number, number];
  if (knobs.pattern === "longformer") {
    if (window % 2 === 1) return `A window has two equal sides: ${window} is odd.`;
    if (positions <= 1.75 * window)
      return `At ${positions} tokens a window of ${window} saves nothing: its chunks break even at ${1.75 * window}.`;
    return longformer(Math.ceil(positions / window) * window, window, globals);
  }
  const full = (5 + 2 * random) * block;
  return positions <= full
    ? `At ${positions} tokens BigBird falls back to full attention, as up to ${full}.`
    : bigBird(Math.ceil(positions / block) * block, block, random);
}
