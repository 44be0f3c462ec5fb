"""From text and declarations to an expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.errors import ArgumentError, HesseError
from hesse.frontends.elaborate import elaborate
from hesse.frontends.infer import infer
from hesse.frontends.latex import parse_latex
from hesse.frontends.text import parse_declarations, parse_text
from hesse.service.expression import Expr


def _text(text: str, declared: Declarations) -> tuple[Syntax, Declarations, tuple[str, ...]]:
    tree, readings = parse_text(text, declared)
    declared, inferred = infer(tree, declared)
    return tree, declared, readings + inferred


_READERS: Mapping[str, Callable[[str, Declarations], tuple[Syntax, Declarations, tuple[str, ...]]]] = {
    "text": _text,
    "latex": parse_latex,
}
NOTATIONS = tuple(_READERS)


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
        raise ArgumentError(
            f"the notation {notation!r} is not available", hint=f"the notations are: {', '.join(NOTATIONS)}"
        )
    declared = parse_declarations(declarations)
    try:
        tree, declared, readings = _READERS[notation](text, declared)
        node, elaboration = elaborate(tree, declared, source=text)
    except HesseError as error:
        raise error.at(text) from None
    return Expr(tree, declared.requiring(*elaboration.required), node.shape, readings, elaboration)
