"""What a derived expression holds, as against one that is written as it was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from hesse.core.nodes import Node, Variable
from hesse.facts.structure import Origin
from hesse.notation.source import Source
from hesse.service.conditions import Condition
from hesse.verify.verdict import Verification

AS_WRITTEN = Verification("not verified", reason="an expression as it was written, not a result")


@dataclass(frozen=True, slots=True)
class Lineage:
    """How a result came about: by which operator, from which expression, by which variables.

    `vector` is the vector of a product, or what a convention for symmetric matrices says; `raw` its node before it was
    simplified, where that is not found by differentiating.
    """

    operator: Literal["derivative", "jvp", "vjp", "hvp", "convention"]
    function: Any
    variables: tuple[Variable, ...]
    stacked: bool
    order: int = 1
    vector: str = ""
    raw: Node | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A derived node: what it holds for, how it was verified, and what of its source it keeps."""

    node: Node
    conditions: Callable[[], tuple[Condition, ...]] = tuple
    verification: Verification = AS_WRITTEN
    known: Source = field(default_factory=Source)
    origin: Origin | None = None
    lineage: Lineage | None = None
    named: bool = True
    """Whether repeated parts are named when it is written; the entries of a table are not."""
