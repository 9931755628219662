/** Functions that PyTorch has and Assay does not follow: calls of them are of unknown cost. */
import { Unknown } from "../../base/unknown.ts";
import { native } from "../../python/native.ts";
import type { NativeFunction, PyTuple } from "../../python/values.ts";

const functions =
  "as_strided_scatter chalf histogram histogramdd geqrf ormqr lstsq eig symeig solve sspaddmm saddmm hspmm dsmm hsmm conv_tbc " +
  "quantize_per_tensor quantize_per_channel quantize_per_tensor_dynamic quantized_batch_norm quantized_lstm quantized_gru " +
  "empty_quantized dequantize batch_norm_stats batch_norm_elemt batch_norm_gather_stats batch_norm_gather_stats_with_counts " +
  "batch_norm_backward_reduce batch_norm_backward_elemt cudnn_convolution cudnn_batch_norm cudnn_grid_sampler native_norm " +
  "sparse_csc_tensor sparse_bsr_tensor sparse_bsc_tensor sparse_compressed_tensor to_dlpack align_tensors";

const methods =
  "as_strided_scatter ccol_indices chalf col_indices crow_indices dense_dim eig geqrf histogram indices int_repr lstsq lu ormqr " +
  "polygamma q_per_channel_axis q_per_channel_scales q_per_channel_zero_points q_scale q_zero_point qscheme row_indices solve " +
  "sparse_dim sparse_mask sparse_resize_ sparse_resize_and_clear_ sspaddmm sum_to_size symeig to_sparse_bsc to_sparse_bsr " +
  "to_sparse_csc values addr_ conj_physical_ float_power_ ldexp_ polygamma_ renorm_ __dlpack__ __dlpack_device__";

const special =
  "airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 " +
  "chebyshev_polynomial_t chebyshev_polynomial_u hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l " +
  "legendre_polynomial_p scaled_modified_bessel_k0 scaled_modified_bessel_k1 spherical_bessel_j0";

export const unmodelledFunctions = namesOf("torch", functions);
export const unmodelledMethods = namesOf("Tensor", methods);
export const unmodelledSpecial = namesOf("torch.special", special);

function namesOf(owner: string, list: string): ReadonlyMap<string, NativeFunction> {
  return new Map(list.split(" ").map((name) => [name, unmodelled(`${owner}.${name}`, name)]));
}

function unmodelled(full: string, name: string): NativeFunction {
  return native(
    `${name}(*args, **kwargs)`,
    (py, args: PyTuple) => py.hooks.unknownCall(py, new Unknown(`${full} is not followed`, py.place()), args.items),
    { lenient: true },
  );
}
