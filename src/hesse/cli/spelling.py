"""How formulas, names and labels are written in each of the formats. Text counts from 0, mathematics from 1."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from hesse.cli.blocks import Formula
from hesse.cli.grids import grid_formula
from hesse.core.declarations import Declarations
from hesse.core.syntax import Definitions, Index, Name, Syntax, number
from hesse.render.latex import latex_parts, to_latex
from hesse.render.text import to_text
from hesse.render.unicode import UNICODE, to_unicode
from hesse.service.expression import Expr
from hesse.service.report import Kind, Report, Shape
from hesse.service.scopes import renamed
from hesse.service.statements import Condition


class Spelling(ABC):
    """One format, for the names of one report."""

    sign: ClassVar[str]
    about: ClassVar[str]
    by: ClassVar[str]
    where: ClassVar[str] = "where"

    def __init__(self, report: Report) -> None:
        self.report = report
        self.declarations: Declarations = report.declarations

    @abstractmethod
    def formula(self, tree: Syntax) -> Formula:
        """The tree as a formula."""

    @abstractmethod
    def tree(self, tree: Syntax) -> str:
        """A name, or an entry of an array."""

    @abstractmethod
    def condition(self, condition: Condition) -> str:
        """The condition."""

    @abstractmethod
    def function(self) -> str:
        """The left side of the function's equation: f(x)."""

    @abstractmethod
    def derivative(self, kind: Kind) -> str:
        """The left side of a derivative's equation: ∇f(x)."""

    @abstractmethod
    def partial(self, output: Sequence[int], inputs: Sequence[str]) -> str:
        """A partial derivative of an entry of the function, by variables that are written already."""

    @abstractmethod
    def row(self, output: Sequence[int]) -> str:
        """The gradient of an entry of the function."""

    def component(self, entry: Expr) -> str:
        """A scalar in one line, without definitions where it can do without."""
        formula = self.formula(unshared(entry.tree))
        where = ", ".join(f"{name} = {value}" for name, value in formula.where)
        return f"{formula.line} {self.where} {where}" if where else formula.line

    @property
    def title(self) -> str:
        """The name of the function."""
        return self.name(self.report.name)

    def name(self, name: str) -> str:
        """The variable's name."""
        return self.tree(Name(name))

    def names(self) -> str:
        """The variables by which derivatives are taken."""
        return ", ".join(map(self.name, self.report.wrt))

    def shape(self, shape: Shape) -> str:
        """The sizes of the axes: m × n."""
        return self.by.join(self._size(size) for size in shape)

    def _size(self, size: int | str) -> str:
        text = str(size)
        return self.name(text) if text.isidentifier() else text

    def entry(self, name: str, position: Sequence[int]) -> str:
        """An entry of a variable: x₁."""
        return self.tree(Index(Name(name), tuple(number(k) for k in position)) if position else Name(name))

    def variable(self, position: Sequence[int]) -> str:
        """The scalar variable at a position of the input's axes."""
        if self.report.stacked:
            return self.name(self.report.wrt[position[0]])
        return self.entry(self.report.wrt[0], position)

    @property
    def alone(self) -> bool:
        """Whether the function is one of a single scalar, so that primes say everything."""
        report = self.report
        return len(report.variables) == 1 and not report.stacked and not report.variables[0].shape

    @property
    def crowded(self) -> bool:
        """Whether there are variables besides those by which derivatives are taken."""
        return len(self.report.variables) > len(self.report.wrt)

    @property
    def by_scalar(self) -> bool:
        """Whether derivatives are taken by one scalar."""
        report = self.report
        shape = next(each.shape for each in report.variables if each.name == report.wrt[0])
        return not report.stacked and not shape


class TextSpelling(Spelling):
    """The notation that hesse reads, ASCII throughout."""

    sign, about, by = ":", ": about", " by "

    def formula(self, tree: Syntax) -> Formula:
        return Formula(to_text(tree, self.declarations))

    def tree(self, tree: Syntax) -> str:
        return to_text(tree, self.declarations)

    def condition(self, condition: Condition) -> str:
        return condition.text

    def function(self) -> str:
        return self.title

    def derivative(self, kind: Kind) -> str:
        return kind

    def partial(self, output: Sequence[int], inputs: Sequence[str]) -> str:
        power = "" if len(inputs) == 1 else str(len(inputs))
        return f"d{power}{self._entry(output)}/" + " ".join(f"d{each}" for each in inputs)

    def row(self, output: Sequence[int]) -> str:
        return f"gradient of {self._entry(output)}"

    def _entry(self, output: Sequence[int]) -> str:
        place = ", ".join(map(str, output))
        return f"{self.title}[{place}]" if output else self.title


