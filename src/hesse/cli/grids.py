"""Formulas in Unicode that know their rows: a terminal draws matrices over several lines."""

from __future__ import annotations

from collections.abc import Sequence

from hesse.cli.blocks import Formula
from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.render.layout import typeset
from hesse.render.precedence import Rope, joined
from hesse.render.unicode import UnicodeStyle

# Private-use characters, which no name can contain, stand for the parts of a matrix until it is known to be drawn.
_VECTOR, _MATRIX, _CLOSE, _ENTRY, _ROW = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_INLINE = str.maketrans({_VECTOR: "[", _MATRIX: "[", _CLOSE: "]", _ENTRY: ", ", _ROW: "; "})


class _MarkedStyle(UnicodeStyle):
    """Unicode with marks where a matrix begins, ends and is divided."""

    def column(self, entries: Sequence[Rope]) -> Rope:
        return (_VECTOR, joined(_ENTRY, list(entries)), _CLOSE)

    def matrix(self, rows: Sequence[Sequence[Rope]]) -> Rope:
        return (_MATRIX, joined(_ROW, [joined(_ENTRY, list(row)) for row in rows]), _CLOSE)


_MARKED = _MarkedStyle()


def grid_formula(tree: Syntax, declarations: Declarations) -> Formula:
    """The formula in one line, and in rows where all of it is one vector or matrix."""
    body, where = typeset(tree, declarations, _MARKED)
    named = tuple((name, value.translate(_INLINE)) for name, value in where)
    return Formula(body.translate(_INLINE), named, _rows(body))


def _rows(body: str) -> tuple[tuple[str, ...], ...]:
    inside = body[1:-1]
    if not body.endswith(_CLOSE) or any(mark in inside for mark in (_VECTOR, _MATRIX, _CLOSE)):
        return ()
    if body.startswith(_VECTOR):
        return tuple((entry,) for entry in inside.split(_ENTRY))
    if body.startswith(_MATRIX):
        return tuple(tuple(row.split(_ENTRY)) for row in inside.split(_ROW))
    return ()
