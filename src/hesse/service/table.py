"""The table of components of an array: nested scalar expressions with text and LaTeX forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hesse.core.nodes import Node
from hesse.core.sizes import product
from hesse.core.tensor import Tensor
from hesse.core.traverse import postorder
from hesse.errors import ArgumentError, LimitError

MAX_COMPONENTS = 10_000


def needed_sizes(root: Node) -> frozenset[str]:
    """The size names in the shapes of the node and its parts."""
    return frozenset(name for node in postorder(root) for size in node.shape for name in size.names)


def require_sizes(root: Node, names: Sequence[str], sizes: Mapping[str, int]) -> None:
    """Raise ArgumentError or LimitError unless the sizes suffice for a table of components, and are not too large."""
    for name, size in sizes.items():
        if name not in names:
            raise ArgumentError(f"`{name}` is not a size here; the sizes are {', '.join(names) or 'all fixed'}")
        if not isinstance(size, int) or size < 1:
            raise ArgumentError(f"the size {name} must be a positive integer, not {size!r}")
    missing = [name for name in sorted(needed_sizes(root)) if name not in sizes]
    if missing:
        raise ArgumentError(f"components need the size of {', '.join(missing)}: components({missing[0]}=3)")
    largest = max(product(part.shape).evaluate(sizes) for part in postorder(root))
    if largest > MAX_COMPONENTS:
        raise LimitError(f"an array here would have {largest} entries; the limit of components is {MAX_COMPONENTS}")


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
