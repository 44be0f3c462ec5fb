"""What a verification found, and how to say it in one honest sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hesse.core.tensor import Tensor

Setting: TypeAlias = tuple[tuple[str, int], ...]
"""The sizes at a point: pairs of a name and a number."""
Status: TypeAlias = Literal["verified", "not verified", "refuted"]


@dataclass(frozen=True, eq=False)
class Counterexample:
    """A point at which the result is wrong: the expected and the given value of an entry, or the two shapes.

    `entry` is None for shapes, and where only a random combination of the entries was compared. A given shape of None
    means that the result cannot be evaluated at all.
    """

    setting: Setting
    values: Mapping[str, Tensor[float]]
    expected: float | tuple[int, ...]
    got: float | tuple[int, ...] | None
    entry: tuple[int, ...] | None = None

    def __str__(self) -> str:
        place = f"at {_sizes(self.setting)} " if self.setting else ""
        if self.got is None:
            return f"{place}the result has no value, it should be of shape {self.expected}"
        if isinstance(self.got, tuple):
            return f"{place}the shape is {self.got}, it should be {self.expected}"
        what = "a random combination of the entries" if self.entry is None else f"entry {list(self.entry)}"
        what = "the value" if self.entry == () else what
        return f"{place}{what} is {self.got:.6g}, it should be {self.expected:.6g}"


@dataclass(frozen=True)
class Verification:
    """The outcome of comparing a result with an independent one at points.

    `digits` is the least number of decimal digits in agreement; `method` says what was compared; `reason` why there
    is no verdict. A counterexample comes with every refutation, and with a value that is missing or in doubt.
    """

    status: Status
    points: int = 0
    digits: int = 0
    settings: tuple[Setting, ...] = ()
    method: str = ""
    reason: str = ""
    counterexample: Counterexample | None = None

    @property
    def ok(self) -> bool:
        """Whether the result was confirmed."""
        return self.status == "verified"

    def __str__(self) -> str:
        match self.status:
            case "verified":
                count = f"{self.points} point" + "s" * (self.points != 1)
                named = "; ".join(dict.fromkeys(filter(None, map(_sizes, self.settings))))
                place = f" ({named})" if named else ""
                method = f", {self.method}" if self.method else ""
                return f"verified at {count}{place}, {self.digits} digits{method}"
            case "not verified":
                return f"not verified: {self.reason}"
            case "refuted":
                return f"refuted: {self.counterexample}" + (f" ({self.reason})" if self.reason else "")


def digits(gap: float, size: float) -> int:
    """The decimal digits in which values of that size agree."""
    return 15 if gap == 0 else max(0, min(15, math.floor(-math.log10(gap / size))))


def _sizes(setting: Setting) -> str:
    return " ".join(f"{name}={size}" for name, size in setting)
