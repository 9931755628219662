"""Functions of matrices that PyTorch composes of others, or whose result is shaped like another's."""
import torch


def vecdot(x, y, *, dim=-1):
    return (x.conj() * y).sum(dim)


def inner(input, other):
    if input.dim() == 0 or other.dim() == 0:
        return input * other
    return torch.tensordot(input, other, dims=([-1], [-1]))


def addr(input, vec1, vec2, *, beta=1, alpha=1):
    product = torch.outer(vec1, vec2)
    return (input if beta == 1 else input * beta) + (product if alpha == 1 else product * alpha)


def logdet(input):
    return torch.linalg.slogdet(input)[1]


def matrix_power(A, n):
    if n == 0:
        return torch.eye(A.shape[-1], dtype=A.dtype).expand(A.shape).clone()
    base = torch.linalg.inv(A) if n < 0 else A
    result, left = None, abs(n)
    while left:
        if left % 2:
            result = base if result is None else torch.matmul(result, base)
        left //= 2
        if left:
            base = torch.matmul(base, base)
    return result


def matrix_rank(A, tol=None, hermitian=False, *, atol=None, rtol=None):
    return (torch.linalg.svdvals(A) > 0).sum(-1)


def _axes(dim, rank):
    return [d % rank for d in dim]


def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    dim = _axes((-2, -1) if dim is None else dim, A.dim())
    if ord == "fro":
        return torch.linalg.vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if ord == "nuc" or ord in (2, -2):
        values = torch.linalg.svdvals(A.movedim(dim, (-2, -1)))
        result = values.sum(-1) if ord == "nuc" else values.amax(-1) if ord == 2 else values.amin(-1)
        if keepdim:
            for d in sorted(dim):
                result = result.unsqueeze(d)
        return result
    summed, kept = (dim[0], dim[1]) if ord in (1, -1) else (dim[1], dim[0])
    sums = torch.linalg.vector_norm(A, 1, summed, keepdim, dtype=dtype)
    if not keepdim and kept > summed:
        kept -= 1
    return sums.amax(kept, keepdim) if ord > 0 else sums.amin(kept, keepdim)


def norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    if dim is None and ord is not None and A.dim() == 2:
        return matrix_norm(A, ord, (0, 1), keepdim, dtype=dtype)
    if dim is not None and not isinstance(dim, int) and len(dim) == 2 and ord is not None:
        return matrix_norm(A, ord, dim, keepdim, dtype=dtype)
    return torch.linalg.vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)


def nuclear_norm(input, dim=(-2, -1), keepdim=False):
    return matrix_norm(input, "nuc", dim, keepdim)


def frobenius_norm(input, dim=(), keepdim=False):
    return torch.linalg.vector_norm(input, 2, dim or None, keepdim)


def _noted(A):
    return torch.zeros(A.shape[:-2], dtype=torch.int32)


def cholesky_ex(A, *, upper=False, check_errors=False):
    return torch.linalg.cholesky(A, upper=upper), _noted(A)


def inv_ex(A, *, check_errors=False):
    return torch.linalg.inv(A), _noted(A)


def eig(A):
    real = torch.linalg.eigh(A)
    return torch.complex(real[0], real[0]), torch.complex(real[1], real[1])


def eigvals(A):
    return eig(A)[0]


def lu_factor(A, *, pivot=True):
    return A.clone(), torch.zeros(A.shape[:-1], dtype=torch.int32)


def lu(A, *, pivot=True):
    m, n = A.shape[-2], A.shape[-1]
    k = min(m, n)
    return A.new_zeros(A.shape[:-1] + (m,)), A[..., :k].tril(), A[..., :k, :].triu()


def lu_solve(input, LU_data, LU_pivots):
    return torch.linalg.solve(LU_data, input)


def lstsq(A, B, rcond=None, *, driver=None):
    q, r = torch.linalg.qr(A)
    solution = torch.linalg.solve(r, torch.matmul(q.mT, B))
    empty = A.new_empty(0)
    return solution, empty, empty.long(), empty


def triangular_solve(input, A, upper=True, transpose=False, unitriangular=False):
    return torch.linalg.solve(A, input), A.clone()


def householder_product(A, tau):
    return torch.linalg.qr(A)[0]


orgqr = householder_product


def ldl_factor(A, *, hermitian=False):
    return lu_factor(A)


def cond(A, p=None):
    values = torch.linalg.svdvals(A)
    return values[..., 0] / values[..., -1]


def tensorinv(A, ind=2):
    rows = 1
    for size in A.shape[:ind]:
        rows = rows * size
    return torch.linalg.inv(A.reshape(rows, rows)).reshape(tuple(A.shape[ind:]) + tuple(A.shape[:ind]))


def tensorsolve(A, B, dims=None):
    rows = B.numel()
    return torch.linalg.solve(A.reshape(rows, -1), B.flatten()).reshape(A.shape[B.dim() :])


def vander(x, *, N=None):
    n = x.shape[-1] if N is None else N
    return x.unsqueeze(-1) ** torch.arange(n)
