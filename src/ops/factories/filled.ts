/** New tensors of a given shape: empty, zeros, ones, full, random ones, and the same shaped like another. */
import { category, type DType } from "../../tensor/dtype.ts";
import { Complex, Float } from "../../tensor/scalar.ts";
import { integer, type Size, showSize } from "../../tensor/size.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { dtypeOr, size, sizes, tensor } from "../shared/arguments.ts";
import { defaultFloat } from "../shared/dtypes.ts";
import { constants, type Elements, fewElements, inType, numberOf } from "../shared/folding.ts";
import { likeInFormat } from "../shared/layout.ts";
import { isKnown } from "../shared/making.ts";

/** zeros(size, dtype=None) and its like; elements of known value are kept where they are few. */
function sized(name: string, value: number | undefined, otherwise: DType = defaultFloat): Op {
  return {
    name: `aten.${name}`,
    result: ([shape, dtype]) => filled(shapeOf(shape, name), dtypeOr(dtype, otherwise), value),
    differentiable: false,
  };
}

/** zeros_like(self, dtype=None, layout, device, pin_memory, memory_format) and its like. */
function shapedLike(name: string, value: number | undefined): Op {
  return {
    name: `aten.${name}`,
    result([self, dtype, , , , format]) {
      const input = tensor(self);
      const made = likeInFormat(input, dtypeOr(dtype, input.dtype), format);
      return { ...made, data: repeated(made.shape, made.dtype, value) };
    },
    differentiable: false,
  };
}

/** full(size, fill_value, dtype=None): the value decides the type where none is given. */
const full: Op = {
  name: "aten.full",
  result([shape, value, dtype]) {
    return filled(shapeOf(shape, "full"), dtypeOr(dtype, typeOf(value)), numberOf(value));
  },
  differentiable: false,
};

/** full_like(self, fill_value, dtype=None, layout, device, pin_memory, memory_format) */
const fullLike: Op = {
  name: "aten.full_like",
  result([self, value, dtype, , , , format]) {
    const made = likeInFormat(tensor(self), dtypeOr(dtype, tensor(self).dtype), format);
    return { ...made, data: repeated(made.shape, made.dtype, numberOf(value)) };
  },
  differentiable: false,
};

/** randint(low, high, size, dtype=None) and randint_like(self, low, high, dtype=None): values are not known. */
const randint: Op = {
  name: "aten.randint",
  result: ([, , shape, dtype]) => filled(shapeOf(shape, "randint"), dtypeOr(dtype, "int64"), undefined),
  differentiable: false,
};
const randintLike: Op = {
  name: "aten.randint_like",
  result: ([self, , , dtype]) => likeInFormat(tensor(self), dtypeOr(dtype, tensor(self).dtype), null),
  differentiable: false,
};

/** randperm(n, dtype=None) */
const randperm: Op = {
  name: "aten.randperm",
  result: ([n, dtype]) => ({ shape: [size(n, "n")], dtype: dtypeOr(dtype, "int64") }),
  differentiable: false,
};

/** tensor(elements, shape, dtype=None): what `torch.tensor` makes of a nested list, given flat. */
const tensorOf: Op = {
  name: "aten.tensor",
  result([list, shape, dtype]) {
    const items = (Array.isArray(list) ? list : [list]) as readonly Arg[];
    const type = dtypeOr(dtype, items.map(typeOf).reduce(wider, items.length === 0 ? defaultFloat : "bool"));
    const values = items.map(numberOf);
    const known = fewElements(sizes(shape)) !== undefined && values.every((value) => value !== undefined);
    return { shape: sizes(shape), dtype: type, data: known ? inType(values as number[], type) : undefined };
  },
  differentiable: false,
};

/** scalar_tensor(s, dtype=None): a number as a tensor of no axes. */
const scalarTensor: Op = {
  name: "aten.scalar_tensor",
  result: ([value, dtype]) => filled([], dtypeOr(dtype, defaultFloat), numberOf(value)),
  differentiable: false,
};

const factories: readonly Op[] = [
  sized("empty", undefined),
  sized("zeros", 0),
  sized("ones", 1),
  uniform(sized("rand", undefined)),
  sized("randn", undefined),
  shapedLike("empty_like", undefined),
  shapedLike("zeros_like", 0),
  shapedLike("ones_like", 1),
  uniform(shapedLike("rand_like", undefined)),
  shapedLike("randn_like", undefined),
  full,
  fullLike,
  randint,
  randintLike,
  randperm,
  tensorOf,
  scalarTensor,
];
export default factories;

/** Numbers between 0 and 1: which is not known, but none is negative. */
function uniform(op: Op): Op {
  return { ...op, result: (args) => ({ ...(op.result(args) as Made), atLeast: 0 }) };
}

function shapeOf(shape: Arg | undefined, name: string): readonly Size[] {
  const list = sizes(shape, "size");
  const negative = list.find((one) => isKnown(one) && integer(one) < 0);
  if (negative !== undefined) throw new Refused(`${name} of a negative size ${showSize(negative)}`);
  return list;
}

function filled(shape: readonly Size[], dtype: DType, value: number | undefined): Made {
  return { shape, dtype, data: repeated(shape, dtype, value) };
}

function repeated(shape: readonly Size[], dtype: DType, value: number | undefined): Elements {
  const total = value === undefined ? undefined : fewElements(shape);
  if (total === undefined || category(dtype) === 3) return undefined;
  const [one] = inType([value as number], dtype) ?? [];
  return one === undefined ? undefined : constants(total, one);
}

/** The type that a Python number asks for. */
function typeOf(value: Arg | undefined): DType {
  if (typeof value === "boolean") return "bool";
  if (value instanceof Float) return defaultFloat;
  if (value instanceof Complex) return "complex64";
  return typeof value === "object" && value !== null && "dtype" in value ? value.dtype : "int64";
}

function wider(a: DType, b: DType): DType {
  return category(b) > category(a) ? b : a;
}
