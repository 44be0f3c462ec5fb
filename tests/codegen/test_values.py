"""Generated NumPy code has the value of the plain evaluator, for distinct sizes and for sizes of one."""

from __future__ import annotations

import pytest

from .support import DISTINCT, ONES, compare

CASES = """
x                                                   | x:n
X.T                                                 | X:m,n
-X.T @ (y*sigmoid(-y*(X @ w)))                      | X:m,n y:m w:n
z = y*(X @ w); s = sigmoid(z); X.T @ diag(y**2*s*(1 - s)) @ X | X:m,n y:m w:n
sum(softplus(-y*(X @ w)))/m + lam*norm(w)**2        | X:m,n y:m w:n lam:
2*A.T @ (A @ x - b)                                 | A:m,n x:n b:m
norm(A @ x - b)**2                                  | A:m,n x:n b:m
norm(X) + norm(X, axis=0) @ w + sum(norm(X, axis=1)) | X:m,n w:n
norm1(x) + sum(norm1(X, axis=0))                    | X:m,n x:n
diag(1 - tanh(W @ x + b)**2) @ W                    | W:m,n x:n b:m
diag(s) @ W @ diag(t) @ V                           | s:m W:m,n t:n V:n,k
p = softmax(z); diag(p) - outer(p, p)               | z:n
(diag(softmax(z)) - outer(softmax(z), softmax(z))) @ v | z:n v:n
X.T @ (diag(p) - outer(p, p)) @ X                   | X:m,n p:m
softmax(X, axis=0) + softmax(X, axis=1) + softmax(X) | X:m,n
logsumexp(X, axis=0) @ w + sum(logsumexp(X, axis=1)) + logsumexp(X) | X:m,n w:n
logsumexp(x) + mean(X)                              | x:n X:m,n
mean(X, axis=0) - sum(X, axis=0)/m                  | X:m,n
sum(X, axis=1) + mean(X, axis=-1)                   | X:m,n
inv(A + 9*eye(n)) @ b                               | A:n,n b:n
b @ inv(A + 9*eye(n))                               | A:n,n b:n
inv(A + 9*eye(n)) @ B                               | A:n,n B:n,k
B @ inv(A + 9*eye(n))                               | A:n,n B:k,n
inv(A + 9*eye(n)).T @ b                             | A:n,n b:n
inv(A + 9*eye(n)) @ diag(v) @ inv(B + 9*eye(n)) @ b | A:n,n B:n,n v:n b:n
inv(diag(v)) @ x + inv(inv(diag(v))) @ x            | v:n:pos x:n
inv(X.T @ X + lam*eye(n)) @ X.T @ y                 | X:m,n y:m lam::pos
trace(A @ B) + trace(outer(x, x)) + trace(diag(x))  | A:m,n B:n,m x:n
trace(A @ B @ A.T @ C)                              | A:m,n B:n,n C:m,m
trace(A) + sum(diagpart(A)*x)                       | A:n,n x:n
diagpart(A @ B) + diagpart(outer(u, v)) + diagpart(diag(u)) | A:m,n B:n,m u:m v:m
A @ B @ C @ x                                       | A:k,m B:m,n C:n,p x:p
x @ A @ B @ C                                       | A:k,m B:m,n C:n,p x:k
x @ A @ B @ y                                       | A:k,m B:m,n x:k y:n
(2*A.T/m) @ (A @ B)                                 | A:m,n B:n,k
(-A) @ (B/3)                                        | A:m,n B:n,k
(A*v) @ x + (A*v) @ (2*x)                           | A:m,n v:n x:n
outer(u, v) @ w + outer(u, w) @ v                   | u:m v:n w:n
A @ outer(u, v) @ B                                 | A:k,m u:m v:n B:n,p
outer(u, v) @ outer(v, u) @ A @ outer(u, v)         | u:m v:n A:m,m
outer(u, v).T @ u                                   | u:m v:n
(S - outer(p, q)) @ v + (S + diag(p)).T @ v         | S:n,n p:n q:n v:n
v @ (S - lam*outer(p, q)/2 - diag(q))               | S:n,n p:n q:n v:n lam:
(X.T @ diag(s) @ X + lam*eye(n)) @ v                | X:m,n s:m lam: v:n
((A @ B).T + C) @ x                                 | A:m,n B:n,k C:k,m x:m
eye(n) @ A + A @ eye(n) + eye(n)                    | A:n,n
diag(x) + 2*diag(y) - eye(n)/3                      | x:n y:n
-diag(x)*c                                          | x:n c:
diag(x)**2 + diag(x)*A                              | x:n A:n,n
eye(n)[idx] @ x + eye(n)[idx] @ A @ x               | idx:p:index(n) x:n A:n,n
eye(n)[idx].T @ g                                   | idx:p:index(n) g:p x:n
eye(n)[idx].T @ diag(g) @ eye(n)[idx]               | idx:p:index(n) g:p x:n
eye(n)[idx] + 0*outer(idx, x)                       | idx:p:index(n) x:n
eye(n)[idx].T                                       | idx:p:index(n) x:n
x[idx]*idx + X[:, idx] @ y[idx]                     | idx:p:index(n) x:n y:n X:p,n
eye(n)[0] + x[0]*eye(n)[-1] + eye(n)[:, 0]          | x:n
diag(x)[0] + (x @ diag(y))[-1]                      | x:n y:n
where(x > 0, x**2, exp(x)) + maximum(x, 0) - minimum(x, y) | x:n y:n
(x > 0)*(y > 0) + (x < y) - (x >= y)                | x:n y:n
-(x > 0)                                            | x:n
x > 0                                               | x:n
where((x > 0)*(y > 0), 1, 0) @ x                    | x:n y:n
sum(x > 0)**(-1.5)*0 + mean(x > 0) + exp(x > 0)     | x:n
(x <= y) @ (x != y)                                 | x:n y:n
step(x) + sign(x) + relu(x) + abs(x)                | x:n
silu(A @ x) + softplus(A @ x) + sigmoid(A @ x)      | A:m,n x:n
sin(x)*cos(x) + tan(x/3) + arctan(x) + sinh(x) + cosh(x) + expm1(x) | x:n
arcsin(x/3) + arccos(x/3) + log1p(x**2) + log(x**2) + sqrt(x**2) | x:n
x**3 + x**-1 + x**-2 + 2**x + abs(x)**0.5 + abs(x)**(-1/2) + abs(x)**x | x:n
n**2 + m/n + sqrt(n) - log(m) + 2**n + n**(-1) + (n - 1)*m | A:m,n
pi*x + e                                            | x:n
1/3 + 0.1 - 2.5e-7*c + 100000000000000000000*c      | c:
ones(n) + zeros(n) @ x*ones(n)                      | x:n
ones((m, n)) @ x + ones(m, n)[0, 0]                 | x:n A:m,n
A @ ones(n) + 3*ones(m) @ A @ x*ones(m)/2           | A:m,n x:n
ones(m) @ A                                         | A:m,n
outer(ones(m), x)*A                                 | A:m,n x:n
c*ones(n)                                           | c: x:n
2                                                   | x:n
n                                                   | x:n
pi                                                  | x:n
zeros((m, n))                                       | A:m,n
[x[0]**2 + 2*c, exp(c), 3]                          | x:n c:
[[c, 2], [n, 4]] @ [c, 1]                           | x:n c:
[x, y, 2*x]                                         | x:n y:n
[[x, y], [y, x]]                                    | x:n y:n
[1, 2]                                              | x:n
einsum("ij,jk->ik", A, B)                           | A:m,n B:n,k
einsum("ij,jk->ik", diag(v), B) + einsum("ij,jk->ik", B, eye(k)) | v:n B:n,k
einsum("ij,j->i", outer(u, v), w)                   | u:m v:n w:n
einsum("ij->ji", A) + einsum("ij,ij->", A, A)       | A:n,n
einsum("ij,ij->i", diag(v), A) + einsum("ij,ij->j", eye(n), A) | v:n A:n,n
einsum("ii->i", A) + einsum("i,i->i", v, v)         | v:n A:n,n
einsum("ik,jl->ijkl", eye(n), A)                    | A:m,k x:n
outer(x, y).T + transpose(outer(y, x).T).T          | x:n y:n
dot(x, y)*x + dot(A, x)                             | x:n y:n A:n,n
x.T @ y + x[n-1] + x[::-1] @ y                      | x:n y:n
r = A @ x - b; s = r @ r; s*r + r                   | A:m,n x:n b:m
a = x; a @ a + sum(a)                               | x:n
lam = 2; lam*x + 2                                  | x:n
sum(x)*x + n                                        | x:n-1 y:n
A*x + x*A + A/b[0] - (A > 0)                        | A:m,n x:n b:m
c*A @ x - A @ x*c                                   | A:m,n x:n c:
self + out*np - lambda + f + def                    | self: out: np: lambda: f: def:
exp(exp(sin(x) + 1) - 2)*log(1 + exp(sin(x) + 1))   | x:n
""".strip().splitlines()

