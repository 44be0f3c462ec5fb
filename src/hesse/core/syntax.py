"""The surface language as data: what was written, and what will be written.

Front ends produce these trees, the elaborator turns them into nodes, back-translation produces them again, and the
renderers, the plain evaluator and the code generators read them. A tree may share subtrees (then it is a graph).
No rewriting happens here: a tree says exactly what the text says. Equality is identity; spans are for messages only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias, TypeVar, assert_never

from hesse.errors import Span

Operator: TypeAlias = Literal["+", "-", "*", "/", "//", "**", "@", "<", "<=", ">", ">=", "==", "!="]
T = TypeVar("T")
COMPARISONS: frozenset[str] = frozenset({"<", "<=", ">", ">=", "==", "!="})


@dataclass(frozen=True, slots=True, eq=False)
class Num:
    """An exact number: 2, 0.1, 1/3."""

    value: Fraction
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A variable, a definition, a size used as a scalar, or one of the constants pi and e."""

    name: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Negative:
    """-operand."""

    operand: Syntax
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Binary:
    """left operator right, with NumPy's meaning: elementwise with broadcasting, `@` the matrix product. The quotient
    rounded down, `//`, is for sizes only.

    `typed` tells where the text had another spelling that may mean something else: "^" or a superscript for `**`
    (both "^"), and "⊙" or nothing at all ("implicit") for `*`.
    """

    operator: Operator
    left: Syntax
    right: Syntax
    span: Span | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Transpose:
    """operand.T: all axes reversed. `typed` is "'" where the text had a mathematical spelling (a prime, ᵀ, ^T)."""

    operand: Syntax
    span: Span | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A function of the vocabulary applied to arguments; `axis` only where it was given."""

    function: str
    arguments: tuple[Syntax, ...]
    axis: int | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Undefined:
    """The derivative of some order of a declared, undefined function, at the arguments: `hess(u)(x)` has order 2."""

    function: str
    order: int
    argument: Syntax
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """start:stop:step inside an index; the parts are integers or size expressions, negative from the end."""

    start: Syntax | None
    stop: Syntax | None
    step: Syntax | None
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """operand[items]: each item an integer or size expression, a slice, or an index array."""

    operand: Syntax
    items: tuple[Syntax | Slice, ...]
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """[a, b, ...]: the items stacked along a new first axis."""

    items: tuple[Syntax, ...]
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Tuple:
    """(m, n): only as the shape argument of ones, zeros and reshape."""

    items: tuple[Syntax, ...]
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A quoted string: only as the first argument of einsum."""

    value: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Definitions:
    """name = value; ...; body. Later values and the body see the names; the same name may be bound again."""

    bindings: tuple[tuple[str, Syntax], ...]
    body: Syntax
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """function(index=start:stop, body): a reduction of the values of the body for every position of the index.

    The values are stacked along a new first axis, and the function (sum, mean, max, ...) reduces that axis. The range
    is half-open. An end that is not given is the furthest at which every position that depends on the index, counted
    from 0, lies on its axis.
    """

    function: str
    index: str
    body: Syntax
    start: Syntax | None = None
    stop: Syntax | None = None
    span: Span | None = None


Syntax: TypeAlias = (
    Num | Name | Negative | Binary | Transpose | Call | Undefined | Index | Stack | Tuple | Text | Definitions | Running
)


def children(tree: Syntax) -> tuple[Syntax, ...]:
    """The direct subtrees, left to right; the parts of slices included."""
    match tree:
        case Num() | Name() | Text():
            return ()
        case Negative(operand=operand) | Transpose(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Call(arguments=arguments):
            return arguments
        case Undefined(argument=argument):
            return (argument,)
        case Index(operand=operand, items=items):
            return (operand, *_index_children(items))
        case Stack(items=parts) | Tuple(items=parts):
            return parts
        case Definitions(bindings=bindings, body=body):
            return (*(value for _, value in bindings), body)
        case Running(body=body):
            return (*ends(tree), body)
        case _:
            assert_never(tree)


def ends(tree: Running) -> tuple[Syntax, ...]:
    """The ends of the range that are given."""
    return tuple(end for end in (tree.start, tree.stop) if end is not None)


def _index_children(items: tuple[Syntax | Slice, ...]) -> tuple[Syntax, ...]:
    parts: list[Syntax] = []
    for item in items:
        if isinstance(item, Slice):
            parts += [part for part in (item.start, item.stop, item.step) if part is not None]
        else:
            parts.append(item)
    return tuple(parts)


def postorder(root: Syntax, known: Callable[[Syntax], bool] = lambda tree: False) -> list[Syntax]:
    """Every distinct subtree once, children before parents, without recursion; nothing at and below those `known`."""
    order: list[Syntax] = []
    opened: set[int] = set()
    done: set[int] = set()
    stack: list[Syntax] = [root]
    while stack:
        tree = stack[-1]
        key = id(tree)
        if key not in opened and key not in done:
            opened.add(key)
            if known(tree):
                done.add(key)
            elif waiting := [child for child in reversed(children(tree)) if id(child) not in done]:
                stack += waiting
                continue
        stack.pop()
        if key not in done:
            done.add(key)
            order.append(tree)
    return order


def fold(root: Syntax, visit: Callable[[Syntax, tuple[T, ...]], T]) -> T:
    """The value of `visit(tree, values of its children)` at the root; each shared subtree is visited once."""
    values: dict[int, T] = {}
    for tree in postorder(root):
        values[id(tree)] = visit(tree, tuple(values[id(child)] for child in children(tree)))
    return values[id(root)]


def number_value(tree: Syntax) -> Fraction | None:
    """The number that a literal with or without a minus sign stands for; None for anything else."""
    match tree:
        case Num(value=value):
            return value
        case Negative(operand=Num(value=value)):
            return -value
        case _:
            return None


def free_names(root: Syntax) -> frozenset[str]:
    """The names that stand for something from outside of the tree: no definition of its own, no running index."""
    return fold(root, _free)


def _free(tree: Syntax, parts: tuple[frozenset[str], ...]) -> frozenset[str]:
    match tree:
        case Name(name=name):
            return frozenset({name})
        case Running(index=index):
            return frozenset().union(*parts[:-1], parts[-1] - {index})
        case Definitions(bindings=bindings):
            free, bound = frozenset[str](), frozenset[str]()
            for (name, _), part in zip((*bindings, ("", tree.body)), parts, strict=True):
                free, bound = free | (part - bound), bound | {name}
            return free
        case _:
            return frozenset().union(*parts)


def number(value: int | Fraction) -> Num:
    """The literal of an exact number."""
    return Num(Fraction(value))


def call(function: str, *arguments: Syntax, axis: int | None = None) -> Call:
    """The call of a function, without a span."""
    return Call(function, arguments, axis)
