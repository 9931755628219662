/** Normalisation, dropout, embedding and attention functions. */
import type { Interpreter } from "../../python/interpreter.ts";
import { PyTuple, type Value } from "../../python/values.ts";
import { Float } from "../../tensor/scalar.ts";
import { attentionKernel, noteForbidden } from "../kernels.ts";
import { defineFunctions, direct, fromPython, planned, run } from "../table.ts";
import { inPlaceWhere } from "./activations.ts";

direct(`
  F batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5) -> batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, True)
  t batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled=True)
  t native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps)
  F instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5) -> instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True)
  t instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled=True)
  t native_layer_norm(input, normalized_shape, weight, bias, eps)
  t native_group_norm(input, weight, bias, N, C, HxW, group, eps)
  Ft group_norm(input, num_groups, weight=None, bias=None, eps=1e-5, cudnn_enabled=True)
  Ft rms_norm(input, normalized_shape, weight=None, eps=None)
  t embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False)
  t dropout(input, p, train)
  i dropout(input, p, train)
  t native_dropout(input, p, train)
  ti alpha_dropout(input, p, train)
  ti feature_dropout(input, p, train)
  ti feature_alpha_dropout(input, p, train)
`);

defineFunctions(
  {
    "Ft layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5, cudnn_enable=True)": (
      py,
      input: Value,
      shape: Value,
      weight: Value,
      bias: Value,
      eps: Value,
    ) => first(run(py, "native_layer_norm", input, shape, weight, bias, eps)),
    "t _weight_norm(v, g, dim=0)": (py, v: Value, g: Value, dim: Value) =>
      first(run(py, "_weight_norm_interface", v, g, dim)),
    "F embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False)":
      (
        _py,
        input: Value,
        weight: Value,
        padding: Value,
        _maxNorm: Value,
        _normType: Value,
        scale: Value,
        sparse: Value,
      ) => planned("embedding", weight, input, padding ?? -1, scale, sparse),
    "F scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False)":
      (py, ...args: Value[]) => {
        noteForbidden(py, args);
        return planned("scaled_dot_product_attention", ...args, ...attentionKernel(py));
      },
    "F dropout(input, p=0.5, training=True, inplace=False)": drop("dropout"),
    "F alpha_dropout(input, p=0.5, training=False, inplace=False)": drop("alpha_dropout"),
    "F feature_alpha_dropout(input, p=0.5, training=False, inplace=False)": drop("feature_alpha_dropout"),
    "F dropout1d,dropout2d,dropout3d(input, p=0.5, training=True, inplace=False)": drop("feature_dropout"),
  },
  { lenient: true },
);

fromPython(
  "torch._functional",
  `
  F normalize local_response_norm embedding_bag gumbel_softmax
  t embedding_bag embedding_renorm_
  `,
);

/** A dropout: the very input where it does nothing. */
function drop(op: string) {
  return (_py: Interpreter, input: Value, p: Value, training: Value, inplace: Value) => {
    const idle = training === false || p === 0 || (p instanceof Float && p.value === 0);
    return idle ? input : inPlaceWhere(inplace, planned(op, input, p, training));
  };
}

function first(results: Value): Value {
  return results instanceof PyTuple ? (results.items[0] as Value) : results;
}
