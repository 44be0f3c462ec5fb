"""What is known about each named function: one row each, assembled into one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hesse.core.function import Row
from hesse.functions import constructions, elementwise, linear_algebra, masks, operators, reductions, shapes, special

_ROWS: tuple[Row, ...] = (
    *elementwise.ROWS, *special.ROWS, *operators.ROWS, *reductions.ROWS, *linear_algebra.ROWS, *constructions.ROWS,
    *shapes.ROWS, *masks.ROWS,
)  # fmt: skip
FUNCTIONS: Mapping[str, Row] = MappingProxyType({row.name: row for row in _ROWS})

ALIASES: Mapping[str, str] = MappingProxyType({"tr": "trace", "ln": "log", "norm2": "norm"})
