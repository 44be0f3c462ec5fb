"""When two expressions are the same function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hesse.core.declarations import Declarations
from hesse.core.nodes import Node, Shape
from hesse.core.rebuild import unfold
from hesse.core.syntax import Syntax
from hesse.errors import HesseError
from hesse.service.scopes import merged
from hesse.simplify.engine import simplify
from hesse.verify.equality import verify_equal
from hesse.verify.verdict import Verification


@dataclass(frozen=True)
class Side:
    """An expression as it is compared: its text and its tree are asked for only where the node does not tell."""

    node: Node
    declarations: Declarations
    shape: Shape
    text: Callable[[], str]
    exact_tree: Callable[[], Syntax]


def same_function(one: Side, other: Side) -> bool:
    """Whether both have the same normal form, or else agree to rounding at several points."""
    try:
        declarations = merged(one.declarations, other.declarations)
    except HesseError:
        return False
    if one.shape != other.shape:
        return False
    if simplify(unfold(one.node)) is simplify(unfold(other.node)):
        return True
    if one.declarations.entries == other.declarations.entries and one.text() == other.text():
        return True
    # Each way asks whether the other has a value, and the same, wherever the one has.
    a, b = one.exact_tree(), other.exact_tree()
    return all(_agree(verify_equal(left, right, declarations)) for left, right in ((a, b), (b, a)))


def _agree(claim: Verification) -> bool:
    """Whether values agree. Agreement on nothing but zeros says little: both may be nonzero elsewhere."""
    return claim.ok and "zero" not in claim.method
