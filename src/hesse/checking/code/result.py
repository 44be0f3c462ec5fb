"""What a check of code gives back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from hesse.checking.verdict import DIFFERENT, Outcome
from hesse.core.tensor import Tensor

SHOWN = 5
TAIL = 3
SQUARE = 1.5
"""A slope above this one is rather that of a right derivative than that of a wrong one."""


@dataclass(frozen=True)
class Remainders:
    """The remainders along one direction: `steps`, their `sizes` (largest output), the `slopes` from one to the next.

    Only those above the noise are kept. `slope` is the median of the last slopes; None where the remainder is rounding
    at all steps, as for a linear function. `judged` is False where the slope of the function along the direction could
    not be determined, so that nothing follows.
    """

    direction: tuple[float, ...]
    steps: tuple[float, ...]
    sizes: tuple[float, ...]
    slopes: tuple[float, ...]
    judged: bool = True

    @property
    def text(self) -> str:
        """The slope, in words where there is none."""
        if not self.judged:
            return "not judged"
        return "no remainder" if self.slope is None else f"{self.slope:.2f}"

    @property
    def slope(self) -> float | None:
        """The slope that the tail has."""
        return median(self.slopes[-TAIL:]) if self.slopes else None


@dataclass(frozen=True)
class WrongEntry:
    """An entry of `jac` that is not the derivative.

    `name` is how it is written, `index` its position in what `jac` returned for the argument `argument`. `expected` is
    the derivative, known up to `error`; at a kink it is the nearer one-sided slope. `factor` is claimed/expected, where
    that is a number.
    """

    name: str
    argument: str
    index: tuple[int, ...]
    claimed: float
    expected: float
    error: float
    factor: float | None
    said: str

    @property
    def text(self) -> str:
        """What is wrong with it, in a sentence."""
        return f"{self.name} {self.said}"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class CodeCheck(Outcome):
    """The verdict on a hand-written derivative, and why.

    `verdict` is "equal (proved)", "no difference found", "different" or "undecided". `mistakes` are codes, `diagnosis`
    says it in words, `wrong` has the entries that differ and `counterexample` the first of them. `claimed` and
    `expected` are the derivatives at the point, by argument where there are several. `relative_error` is the largest
    one of the entries that are not zero. `method` says what the truth is; `remainders` and `slopes` are the Taylor
    test, `kinks` the entries at which the function has a kink, `notes` what else was seen.
    """

    verdict: str
    diagnosis: str
    mistakes: list[str] = field(default_factory=list)
    wrong: tuple[WrongEntry, ...] = ()
    claimed: Any = None
    expected: Any = None
    relative_error: float | None = None
    method: str = ""
    remainders: tuple[Remainders, ...] = ()
    kinks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()

    @property
    def counterexample(self) -> WrongEntry | None:
        """The first wrong entry."""
        return self.wrong[0] if self.wrong else None

    @property
    def slopes(self) -> tuple[float | None, ...]:
        """The slope of the Taylor test in each direction: 2 where the derivative is right; None for no remainder."""
        return tuple(each.slope for each in self.remainders)

    def lines(self) -> Iterator[str]:
        """The report, line by line."""
        yield self.verdict
        yield f"  {self.diagnosis}"
        yield from (f"  {entry}" for entry in self.wrong[:SHOWN] if str(entry) != self.diagnosis)
        if len(self.wrong) > SHOWN:
            yield f"  and {len(self.wrong) - SHOWN} more"
        yield from (f"  {remark}" for remark in self.remarks())

    def remarks(self) -> Iterator[str]:
        """How the verdict was found, and what else was seen."""
        if self.method:
            yield f"compared with {self.method}"
        if self.remainders:
            yield self.taylor
        yield from (*self.notes, *self.readings)

    @property
    def taylor(self) -> str:
        """The Taylor test in a sentence."""
        said = [each.text for each in self.remainders]
        expected = "1 at a kink" if self.kinks else "2 where the derivative is right"
        if self.verdict == DIFFERENT and all(slope is None or slope > SQUARE for slope in self.slopes):
            expected = "what differs is too small beside the curvature to show"
        return f"slopes of the Taylor remainders: {', '.join(said)} ({expected})"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        codes = f" {self.mistakes}" if self.mistakes else ""
        return f"<CodeCheck {self.verdict!r}{codes}>"

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON values, with stable keys; what is not finite is a text such as "nan"."""
        return {
            "verdict": self.verdict,
            "right": self.right,
            "mistakes": list(self.mistakes),
            "diagnosis": self.diagnosis,
            "wrong": [
                {name: _json(value) for name, value in asdict(entry).items() if name != "said"} | {"text": entry.text}
                for entry in self.wrong
            ],
            "claimed": _arrays(self.claimed),
            "expected": _arrays(self.expected),
            "relative_error": self.relative_error,
            "method": self.method,
            "slopes": list(self.slopes),
            "kinks": list(self.kinks),
            "notes": list(self.notes),
            "readings": list(self.readings),
        }


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


def _arrays(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _arrays(each) for name, each in value.items()}
    return None if value is None else Tensor.from_nested(value.tolist()).map(_json).nested()
