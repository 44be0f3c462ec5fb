"""Surface trees grouped into classes of equal structure, and trees rebuilt from changed parts."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, assert_never

from hesse.core.function import Construction
from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Running,
    Slice,
    Stack,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
    children,
    fold,
    postorder,
)
from hesse.functions import FUNCTIONS

T = TypeVar("T")
ENORMOUS = 1_000_000


@dataclass(slots=True)
class Classes:
    """Classes of equal trees, numbered so that parts come before wholes."""

    numbers: dict[int, int] = field(default_factory=dict)  # by the identity of the tree
    members: list[Syntax] = field(default_factory=list)  # the first tree of each class
    parts: list[tuple[int, ...]] = field(default_factory=list)  # the classes of the parts that a name may replace
    lengths: list[int] = field(default_factory=list)  # about how long the text is
    unknown: list[frozenset[str]] = field(default_factory=list)  # the names in it that are not known everywhere
    _table: dict[Hashable, int] = field(default_factory=dict)

    def add(self, root: Syntax, known: frozenset[str]) -> list[int]:
        """The classes of the tree and all its subtrees, parts first; `known` names mean the same everywhere."""
        order = []
        for tree in postorder(root):
            if id(tree) not in self.numbers:
                below = [self.numbers[id(child)] for child in children(tree)]
                self.numbers[id(tree)] = self._number(tree, below, known)
            order.append(self.numbers[id(tree)])
        return order

    def _number(self, tree: Syntax, below: Sequence[int], known: frozenset[str]) -> int:
        key = (type(tree), label(tree), *below)
        number = self._table.setdefault(key, len(self.members))
        if number == len(self.members):
            self.members.append(tree)
            self.parts.append(tuple(replaceable(tree, below)))
            self.lengths.append(text_length(tree, [self.lengths[part] for part in below]))
            self.unknown.append(self._unknown(tree, below, known))
        return number

    def _unknown(self, tree: Syntax, below: Sequence[int], known: frozenset[str]) -> frozenset[str]:
        if isinstance(tree, Name):
            return frozenset({tree.name} - known)
        names = frozenset().union(*(self.unknown[part] for part in below))
        return names - {tree.index} if isinstance(tree, Running) else names


def label(tree: Syntax) -> Hashable:
    """What distinguishes trees of one kind with equal children."""
    match tree:
        case Num(value=value) | Text(value=value):
            return value
        case Name(name=name):
            return name
        case Binary(operator=operator):
            return operator
        case Call(function=function, axis=axis):
            return function, axis
        case Undefined(function=function, order=order):
            return function, order
        case Index(items=items):
            return tuple(_pattern(item) for item in items)
        case Running(function=function, index=index):
            return function, index, tree.start is not None, tree.stop is not None
        case Definitions():
            return id(tree)  # a scope of its own, equal to no other
        case Negative() | Transpose() | Stack() | Tuple():
            return None
        case _:
            assert_never(tree)


def _pattern(item: Syntax | Slice) -> tuple[bool, ...]:
    if isinstance(item, Slice):
        return tuple(part is not None for part in (item.start, item.stop, item.step))
    return ()


def replaceable(tree: Syntax, parts: Sequence[T]) -> Sequence[T]:
    """Of values that belong to the children, those of the children that a name may stand for.

    Positions, sizes, ranges and specifications must stay as they are.
    """
    match tree:
        case Index():
            return parts[:1]
        case Definitions():
            return ()
        case Call(function=function, arguments=arguments):
            row = FUNCTIONS.get(function)
            if isinstance(row, Construction) and (row.sizes or row.extra):
                return () if row.sizes else parts[: row.arity]
            return parts[1:] if arguments and isinstance(arguments[0], Text) else parts
        case Running():
            return parts[-1:]
        case _:
            return parts


def text_length(tree: Syntax, lengths: Sequence[int]) -> int:
    """About how many characters the tree takes as text, from the lengths of its children; saturating."""
    match tree:
        case Num(value=value):
            own = len(str(value)) if value.denominator.bit_length() + value.numerator.bit_length() < 99 else 30
        case Name(name=own_text) | Text(value=own_text):
            own = len(own_text)
        case Binary(operator=operator):
            own = len(operator) + 2 * (operator not in "**/")
        case Call(function=function, arguments=arguments):
            own = len(function) + 2 * len(arguments)
        case Running(function=function, index=index):
            own = len(function) + len(index) + 4
        case Undefined(function=function):
            own = len(function) + 4
        case _:
            own = 2 * max(len(lengths), 1)
    return min(own + sum(lengths), ENORMOUS)


def rebuilt(tree: Syntax, parts: Sequence[Syntax]) -> Syntax:
    """The tree with these children, in the order of `children`; the same object when none is new."""
    if all(new is old for new, old in zip(parts, children(tree), strict=True)):
        return tree
    match tree:
        case Negative() | Transpose():
            return replace(tree, operand=parts[0], span=None)
        case Binary():
            return replace(tree, left=parts[0], right=parts[1], span=None)
        case Undefined():
            return replace(tree, argument=parts[0], span=None)
        case Call():
            return replace(tree, arguments=tuple(parts), span=None)
        case Stack() | Tuple():
            return replace(tree, items=tuple(parts), span=None)
        case Index(items=items):
            return Index(parts[0], _rebuilt_items(items, iter(parts[1:])))
        case Definitions(bindings=bindings):
            values = zip(bindings, parts, strict=False)
            return Definitions(tuple((name, value) for (name, _), value in values), parts[-1])
        case Running(start=start):
            first = parts[0] if start is not None else None
            last = parts[-2] if tree.stop is not None else None
            return replace(tree, body=parts[-1], start=first, stop=last, span=None)
        case Num() | Name() | Text():
            return tree
        case _:
            assert_never(tree)


def _rebuilt_items(items: Sequence[Syntax | Slice], parts: Iterator[Syntax]) -> tuple[Syntax | Slice, ...]:
    def slot(part: Syntax | None) -> Syntax | None:
        return None if part is None else next(parts)

    return tuple(
        Slice(slot(item.start), slot(item.stop), slot(item.step)) if isinstance(item, Slice) else next(parts)
        for item in items
    )


def inlined(tree: Syntax) -> Syntax:
    """The tree with its definitions in the places of their names; equal parts stay one object."""
    if not isinstance(tree, Definitions):
        return tree
    values: dict[str, Syntax] = {}

    def visit(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        if isinstance(part, Name):
            return values.get(part.name, part)
        return rebuilt(part, parts)

    for name, value in tree.bindings:
        values[name] = fold(value, visit)
    return fold(tree.body, visit)
