"""The shape of a surface tree where it follows from the shapes of the names in it by arithmetic alone."""

from __future__ import annotations

from collections.abc import Mapping

from hesse.core.build import common_shape
from hesse.core.nodes import Elementwise, Let, Node, Shape, Variable
from hesse.core.syntax import Binary, Call, Name, Negative, Num, Syntax, Transpose, fold
from hesse.core.traverse import postorder
from hesse.errors import HesseError
from hesse.functions import FUNCTIONS


def shape_of(tree: Syntax, names: Mapping[str, Shape]) -> Shape | None:
    """The shape of sums, products, powers, transposes and elementwise functions of names; None for anything else."""
    return fold(tree, lambda part, parts: _shape(part, parts, names))


def shapes_of_names(root: Node) -> dict[str, Shape]:
    """The shapes of the variables and named parts in a node; of a name with two meanings none."""
    found: dict[str, set[Shape]] = {}
    for part in postorder(root):
        if isinstance(part, (Variable, Let)):
            found.setdefault(part.name, set()).add(part.shape)
    return {name: next(iter(shapes)) for name, shapes in found.items() if len(shapes) == 1}


def _shape(tree: Syntax, parts: tuple[Shape | None, ...], names: Mapping[str, Shape]) -> Shape | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    match tree:
        case Num():
            return ()
        case Name(name=name):
            return names.get(name)
        case Negative():
            return known[0]
        case Transpose():
            return known[0][::-1]
        case Binary(operator="@"):
            return known[0][:-1] + known[1][1:] if known[0] and known[1] else None
        case Binary():
            return _common(known)
        case Call(function=function) if isinstance(FUNCTIONS.get(function), Elementwise):
            return _common(known)
        case _:
            return None


def _common(shapes: list[Shape]) -> Shape | None:
    try:
        return common_shape(*shapes)
    except HesseError:
        return None
