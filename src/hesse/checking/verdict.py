"""The verdict on an answer: what was found, the mistake in words, and a point that shows it."""

from __future__ import annotations

import html
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hesse.core.tensor import Tensor
from hesse.service.expression import Expr

EQUAL = "equal (proved)"
NO_DIFFERENCE = "no difference found"
DIFFERENT = "different"
OTHER_LAYOUT = "equal in the other layout"
ONLY_IF = "equal only if "
DOMAINS_DIFFER = "domains differ"
UNDECIDED = "undecided"
PRINTED = 1e-6
"""The relative width from which on the bounds of a value are printed in its place."""

MISTAKES: Mapping[str, str] = {
    "missing-factor": "a constant factor is missing, or one too many",
    "sign": "a sign is wrong",
    "transpose": "a factor must be transposed",
    "layout": "the result is laid out the other way round",
    "chain-inner": "an inner derivative is missing or wrong in the chain rule",
    "chain-outer": "an outer derivative is missing or wrong in the chain rule",
    "product-term": "a term of a sum or of the product rule is missing, or one too many",
    "quotient": "the quotient rule is not applied correctly",
    "shape": "the shape is not that of the derivative, or shapes do not fit",
    "assumption": "it holds under an assumption that is not given",
    "off-diagonal": "entries off the diagonal are missing, or there should be none",
    "wrong-variable": "the derivative is taken by another variable",
    "commuted": "matrices that do not commute were exchanged",
    "inverse": "the rule for an inverse or a determinant is not applied correctly",
    "wrong-derivative": "the derivative of a function is not what it should be, or it is that of something else",
    "integrated": "an integral was taken in place of a derivative",
    "mean-or-sum": "a mean was taken for a sum, or a sum for a mean",
    "elementwise-or-matrix": "a product entry by entry was taken for a product of matrices, or the reverse",
}
"""The codes in `Verdict.mistakes`."""


@dataclass(frozen=True, eq=False)
class Counterexample:
    """A point at which the answer differs: values of all variables, the entry, and both values there.

    `certified` says that the two values were enclosed by disjoint intervals, which `expected_bounds` and `got_bounds`
    give. A value that does not exist is None. `entry` has 0-based positions and is empty for scalars; `difference` is
    the given value less the expected one, also where both are the same float; `digits` are the expected value, the
    given one and the difference as texts, also where floats underflow.
    """

    values: Mapping[str, Tensor[Fraction]]
    sizes: Mapping[str, int]
    entry: tuple[int, ...]
    expected: float | None
    got: float | None
    certified: bool = False
    expected_bounds: tuple[float, float] | None = None
    got_bounds: tuple[float, float] | None = None
    difference: float | None = None
    digits: tuple[str, str, str] = ("", "", "")

    @property
    def point(self) -> dict[str, Any]:
        """The values as nested lists of numbers: integers where they are."""
        return {name: value.map(_plain).nested() for name, value in self.values.items()}

    @property
    def texts(self) -> dict[str, str]:
        """The values as text."""
        return {name: _listed(value.map(str).nested()) for name, value in self.values.items()}

    @property
    def spelled(self) -> tuple[str, str]:
        """The given and the expected value, in as many digits as tell them apart."""
        got, expected = _number(self.got, self.expected), _number(self.expected, self.got)
        one, other, gap = self.digits
        if _beyond(self.expected, one) or _beyond(self.got, other):
            # Floats over- or underflow where balls do not.
            return other or _between(self.got_bounds) or got, one or _between(self.expected_bounds) or expected
        if got != expected or wide(self.got_bounds) or wide(self.expected_bounds):
            return _between(self.got_bounds) or got, _between(self.expected_bounds) or expected
        if not gap and self.difference is not None:
            gap = f"{self.difference:.3g}"
        return (f"{got} {'-' if gap.startswith('-') else '+'} {gap.lstrip('-')}" if gap else got), expected

    def __str__(self) -> str:
        where = ", ".join(f"{name} = {text}" for name, text in self.texts.items())
        what = f"entry {list(self.entry)}" if self.entry else "the value"
        got, expected = self.spelled
        sure = " (certified)" if self.certified else ""
        exists = self.got is not None or self.got_bounds is not None
        found = f"{what} is {got}" if exists else f"{what} does not exist"
        told = f"{found}, it should be {expected}{sure}"
        return f"at {where}: {told}" if where else told

    def to_dict(self) -> dict[str, Any]:
        """The point as JSON values; numbers that are no integers are exact texts such as "1/8"."""
        return {
            "values": {name: value.map(_json).nested() for name, value in self.values.items()},
            "sizes": dict(self.sizes),
            "entry": list(self.entry),
            "expected": self.expected,
            "got": self.got,
            "certified": self.certified,
            "expected_bounds": None if self.expected_bounds is None else list(self.expected_bounds),
            "got_bounds": None if self.got_bounds is None else list(self.got_bounds),
            "difference": self.difference,
        }


def _beyond(value: float | None, digits: str) -> bool:
    """Whether floats over- or underflow where balls, which gave the digits, do not."""
    return bool(digits) and (value is None or (abs(value) < sys.float_info.min and digits.lstrip("-") != "0"))


