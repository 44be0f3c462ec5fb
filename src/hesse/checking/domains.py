"""Where an answer, as it was written, has no value, although what it simplifies to has one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

from hesse.checking.numbers import node_value
from hesse.checking.points import Point
from hesse.core.deadline import OutOfTimeError
from hesse.core.declarations import Declarations
from hesse.core.nodes import Node
from hesse.core.syntax import Call, Definitions, Syntax, postorder
from hesse.enclosure import apart
from hesse.errors import HesseError
from hesse.frontends.elaborate import elaborate

MAX_DEFINITIONS = 40
_NO_VALUE = (HesseError, KeyError, IndexError, ValueError, ArithmeticError)


class WrittenParts:
    """The parts of a tree as it was written: `sqrt(x)**2` is `x` once it is read, but its part `sqrt(x)` is not."""

    def __init__(self, tree: Syntax, declarations: Declarations) -> None:
        self._tree = tree
        self._declarations = declarations

    def undefined(self, point: Point) -> bool:
        """Whether balls prove that some part has no value at the point: what overflows or underflows has one.

        A part that `where` may leave out is not asked for: then nothing is proved.
        """
        return any(apart.undefined(node, point.exact) for node in self._nodes if not _is_finite(node, point))

    @cached_property
    def _nodes(self) -> list[Node]:
        if any(isinstance(part, Call) and part.function == "where" for part in postorder(self._tree)):
            return []
        try:
            return list(dict.fromkeys(self._parts()))
        except HesseError:
            return []

    def _parts(self) -> Iterator[Node]:
        stages = [self._tree]
        if isinstance(self._tree, Definitions):
            bindings = self._tree.bindings[:MAX_DEFINITIONS]
            stages += [Definitions(bindings[:k], value) for k, (_, value) in enumerate(bindings)]
        for stage in stages:
            _, state = elaborate(stage, self._declarations)
            yield from (node for _, node in state.trees())


def _is_finite(node: Node, point: Point) -> bool:
    """Whether the part has a finite value in floats, as far as is known: one with a running index is taken to have."""
    try:
        return all(map(math.isfinite, node_value(node, point).entries))
    except OutOfTimeError:
        raise
    except _NO_VALUE:
        return True
