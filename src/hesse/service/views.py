"""Other ways to look at one result: index notation, components, Kronecker products for derivatives by matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hesse.errors import HesseError, VerificationError
from hesse.service.expression import Expr
from hesse.service.index_notation import IndexNotation
from hesse.service.parts import Vectorised, vectorised
from hesse.service.table import Components, needed_sizes
from hesse.verify.entries import verify_formula, verify_table
from hesse.verify.verdict import Verification


def index_view(e: Expr, name: str) -> IndexNotation | None:
    """One entry in index notation; None where there is nothing to index, or it would be too long to read."""
    if not e.shape:
        return None
    try:
        return e.indexed(name)
    except HesseError:
        return None


def kronecker_view(e: Expr, name: str) -> Vectorised | None:
    """The result for stacked columns, when it is a sum of a few Kronecker products."""
    found = vectorised(e, name) if len(e.shape) == 4 else None
    return found if found is not None and len(found.terms) <= MAX_PRODUCTS else None


MAX_PRODUCTS = 4


@dataclass(frozen=True)
class Views:
    """One result in closed form, in index notation and by components, each with how it was compared with the first.

    A view is None where it does not exist: a scalar has no indices, components need sizes.
    """

    closed: Expr
    index: IndexNotation | None
    components: Components | None
    sizes: Mapping[str, int]
    verification: Mapping[str, Verification]

    def __str__(self) -> str:
        lines = [f"closed form: {self.closed}"]
        if self.index is not None:
            lines += [f"index notation: {self.index.equation('text')}", f"    {self.verification['index']}"]
        if self.components is not None:
            table = str(self.components).replace("\n", "\n    ")
            lines += [f"components{self._chosen}:", f"    {table}", f"    {self.verification['components']}"]
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        parts = [("Closed form", self.closed.latex())]
        if self.index is not None:
            parts.append(("Index notation", self.index.equation("latex")))
        if self.components is not None:
            parts.append((f"Components{self._chosen}", self.components.latex()))
        return "\n\n".join(f"{title}: $\\displaystyle {formula}$" for title, formula in parts)

    @property
    def _chosen(self) -> str:
        chosen = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        return f" for {chosen}" if chosen else ""


def views(e: Expr, /, **sizes: int) -> Views:
    """The closed form, the index notation and, for sizes that are given or needless, the components of a result.

    In a notebook it shows all three. Each is compared with the closed form at random points by the plain evaluator;
    where one differs, VerificationError is raised.

    >>> import hesse as hs
    >>> print(hs.views(hs.gradient(hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m"), "x"), m=1, n=2))
    closed form: 2*A.T @ (A @ x - b)
    index notation: df/dx[k] = 2*sum(i, A[i, k]*(sum(j, A[i, j]*x[j]) - b[i]))
        verified at 13 points (m=3 n=2; m=2 n=4; m=1 n=1), 15 digits
    components for m = 1, n = 2:
        [2*A[0, 0]*(A[0, 0]*x[0] + A[0, 1]*x[1] - b[0]), 2*A[0, 1]*(A[0, 0]*x[0] + A[0, 1]*x[1] - b[0])]
        verified at 3 points (m=1 n=2), 15 digits
    """
    index = index_view(e, "")
    table = e.components(**sizes) if sizes or not needed_sizes(e.node) else None
    claims: dict[str, Verification] = {}
    if index is not None:
        claims["index"] = verified_index(e, index)
    if table is not None:
        trees = table.entries.map(lambda entry: entry.tree)
        claims["components"] = verify_table(e.tree, trees, e._declarations, sizes)
    for name, claim in claims.items():
        if claim.status == "refuted":
            raise VerificationError(
                f"the view `{name}` of `{e}` is withheld: {claim}. This is a defect of hesse",
                hint="please report the expression with its declarations",
            )
    return Views(e, index, table, sizes, claims)


def verified_index(e: Expr, index: IndexNotation) -> Verification:
    """How the index notation compares with the closed form."""
    return verify_formula(e.tree, index.form.body, index.form.free, e._shape, e._declarations)
