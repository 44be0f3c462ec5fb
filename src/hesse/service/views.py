"""Other ways to look at one result: index notation, and Kronecker products for derivatives by matrices."""

from __future__ import annotations

from hesse.errors import HesseError
from hesse.service.expression import Expr
from hesse.service.index_notation import IndexNotation
from hesse.service.parts import Vectorised, vectorised


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
