/** The lowering of `torch.einsum` to permutations, sums, products and `bmm`s (ATen's `einsum` and `sumproduct_pair`). */
import type { Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Extra, Refused } from "../op.ts";
import { cheapestPath } from "./einsumPath.ts";
import { iteratedOver } from "./layout.ts";
import { block, expanded, permuted, reshaped, type Strided, strided, unsqueezed } from "./strided.ts";

/** An equation taken apart: each operand's labels, one a letter or an axis of the ellipsis, and the labels of the result. */
export interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
  /** Labels that are summed over, in the order that ATen places them behind the result's. */
  readonly summed: readonly string[];
}

/** Refused where the equation does not parse or does not suit the operands. */
export function parsedEquation(text: string, tensors: readonly Tensor[]): Equation {
  const [left = "", right, ...more] = text.replaceAll(" ", "").split("->");
  if (more.length > 0) throw refused(`einsum's equation "${text}" holds more than one arrow`);
  const terms = left.split(",");
  if (terms.length !== tensors.length)
    throw refused(`einsum's equation has ${terms.length} terms, but there are ${tensors.length} operands`);
  const hidden = terms.map((term, i) =>
    term.includes("...") ? (tensors[i]?.shape.length ?? 0) - term.replace("...", "").length : 0,
  );
  const ellipsis = Math.max(0, ...hidden);
  const operands = terms.map((term, i) => labelsOf(term, hidden[i] ?? 0, ellipsis, tensors[i] as Tensor));
  const result = right === undefined ? implicitResult(operands.flat(), ellipsis) : labelsOf(right, ellipsis, ellipsis);
  const used = new Set(operands.flat());
  for (const label of result)
    if (!used.has(label)) throw refused(`einsum's result names ${label}, which no operand has`);
  if (new Set(result).size !== result.length) throw refused(`einsum's result names an axis twice`);
  const hiddenLabels = ellipsisLabels(ellipsis, ellipsis);
  const rest = [...used].filter((label) => !result.includes(label));
  const summed = [
    ...hiddenLabels.filter((label) => rest.includes(label)),
    ...rest.filter((label) => !hiddenLabels.includes(label)).sort(byCode),
  ];
  return { operands, result, summed };
}

function labelsOf(term: string, hidden: number, ellipsis: number, of?: Tensor): string[] {
  const [before = "", after, ...more] = term.split("...");
  if (more.length > 0 || !/^[A-Za-z]*$/.test(before + (after ?? "")))
    throw refused(`einsum does not understand the subscripts "${term}"`);
  const rank = of?.shape.length;
  const named = before.length + (after?.length ?? 0);
  if (rank !== undefined && (after === undefined ? named !== rank : hidden < 0)) {
    throw refused(`einsum's subscripts "${term}" name ${named} axes, but the operand has ${rank}`);
  }
  return after === undefined ? [...before] : [...before, ...ellipsisLabels(hidden, ellipsis), ...after];
}

/** Axes of the ellipsis are aligned from the right: `.0` is the leftmost of the longest one. */
function ellipsisLabels(hidden: number, ellipsis: number): string[] {
  return [...Array(hidden).keys()].map((i) => `.${ellipsis - hidden + i}`);
}

function implicitResult(all: readonly string[], ellipsis: number): string[] {
  const once = [...new Set(all)].filter(
    (label) => !label.startsWith(".") && all.filter((one) => one === label).length === 1,
  );
  return [...ellipsisLabels(ellipsis, ellipsis), ...once.sort(byCode)];
}

const byCode = (a: string, b: string) => (a < b ? -1 : 1);

function refused(message: string): Refused {
  return new Refused(message, "wrong-argument");
}

/** What one contraction of two operands keeps and multiplies. */
export interface Step {
  readonly left: Tensor | Extra;
  readonly right: Tensor | Extra;
  /** Which arguments each side was made from. */
  readonly leftFrom: ReadonlySet<number>;
  readonly rightFrom: ReadonlySet<number>;
  readonly macs: number;
}

interface Operand {
  readonly layout: Strided;
  readonly from: ReadonlySet<number>;
}

/** All contractions in order, and the result's layout. Throws NeedsKnownSize. */
export function loweredEinsum(
  equation: Equation,
  tensors: readonly Tensor[],
): { steps: readonly Step[]; result: Strided } {
  const labels = [...equation.result, ...equation.summed];
  let operands: Operand[] = tensors.map((one, i) => ({
    layout: aligned(strided(one), equation.operands[i] ?? [], labels),
    from: new Set([i]),
  }));
  const wide = labels.map((_, d) => operands.filter(({ layout }) => layout.shape[d] !== 1).length);
  const steps: Step[] = [];
  const sizes = new Map(
    labels.map((label, d) => [label, Math.max(...operands.map(({ layout }) => layout.shape[d] ?? 1))]),
  );
  const path =
    tensors.length > 2
      ? cheapestPath(equation.operands, equation.result, sizes)
      : tensors.slice(1).map(() => [0, 1] as const);
  for (const [i, j] of path) {
    const [a, b] = [operands[i] as Operand, operands[j] as Operand];
    const { step, result } = contracted(a, b, equation.result.length, wide);
    steps.push(step);
    operands = [
      ...operands.filter((one) => one !== a && one !== b),
      { layout: result, from: new Set([...a.from, ...b.from]) },
    ];
  }
  const last = (operands[0] as Operand).layout;
  const kept = equation.result.length;
  if (tensors.length > 1 || equation.summed.length === 0) {
    return { steps, result: { ...last, shape: last.shape.slice(0, kept), strides: last.strides.slice(0, kept) } };
  }
  return { steps, result: block(last.shape.slice(0, kept), last.itemBytes, "sum") };
}

