"""The laws of algebra that lead from what a rule of differentiation gives to what is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hesse.explain.naming import Named
from hesse.explain.statements import stated


@dataclass(frozen=True)
class Law:
    """A rule of algebra: its name, its general statement, why it holds, an equation in text that is an instance.

    It can only be used where one of the operations that are `seen` occurs; of an `elementary` one no page speaks, but
    those of every step.
    """

    id: str
    title: str
    statement: str
    why: str
    example: tuple[str, str, str]
    seen: frozenset[str] = frozenset()
    elementary: bool = False

    @property
    def named(self) -> Named:
        """The rule as derivations name it."""
        return Named(self.id, self.title, stated(self.statement))


ARRANGING = Law(
    "arranging",
    "order of factors and terms",
    "a b = b a, a + b = b + a, A (B C) = (A B) C, A (c B) = c A B",
    "the numbers and the entries commute, and the product of matrices is associative",
    ("(2*c*A) @ (3*B) - 0*(A @ B)", "6*c*(A @ B)", "c: A:k,m B:m,n"),
    elementary=True,
)
COLLECTING = Law(
    "collect",
    "collecting terms",
    "a u + b u = (a + b) u",
    "the distributive law",
    ("a*u + b*u", "(a + b)*u", "a: b: u:n"),
)
MULTIPLYING = Law(
    "multiplying",
    "multiplying out",
    "(a + b) u = a u + b u",
    "the distributive law",
    ("(A + B) @ u", "A @ u + B @ u", "A:m,n B:m,n u:n"),
    frozenset({"+", "-"}),
)
TRANSPOSING = Law(
    "transposing",
    "transpose of a product",
    "(A B)ᵀ = Bᵀ Aᵀ, aᵀ b = bᵀ a, tr Aᵀ = tr A",
    "row i of the one is column i of the other; a number is its own transpose",
    ("(A @ B).T", "B.T @ A.T", "A:k,m B:m,n"),
    frozenset({"T", "@", "trace"}),
)
CYCLIC = Law(
    "cyclic",
    "cyclicity of the trace",
    "tr(A B) = tr(B A)",
    "both are ∑ᵢ ∑ⱼ Aᵢⱼ Bⱼᵢ",
    ("trace(A @ B)", "trace(B @ A)", "A:m,n B:n,m"),
    frozenset({"trace"}),
)
INNER = Law(
    "inner",
    "inner product as a sum",
    "aᵀ b = ∑ᵢ aᵢ bᵢ",
    "the definition of the inner product",
    ("sum(a*b)", "a @ b", "a:n b:n"),
    frozenset({"sum", "mean", "@"}),
)
FROBENIUS = Law(
    "frobenius",
    "trace of a product as a sum",
    "tr(Aᵀ B) = ∑ᵢ ∑ⱼ Aᵢⱼ Bᵢⱼ",
    "entry j of the diagonal of Aᵀ B is ∑ᵢ Aᵢⱼ Bᵢⱼ",
    ("sum(A*B)", "trace(A.T @ B)", "A:m,n B:m,n"),
    frozenset({"sum", "trace", "norm"}),
)
NORM = Law(
    "squared-norm",
    "squared norm as a sum of squares",
    "‖u‖² = uᵀ u = ∑ᵢ uᵢ²",
    "the definitions of the norm and of the inner product",
    ("norm(u)**2", "u @ u", "u:n"),
    frozenset({"norm", "@"}),
)
DIAGONAL = Law(
    "diagonal",
    "product with a diagonal matrix",
    "diag(a) b = a ⊙ b",
    "entry i of both is aᵢ bᵢ",
    ("diag(a) @ b", "a*b", "a:n b:n"),
    frozenset({"diag"}),
)
OUTER = Law(
    "outer",
    "product with an outer product",
    "(a bᵀ) c = (bᵀ c) a",
    "brackets of a product; bᵀ c is a number, and stands in front",
    ("outer(a, b) @ c", "(b @ c)*a", "a:m b:n c:n"),
    frozenset({"outer"}),
)
IDENTITY = Law(
    "identity",
    "product with the identity matrix",
    "I A = A, and rows of I select entries",
    "entry i of I u is uᵢ",
    ("eye(n) @ u", "u", "u:n"),
    frozenset({"eye"}),
)
SYMMETRY = Law(
    "symmetry",
    "a symmetric matrix is its transpose",
    "Sᵀ = S for a symmetric matrix, as Xᵀ X and its inverse are",
    "the transpose of a product, and of an inverse",
    ("b @ matpow(outer(a, a), 2)", "matpow(outer(a, a), 2) @ b", "a:n b:n"),
    frozenset({"inv", "matpow"}),
)
POWERS = Law(
    "powers",
    "powers of the same base",
    "uᵖ u^q = u^(p+q), (u v)ᵖ = uᵖ vᵖ, u/v = u v⁻¹",
    "for whole numbers by counting factors",
    ("u**2/u", "u", "u::pos"),
    frozenset({"**", "/", "*", "sqrt", "norm"}),
    elementary=True,
)
MEAN = Law(
    "mean",
    "mean as a sum",
    "mean(u) = sum(u)/n",
    "the definition of the mean of n entries",
    ("mean(u)", "sum(u)/n", "u:n"),
    frozenset({"mean"}),
)
ENTRIES = Law(
    "equal-entries",
    "both sides have the same entries",
    "A = B where Aᵢⱼ = Bᵢⱼ for all i, j",
    "products, sums and transposes are written out in index notation, and compared term by term",
    ("norm(A @ x)**2", "x @ A.T @ A @ x", "A:m,n x:n"),
)
SUMS = Law(
    "sums",
    "sums rearranged",
    "∑ᵢ c uᵢ = c ∑ᵢ uᵢ, ∑ᵢ ∑ⱼ uᵢⱼ = ∑ⱼ ∑ᵢ uᵢⱼ",
    "sums are finite; in index notation this is all there is to brackets, transposes and traces",
    ("sum(i, sum(j, c*A[i, j]))", "c*sum(j, sum(i, A[i, j]))", "c: A:m,n"),
)
OPTIONAL = (SYMMETRY, FROBENIUS, MEAN, OUTER, IDENTITY, DIAGONAL, NORM, CYCLIC, INNER, MULTIPLYING, TRANSPOSING, POWERS)
"""In the order in which it is tried to do without them."""
LAWS: Mapping[str, Law] = {law.id: law for law in (ARRANGING, COLLECTING, *OPTIONAL, ENTRIES, SUMS)}
