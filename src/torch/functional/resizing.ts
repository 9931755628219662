/** Resizing, padding, sampling and what is written in Python of `torch.nn.functional`. */
import type { Value } from "../../python/values.ts";
import { isSequence } from "../arguments.ts";
import { defineFunctions, direct, fromPython, planned } from "../table.ts";
import { TensorObject } from "../tensorObject.ts";

direct(`
  Ft grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)
  Ft grid_sampler_2d,grid_sampler_3d(input, grid, interpolation_mode, padding_mode, align_corners) -> grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)
  Ft affine_grid_generator(theta, size, align_corners)
  F one_hot(tensor, num_classes=-1)
  t constant_pad_nd(input, pad, value=0)
  t _pad_circular(input, pad)
  t _max_unpool2d(input, indices, output_size) -> max_unpool2d(input, indices, output_size)
  t _max_unpool3d(input, indices, output_size) -> max_unpool3d(input, indices, output_size)
  t _fractional_max_pool2d(input, kernel_size, output_size, random_samples) -> fractional_max_pool2d(input, kernel_size, output_size, random_samples)
  t _fractional_max_pool3d(input, kernel_size, output_size, random_samples) -> fractional_max_pool3d(input, kernel_size, output_size, random_samples)
  t _embedding_bag(weight, indices, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights, include_last_offset, padding_idx)
  t _ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity)
  t _multilabel_margin_loss_forward(input, target, reduction) -> multilabel_margin_loss_forward(input, target, reduction)
  t _unique_consecutive(input, return_inverse, return_counts, dim) -> unique_consecutive(input, return_inverse, return_counts, dim)
`);

defineFunctions(
  {
    "t _upsample_nearest(input, size, scales, exact)": (_py, input: Value, size: Value, scales: Value, exact: Value) =>
      planned(
        `${exact === true ? "_upsample_nearest_exact" : "upsample_nearest"}${spatial(input)}d`,
        input,
        size,
        scales,
      ),
    "t _upsample_smooth(input, size, align_corners, scales, name)": (
      _py,
      input: Value,
      size: Value,
      aligned: Value,
      scales: Value,
      name: Value,
    ) => planned(name as string, input, size, aligned, scales),
    "F pad(input, pad, mode='constant', value=None)": (_py, input: Value, pad: Value, mode: Value, value: Value) => {
      if (mode === "constant" && isSequence(pad)) return planned("constant_pad_nd", input, pad, value ?? 0);
      return padded(input, pad, mode);
    },
  },
  { lenient: true },
);

fromPython(
  "torch._functional",
  "F interpolate upsample upsample_nearest upsample_bilinear grid_sample affine_grid assert_int_or_pair",
);
fromPython("torch._attention", "F multi_head_attention_forward _in_projection_packed _in_projection _canonical_mask");

function spatial(input: Value): number {
  return input instanceof TensorObject ? input.value.shape.length - 2 : 2;
}

function padded(input: Value, pad: Value, mode: Value) {
  if (mode === "circular") return planned("_pad_circular", input, pad);
  const rank = isSequence(pad) ? pad.items.length / 2 : 2;
  return planned(`${mode === "reflect" ? "reflection" : "replication"}_pad${rank}d`, input, pad);
}
