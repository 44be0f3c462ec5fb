"""What is found out about an expression once, and kept with it."""

from __future__ import annotations

from functools import cached_property
from typing import Generic, TypeVar

from hesse.core.nodes import Node
from hesse.service.variables import Target

T = TypeVar("T")


class Kept(Generic[T]):
    """The verified derivatives that were asked for, and what those still to come have in common with them."""

    @cached_property
    def derived(self) -> dict[tuple[Target, int], T]:
        """The derivatives by variables and order: each is found and verified once."""
        return {}

    @cached_property
    def adjoints(self) -> dict[Node, Node]:
        """The adjoints that backward sweeps have found, which derivatives by other variables share."""
        return {}
