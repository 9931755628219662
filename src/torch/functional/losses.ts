/** Losses. Reductions are words in Python and numbers in operations. */
import { raise } from "../../python/errors.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { PyTuple, type Value } from "../../python/values.ts";
import { rankOf } from "../arguments.ts";
import { defineFunctions, direct, fromPython, planned, run } from "../table.ts";
import type { TensorObject } from "../tensorObject.ts";

const old = "size_average=None, reduce=None, reduction='mean'";

/** The old pair of arguments, or the word: 0 none, 1 mean, 2 sum. */
export function reductionNumber(average: Value, reduce: Value, word: Value): number {
  if (average !== null || reduce !== null) return reduce === false ? 0 : average === false ? 2 : 1;
  if (typeof word === "number") return word;
  const at = ["none", "mean", "sum"].indexOf(word as string);
  return at < 0 ? raise("ValueError", `${String(word)} is not a valid value for reduction`) : at;
}

for (const name of ["mse_loss", "soft_margin_loss"]) {
  defineFunctions({
    [`F ${name}(input, target, ${old}, weight=None)`]: (
      _py,
      input: Value,
      target: Value,
      average: Value,
      reduce: Value,
      word: Value,
    ) => planned(name, input, target, reductionNumber(average, reduce, word)),
  });
}

defineFunctions({
  [`F smooth_l1_loss(input, target, ${old}, beta=1.0)`]: (
    _py,
    input: Value,
    target: Value,
    average: Value,
    reduce: Value,
    word: Value,
    beta: Value,
  ) => planned("smooth_l1_loss", input, target, reductionNumber(average, reduce, word), beta),
  "F huber_loss(input, target, reduction='mean', delta=1.0, weight=None)": (
    _py,
    input: Value,
    target: Value,
    word: Value,
    delta: Value,
  ) => planned("huber_loss", input, target, reductionNumber(null, null, word), delta),
  [`F binary_cross_entropy(input, target, weight=None, ${old})`]: (
    _py,
    input: Value,
    target: Value,
    weight: Value,
    average: Value,
    reduce: Value,
    word: Value,
  ) => planned("binary_cross_entropy", input, target, weight, reductionNumber(average, reduce, word)),
  [`F binary_cross_entropy_with_logits(input, target, weight=None, ${old}, pos_weight=None)`]: (
    _py,
    input: Value,
    target: Value,
    weight: Value,
    average: Value,
    reduce: Value,
    word: Value,
    positive: Value,
  ) =>
    planned(
      "binary_cross_entropy_with_logits",
      input,
      target,
      weight,
      positive,
      reductionNumber(average, reduce, word),
    ),
  "F nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean')": (
    py,
    input: TensorObject,
    target: Value,
    weight: Value,
    average: Value,
    ignored: Value,
    reduce: Value,
    word: Value,
  ) => negativeLogLikelihood(py, input, target, weight, reductionNumber(average, reduce, word), ignored),
  "F multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction='mean')":
    (
      _py,
      input: Value,
      target: Value,
      p: Value,
      margin: Value,
      weight: Value,
      average: Value,
      reduce: Value,
      word: Value,
    ) => planned("multi_margin_loss", input, target, p, margin, weight, reductionNumber(average, reduce, word)),
});

direct(`
  t binary_cross_entropy_with_logits(input, target, weight=None, pos_weight=None, reduction=1)
`);

fromPython(
  "torch._losses",
  `
  F cross_entropy l1_loss kl_div cosine_embedding_loss hinge_embedding_loss margin_ranking_loss triplet_margin_loss
  F triplet_margin_with_distance_loss poisson_nll_loss gaussian_nll_loss multilabel_soft_margin_loss pairwise_distance
  t cosine_embedding_loss hinge_embedding_loss margin_ranking_loss triplet_margin_loss poisson_nll_loss kl_div
  Ft pairwise_distance pdist
  `,
);

fromPython("torch._functional", "Ft ctc_loss\nF multilabel_margin_loss");

/** As many axes as the kernels take: more spatial axes are folded into one. */
function negativeLogLikelihood(
  py: Interpreter,
  input: TensorObject,
  target: Value,
  weight: Value,
  reduction: number,
  ignored: Value,
): Value {
  const rank = rankOf(input);
  const kernel = (name: string, x: Value, t: Value) => {
    const results = run(py, name, x, t, weight, reduction, ignored);
    return results instanceof PyTuple ? (results.items[0] as Value) : results;
  };
  if (rank <= 2) return kernel("nll_loss_forward", input, target);
  if (rank === 4) return kernel("nll_loss2d_forward", input, target);
  const { shape } = input.value;
  const [n, c] = [shape[0] as Value, shape[1] as Value];
  const folded = run(py, "reshape", input, new PyTuple([n, c, 1, -1]));
  const out = kernel("nll_loss2d_forward", folded, run(py, "reshape", target, new PyTuple([n, 1, -1])));
  return reduction === 0 ? run(py, "reshape", out, new PyTuple([n, ...(shape.slice(2) as Value[])])) : out;
}
