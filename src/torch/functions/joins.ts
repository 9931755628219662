/** Joining tensors, and gathering and scattering along an axis. */
import { Unknown } from "../../base/unknown.ts";
import { Refused } from "../../ops/op.ts";
import { broadcastShapes } from "../../ops/shared/making.ts";
import { raise } from "../../python/errors.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { toArray } from "../../python/iteration.ts";
import { PyList, PyTuple, type Value } from "../../python/values.ts";
import type { Size } from "../../tensor/size.ts";
import { isSequence, listOf, rankOf, shapeArgument } from "../arguments.ts";
import { defineFunctions, direct, fromPython, planned, run } from "../table.ts";
import { sizeClass, TensorObject } from "../tensorObject.ts";

direct(`
  tmi index_add(input, dim, index, source, *, alpha=1)
  tmi index_copy(input, dim, index, source)
  tmi index_fill(input, dim, index, value)
  tmi index_reduce(input, dim, index, source, reduce, *, include_self=True) -> index_copy(input, dim, index, source)
  tm index_select(input, dim, index)
  tm gather(input, dim, index, *, sparse_grad=False)
  tmi scatter_add(input, dim, index, src)
  tmi scatter_reduce(input, dim, index, src, reduce, *, include_self=True)
  tmi masked_scatter(input, mask, source)
  tm masked_select(input, mask)
  tm take(input, index)
  tm take_along_dim(input, indices, dim=None)
  tmi put(input, index, source, accumulate=False) -> clone(input)
  tm argwhere(input) -> nonzero(input)
  tm cross(input, other, dim=None) -> mul(input, other)
`);

defineFunctions({
  "t cat,concat,concatenate(tensors, dim=0)": (py, tensors: Value, dim: Value) => joined(py, "cat", tensors, dim),
  "t stack(tensors, dim=0)": (py, tensors: Value, dim: Value) => joined(py, "stack", tensors, dim),
  "t hstack(tensors)": (py, tensors: Value) => {
    const list = toArray(py, tensors);
    return planned(
      "cat",
      listOf(list.map((one) => ranked(py, one, 1))),
      list[0] instanceof TensorObject && rankOf(list[0]) > 1 ? 1 : 0,
    );
  },
  "t vstack,row_stack(tensors)": (py, tensors: Value) =>
    planned("cat", listOf(toArray(py, tensors).map((one) => ranked(py, one, 2))), 0),
  "t broadcast_tensors(*tensors)": (py, star: PyTuple) => {
    const list = unpacked(star);
    const found = list.find((one) => one instanceof Unknown);
    if (found) return found;
    const shape = common((list as TensorObject[]).map((one) => one.value.shape));
    return new PyTuple(list.map((one) => run(py, "expand", one, listOf(shape))));
  },
  "t broadcast_shapes(*shapes)": (py, star: PyTuple) =>
    new PyTuple([...common(star.items.map((one) => shapeArgument(py, new PyTuple([one]))))], sizeClass),
  "t meshgrid(*tensors, indexing='ij')": (_py, star: PyTuple, indexing: Value) =>
    planned("meshgrid", listOf(unpacked(star)), indexing),
  "t cartesian_prod(*tensors)": (_py, star: PyTuple) =>
    star.items.length === 1 ? (star.items[0] as Value) : planned("cartesian_prod", star),
  "t block_diag(*tensors)": (_py, star: PyTuple) => planned("block_diag", star),
  "tmi scatter(input, dim, index, src=None, *, value=None, reduce=None)": (
    _py,
    input: Value,
    dim: Value,
    index: Value,
    src: Value,
    value: Value,
    reduce: Value,
  ) =>
    reduce === null
      ? planned("scatter", input, dim, index, src ?? value)
      : planned("scatter", input, dim, index, src ?? value, reduce),
  "tm nonzero(input, *, as_tuple=False)": (py, input: TensorObject, asTuple: Value) => {
    const found = run(py, "nonzero", input);
    if (asTuple !== true) return found;
    return new PyTuple(input.value.shape.map((_, axis) => run(py, "select", found, 1, axis)));
  },
  "tmi index_put(input, indices, values, accumulate=False)": (
    _py,
    input: Value,
    indices: Value,
    values: Value,
    accumulate: Value,
  ) => planned("index_put", input, indices, values, accumulate),
  "tm repeat_interleave(input, repeats=None, dim=None, *, output_size=None)": (
    _py,
    input: Value,
    repeats: Value,
    dim: Value,
    size: Value,
  ) => planned("repeat_interleave", input, repeats, dim, size),
});

fromPython("torch._composites", "t dstack column_stack combinations vander");

function unpacked(star: PyTuple): readonly Value[] {
  const [first] = star.items;
  return star.items.length === 1 && first !== undefined && isSequence(first) ? first.items : star.items;
}

function common(shapes: readonly (readonly Size[])[]): readonly Size[] {
  try {
    return shapes.length === 0 ? [] : broadcastShapes(...shapes);
  } catch (error) {
    if (error instanceof Refused) return raise("RuntimeError", error.message);
    throw error;
  }
}

/** Tensors of a list, where one unknown among them leaves the result unknown. */
function joined(py: Interpreter, op: string, tensors: Value, dim: Value) {
  const list = tensors instanceof PyList || tensors instanceof PyTuple ? tensors.items : toArray(py, tensors);
  return planned(op, listOf(list), dim);
}

/** At least one or two axes. */
function ranked(py: Interpreter, value: Value, rank: number): Value {
  if (!(value instanceof TensorObject)) return value;
  let made: Value = value;
  for (let i = rankOf(value); i < rank; i++) made = run(py, "unsqueeze", made, 0);
  return made;
}
