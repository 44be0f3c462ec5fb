"""Where a function and its derivatives are defined around a point: proved for a region, refuted at a point, or open."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, Literal

from hesse.enclosure.arithmetic import Undefined
from hesse.enclosure.balls import working
from hesse.enclosure.boxes import Box, Setting, models_over
from hesse.enclosure.domain import Fails
from hesse.enclosure.elimination import Singular
from hesse.enclosure.polynomials import space
from hesse.enclosure.rows import NotSmooth
from hesse.enclosure.taylor_models import SmoothModel
from hesse.errors import LimitError
from hesse.models.place import exact_number, place
from hesse.models.requirements import requirements
from hesse.service.expression import Expr

Answer = Literal["proved", "refuted", "undecided"]
MAX_BOXES = 300
MAX_ENTRIES = 40
DEGREE = 2
MAX_CORNERS = 4


@dataclass(frozen=True, slots=True)
class Domain:
    """Whether f has a value for all steps of a region, and whether it has derivatives of every order there.

    `defined` and `smooth` are "proved", "refuted" or "undecided". What is refuted is refuted at the step `at`; `reason`
    says what fails or is not proved, and where.
    """

    defined: Answer
    smooth: Answer
    radius: float
    at: tuple[float, ...] | None = None
    reason: str = ""

    def __str__(self) -> str:
        words = {"proved": "proved", "refuted": "refuted", "undecided": "not decided"}
        text = f"defined for all |e|_inf <= {self.radius:g}: {words[self.defined]}"
        text += f"; derivatives of every order: {words[self.smooth]}"
        return f"{text} ({self.reason})" if self.reason else text


def domain(f: Expr, at: Any, radius: Any, wrt: str | Sequence[str] | None = None) -> Domain:
    """Whether f and its derivatives are defined for all steps up to the radius in the maximum norm.

    >>> import hesse as hs
    >>> print(hs.domain(hs.parse("log(x)", "x:"), at=1, radius="0.5"))
    defined for all |e|_inf <= 0.5: proved; derivatives of every order: proved
    """
    where, size = place(f, at, wrt), exact_number(radius, "the radius")
    if where.count > MAX_ENTRIES:
        raise LimitError(f"{where.count} entries move, the limit here is {MAX_ENTRIES}")
    setting = Setting(where.values, where.sizes, where.tables, where.moving)
    needed, of = requirements(f), space(setting.count, DEGREE)
    region = Box.around(setting.count, size)
    with working(length=DEGREE + 2):
        defined, step, reason = _searched(region, lambda box: needed.check(setting, box, of))
        if defined != "proved":
            return Domain(defined, defined, float(size), step, reason)

        def smooth_on(box: Box) -> None:
            models_over([f.node], setting, box, of, SmoothModel)

        smooth, step, reason = _searched(region, smooth_on)
    return Domain("proved", smooth, float(size), step, reason)


def _searched(region: Box, check: Callable[[Box], None]) -> tuple[Answer, tuple[float, ...] | None, str]:
    """Whether the check passes on all boxes of a division of the region, or certainly fails at the middle of one."""
    queue, seen, reason = deque([region]), 0, ""
    while queue:
        box = queue.popleft()
        seen += 1
        error = _error(check, box)
        if error is None:
            continue
        for point in _points(box):
            exactly = _error(check, point)
            if isinstance(exactly, Fails):
                return "refuted", tuple(map(float, point.offsets)), str(exactly)
        reason = reason or _said(error, box)
        if seen >= MAX_BOXES:
            return "undecided", None, _said(error, box)
        queue.extend(box.split())
    return "proved", None, ""


def _points(box: Box) -> Iterator[Box]:
    """The middle of a box and, for few variables, its corners."""
    still = (Fraction(0),) * len(box.halves)
    yield Box(box.offsets, still)
    if len(box.halves) <= MAX_CORNERS:
        for signs in product((-1, 1), repeat=len(box.halves)):
            yield Box(tuple(o + s * h for o, s, h in zip(box.offsets, signs, box.halves, strict=True)), still)


def _error(check: Callable[[Box], None], box: Box) -> Exception | None:
    try:
        check(box)
    except (Undefined, Singular, NotSmooth) as error:
        return error
    return None


def _said(error: Exception, box: Box) -> str:
    what = (
        "a kink or a jump is not excluded" if isinstance(error, NotSmooth) else str(error) or "a matrix may be singular"
    )
    near = ", ".join(f"{float(offset):.6g}" for offset in box.offsets[:4])
    return f"{what}, near the step ({near}{', ...' if len(box.offsets) > 4 else ''})"