class Outcome:
    """What follows from the words of a verdict alone."""

    verdict: str

    @property
    def right(self) -> bool:
        """Whether the answer is right as far as is known: proved equal, or no difference was found."""
        return self.verdict in (EQUAL, NO_DIFFERENCE)

    @property
    def undecided(self) -> bool:
        """Whether nothing could be said."""
        return self.verdict == UNDECIDED

    @property
    def status(self) -> int:
        """The exit status of the command line: 0 right, 1 not right, 3 undecided."""
        return 0 if self.right else 3 if self.undecided else 1


@dataclass(frozen=True, eq=False)
class Verdict(Outcome):
    """What was found about an answer.

    `verdict` is one of "equal (proved)", "no difference found", "different", "equal in the other layout",
    "equal only if ..." with the assumption, "domains differ" and "undecided". `mistakes` are codes from `MISTAKES`,
    the likeliest first; `diagnosis` says in words what is wrong and where. `rule` is the id of the rule that was
    misapplied, where one was. `points` were compared, to `digits` decimal digits, drawn with `seed`. `correct`
    is the derivative, or its entry.
    """

    verdict: str
    correct: Expr
    kind: str
    wrt: tuple[str, ...]
    answer: Expr | None = None
    text: str = ""
    entry: tuple[int, ...] | None = None
    mistakes: list[str] = field(default_factory=list)
    diagnosis: str = ""
    rule: str = ""
    counterexample: Counterexample | None = None
    points: int = 0
    digits: int = 0
    seed: int = 0
    notes: tuple[str, ...] = ()

    @property
    def readings(self) -> tuple[str, ...]:
        """How the answer was understood, where that is not obvious."""
        return () if self.answer is None else self.answer.readings

    @property
    def assumption(self) -> str:
        """The assumption of "equal only if ..."; empty for the other verdicts."""
        return self.verdict.removeprefix(ONLY_IF) if self.verdict.startswith(ONLY_IF) else ""

    @property
    def compared(self) -> str:
        """How many points were compared, and how closely; empty where none was."""
        if not self.points:
            return ""
        digits = f" to {self.digits} digits" if self.digits else ""
        return f"at {self.points} point{'s' * (self.points != 1)}{digits}, seed {self.seed}"

    def __str__(self) -> str:
        head = f"{self.verdict} ({self.compared})" if self.verdict == NO_DIFFERENCE else self.verdict
        lines = [f"{head}: {self.diagnosis}" if self.diagnosis else head]
        if self.counterexample is not None:
            lines.append(str(self.counterexample))
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def __repr__(self) -> str:
        codes = f" {self.mistakes}" if self.mistakes else ""
        return f"<Verdict {self.verdict!r}{codes}>"

    def _repr_html_(self) -> str:
        colour = "#1a7f37" if self.right else "#9a6700" if self.undecided else "#b35900"
        first, *rest = str(self).split("\n")
        head = f'<p><strong style="color:{colour}">{html.escape(self.verdict)}</strong>'
        body = html.escape(first.removeprefix(self.verdict))
        return head + body + "</p>" + "".join(f"<p>{html.escape(line)}</p>" for line in rest)

    def to_dict(self) -> dict[str, Any]:
        """The verdict as JSON values, with stable keys."""
        return {
            "verdict": self.verdict,
            "right": self.right,
            "mistakes": list(self.mistakes),
            "diagnosis": self.diagnosis,
            "rule": self.rule,
            "counterexample": None if self.counterexample is None else self.counterexample.to_dict(),
            "points": self.points,
            "digits": self.digits,
            "seed": self.seed,
            "kind": self.kind,
            "wrt": list(self.wrt),
            "entry": None if self.entry is None else list(self.entry),
            "answer": self.text,
            "read_as": None if self.answer is None else str(self.answer),
            "readings": list(self.readings),
            "correct": str(self.correct),
            "notes": list(self.notes),
        }


def wide(bounds: tuple[float, float] | None) -> bool:
    """Whether a value within these bounds is not known to the digits that are printed."""
    if bounds is None:
        return False
    low, high = bounds
    return not math.isfinite(high - low) or high - low > PRINTED * max(abs(low), abs(high), sys.float_info.min)


def _between(bounds: tuple[float, float] | None) -> str:
    """The bounds of a value that is not known more closely; empty where it is."""
    if bounds is None or not wide(bounds):
        return ""
    low, high = (f"{end:.17g}" for end in bounds)
    ends = [f"at least {low}"] * (bounds[0] > -math.inf) + [f"at most {high}"] * (bounds[1] < math.inf)
    return f"between {low} and {high}" if len(ends) == 2 else "".join(ends) or "not known"


def _plain(value: Fraction) -> float | int:
    return int(value) if value.denominator == 1 else float(value)


def _json(value: Fraction) -> int | str:
    return int(value) if value.denominator == 1 else str(value)


def _listed(value: Any) -> str:
    return value if isinstance(value, str) else "[" + ", ".join(map(_listed, value)) + "]"


def _number(value: float | None, other: float | None) -> str:
    """The number in as few digits as tell it from the other one."""
    if value is None:
        return "none"
    for digits in (6, 12, 17):
        text = f"{value:.{digits}g}"
        if other is None or text != f"{other:.{digits}g}":
            return text
    return text
