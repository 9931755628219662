/** Reductions, scans and sorting. */
import type { Unknown } from "../../base/unknown.ts";
import { raise } from "../../python/errors.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { PyTuple, type Value } from "../../python/values.ts";
import { knownData } from "../arguments.ts";
import { defineFunctions, direct, fromPython, planned, run, tupleClass } from "../table.ts";
import { TensorObject } from "../tensorObject.ts";

direct(`
  tm sum(input, dim=None, keepdim=False, *, dtype=None)
  tm nansum(input, dim=None, keepdim=False, *, dtype=None)
  tm mean(input, dim=None, keepdim=False, *, dtype=None)
  tm prod(input, dim=None, keepdim=False, *, dtype=None)
  tm any(input, dim=None, keepdim=False)
  tm all(input, dim=None, keepdim=False)
  tm amax(input, dim=(), keepdim=False)
  tm amin(input, dim=(), keepdim=False)
  tm argmax(input, dim=None, keepdim=False)
  tm argmin(input, dim=None, keepdim=False)
  tm aminmax(input, *, dim=None, keepdim=False) : min max
  tm logsumexp(input, dim, keepdim=False)
  s logsumexp(input, dim, keepdim=False)
  tm count_nonzero(input, dim=None)
  tmi cumsum(input, dim, *, dtype=None)
  tmi cumprod(input, dim, *, dtype=None)
  tm logcumsumexp(input, dim)
  tm cummax(input, dim) : values indices
  tm cummin(input, dim) : values indices
  tm mode(input, dim=-1, keepdim=False) : values indices
  tm kthvalue(input, k, dim=-1, keepdim=False) : values indices
  tm topk(input, k, dim=-1, largest=True, sorted=True) : values indices
  tm sort(input, dim=-1, descending=False, *, stable=False) -> sort(input, dim, descending) : values indices
  tm argsort(input, dim=-1, descending=False, *, stable=False) -> argsort(input, dim, descending)
  tm msort(input)
  tm trace(input)
  t _unique2(input, sorted=True, return_inverse=False, return_counts=False)
  t unique_dim(input, dim, sorted=True, return_inverse=False, return_counts=False)
  tm dist(input, other, p=2)
  tm bincount(input, weights=None, minlength=0)
  tm histc(input, bins=100, min=0, max=0)
  t bucketize(input, boundaries, *, out_int32=False, right=False)
  t searchsorted(sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None)
`);

defineFunctions({
  "tm max(input, dim=None, keepdim=False, *, other=None)": (py, ...args: Value[]) =>
    extreme(py, "max", "maximum", args),
  "tm min(input, dim=None, keepdim=False, *, other=None)": (py, ...args: Value[]) =>
    extreme(py, "min", "minimum", args),
  "tm std(input, dim=None, unbiased=True, keepdim=False, *, correction=None)": (_py, ...args: Value[]) =>
    planned("std", ...spreadArguments(args)),
  "tm var(input, dim=None, unbiased=True, keepdim=False, *, correction=None)": (_py, ...args: Value[]) =>
    planned("var", ...spreadArguments(args)),
  "t std_mean(input, dim=None, unbiased=True, keepdim=False, *, correction=None)": (_py, ...args: Value[]) =>
    planned("std_mean", ...spreadArguments(args)),
  "t var_mean(input, dim=None, unbiased=True, keepdim=False, *, correction=None)": (_py, ...args: Value[]) =>
    planned("var_mean", ...spreadArguments(args)),
  "tm median(input, dim=None, keepdim=False)": (py, input: Value, dim: Value, keepdim: Value) =>
    pairAlong(py, "median", input, dim, keepdim),
  "tm nanmedian(input, dim=None, keepdim=False)": (py, input: Value, dim: Value, keepdim: Value) =>
    pairAlong(py, "nanmedian", input, dim, keepdim),
  "tm nanmean(input, dim=None, keepdim=False, *, dtype=None)": (
    py,
    input: Value,
    dim: Value,
    keepdim: Value,
    dtype: Value,
  ) => {
    const count = run(py, "sum", run(py, "logical_not", run(py, "isnan", input)), dim, keepdim, null);
    return planned("div", run(py, "nansum", input, dim, keepdim, dtype), count, null);
  },
  "tm equal(input, other)": (py, input: Value, other: Value) =>
    decided(py, input, other, (a, b) => a.length === b.length && a.every((one, i) => one === b[i])),
  "tm allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False)": (py, input: Value, other: Value) =>
    decided(
      py,
      input,
      other,
      (a, b) =>
        a.length === b.length &&
        a.every((one, i) => Math.abs(one - (b[i] as number)) <= 1e-8 + 1e-5 * Math.abs(b[i] as number)),
    ),
  "tm norm(input, p='fro', dim=None, keepdim=False, dtype=None)": (
    py,
    input: Value,
    p: Value,
    dim: Value,
    keepdim: Value,
    dtype: Value,
  ) => {
    if (p === "nuc") return planned("sum", run(py, "linalg_svdvals", input), -1, keepdim, dtype);
    return planned("linalg_vector_norm", input, p === "fro" || p === null ? 2 : p, dim, keepdim, dtype);
  },
});

fromPython(
  "torch._composites",
  `
  tm quantile nanquantile unique unique_consecutive diff cov corrcoef
  tm renorm
  t segment_reduce trapezoid trapz cumulative_trapezoid isin gradient
  `,
);

function extreme(py: Interpreter, one: string, two: string, [input, dim, keepdim, other]: readonly Value[]) {
  const second = other !== null && other !== undefined ? other : dim;
  if (second instanceof TensorObject) return planned(two, input as Value, second);
  return pairAlong(py, one, input as Value, dim as Value, keepdim as Value);
}

/** A reduction that gives a value, or values and indices where it runs along an axis. */
function pairAlong(py: Interpreter, op: string, input: Value, dim: Value, keepdim: Value) {
  if (dim === null) return planned(op, input);
  const pair = run(py, `${op}.dim`, input, dim, keepdim);
  return pair instanceof PyTuple ? new PyTuple(pair.items, tupleClass(op, ["values", "indices"])) : pair;
}

/** `std(unbiased)` and `std(dim, unbiased, keepdim)` as aten's (self, dim, correction, keepdim). */
function spreadArguments([input, dim, unbiased, keepdim, correction]: readonly Value[]): Value[] {
  const alone = typeof dim === "boolean";
  const biased = (alone ? dim : unbiased) === false;
  return [
    input as Value,
    alone ? null : (dim as Value),
    (correction ?? null) !== null ? (correction as Value) : biased ? 0 : 1,
    keepdim as Value,
  ];
}

function decided(
  py: Interpreter,
  a: Value,
  b: Value,
  how: (a: readonly number[], b: readonly number[]) => boolean,
): boolean | Unknown {
  if (!(a instanceof TensorObject) || !(b instanceof TensorObject)) return raise("TypeError", "expected tensors");
  const [left, right] = [knownData(a), knownData(b)];
  return left && right ? how(left, right) : py.unknown("tensors' values decide");
}
