"""What stands on the left of a line: f, df, ∂f/∂x₁, ∇f, J_g, H_f."""

from __future__ import annotations

from collections.abc import Sequence

from hesse.core.declarations import Declarations
from hesse.core.syntax import Index, Name, Syntax, number
from hesse.explain.spelling import WRITERS, Statement

_NAMES = (("f", "h", "q"), ("g", "h", "q"), ("F", "G", "H"))
_POWERS = {2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸"}
_KINDS = {"gradient": "∇{0}", "jacobian": "J_{0}", "hessian": "H_{0}"}
_LATEX_KINDS = {"gradient": r"\nabla {0}", "jacobian": "J_{{{0}}}", "hessian": "H_{{{0}}}"}


class Symbols:
    """The names of a function and its derivatives, in each of the notations."""

    def __init__(self, declarations: Declarations, rank: int) -> None:
        taken = {entry.name for entry in declarations} | set(declarations.size_names)
        self.declarations = declarations
        self.function = next((each for each in _NAMES[min(rank, 2)] if each not in taken), "function")

    def value(self, place: Sequence[int] = ()) -> Statement:
        """f, or the entry g₁."""
        return self._written(_entry(self.function, place))

    def kind(self, kind: str) -> Statement:
        """∇f, J_g or H_f."""
        if kind not in _KINDS:
            return Statement(kind, kind, rf"\text{{{kind}}}")
        name = self.value()
        return Statement(kind, _KINDS[kind].format(name.unicode), _LATEX_KINDS[kind].format(name.latex))

    def gradient(self, place: Sequence[int]) -> Statement:
        """∇g₁, of an entry."""
        entry = self.value(place)
        return Statement(f"gradient of {entry.text}", f"∇{entry.unicode}", rf"\nabla {entry.latex}")

    def partial(self, place: Sequence[int], by: Sequence[str]) -> Statement:
        """∂f/∂x₁, or ∂²f/∂x₁∂x₂ for derivatives by x₁ first and x₂ then."""
        return _ratio(self.value(place), [self._written(Name(name)) for name in by])

    def entry(self, outputs: Sequence[str], by: str, groups: Sequence[Sequence[str]]) -> Statement:
        """∂fᵢ/∂xₖ with free indices; the entry fᵢ where there is no derivative."""
        head = self._written(_indexed(self.function, outputs))
        return _ratio(head, [self._written(_indexed(by, group)) for group in groups]) if groups else head

    def product(self, matrix: str, vector: str, *, before: bool = False) -> Statement:
        """J_g v, H_f v, or uᵀ J_g."""
        name, other = self.value(), self.variable(vector)
        unicode, latex = f"{matrix}_{name.unicode}", f"{matrix}_{{{name.latex}}}"
        if before:
            return Statement("vjp", f"{other.unicode}ᵀ {unicode}", rf"{other.latex}^\top {latex}")
        return Statement("hvp" if matrix == "H" else "jvp", f"{unicode} {other.unicode}", f"{latex} {other.latex}")

    def paired(self, vector: str) -> Statement:
        """uᵀ dg."""
        name, other = differential_of(self.value()), self.variable(vector)
        return Statement(
            f"sum({other.text}*{name.text})", f"{other.unicode}ᵀ {name.unicode}", rf"{other.latex}^\top {name.latex}"
        )

    def variable(self, name: str) -> Statement:
        """The name of a variable."""
        return self._written(Name(name))

    def _written(self, tree: Syntax) -> Statement:
        return Statement(**{notation: write(tree, self.declarations) for notation, write in WRITERS.items()})


def differential_of(symbol: Statement) -> Statement:
    """df for f, d(∇f) for ∇f."""
    if symbol.text.isidentifier() and len(symbol.text) == 1:
        return Statement(f"d{symbol.text}", f"d{symbol.unicode}", rf"\mathrm{{d}}{symbol.latex}")
    return Statement(f"d({symbol.text})", f"d({symbol.unicode})", rf"\mathrm{{d}}({symbol.latex})")


def equated(left: Statement, right: Statement) -> Statement:
    """left = right."""
    return Statement(
        f"{left.text} = {right.text}", f"{left.unicode} = {right.unicode}", f"{left.latex} = {right.latex}"
    )


def _ratio(head: Statement, below: Sequence[Statement]) -> Statement:
    """∂²head/∂below∂below."""
    count = len(below)
    same = len(set(below)) == 1
    text = f"d{'' if count == 1 else count}{head.text}/" + " ".join(f"d{each.text}" for each in below)
    upper = "" if count == 1 else _POWERS[count]
    under = f"∂{below[0].unicode}{upper}" if same else "".join(f"∂{each.unicode}" for each in below)
    power = "" if count == 1 else f"^{count}"
    lower = rf"\partial {below[0].latex}{power}" if same else " ".join(rf"\partial {each.latex}" for each in below)
    return Statement(text, f"∂{upper}{head.unicode}/{under}", rf"\frac{{\partial{power} {head.latex}}}{{{lower}}}")


def _indexed(name: str, indices: Sequence[str]) -> Syntax:
    return Index(Name(name), tuple(map(Name, indices))) if indices else Name(name)


def _entry(name: str, place: Sequence[int]) -> Syntax:
    return Index(Name(name), tuple(number(k) for k in place)) if place else Name(name)
