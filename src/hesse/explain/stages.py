"""One differentiation as data, and the sections of its derivation while they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hesse.core.nodes import Node, Variable
from hesse.core.syntax import Syntax
from hesse.errors import VerificationError
from hesse.explain.drafts import Draft
from hesse.explain.spelling import Statement
from hesse.explain.symbols import Symbols
from hesse.explain.writing import Subject
from hesse.verify.verdict import Verification

Operation: TypeAlias = Literal["derivative", "jvp", "vjp", "hvp", "convention"]


@dataclass(frozen=True)
class Stage:
    """One differentiation: of which function, by which variables, the `order` reached by it; and what came out."""

    function: Subject
    variables: tuple[Variable, ...]
    stacked: bool
    order: int
    result: Subject
    conditions: Callable[[Node], tuple[str, ...]]
    verification: Verification
    operator: Operation = "derivative"
    vector: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the variables."""
        return tuple(each.name for each in self.variables)

    @property
    def kind(self) -> str:
        """What the result is called."""
        if self.operator != "derivative":
            return "gradient" if self.operator == "convention" else self.operator
        outputs = self.function.node.rank - (self.order - 1) * self.inputs
        if self.order == 1:
            return "jacobian" if outputs else "gradient"
        return "hessian" if self.order == 2 and not outputs else "derivative"

    @property
    def kind_before(self) -> str:
        """What the function is called, when it is itself a derivative."""
        outputs = self.function.node.rank - (self.order - 1) * self.inputs
        if self.order == 2:
            return "jacobian" if outputs else "gradient"
        return "hessian" if self.order == 3 and not outputs else "derivative"

    @property
    def heading(self) -> Statement:
        """The title of the section that ends with the result."""
        if self.operator == "convention":
            return worded("For symmetric matrices")
        names = {
            "gradient": "Gradient",
            "jacobian": "Jacobian",
            "hessian": "Hessian",
            "jvp": "The Jacobian times a vector",
            "vjp": "A vector times the Jacobian",
            "hvp": "The Hessian times a vector",
        }
        return worded(names.get(self.kind, f"Derivative of order {self.order}"))

    def name(self, symbols: Symbols) -> Statement:
        """What the function is called in formulas."""
        if self.operator in ("hvp", "convention"):
            return symbols.kind("gradient")
        return symbols.value() if self.order == 1 else symbols.kind(self.kind_before)

    @property
    def inputs(self) -> int:
        """How many axes a differentiation adds."""
        return 1 if self.stacked else self.variables[0].rank


@dataclass
class Part:
    """A section: its title, what is given, its lines."""

    title: Statement
    given: list[tuple[Statement, Syntax]]
    drafts: list[Draft]
    remark: str = ""


def worded(text: str) -> Statement:
    """Words, in each of the notations."""
    return Statement(text, text, rf"\text{{{text}}}")


def require(holds: bool, what: str) -> None:
    """Raises VerificationError where a derivation would not be that of the result."""
    if not holds:
        raise VerificationError(
            f"the derivation is withheld: {what}. The result itself is not affected.",
            hint="please report the expression with its declarations",
        )
