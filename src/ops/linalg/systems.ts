/** Equations solved, factors for them, and what is computed from factors. */
import { type DType, itemBytes } from "../../tensor/dtype.ts";
import { count, integer, largest, type Size, smallest } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Made, type Op, Refused, type Saved } from "../op.ts";
import { flag, tensor } from "../shared/arguments.ts";
import { broadcastShapes, fresh, isKnown } from "../shared/making.ts";
import { byColumn, matrixOf, square } from "../shared/matrices.ts";
import { kept, savesFirst, savesResult } from "../shared/saving.ts";
import { mustEqual } from "../shared/spatial.ts";

const info = (shape: readonly Size[]): Made => ({ ...fresh(shape, "int32"), detached: true });

const record = (name: string, result: Op["result"], saves: NonNullable<Op["saves"]>): Op => ({
  name: `aten.${name}`,
  work: 16,
  result,
  saves,
});

/** The shape of the unknowns of `A·X = B`, or `X·A = B`. */
function solution(a: Tensor, b: Tensor, left = true): readonly Size[] {
  mustEqual(a.shape.at(-1), b.shape.at(left ? -2 : -1), (n, m) => `A has ${n} rows, but B has ${m}`);
  return [...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), ...b.shape.slice(-2)];
}

/** `aten.linalg_solve_triangular(A, B, upper, left=True, unitriangular=False)`. */
const solveTriangular = record(
  "linalg_solve_triangular",
  ([matrix, right, , left]) => {
    const [a, b] = [square(matrix), matrixOf(right)];
    return byColumn(solution(a, b, flag(left, true)), b.dtype);
  },
  ([matrix], [out]) => [kept(matrix), out],
);

/** `aten.triangular_solve(self, A, upper, transpose, unitriangular)`: the unknowns and a copy of A. */
const triangularSolve = record(
  "triangular_solve",
  ([right, matrix]) => {
    const [b, a] = [matrixOf(right), square(matrix)];
    const shape = solution(a, b);
    return [byColumn(shape, b.dtype), byColumn([...shape.slice(0, -2), ...a.shape.slice(-2)], a.dtype)];
  },
  ([right, matrix], [out]) => [kept(right), kept(matrix), out],
);

/** `aten.cholesky_solve(self, input2, upper)`. */
const choleskySolve = record(
  "cholesky_solve",
  ([right, factor]) => byColumn(solution(square(factor), matrixOf(right)), tensor(right).dtype),
  ([right, factor], [out]) => [kept(right), kept(factor), out],
);

/** `aten.linalg_lu_solve(LU, pivots, B, left, adjoint)`. */
const luSolve = record(
  "linalg_lu_solve",
  ([factor, , right, left]) =>
    byColumn(solution(square(factor), matrixOf(right), flag(left, true)), tensor(right).dtype),
  ([factor, pivots], [out]) => [kept(factor), kept(pivots), out],
);

/**
 * `aten.linalg_lstsq(A, B, rcond, driver)`: the unknowns, which lie in the copy of B that was solved in; residuals where A
 * has more rows than columns. Rank and singular values are empty with CUDA's driver.
 */
const leastSquares = record(
  "linalg_lstsq",
  ([matrix, right]) => {
    const [a, b] = [matrixOf(matrix), matrixOf(right)];
    mustEqual(a.shape.at(-2), b.shape.at(-2), (n, m) => `A has ${n} rows, but B has ${m}`);
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [[rows, columns], many] = [a.shape.slice(-2) as [Size, Size], b.shape.at(-1) as Size];
    const solved = byColumn([...batch, largest(rows, columns), many], a.dtype);
    const bytes = solved.shape.every(isKnown) ? { storageBytes: count(solved.shape) * itemBytes(a.dtype) } : {};
    const residuals = isKnown(rows) && isKnown(columns) && integer(rows) > integer(columns) ? [...batch, many] : [0];
    const none = (shape: readonly Size[], dtype: DType): Made => ({ ...fresh(shape, dtype), detached: true });
    const unknowns = { ...solved, shape: [...batch, columns, many], ...bytes };
    return [unknowns, none(residuals, a.dtype), none([0], "int64"), none([0], a.dtype)];
  },
  (args, [out]) => [...savesFirst(2)(args, [], []), out],
);

/** `aten.linalg_lu_factor(A, pivot)`: both factors in one matrix, and the pivots. */
const luFactor = record(
  "linalg_lu_factor",
  ([matrix]) => {
    const a = matrixOf(matrix);
    const pivots = smallest(a.shape.at(-2) as Size, a.shape.at(-1) as Size);
    return [byColumn(a.shape, a.dtype), info([...a.shape.slice(0, -2), pivots])];
  },
  (_args, out) => out,
);

/** `aten.linalg_lu(A, pivot)`: the permutation and both factors. */
const lu = record(
  "linalg_lu",
  ([matrix]) => {
    const a = matrixOf(matrix);
    const [rows, columns] = a.shape.slice(-2) as [Size, Size];
    const [batch, inner] = [a.shape.slice(0, -2), smallest(rows, columns)];
    const permutation: Made = { ...fresh([...batch, rows, rows], a.dtype), detached: true };
    return [permutation, fresh([...batch, rows, inner], a.dtype), fresh([...batch, inner, columns], a.dtype)];
  },
  (_args, out) => out,
);

/** Factorizations that come with a status for each matrix. */
const checked = (["linalg_cholesky_ex", "linalg_inv_ex"] as const).map((name) =>
  record(
    name,
    ([matrix]) => {
      const a = square(matrix);
      return [byColumn(a.shape, a.dtype), info(a.shape.slice(0, -2))];
    },
    savesResult,
  ),
);

const ofOneMatrix = (name: string, saves: NonNullable<Op["saves"]>) =>
  record(name, ([matrix]) => byColumn(square(matrix).shape, square(matrix).dtype), saves);

/** `aten.linalg_householder_product(A, tau)`: the matrix that reflections make. */
const householder = record(
  "linalg_householder_product",
  ([matrix, scales]) => {
    const [a, tau] = [matrixOf(matrix), tensor(scales, "tau")];
    if (tau.shape.length !== a.shape.length - 1)
      throw new Refused(`tau must have ${a.shape.length - 1} axes, but it has ${tau.shape.length}`);
    return byColumn(a.shape, a.dtype);
  },
  ([matrix, scales], [out]) => [kept(matrix), kept(scales), out] as readonly Saved[],
);

const systems: readonly Op[] = [
  solveTriangular,
  triangularSolve,
  choleskySolve,
  luSolve,
  leastSquares,
  luFactor,
  lu,
  ...checked,
  ofOneMatrix("cholesky", savesResult),
  ofOneMatrix("cholesky_inverse", ([matrix], [out]) => [kept(matrix), out]),
  householder,
];
export default systems;
