import { showBytes, showCount } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { elements, isTensor, sameLayout, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Operation } from "../../trace/trace.ts";
import { withKeyword } from "../code/edits.ts";
import { constructionOf, flowOf, isView, layersOf } from "../code/flow.ts";
import { type CallNode, codeOf, gather, keyword } from "../code/tree.ts";
import type { Fault, Rule, Weighed } from "./rule.ts";

/**
 * A convolution or linear layer with a bias whose output goes to a batch normalization and nowhere else.
 *
 * Batch normalization takes the mean of each channel away, and the bias with it: the bias is stored, added, given a gradient
 * (which is zero but for rounding) and kept by the optimizer, and no output depends on it. Normalizations over other axes than
 * the batch's (layer, group, instance) are not meant, nor is a layer whose output is read elsewhere.
 */
const biasBeforeBatchNorm: Rule = {
  id: "bias-before-batch-norm",
  price: "a checkpoint that holds the bias no longer fits: its running mean would have to be less by it.",

  *check(model) {
    const code = codeOf(model.file, model.text);
    const byCall = new Map<CallNode, BuiltLayer[]>();
    const idle = idleBiases(model);
    if (idle.size === 0) return;
    for (const layer of layersOf(model.figures.tree)) {
      const call = constructionOf(layer, code);
      if (!call || !layer.parameters.some(({ name }) => name === "bias")) continue;
      gather(byCall, call, layer);
    }
    for (const [call, layers] of byCall) {
      if (!layers.every((layer) => idle.has(layer))) continue;
      yield fault(call, layers, model);
    }
  },
};
export default biasBeforeBatchNorm;

function fault(call: CallNode, layers: readonly BuiltLayer[], model: Weighed): Fault {
  const code = codeOf(model.file, model.text);
  const biases = layers.flatMap(({ parameters }) => parameters.filter(({ name }) => name === "bias"));
  const count = biases.reduce((sum, { tensor }) => sum + (known(elements(tensor.shape)) ?? 0), 0);
  const bytes = biases.reduce((sum, { tensor }) => sum + (known(tensor.storage.bytes) ?? 0), 0);
  const total = known(model.figures.layers.get("")?.params ?? 0) ?? 0;
  const [first] = layers;
  const named = layers.length === 1 ? first?.path : `${first?.path} and ${layers.length - 1} more built here`;
  // Only where `bias` is the class's own argument: a class of the user's may call it otherwise.
  const isOwn = first?.classAt === undefined && !call.keywords.some(({ arg }) => arg === null);
  const isGiven = keyword(call, "bias") !== undefined || call.args.length < biasPosition(first?.className ?? "");
  const fixable = isOwn && isGiven && !call.args.some(({ kind }) => kind === "Starred");
  return {
    severity: count >= 0.05 * total ? "information" : "hint",
    at: code.place(call),
    what: `The bias of ${named} is taken away again by the batch normalization behind it.`,
    why: `${showCount(count)} parameters (${showBytes(bytes, "GB")}, in training ${showBytes(4 * bytes, "GB")} with gradient and AdamW's state) that no output depends on, and one addition each forward.`,
    fixes: fixable ? [{ title: "Build it with bias=False", edits: [withKeyword(call, "bias", "False", code)] }] : [],
  };
}

/** How many arguments come before `bias`. */
function biasPosition(className: string): number {
  if (className === "Linear") return 3;
  return /^ConvTranspose/.test(className) ? 8 : 8;
}

/** Layers whose every call's output is read by a batch normalization that trains on its batch, and by nothing else. */
function idleBiases({ trace, figures }: Weighed): ReadonlySet<BuiltLayer> {
  const flow = flowOf(trace, figures);
  const idle = new Map<BuiltLayer, boolean>();
  for (const operation of flow.operations) {
    if (!/^aten\.(convolution|linear|addmm)$/.test(operation.name)) continue;
    const layer = flow.layer(operation);
    const own = layer?.parameters.find(({ name }) => name === "bias");
    if (!layer || !own || !operation.inputs.some(({ storage }) => storage === own.tensor.storage)) continue;
    const [output] = operation.call.out;
    const readers = output ? flow.readers(output.storage).filter((one) => !isView(one)) : [];
    const is =
      output !== undefined && readers.length > 0 && readers.every((one) => takesBiasAway(one, output, operation.name));
    idle.set(layer, (idle.get(layer) ?? true) && is);
  }
  return new Set([...idle].flatMap(([layer, is]) => (is ? [layer] : [])));
}

/** A batch normalization by the batch's own statistics whose channels are those that the bias was added to. */
function takesBiasAway({ name, call }: Operation, output: Tensor, by: string): boolean {
  const [input] = call.args;
  if (!/^aten\.(native_|cudnn_)?batch_norm$/.test(name) || call.args[5] !== true) return false;
  if (!isTensor(input) || input.storage !== output.storage) return false;
  if (by === "aten.convolution") return sameLayout(input, output);
  // A linear layer's channels are its last axis, which is the normalization's second only where it lies closest.
  const channels = known(elements(input.shape.slice(1, 2)));
  return stridesOf(input)[1] === 1 && channels === known(elements(output.shape.slice(-1)));
}
