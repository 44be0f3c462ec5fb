"""Loops over several threads, each of whose arrays begins where the loop begins.

Numba counts a negative position from the end. What a thread begins with is not known when its loop is compiled, so
that i - 1 might be negative: every entry is then looked up for itself. Positions counted from 0 cannot be, and such a
loop takes several entries at a time. So entries at shifted positions are read from windows: slices that begin there.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hesse.codegen import python
from hesse.codegen.names import Names

Linear: TypeAlias = Mapping[str, int]
"""Integer multiples of names and of other terms, by their text; the empty text stands for 1."""


def with_windows(statements: Sequence[ast.stmt], names: Names) -> list[ast.stmt]:
    """The statements, their innermost loops over `prange` rewritten where positions are shifted."""
    result: list[ast.stmt] = []
    for statement in statements:
        bounds = _bounds(statement)
        if isinstance(statement, ast.For) and bounds:
            result += _Windows(statement, *bounds, names).statements()
        else:
            result.append(statement)
    return result


def _bounds(loop: ast.stmt) -> tuple[ast.expr | None, ast.expr] | None:
    """Where a loop over `prange` without another loop in it begins (None for 0), and where it ends."""
    if not (isinstance(loop, ast.For) and isinstance(loop.iter, ast.Call) and isinstance(loop.iter.func, ast.Name)):
        return None
    if loop.iter.func.id != "prange" or any(isinstance(node, ast.For) for part in loop.body for node in ast.walk(part)):
        return None
    *low, high = loop.iter.args
    return (low[0] if low else None), high


class _Windows:
    """Rewrites one loop."""

    def __init__(self, loop: ast.For, low: ast.expr | None, high: ast.expr, names: Names) -> None:
        assert isinstance(loop.target, ast.Name)
        self._loop, self._low, self._high, self._names = loop, low, high, names
        self._axis = loop.target.id
        self._start: Linear = {} if low is None else _linear(low)
        nodes = [node for part in loop.body for node in ast.walk(part)]
        self._changing = {
            self._axis,
            *(n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)),
        }
        entries = [node for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)]
        self._entries = sorted(entries, key=lambda node: (node.lineno, node.col_offset))
        self._windows: dict[str, str] = {}

    def statements(self) -> list[ast.stmt]:
        """The windows, and the loop that counts from 0."""
        counter = self._axis if self._low is None else self._names.temporary()
        for entry in self._entries:
            self._move(entry, counter)
        if self._low is not None:
            text = f"for {counter} in prange({ast.unparse(self._high)} - {ast.unparse(self._low)}): pass"
            (loop,) = python.parse(text)
            assert isinstance(loop, ast.For)
            loop.body = self._loop.body
            if any(isinstance(n, ast.Name) and n.id == self._axis for part in loop.body for n in ast.walk(part)):
                loop.body = [*python.parse(f"{self._axis} = {ast.unparse(self._low)} + {counter}"), *loop.body]
        else:
            loop = self._loop
        return [*python.parse("\n".join(f"{name} = {window}" for window, name in self._windows.items())), loop]

    def _move(self, entry: ast.Subscript, counter: str) -> None:
        """Read or write an entry in a window, where its position is the counter and something that stays."""
        items = entry.slice.elts if isinstance(entry.slice, ast.Tuple) else [entry.slice]
        moving = [k for k, item in enumerate(items) if not self._stays(item)]
        shift = self._shift(items[moving[0]]) if moving else None
        if shift is None or (moving[0] and len(moving) > 1):
            return
        first, start = moving[0], _sum(self._start, shift)
        if start:
            assert isinstance(entry.value, ast.Name)
            kept = [*map(ast.unparse, items[:first]), f"{_written(start)}:"]
            kept += [] if len(moving) > 1 else map(ast.unparse, items[first + 1 :])
            entry.value = python.name(self._window(f"{entry.value.id}[{', '.join(kept)}]"))
            items = items[first:] if len(moving) > 1 else items[first : first + 1]
            first = 0
        entry.slice = python.tuple_of([*items[:first], python.name(counter), *items[first + 1 :]])

    def _window(self, text: str) -> str:
        if text not in self._windows:
            self._windows[text] = self._names.temporary()
        return self._windows[text]

    def _stays(self, item: ast.expr) -> bool:
        """Whether a position is the same throughout the loop."""
        return not any(isinstance(n, ast.Subscript) or getattr(n, "id", "") in self._changing for n in ast.walk(item))

    def _shift(self, item: ast.expr) -> Linear | None:
        """What a position has more than the loop's, where that stays."""
        shift = Counter(_linear(item))
        shift[self._axis] -= 1
        left = {text: count for text, count in shift.items() if count}
        return left if all(self._stays(python.parse_expression(text)) for text in left if text) else None


def _linear(node: ast.expr) -> Linear:
    """A sum as multiples of its terms."""
    found: Counter[str] = Counter()
    waiting = [(node, 1)]
    while waiting:
        part, sign = waiting.pop()
        if isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Add, ast.Sub)):
            waiting += [(part.right, sign if isinstance(part.op, ast.Add) else -sign), (part.left, sign)]
        elif isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
            waiting.append((part.operand, -sign))
        elif isinstance(part, ast.Constant) and isinstance(part.value, int):
            found[""] += sign * part.value
        else:
            found[ast.unparse(part)] += sign
    return {text: count for text, count in found.items() if count}


def _sum(left: Linear, right: Linear) -> Linear:
    return {text: count for text in {**left, **right} if (count := left.get(text, 0) + right.get(text, 0))}


def _written(linear: Linear) -> str:
    """A sum, its number last."""
    text = ""
    for term, count in sorted(linear.items(), key=lambda pair: (not pair[0], pair[1] < 0)):
        size = str(abs(count)) if not term else term if abs(count) == 1 else f"{abs(count)} * ({term})"
        text += (" - " if count < 0 else " + ") + size if text else "-" * (count < 0) + size
    return text