/** Repeated labels as a diagonal, absent ones as axes of size 1, in the order of all labels. */
function aligned(of: Strided, own: readonly string[], labels: readonly string[]): Strided {
  const strides = new Map<string, number>();
  const shape = new Map<string, number>();
  own.forEach((label, i) => {
    strides.set(label, (strides.get(label) ?? 0) + (of.strides[i] ?? 0));
    shape.set(label, of.shape[i] ?? 1);
  });
  let placed: Strided = { ...of, shape: [...shape.values()], strides: [...strides.values()] };
  const names = [...shape.keys()];
  for (const label of labels) {
    if (names.includes(label)) continue;
    placed = unsqueezed(placed, names.length);
    names.push(label);
  }
  return permuted(
    placed,
    labels.map((label) => names.indexOf(label)),
  );
}

function contracted(a: Operand, b: Operand, outer: number, wide: number[]): { step: Step; result: Strided } {
  let [left, right] = [a.layout, b.layout];
  const summed: number[] = [];
  left.shape.forEach((n, d) => {
    const m = right.shape[d] ?? 1;
    if (d < outer) return;
    const both = n !== 1 && m !== 1;
    if (both) wide[d] = (wide[d] ?? 0) - 1;
    if (wide[d] !== 1) return;
    if (both) summed.push(d);
    else if (n !== 1) left = summedOver(left, d);
    else if (m !== 1) right = summedOver(right, d);
    else return;
    wide[d] = 0;
  });
  const from = { leftFrom: a.from, rightFrom: b.from };
  if (summed.length === 0) {
    return { step: { left: left.kept, right: right.kept, ...from, macs: 0 }, result: multiplied(left, right) };
  }
  const { result, exchanged, ...step } = asBmm(left, right, summed);
  const sides = exchanged ? { leftFrom: b.from, rightFrom: a.from } : from;
  return { step: { ...step, ...sides }, result };
}

function summedOver(of: Strided, d: number): Strided {
  return block(of.shape.with(d, 1), of.itemBytes, "sum over an axis that only one operand has", of.dtype);
}

/** An element-wise product, in the memory order that its operands suggest. */
function multiplied(left: Strided, right: Strided): Strided {
  const shape = left.shape.map((n, d) => (n === 1 ? (right.shape[d] ?? 1) : n));
  const made = block(shape, left.itemBytes, "product", left.dtype);
  const { strides } = iteratedOver(
    shape,
    [left, right].map((one) => expanded(one, shape).strides),
    "float32",
  );
  return { ...made, strides: strides ?? made.strides };
}

/** Shared axes as the batch, own axes as rows and columns, summed ones inside. */
function asBmm(left: Strided, right: Strided, summed: readonly number[]) {
  const free = [...left.shape.keys()].filter((d) => !summed.includes(d));
  const both = free.filter((d) => left.shape[d] !== 1 && right.shape[d] !== 1);
  const rows = free.filter((d) => left.shape[d] !== 1 && right.shape[d] === 1);
  const columns = free.filter((d) => left.shape[d] === 1);
  // Operands are exchanged where that puts the result's axes in memory order.
  if (rows.length > 0 && columns.length > 0 && (columns.at(-1) ?? 0) < (rows[0] ?? 0)) {
    return { ...asProduct(right, left, { both, rows: columns, columns: rows, summed }), exchanged: true };
  }
  return { ...asProduct(left, right, { both, rows, columns, summed }), exchanged: false };
}

interface Roles {
  readonly both: readonly number[];
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly summed: readonly number[];
}

function asProduct(left: Strided, right: Strided, { both, rows, columns, summed }: Roles) {
  const sizeOf = (of: Strided, axes: readonly number[]) => axes.reduce((total, d) => total * (of.shape[d] ?? 1), 1);
  const [batch, n, inner, p] = [sizeOf(left, both), sizeOf(left, rows), sizeOf(left, summed), sizeOf(right, columns)];
  const leftFlat = reshaped(permuted(left, [...both, ...rows, ...summed, ...columns]), [batch, n, inner]);
  const rightFlat = reshaped(permuted(right, [...both, ...summed, ...columns, ...rows]), [batch, inner, p]);
  const order = [...both, ...rows, ...summed, ...columns];
  const shape = order.map((d) => (summed.includes(d) ? 1 : Math.max(left.shape[d] ?? 1, right.shape[d] ?? 1)));
  const made = block(shape, left.itemBytes, "product", left.dtype);
  const result = permuted(
    made,
    [...left.shape.keys()].map((d) => order.indexOf(d)),
  );
  return { left: leftFlat.kept, right: rightFlat.kept, macs: batch * n * inner * p, result };
}

/** The size of each label. Refused where two operands give it different ones, neither of them 1. */
export function labelSizes(
  { operands }: Equation,
  tensors: readonly Tensor[],
  agree: (label: string, a: Size, b: Size) => Size,
): Map<string, Size> {
  const sizes = new Map<string, Size>();
  operands.forEach((labels, i) => {
    labels.forEach((label, d) => {
      const size = tensors[i]?.shape[d] as Size;
      const before = sizes.get(label);
      sizes.set(label, before === undefined ? size : agree(label, before, size));
    });
  });
  return sizes;
}
