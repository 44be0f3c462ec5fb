"""What is found out about an expression once, and kept with it."""

from __future__ import annotations

from functools import cached_property
from typing import Generic, TypeVar

from hesse.service.variables import Target

T = TypeVar("T")


class Kept(Generic[T]):
    """The verified derivatives that were asked for."""

    @cached_property
    def derived(self) -> dict[tuple[Target, int], T]:
        """The derivatives by variables and order: each is found and verified once."""
        return {}
