/** Decompositions and functions of matrices; LAPACK's results lie in memory column after column. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count, integers, type Size, smallest } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Op, Saved } from "../op.ts";
import { flag, tensor } from "../shared/arguments.ts";
import { partOf } from "../shared/dtypes.ts";
import { fresh } from "../shared/making.ts";
import { byColumn, matrixOf, square } from "../shared/matrices.ts";
import { savesResult, savesSelf } from "../shared/saving.ts";
import { mustEqual } from "../shared/spatial.ts";

const single = (name: string, result: Op["result"], saves: Op["saves"]): Op => ({
  name: `aten.${name}`,
  work: 16,
  result,
  ...(saves && { saves }),
});

/** `aten.linalg_solve(A, B, *, left=True)`: keeps A, its LU factors and pivots, and the result. */
const solve = single(
  "linalg_solve",
  ([matrix, right]) => {
    const [a, b] = [square(matrix), tensor(right, "B")];
    const vector = b.shape.length === 1 || b.shape.length === a.shape.length - 1;
    mustEqual(a.shape.at(-1), b.shape.at(vector ? -1 : -2), (n, m) => `A has ${n} rows, but B has ${m}`);
    return vector ? fresh(b.shape, a.dtype) : byColumn([...a.shape.slice(0, -2), ...b.shape.slice(-2)], a.dtype);
  },
  ([matrix], [out]) => [tensor(matrix), ...factors(tensor(matrix)), out],
);

/** `aten.linalg_det(A)`, and its sign and logarithm: keep A, its LU factors and pivots, and the result or the sign. */
const determinants = (["linalg_det", "linalg_slogdet"] as const).map((name) =>
  single(
    name,
    ([matrix]) => {
      const a = square(matrix);
      const one = fresh(a.shape.slice(0, -2), a.dtype);
      return name === "linalg_det" ? one : [one, fresh(one.shape, partOf(a.dtype))];
    },
    ([matrix], [first]) => [tensor(matrix), ...factors(tensor(matrix)), first],
  ),
);

const inverse: Op["result"] = ([matrix]) => {
  const a = square(matrix);
  return byColumn(a.shape, a.dtype);
};

/** `aten.linalg_eigh(A, UPLO)`: real values and vectors, both kept. */
const eigenvectors = (values: boolean) =>
  single(
    values ? "linalg_eigvalsh" : "linalg_eigh",
    ([matrix]) => {
      const a = square(matrix);
      const made = fresh(a.shape.slice(0, -1), partOf(a.dtype));
      return values ? made : [made, byColumn(a.shape, a.dtype)];
    },
    ([matrix], out) => (values ? [out[0], hiddenCopy(tensor(matrix), "eigenvectors")] : out),
  );

/** `aten.linalg_eig(A)`: complex values and vectors, both kept. */
const complexEigenvectors = (values: boolean) =>
  single(
    values ? "linalg_eigvals" : "linalg_eig",
    ([matrix]) => {
      const a = square(matrix);
      const dtype = a.dtype === "float64" || a.dtype === "complex128" ? "complex128" : "complex64";
      const made = fresh(a.shape.slice(0, -1), dtype);
      return values ? made : [made, fresh(a.shape, dtype)];
    },
    ([matrix], [first, ...rest]) => {
      const vectors = {
        extraBytes: count(tensor(matrix).shape) * itemBytes(first?.dtype ?? "complex64"),
        what: "eigenvectors",
      };
      return values ? [first, vectors] : [first, ...rest];
    },
  );

/** `aten.linalg_qr(A, mode="reduced")`: `"r"` leaves Q empty. */
const qr = single(
  "linalg_qr",
  ([matrix, mode]) => {
    const a = matrixOf(matrix);
    const [rows, columns] = a.shape.slice(-2) as [Size, Size];
    const batch = a.shape.slice(0, -2);
    const inner = mode === "complete" ? rows : smallest(rows, columns);
    const q = mode === "r" ? fresh([0], a.dtype) : byColumn([...batch, rows, inner], a.dtype);
    return [q, byColumn([...batch, inner, columns], a.dtype)];
  },
  (_args, out) => out,
);

/** `aten.linalg_svd(A, full_matrices=True)`: U, singular values, and V transposed; all kept. */
const svd = single(
  "linalg_svd",
  ([matrix, full]) => {
    const a = matrixOf(matrix);
    const [rows, columns] = a.shape.slice(-2) as [Size, Size];
    const batch = a.shape.slice(0, -2);
    const inner = smallest(rows, columns);
    const whole = flag(full, true);
    return [
      byColumn([...batch, rows, whole ? rows : inner], a.dtype),
      fresh([...batch, inner], partOf(a.dtype)),
      fresh([...batch, whole ? columns : inner, columns], a.dtype),
    ];
  },
  (_args, out) => out,
);

/** `aten.linalg_svdvals(A)`: the vectors are computed and kept where a gradient is wanted. */
const singularValues = single(
  "linalg_svdvals",
  ([matrix]) => {
    const a = matrixOf(matrix);
    return fresh([...a.shape.slice(0, -2), smallest(a.shape.at(-2) as Size, a.shape.at(-1) as Size)], partOf(a.dtype));
  },
  ([matrix], [values]) => {
    const a = tensor(matrix);
    const [rows = 0, columns = 0] = integers(a.shape.slice(-2));
    const vectors = count(a.shape.slice(0, -2)) * Math.min(rows, columns) * (rows + columns) * itemBytes(a.dtype);
    return [values, { extraBytes: vectors, what: "singular vectors" }];
  },
);

const decompositions: readonly Op[] = [
  solve,
  ...determinants,
  single("linalg_inv", inverse, savesResult),
  single("linalg_cholesky", inverse, savesResult),
  single("linalg_matrix_exp", ([matrix]) => fresh(square(matrix).shape, square(matrix).dtype), savesSelf),
  single(
    "linalg_pinv",
    ([matrix]) => {
      const a = matrixOf(matrix);
      return fresh([...a.shape.slice(0, -2), a.shape.at(-1) as Size, a.shape.at(-2) as Size], a.dtype);
    },
    ([matrix], [out]) => [tensor(matrix), out],
  ),
  eigenvectors(false),
  eigenvectors(true),
  complexEigenvectors(false),
  complexEigenvectors(true),
  qr,
  svd,
  singularValues,
];
export default decompositions;

function hiddenCopy(a: Tensor, what: string): Saved {
  return { extraBytes: count(a.shape) * itemBytes(a.dtype), what };
}

/** LU factors of A's size, and an int32 pivot for each row. */
function factors(a: Tensor): Saved[] {
  return [hiddenCopy(a, "LU factors"), { extraBytes: count(a.shape.slice(0, -1)) * 4, what: "pivots" }];
}
