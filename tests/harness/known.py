"""What is known at a point, and what is compared with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from .jax_oracle import Point, Truth

Valued: TypeAlias = tuple[Any, float]
"""A value, and the largest number on the way to it."""


@dataclass(frozen=True)
class Known:
    """A point at which the oracle has finite values."""

    point: Point
    truth: Truth


@dataclass(frozen=True)
class Check:
    """A value to compare with what is expected of it at points."""

    law: str
    subject: str
    result: Any
    expected: Callable[[Known], Any]
    compute: Callable[[Point], Valued]
    moved: Callable[[Point], Point] = lambda at: at
    """The point at which the result itself has a value: it may have further variables."""
