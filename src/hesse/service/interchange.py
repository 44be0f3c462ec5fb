"""Expressions of other systems."""

from __future__ import annotations

from typing import Any

from hesse.errors import ArgumentError
from hesse.frontends.elaborate import elaborate
from hesse.frontends.text import parse_declarations
from hesse.interop.sympy_in import read_sympy
from hesse.service.expression import Expr


def from_sympy(expr: Any, declarations: str = "") -> Expr:
    """The expression that a SymPy expression means: scalars, explicit matrices, MatrixSymbols and what is made of them.

    An n x 1 MatrixSymbol is a vector, a symbol in a shape a size. Declarations may say more, such as `S:n,n:sym`.
    Raises ArgumentError for what is not read, ShapeError where shapes do not fit, MissingExtraError without SymPy.

    >>> import hesse as hs
    >>> from sympy import MatrixSymbol, symbols
    >>> n = symbols("n")
    >>> A, x = MatrixSymbol("A", n, n), MatrixSymbol("x", n, 1)
    >>> f = hs.from_sympy((x.T*A*x)[0, 0])
    >>> f.declarations, str(hs.gradient(f, "x"))
    ('A:n,n x:n', '(A + A.T) @ x')
    """
    if not isinstance(declarations, str):
        raise ArgumentError("the declarations are text, such as 'A:m,n x:n'")
    tree, declared, readings = read_sympy(expr, parse_declarations(declarations))
    node, elaboration = elaborate(tree, declared)
    return Expr(tree, declared.requiring(*elaboration.required), node.shape, readings, elaboration)
