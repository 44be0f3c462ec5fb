"""What a simplification is: a function from a node to a shorter one or None, with its name and its equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from hesse.core.nodes import Node


@dataclass(frozen=True, eq=False, slots=True)
class Rewrite:
    """A named simplification. `title` says what is done in words, `statement` is the equation in general form.

    `told` gives the simplifications that one is made of, each with a node and what it becomes.
    """

    id: str
    title: str
    statement: str
    apply: Callable[[Node], Node | None]
    told: Callable[[Node], Log] | None = None

    def __call__(self, node: Node) -> Node | None:
        """The shorter node, or None where the rule does not apply."""
        return self.apply(node)


Log: TypeAlias = "list[tuple[Rewrite, Node, Node]]"
"""What was rewritten, in order: the rule, the node, and what it became."""


def rewrite(title: str) -> Callable[[Callable[[Node], Node | None]], Rewrite]:
    """The decorator that makes a simplification of a function: its name is the id, its docstring the statement."""

    def named(apply: Callable[[Node], Node | None]) -> Rewrite:
        words = " ".join((apply.__doc__ or "").strip().partition("\n\n")[0].split())
        # What stands behind the equation says when it is used.
        equation, _, _ = words.partition(": ")
        return Rewrite(apply.__name__, title, (equation if " = " in equation else words).rstrip("."), apply)

    return named
