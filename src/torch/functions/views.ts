/** Views and rearrangements. */
import { Unknown } from "../../base/unknown.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import type { PyTuple, Value } from "../../python/values.ts";
import { isContiguous, stridesOf } from "../../tensor/tensor.ts";
import { axesArgument, dtypeName, isSequence, listOf, rankOf, shapeArgument, wordOf } from "../arguments.ts";
import { defineFunctions, direct, fromPython, planned, run } from "../table.ts";
import { TensorObject } from "../tensorObject.ts";

direct(`
  tm diagonal(input, offset=0, dim1=0, dim2=1)
  tm select(input, dim, index)
  m unfold(input, dimension, size, step)
  tm as_strided(input, size, stride, storage_offset=None)
  tm view_as_real(input)
  tm view_as_complex(input)
  tmi tril(input, diagonal=0)
  tmi triu(input, diagonal=0)
  tm diag(input, diagonal=0)
  tm diag_embed(input, offset=0, dim1=-2, dim2=-1)
  tm roll(input, shifts, dims=None)
  t reshape(input, shape)
  tm flatten(input, start_dim=0, end_dim=-1)
  tm unflatten(input, dim, sizes)
  tm ravel(input) -> flatten(input)
  tm broadcast_to(input, size) -> expand(input, size)
  t permute(input, dims)
  tm t(input)
  tm squeeze(input, dim=None)
  tm unsqueeze(input, dim)
  tm movedim,moveaxis(input, source, destination) -> movedim(input, source, destination)
  tm narrow,narrow_copy(input, dim, start, length) -> narrow(input, dim, start, length)
  tm fliplr(input) -> flip(input, 1)
  tm flipud(input) -> flip(input, 0)
  tm unbind(input, dim=0)
  tm split_with_sizes,unsafe_split_with_sizes(input, split_sizes, dim=0) -> split_with_sizes(input, split_sizes, dim)
  tm unsafe_split(input, split_size, dim=0) -> split(input, split_size, dim)
  tm chunk,unsafe_chunk(input, chunks, dim=0) -> chunk(input, chunks, dim)
  tm dsplit(input, indices_or_sections) -> tensor_split(input, indices_or_sections, 2)
  tm vsplit(input, indices_or_sections) -> tensor_split(input, indices_or_sections, 0)
`);

defineFunctions(
  {
    "m view(input, *shape, size=None, dtype=None)": (py, input: Value, star: PyTuple, named: Value, dtype: Value) => {
      const [first] = star.items;
      const type = dtype ?? (star.items.length === 1 && first !== undefined && dtypeName(first) ? first : null);
      return type === null
        ? planned("view", input, listOf(shapeArgument(py, star, named)))
        : planned("view.dtype", input, type);
    },
    "m reshape(input, *dims, shape=None)": (py, input: Value, star: PyTuple, named: Value) =>
      planned("reshape", input, listOf(shapeArgument(py, star, named))),
    "m view_as(input, other)": (_py, input: Value, other: Value) => withShapeOf("view", input, other),
    "m reshape_as(input, other)": (_py, input: Value, other: Value) => withShapeOf("reshape", input, other),
    "m expand_as(input, other)": (_py, input: Value, other: Value) => withShapeOf("expand", input, other),
    "m expand(input, *dims, size=None, implicit=False)": (py, input: Value, star: PyTuple, named: Value) =>
      planned("expand", input, listOf(shapeArgument(py, star, named))),
    "m repeat(input, *sizes, repeats=None)": (py, input: Value, star: PyTuple, named: Value) =>
      planned("repeat", input, listOf(shapeArgument(py, star, named))),
    "tm tile(input, *sizes, dims=None)": (py, input: Value, star: PyTuple, named: Value) =>
      planned("tile", input, listOf(shapeArgument(py, star, named))),
    "m permute(input, *order, dims=None)": (py, input: Value, star: PyTuple, named: Value) =>
      planned("permute", input, listOf(shapeArgument(py, star, named))),
    "tm transpose,swapaxes,swapdims(input, dim0=None, dim1=None, *, axis0=None, axis1=None)": (
      _py,
      input: Value,
      dim0: Value,
      dim1: Value,
      axis0: Value,
      axis1: Value,
    ) => planned("transpose", input, dim0 ?? axis0, dim1 ?? axis1),
    "tm flip(input, *axes, dims=None)": (py, input: Value, star: PyTuple, named: Value) =>
      planned("flip", input, listOf(axesArgument(py, star, named))),
    "tm split(input, split_size_or_sections=None, dim=0, *, split_size=None)": (
      _py,
      input: Value,
      size: Value,
      dim: Value,
      named: Value,
    ) => {
      const parts = size ?? named;
      return planned(isSequence(parts) ? "split_with_sizes" : "split", input, parts, dim);
    },
    "tm tensor_split(input, indices_or_sections=None, dim=0, *, indices=None, sections=None)": (
      _py,
      input: Value,
      how: Value,
      dim: Value,
      indices: Value,
      sections: Value,
    ) => planned("tensor_split", input, how ?? indices ?? sections, dim),
    "tm hsplit(input, indices_or_sections)": (_py, input: Value, how: Value) =>
      planned("tensor_split", input, how, input instanceof TensorObject && rankOf(input) > 1 ? 1 : 0),
    "tm rot90(input, k=1, dims=None)": (_py, input: Value, k: Value, dims: Value) =>
      planned("rot90", input, k, dims ?? listOf([0, 1])),
    "m contiguous(input, memory_format=None)": (py, input: Value, format: Value) =>
      input instanceof TensorObject ? contiguous(py, input, format) : input,
  },
  { lenient: true },
);

/** Views that change the tensor itself. */
direct(`
  v t(input)
  v squeeze(input, dim=None)
  v unsqueeze(input, dim)
  v as_strided(input, size, stride, storage_offset=None)
  v transpose,swapaxes,swapdims(input, dim0, dim1) -> transpose(input, dim0, dim1)
`);

fromPython(
  "torch._composites",
  "t atleast_1d atleast_2d atleast_3d\ntm diagflat diagonal_scatter select_scatter slice_scatter",
);

function withShapeOf(op: string, input: Value, other: Value) {
  return other instanceof TensorObject ? planned(op, input, listOf(other.value.shape)) : other;
}

/** The tensor itself where its memory is in the order asked for, otherwise a copy. */
function contiguous(py: Interpreter, input: TensorObject, format: Value): Value {
  const word = (format === null ? undefined : wordOf(format)) ?? "contiguous_format";
  const { shape } = input.value;
  if (word === "preserve_format" || shape.some((size) => size instanceof Unknown)) return input;
  return isInFormat(input, word) ? input : run(py, "clone", input, word);
}

/** Whether memory is in this order: rows last, or channels fastest. */
export function isInFormat({ value }: TensorObject, word: string): boolean {
  const { shape, strides } = value;
  if (word === "contiguous_format") return isContiguous(shape, strides);
  if (shape.length !== (word === "channels_last" ? 4 : 5)) return false;
  const order = [0, ...[...Array(shape.length - 2).keys()].map((i) => i + 2), 1];
  const own = strides ?? stridesOf(value);
  const inOrder = <T>(list: readonly T[]) => order.map((i) => list[i] as T);
  return isContiguous(inOrder(shape), inOrder(own));
}
