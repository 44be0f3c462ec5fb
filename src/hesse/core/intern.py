"""The table of nodes: equal structure is one object, identified by content and not by address."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar, assert_never
from weakref import WeakValueDictionary

from hesse.core.declarations import natural_key
from hesse.core.exact import within_limit
from hesse.core.indices import axis_labels
from hesse.core.nodes import (
    Affine,
    Apply,
    Axis,
    BaseNode,
    Call,
    Constant,
    Contract,
    Cyclic,
    Derivative,
    Elementwise,
    Fixed,
    Flat,
    Let,
    NamesKey,
    Node,
    Operation,
    Operator,
    Power,
    SizeValue,
    Sum,
    Table,
    Variable,
)
from hesse.core.sizes import Size
from hesse.core.traverse import axes_of

NodeT = TypeVar("NodeT", bound=BaseNode)

_TABLE: WeakValueDictionary[Any, Any] = WeakValueDictionary()
_LOCK = Lock()
_MAX_LEAVES = 8
_END = ((2, 0, ""),)
_natural = lru_cache(maxsize=4096)(natural_key)


def intern(kind: Callable[..., NodeT], *fields: Any) -> NodeT:
    """The one node with these fields. Only smart constructors call it: it does not normalise."""
    key = (kind, *fields)
    found: NodeT | None = _TABLE.get(key)
    if found is None:
        found = kind(*fields)
        content = hashlib.blake2b(kind.__name__.encode(), digest_size=12)
        _feed(content.update, fields)
        object.__setattr__(found, "digest", content.digest())
        object.__setattr__(found, "parts", _parts(found))  # type: ignore[arg-type]
        object.__setattr__(found, "leaves", _leaves(found))  # type: ignore[arg-type]
        object.__setattr__(found, "names_key", _names_key(found.leaves))
        object.__setattr__(found, "constant_axes", _constant_axes(found))  # type: ignore[arg-type]
        with _LOCK:
            # Another thread may have made the same node meanwhile: there is only one.
            found = _TABLE.setdefault(key, found)
    return found


def _feed(update: Callable[[bytes], None], value: Any) -> None:
    """Digest by content, never by address, so that order is the same in every process."""
    # Most values are labels, axes, factors and sizes: they come first.
    if type(value) is int:
        update(b"int:%d;" % value)
    elif type(value) is tuple:
        update(b"(")
        for item in value:
            _feed(update, item)
        update(b")")
    elif type(value) is Size:
        update(b"Size:%s;" % str(value).encode())
    else:
        update(_written(value))


def _written(value: Any) -> bytes:
    match value:
        case BaseNode():
            return b"N" + value.digest
        case frozenset():
            return repr(sorted(value)).encode()
        case Affine(label=label, stride=stride, offset=offset):
            return f"A{label},{stride},{offset};".encode()
        case Fixed(position=position):
            return f"F{position};".encode()
        case Table(label=label, entries=entries):
            return f"T{label}".encode() + entries.digest
        case Flat(labels=labels):
            return f"R{labels};".encode()
        case Cyclic(label=label, shift=shift):
            return f"C{label},{shift};".encode()
        case Elementwise() | Operator():
            return value.name.encode() + b";"
        case _:
            plain = within_limit(value) if isinstance(value, Fraction) else value
            return f"{type(value).__name__}:{plain};".encode()


def _parts(node: Node) -> tuple[Node, ...]:
    """The nodes that it is made of, index tables included."""
    match node:
        case Variable() | Constant() | SizeValue():
            return ()
        case Let(node=inner) | Derivative(node=inner):
            return (inner,)
        case Sum(terms=terms):
            return tuple(term for _, term in terms)
        case Contract(factors=factors):
            tables = [axis.entries for axis in axes_of(node) if isinstance(axis, Table)]
            return (*(factor for factor, _ in factors), *tables)
        case Power(base=base):
            return (base,)
        case Apply(arguments=arguments) | Operation(arguments=arguments):
            return arguments
        case Call(argument=argument):
            return (argument,)
        case _:
            assert_never(node)


def _leaves(node: Node) -> tuple[str, ...]:
    """The first few names in reading order: what terms and factors are sorted by."""
    match node:
        case Variable(name=name) | Constant(name=name) | Let(name=name):
            return (name,)
        case SizeValue(size=size):
            return (str(size),)
        case Power(base=base, exponent=exponent) if exponent.denominator == 1 and exponent > 1:
            return (base.leaves * min(int(exponent), _MAX_LEAVES))[:_MAX_LEAVES]
        case Call(function=function, order=order, argument=argument):
            # A derivative comes before the function itself: the product rule reads J_f g + J_g f.
            return (function if order else function + "~", *argument.leaves)[:_MAX_LEAVES]
        case Contract(factors=factors):
            return _first([_entry_leaves(factor, axes) for factor, axes in factors])
        case _:
            return _first([child.leaves for child in node.parts])


def _names_key(leaves: tuple[str, ...]) -> NamesKey:
    """Lexicographic with the longer first, so that x**2 comes before x and a constant comes last."""
    return (*map(_natural, leaves), _END)


def _entry_leaves(node: Node, axes: tuple[Axis, ...]) -> tuple[str, ...]:
    """The names of a factor; an entry such as x[1] is a name of its own."""
    positions = [str(axis.position) for axis in axes if isinstance(axis, Fixed)]
    if not positions or len(positions) < len(axes):
        return node.leaves
    return (f"{node.leaves[0] if node.leaves else ''}[{','.join(positions)}]", *node.leaves[1:])


def _first(parts: list[tuple[str, ...]]) -> tuple[str, ...]:
    names: list[str] = []
    for part in parts:
        names += part
        if len(names) >= _MAX_LEAVES:
            break
    return tuple(names[:_MAX_LEAVES])


def _constant_axes(node: Node) -> frozenset[int]:
    """The axes of the result that no factor of any term runs along."""
    match node:
        case Contract(factors=factors, out=out):
            used = {label for _, axes in factors for axis in axes for label in axis_labels(axis)}
            labels = [label for axis in out for label in axis_labels(axis)]
            return frozenset(
                k
                for k, axis in enumerate(out)
                if isinstance(axis, int) and axis not in used and labels.count(axis) == 1
            )
        case Sum(terms=terms):
            common = frozenset(range(len(node.shape)))
            for _, term in terms:
                common &= term.constant_axes
            return common
        case _:
            return frozenset()
