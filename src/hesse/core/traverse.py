"""Walking expression graphs: the only traversals in the system, iterative and visiting each shared node once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, assert_never

from hesse.core.nodes import (
    Apply,
    Axis,
    Call,
    Constant,
    Contract,
    Derivative,
    Let,
    Node,
    Operation,
    Power,
    SizeValue,
    Sum,
    Table,
    Variable,
)

T = TypeVar("T")


def children(node: Node) -> tuple[Node, ...]:
    """The nodes this one is made of, index tables included."""
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


def axes_of(node: Contract) -> tuple[Axis, ...]:
    """All axes of a contraction: those of its factors in order, then those of the result."""
    return (*(axis for _, axes in node.factors for axis in axes), *node.out)


def postorder(root: Node) -> list[Node]:
    """Every distinct node below and including the root once, children first, without recursion."""
    order: list[Node] = []
    done: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if node in done:
            continue
        if ready:
            done.add(node)
            order.append(node)
            continue
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(children(node)) if child not in done)
    return order


def fold(root: Node, visit: Callable[[Node, tuple[T, ...]], T]) -> T:
    """The value of `visit(node, values of its children)` at the root; each shared node is visited once."""
    values: dict[Node, T] = {}
    for node in postorder(root):
        values[node] = visit(node, tuple(values[child] for child in children(node)))
    return values[root]