SLICED = """
eye(n)[1:] @ x + eye(n)[:-1] @ x                    | x:n
eye(n)[1:].T @ a                                    | a:n-1 x:n
(eye(n)[1:] - eye(n)[:-1]).T @ (a*x[1:])            | a:n-1 x:n
D = eye(n)[1:] - eye(n)[:-1]; D.T @ D + diag(x)     | x:n
D = eye(n)[1:] - eye(n)[:-1]; D @ D.T               | x:n
D = eye(n)[1:] - eye(n)[:-1]; D.T @ diag(a) @ D @ A | a:n-1 A:n,k
D = eye(n)[1:] - eye(n)[:-1]; A @ D.T + A @ D.T     | A:k,n
eye(n)[1:].T @ diag(a) @ eye(n)[:-1]                | a:n-1 x:n
eye(n)[1:].T @ diag(a) @ eye(n)[:-1] + 2*diag(x) - eye(n)[:-1].T @ eye(n)[1:] | a:n-1 x:n
eye(n)[1:].T @ B @ eye(n)[1:]                       | B:n-1,n-1 x:n
eye(n)[1:] @ A @ eye(n)[:, :-1]                     | A:n,n
eye(n)[1:].T @ B                                    | B:n-1,k x:n
B @ eye(n)[1:]                                      | B:k,n-1 x:n
diag(x)[1:] @ A                                     | x:n A:n,n-1 y:n-1
diag(x)[:, 1:] @ A[1:]                              | x:n A:n,n-1 y:n-1
diag(x)[1:] @ y                                     | x:n y:n
eye(n)[1:] @ diag(x) @ eye(n)[:-1].T @ a            | x:n a:n-1
eye(n)[1:][idx] @ x                                 | idx:p:index(n-1) x:n
eye(n)[::2] @ x                                     | x:n
eye(n)[::2].T @ (eye(n)[::2] @ x)                   | x:n
eye(n)[::-1] @ x + eye(n)[::-1].T @ y               | x:n y:n
eye(n)[1:]                                          | x:n
eye(n)[1:].T                                        | x:n
eye(n)[1:, 1:] @ a                                  | a:n-1 x:n
100*sum((x[1:] - x[:-1]**2)**2) + sum((1 - x[:-1])**2) | x:n
x[1:-1]*x[2:] - x[:-2]                              | x:n
A[1:, 0] + A[1:, n-1] - A[0, 1:]                    | A:n,n
""".strip().splitlines()


def _split(case: str) -> tuple[str, str]:
    text, _, declarations = case.partition("|")
    return text.strip(), declarations.strip()


@pytest.mark.parametrize("case", CASES + SLICED)
def test_distinct_sizes(case: str) -> None:
    compare(*_split(case), DISTINCT)


@pytest.mark.parametrize("case", CASES)
def test_sizes_of_one(case: str) -> None:
    compare(*_split(case), ONES)


@pytest.mark.parametrize("case", SLICED)
def test_size_two(case: str) -> None:
    compare(*_split(case), DISTINCT | {"n": 2})
