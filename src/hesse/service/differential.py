"""The differential dF of an expression, linear in the differentials dX, dA, ... of its variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hesse.calculus.differentiate import forward
from hesse.core.build import variable
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.nodes import Variable
from hesse.core.syntax import Call, Definitions, Name, Syntax, Transpose, call, fold
from hesse.errors import ArgumentError
from hesse.functions import FUNCTIONS
from hesse.notation.trees import chain, flat
from hesse.notation.trees import transposed as transpose_of
from hesse.render.latex import to_latex
from hesse.render.sharing import printable
from hesse.render.structure import rebuilt
from hesse.render.text import to_text
from hesse.render.unicode import to_unicode
from hesse.service.derivatives import result_of, verified
from hesse.service.expression import Expr
from hesse.service.variables import resolve
from hesse.simplify.engine import simplify
from hesse.verify.derivative import verify_differential

NAMES = (("f", "h", "q"), ("g", "h", "q"), ("F", "G", "H"))


@dataclass(frozen=True)
class Differential:
    """`dF = dA @ X + A @ dX`: the expression on the right in new variables, and the names of both sides.

    `tree` is the expression as it is written in the equation, with differentials last in traces.
    """

    name: str
    expression: Expr
    tree: Syntax
    differentials: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        text = self.right("text")
        # Definitions stand in front of the whole equation.
        defined, _, body = text.rpartition("; ") if isinstance(self.tree, Definitions) else ("", "", text)
        return f"{defined}; d{self.name} = {body}" if defined else f"d{self.name} = {body}"

    def sides(self, notation: str) -> tuple[str, str]:
        """dF and what it is, in text, unicode or latex; definitions stand behind."""
        sign = r"\mathrm{d}" if notation == "latex" else "d"
        return f"{sign}{self.name}", self.right(notation)

    def unicode(self) -> str:
        """The equation in mathematical Unicode."""
        return " = ".join(self.sides("unicode"))

    def latex(self) -> str:
        """The equation in LaTeX, with an upright d."""
        return " = ".join(self.sides("latex"))

    def right(self, notation: str) -> str:
        """The right side: text, unicode or latex."""
        declarations = self.expression._declarations
        write = _WRITERS[notation]
        text = write(printable(self.tree, declarations), declarations)
        if notation == "text":
            return text
        sign = "d" if notation == "unicode" else r"\mathrm{d}"
        for plain, new in self.differentials:
            shown = write(Name(new), declarations)
            better = sign + write(Name(plain), declarations)
            text = re.sub(rf"(?<![\w\\]){re.escape(shown)}(?!\w)", lambda match, to=better: to, text)  # type: ignore[misc]
        return text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def differential(f: Expr, wrt: str | Sequence[str] | None = None, *, name: str = "") -> Differential:
    """The differential of f, in new variables dX, dA, ... for every variable, or for those named; `name` is what f is
    called on the left.

    >>> import hesse as hs
    >>> print(hs.differential(hs.parse("A @ X", "A:m,n X:n,k")))
    dF = A @ dX + dA @ X
    >>> print(hs.differential(hs.parse("inv(X)", "X:n,n")).latex())
    \\mathrm{d}F = -X^{-1} \\, \\mathrm{d}X \\, X^{-1}
    """
    if not isinstance(f, Expr):
        raise ArgumentError(f"an expression is needed, not {type(f).__name__}", hint="make one with hesse.parse")
    variables = _variables(f, wrt)
    entries = tuple(VariableDeclaration(_new_name(f, each), each.shape) for each in variables)
    tangents = {each: variable(entry.name, entry.shape) for each, entry in zip(variables, entries, strict=True)}
    node = simplify(forward(f.node, dict(tangents)))
    found = result_of(f, node, variables, f.verification, entries)
    names = tuple(each.name for each in variables)
    vectors = tuple(entry.name for entry in entries)
    tree = fold(found.tree, lambda part, parts: _turned(rebuilt(part, parts), vectors))
    expression = found
    for form in dict.fromkeys((found.tree, tree)):
        claim = verify_differential(f.exact_tree, form, names, vectors, found._declarations)
        expression = verified(f, found, claim)
        if not claim.ok:
            break
    taken = {entry.name for entry in f._declarations} | set(f._declarations.size_names)
    free = (each for each in NAMES[min(len(f._shape), 2)] if each not in taken)
    return Differential(name or next(free, "result"), expression, tree, tuple(zip(names, vectors, strict=True)))


def _turned(tree: Syntax, vectors: Sequence[str]) -> Syntax:
    """trace(G.T @ dX) for the trace of a product with dX at another place, or transposed."""
    match tree:
        case Call(function="trace", arguments=(argument,)):
            pieces = flat(argument)
            if any(_is_differential(piece, vectors, transposed=True) for piece in pieces):
                pieces = [transpose_of(piece) for piece in reversed(pieces)]
            places = [k for k, piece in enumerate(pieces) if _is_differential(piece, vectors)]
            if len(places) == 1:
                (place,) = places
                return call("trace", chain([*pieces[place + 1 :], *pieces[: place + 1]]))
    return tree


def _is_differential(tree: Syntax, vectors: Sequence[str], *, transposed: bool = False) -> bool:
    if transposed:
        return isinstance(tree, Transpose) and _is_differential(tree.operand, vectors)
    return isinstance(tree, Name) and tree.name in vectors


_WRITERS: Mapping[str, Callable[[Syntax, Declarations], str]] = {
    "text": to_text,
    "unicode": to_unicode,
    "latex": to_latex,
}


def _variables(f: Expr, wrt: str | Sequence[str] | None) -> tuple[Variable, ...]:
    declared = [name for name, entry in f._declarations.variables.items() if entry.index is None]
    names = declared if wrt is None else [wrt] if isinstance(wrt, str) else list(wrt)
    if not names:
        raise ArgumentError("there is no variable to vary", hint='declare one, for example "x:n"')
    if len(set(names)) < len(names):
        raise ArgumentError(f"a variable stands twice in {names}")
    return tuple(resolve(name, f._declarations).variables[0] for name in names)


def _new_name(f: Expr, of: Variable) -> str:
    declarations: Declarations = f._declarations
    name = f"d{of.name}"
    while declarations.find(name) is not None or name in declarations.size_names or name in FUNCTIONS:
        name += "_"
    return name