class UnicodeSpelling(Spelling):
    """Mathematics in Unicode."""

    sign, about, by = " =", " ≈", " × "

    def formula(self, tree: Syntax) -> Formula:
        return grid_formula(tree, self.declarations)

    def tree(self, tree: Syntax) -> str:
        return to_unicode(tree, self.declarations)

    def condition(self, condition: Condition) -> str:
        return condition.unicode

    def function(self) -> str:
        return f"{self.title}({self.names()})"

    def derivative(self, kind: Kind) -> str:
        if self.alone:
            return f"{self.title}{'″' if kind == 'hessian' else '′'}({self.names()})"
        if self.by_scalar:
            return self.partial((), [self.names()] * (2 if kind == "hessian" else 1))
        if kind == "gradient":
            name = self.names()
            below = "" if self.report.stacked or not self.crowded else UNICODE.subscript([name])
            return f"∇{below}{' ' * bool(below)}{self.function()}"
        return f"{'H' if kind == 'hessian' else 'J'}_{self.function()}"

    def partial(self, output: Sequence[int], inputs: Sequence[str]) -> str:
        name = self._entry(output)
        if len(inputs) == 1:
            return f"∂{name}/∂{inputs[0]}"
        return f"∂²{name}/" + (f"∂{inputs[0]}²" if len(set(inputs)) == 1 else "".join(f"∂{each}" for each in inputs))

    def row(self, output: Sequence[int]) -> str:
        return f"∇{self._entry(output)}"

    def _entry(self, output: Sequence[int]) -> str:
        return self.title + (UNICODE.subscript([str(k + 1) for k in output]) if output else "")


class LatexSpelling(Spelling):
    """Mathematics in LaTeX."""

    sign, about, by, where = " =", r" \approx", r" \times ", r"\text{ where }"

    def formula(self, tree: Syntax) -> Formula:
        line, where = latex_parts(tree, self.declarations)
        return Formula(line, tuple(where))

    def tree(self, tree: Syntax) -> str:
        return to_latex(tree, self.declarations)

    def condition(self, condition: Condition) -> str:
        return condition.latex

    def function(self) -> str:
        return f"{self.title}({self.names()})"

    def derivative(self, kind: Kind) -> str:
        if self.alone:
            primes = "''" if kind == "hessian" else "'"
            return f"{self.title}{primes}({self.names()})"
        if self.by_scalar:
            return self.partial((), [self.names()] * (2 if kind == "hessian" else 1))
        if kind == "gradient":
            below = "" if self.report.stacked or not self.crowded else f"_{{{self.names()}}}"
            return rf"\nabla{below} {self.function()}"
        return f"{'H' if kind == 'hessian' else 'J'}_{{{self.title}}}({self.names()})"

    def partial(self, output: Sequence[int], inputs: Sequence[str]) -> str:
        name = self._entry(output)
        if len(inputs) == 1:
            return rf"\frac{{\partial {name}}}{{\partial {inputs[0]}}}"
        below = [rf"\partial {inputs[0]}^2"] if len(set(inputs)) == 1 else [rf"\partial {each}" for each in inputs]
        return rf"\frac{{\partial^2 {name}}}{{{' '.join(below)}}}"

    def row(self, output: Sequence[int]) -> str:
        return rf"\nabla {self._entry(output)}"

    def _entry(self, output: Sequence[int]) -> str:
        place = ",".join(str(k + 1) for k in output)
        return f"{self.title}_{{{place}}}" if output else self.title


FORMATS: Mapping[str, type[Spelling]] = {"unicode": UnicodeSpelling, "latex": LatexSpelling, "text": TextSpelling}


def unshared(tree: Syntax) -> Syntax:
    """The tree with its definitions put in place."""
    if not isinstance(tree, Definitions):
        return tree
    names: dict[str, Syntax] = {}
    for name, value in tree.bindings:
        names = {**names, name: renamed(value, names)}
    return renamed(tree.body, names)
