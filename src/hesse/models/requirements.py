"""What the written expression needs to have a value, as nodes with relations, each with its text."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hesse.core.nodes import Node
from hesse.core.syntax import Syntax
from hesse.core.tensor import Tensor
from hesse.enclosure.arithmetic import Undefined
from hesse.enclosure.balls import working
from hesse.enclosure.boxes import Box, Setting
from hesse.enclosure.domain import Requirements, proved, refuted
from hesse.enclosure.elimination import Singular
from hesse.enclosure.polynomials import space
from hesse.errors import ArgumentError
from hesse.notation.back import to_syntax
from hesse.render.sharing import printable
from hesse.render.text import to_text
from hesse.service.expression import Expr


class PointRequirements(Requirements):
    """The requirements, with a check at the point itself."""

    @staticmethod
    def holds(value: Tensor[Any], relation: str) -> bool:
        """Whether the relation is proved for all entries, which are balls."""
        return proved(relation, value)

    @staticmethod
    def fails(value: Tensor[Any], relation: str) -> bool:
        """Whether the relation is proved not to hold for some entry."""
        return refuted(relation, value)

    def at_point(self, setting: Setting) -> None:
        """Raises ArgumentError when the expression is not proved to have a value at the point."""
        here = Box((Fraction(0),) * setting.count, (Fraction(0),) * setting.count)
        try:
            with working(length=2):
                self.check(setting, here, space(setting.count, 0))
        except (Undefined, Singular) as error:
            raise ArgumentError(f"the function is not defined at the point: {error}") from None


def requirements(f: Expr) -> PointRequirements:
    """The requirements of the expression."""
    known = f.elaboration
    return PointRequirements(
        [(each.node, each.relation, f"{_written(f, each.tree, each.node)} {each.relation}") for each in known.domain]
    )


def _written(f: Expr, tree: Syntax | None, node: Node) -> str:
    return to_text(printable(to_syntax(node) if tree is None else tree, f._declarations), f._declarations)
