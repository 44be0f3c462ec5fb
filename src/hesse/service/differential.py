"""The differential dF of an expression, linear in the differentials dX, dA, ... of its variables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hesse.calculus.differentiate import forward
from hesse.core.build import variable
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.nodes import Variable
from hesse.core.syntax import Definitions, Name
from hesse.errors import ArgumentError
from hesse.functions import FUNCTIONS
from hesse.render.latex import to_latex
from hesse.render.unicode import to_unicode
from hesse.service.derivatives import result_of, verified
from hesse.service.expression import Expr
from hesse.service.variables import resolve
from hesse.simplify.engine import simplify
from hesse.verify.derivative import verify_differential

NAMES = (("f", "h", "q"), ("g", "h", "q"), ("F", "G", "H"))


@dataclass(frozen=True)
class Differential:
    """`dF = dA @ X + A @ dX`: the expression on the right in new variables, and the names of both sides."""

    name: str
    expression: Expr
    differentials: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        text = str(self.expression)
        # Definitions stand in front of the whole equation.
        defined, _, body = text.rpartition("; ") if isinstance(self.expression.tree, Definitions) else ("", "", text)
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
        if notation == "text":
            return str(self.expression)
        text = self.expression.unicode() if notation == "unicode" else self.expression.latex()
        write = to_unicode if notation == "unicode" else to_latex
        sign = "d" if notation == "unicode" else r"\mathrm{d}"
        declarations = self.expression._declarations
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
    claim = verify_differential(f.exact_tree, found.tree, names, vectors, found._declarations)
    taken = {entry.name for entry in f._declarations} | set(f._declarations.size_names)
    free = (each for each in NAMES[min(len(f._shape), 2)] if each not in taken)
    return Differential(
        name or next(free, "result"), verified(f, found, claim), tuple(zip(names, vectors, strict=True))
    )


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
