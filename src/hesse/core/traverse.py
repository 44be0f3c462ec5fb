"""Walking expression graphs: the only traversals in the system, iterative and visiting each shared node once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hesse.core.nodes import Axis, Contract, Node

T = TypeVar("T")


def children(node: Node) -> tuple[Node, ...]:
    """The nodes this one is made of, index tables included."""
    return node.parts


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
