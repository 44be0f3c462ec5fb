"""From text and declarations to an expression."""

from __future__ import annotations

from hesse.errors import ArgumentError, HesseError
from hesse.frontends.elaborate import elaborate
from hesse.frontends.infer import infer
from hesse.frontends.text import parse_declarations, parse_text
from hesse.service.expression import Expr

NOTATIONS = ("text",)


def parse(text: str, declarations: str = "", *, notation: str = "text") -> Expr:
    """The expression that a text means under the declarations; undeclared names are inferred and shown as readings.

    Raises ParseError, AmbiguousError, UnknownNameError, DeclarationError, ShapeError or LimitError, each with the
    place.

    >>> import hesse as hs
    >>> f = hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m")
    >>> f.shape, str(hs.gradient(f, "x"))
    ((), '2*A.T @ (A @ x - b)')
    """
    if not isinstance(text, str) or not isinstance(declarations, str):
        raise ArgumentError("the expression and the declarations are text")
    if notation not in NOTATIONS:
        raise ArgumentError(f"the notation {notation!r} is not available", hint="the notations are: text")
    declared = parse_declarations(declarations)
    try:
        tree, readings = parse_text(text, declared)
        declared, inferred = infer(tree, declared)
        node, elaboration = elaborate(tree, declared, source=text)
    except HesseError as error:
        raise error.at(text) from None
    return Expr(tree, declared.requiring(*elaboration.required), node.shape, readings + inferred)
