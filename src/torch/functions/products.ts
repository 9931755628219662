/** Products of matrices and decompositions: one operation each. */
import { ellipsis } from "../../python/types.ts";
import type { PyTuple, Value } from "../../python/values.ts";
import { isSequence, listOf } from "../arguments.ts";
import { defineFunctions, direct, fromPython, planned, run } from "../table.ts";

direct(`
  tm matmul(input, other)
  l matmul(input, other)
  tm mm(input, mat2)
  tm bmm(input, mat2)
  tm mv(input, vec)
  tm dot(input, tensor)
  tm vdot(input, other) -> dot(input, other)
  tm outer,ger(input, vec2) -> outer(input, vec2)
  tmi addmm(input, mat1, mat2, *, beta=1, alpha=1)
  tmi addmv(input, mat, vec, *, beta=1, alpha=1)
  tmi addbmm(input, batch1, batch2, *, beta=1, alpha=1)
  tmi baddbmm(input, batch1, batch2, *, beta=1, alpha=1)
  t _grouped_mm(input, mat2, offs=None, bias=None, out_dtype=None)
  F grouped_mm(mat_a, mat_b, *, offs=None, bias=None, out_dtype=None) -> _grouped_mm(mat_a, mat_b, offs, bias, out_dtype)
  t tensordot(a, b, dims=2)
  Ft bilinear(input1, input2, weight, bias=None)
  tm kron(input, other)
  tm cholesky(input, upper=False) -> linalg_cholesky(input, upper)
  tm cholesky_inverse(input, upper=False) -> linalg_inv(input)
  tm cholesky_solve(input, input2, upper=False) -> linalg_solve(input2, input)
  tm det(input) -> linalg_det(input)
  tm slogdet(input) -> linalg_slogdet(input) : sign logabsdet
  tm inverse(input) -> linalg_inv(input)
  tm pinverse(input, rcond=1e-15) -> linalg_pinv(input, rcond)
  tm matrix_exp(input) -> linalg_matrix_exp(input)
  l cholesky(input, *, upper=False) -> linalg_cholesky(input, upper)
  l cross(input, other, *, dim=-1) -> mul(input, other)
  l det(A) -> linalg_det(A)
  l slogdet(A) -> linalg_slogdet(A) : sign logabsdet
  l inv(A) -> linalg_inv(A)
  l pinv(A, rcond=None, hermitian=False) -> linalg_pinv(A, rcond, hermitian)
  l eigh(A, UPLO='L') -> linalg_eigh(A, UPLO) : eigenvalues eigenvectors
  l eigvalsh(A, UPLO='L') -> linalg_eigvalsh(A, UPLO)
  l svd(A, full_matrices=True, *, driver=None) -> linalg_svd(A, full_matrices) : U S Vh
  l svdvals(A, *, driver=None) -> linalg_svdvals(A)
  l qr(A, mode='reduced') -> linalg_qr(A, mode) : Q R
  l solve(A, B, *, left=True) -> linalg_solve(A, B, left)
  l solve_triangular(A, B, *, upper, left=True, unitriangular=False) -> linalg_solve(A, B, left)
  l lu_solve(LU, pivots, B, *, left=True, adjoint=False) -> linalg_solve(LU, B, left)
  l matrix_exp(A) -> linalg_matrix_exp(A)
  l multi_dot(tensors) -> linalg_multi_dot(tensors)
  l vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None) -> linalg_vector_norm(x, ord, dim, keepdim, dtype)
  tm qr(input, some=True) -> linalg_qr(input) : Q R
  t cdist(x1, x2, p=2.0, compute_mode=None) -> cdist(x1, x2, p)
  tm smm,spmm(input, mat2) -> mm(input, mat2)
  t cosine_similarity(x1, x2, dim=1, eps=1e-8)
  F cosine_similarity(x1, x2, dim=1, eps=1e-8)
`);

defineFunctions(
  {
    "t einsum(*args)": (_py, star: PyTuple) => {
      const [equation, ...operands] = star.items;
      if (typeof equation !== "string") {
        const [text, list] = fromSublists(star.items);
        return planned("einsum", text, listOf(list));
      }
      const [only] = operands;
      return planned(
        "einsum",
        equation,
        listOf(operands.length === 1 && only !== undefined && isSequence(only) ? only.items : operands),
      );
    },
    "t chain_matmul(*matrices)": (_py, star: PyTuple) => planned("chain_matmul", star),
  },
  { lenient: true },
);

defineFunctions({
  "l diagonal(A, *, offset=0, dim1=-2, dim2=-1)": (_py, a: Value, offset: Value, dim1: Value, dim2: Value) =>
    planned("diagonal", a, offset, dim1, dim2),
  "tm svd(input, some=True, compute_uv=True)": (py, input: Value, some: Value) =>
    run(py, "linalg_svd", input, some === false),
});

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** `einsum(x, [0, 1], y, [1, 2], [0, 2])` as an equation and operands. */
function fromSublists(items: readonly Value[]): readonly [string, readonly Value[]] {
  const term = (list: Value) =>
    isSequence(list) ? list.items.map((one) => (one === ellipsis ? "..." : letters[one as number])).join("") : "";
  const operands = items.filter((_one, i) => i % 2 === 0 && i + 1 < items.length);
  const inputs = operands.map((_, i) => term(items[2 * i + 1] as Value)).join(",");
  return [items.length % 2 === 1 ? `${inputs}->${term(items.at(-1) as Value)}` : inputs, operands];
}

fromPython(
  "torch._matrices",
  `
  l cholesky_ex inv_ex eig eigvals lu lu_factor lstsq matrix_power matrix_rank vecdot matrix_norm norm householder_product
  l cond tensorinv tensorsolve ldl_factor vander
  tm addr inner logdet matrix_power triangular_solve orgqr lu_solve
  t nuclear_norm frobenius_norm
  `,
);
