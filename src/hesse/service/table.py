"""The table of components of an array: nested scalar expressions with text and LaTeX forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hesse.core.tensor import Tensor


@dataclass(frozen=True)
class Components:
    """The entries of an expression: index it like a nested list, or by a tuple of positions."""

    entries: Tensor[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes."""
        return self.entries.shape

    def nested(self) -> Any:
        """The entries as nested lists of expressions; the expression itself for rank 0."""
        return self.entries.nested()

    def __getitem__(self, position: int | tuple[int, ...]) -> Any:
        items = position if isinstance(position, tuple) else (position,)
        value = self.nested()
        for item in items:
            value = value[item]
        return value

    def __iter__(self) -> Iterator[Any]:
        return iter(self.nested())

    def __len__(self) -> int:
        return self.shape[0]

    def __str__(self) -> str:
        return self._written(str)

    def unicode(self) -> str:
        """The table in mathematical Unicode."""
        return self._written(lambda entry: entry.unicode())

    def _written(self, spell: Callable[[Any], str]) -> str:
        return _nested_text(self.entries.map(spell).nested(), 0)

    def latex(self) -> str:
        """The table as a bmatrix; arrays with more than two axes as nested rows."""
        return _latex(self.entries.map(lambda entry: entry.latex()))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def _nested_text(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return value
    if all(isinstance(item, str) for item in value):
        return "[" + ", ".join(value) + "]"
    inner = [_nested_text(item, depth + 1) for item in value]
    return "[" + (",\n " + " " * depth).join(inner) + "]"


def _latex(entries: Tensor[str]) -> str:
    if not entries.shape:
        return entries.item
    rows = entries.nested()
    if len(entries.shape) == 1:
        body = r" \\ ".join(rows)
    elif len(entries.shape) == 2:
        body = r" \\ ".join(" & ".join(row) for row in rows)
    else:
        count = entries.shape[0]
        step = len(entries.entries) // count
        slices = [Tensor(entries.shape[1:], entries.entries[k * step : (k + 1) * step]) for k in range(count)]
        body = r" \\ ".join(_latex(part) for part in slices)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
