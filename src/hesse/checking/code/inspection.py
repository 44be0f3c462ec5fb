"""The comparison itself: the truth entry by entry, as exactly as it is needed to judge the claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from hesse.checking.code.claimed import Claimed
from hesse.checking.code.claims import Claim
from hesse.checking.code.entries import RESOLVED, Judged, judged
from hesse.checking.code.exact import Exact
from hesse.checking.code.precision import LOOSE
from hesse.checking.code.remainders import remainders
from hesse.checking.code.result import Remainders
from hesse.checking.code.slopes import SAFETY, Slopes
from hesse.checking.code.truth import OFFSETS, Known, Values, agreed, closer
from hesse.errors import LimitError

MAX_COLUMNS = 1000
"""So many entries of the arguments are looked at one by one; of more, as many at random, and directions."""
MAX_ENTRIES = 20_000_000
DIRECTIONS = 3
SLIGHT = 1e-2
"""Below this relative difference it is asked what rounding does to the exact derivative."""
MOST_KINKS = 8
"""So many entries with kinks are looked at together."""


@dataclass(frozen=True)
class Compared:
    """The claim in the reading that fits best, the truth, and the judgement, for the inputs in `columns`."""

    matrix: Any
    readings: tuple[Claim, ...]
    known: Known
    judged: Judged
    columns: Any
    contradicted: bool = False


@dataclass(frozen=True)
class Test:
    """The Taylor test along a direction: whether the claim is `off` the slope of the function along it, at a `kink` not
    between those of its two sides."""

    remainders: Remainders
    off: bool
    kink: bool


class Inspection:
    """One comparison: values of the function, the claims, and the exact derivative if there is one."""

    def __init__(
        self,
        values: Values,
        parts: list[Claimed],
        exact: Exact | None,
        tolerance: float,
        sizes: list[int],
        *,
        doubtful: float = 0.0,
    ) -> None:
        self.values = values
        self.parts = parts
        self.tolerance = tolerance
        self.doubtful = doubtful
        self.sizes = sizes
        total = sum(sizes)
        columns = np.arange(total)
        if total > MAX_COLUMNS:
            columns = np.sort(values.random.choice(total, MAX_COLUMNS, replace=False))
        if len(columns) * values.start.size > MAX_ENTRIES:
            raise LimitError(
                f"the Jacobian has {values.start.size} × {total} entries, and at most {MAX_ENTRIES} are compared",
                hint="check a part of the outputs, or u @ fun(x) for some vectors u",
            )
        self.columns = columns
        self._exact = exact
        self.exact = None if exact is None else exact.matrix(values.start.size)

    def compare(self) -> Compared:
        """The truth, and what it says about the claim."""
        combined = _combined(self.parts, self.sizes, self.values.start.size)
        first = combined[0]
        known = Known.unknown(self.values.start.size, sum(self.sizes))
        for column in self.columns:
            known.put(int(column), self.values.by_entry(int(column), "quick"))
        known, contradicted = self._with_exact(known)
        best: tuple[Any, tuple[Claim, ...], Any, Judged] | None = None
        for matrix, noises, readings in combined:
            found = self._judged(matrix, noises, known, contradicted)
            if best is None or np.count_nonzero(found.wrong) < np.count_nonzero(best[3].wrong):
                best = (matrix, readings, noises, found)
        matrix, readings, noises, found = best or (*first, self._judged(first[0], first[1], known, contradicted))
        doubtful = np.flatnonzero(np.any(~found.right | found.between | found.unjudged, axis=0))
        for column in doubtful:
            known.put(int(self.columns[column]), self._carefully(int(self.columns[column])))
        known, contradicted = self._with_exact(known)
        found = self._judged(matrix, noises, known, contradicted)
        if self._slight(matrix, known, found) and not contradicted:
            known = self._with_sensitivity(known)
            found = self._judged(matrix, noises, known, contradicted)
        return Compared(matrix, readings, known, found, self.columns, contradicted)

    def _slight(self, matrix: Any, known: Known, found: Judged) -> bool:
        """Whether a wrong entry differs by so little that the rounding of a calculation may have done it."""
        claim, value = matrix[:, self.columns], known.value[:, self.columns]
        return bool(np.any(found.wrong & (np.abs(claim - value) <= SLIGHT * np.abs(value))))

    def _with_sensitivity(self, known: Known) -> Known:
        """The same with what rounding does to the exact derivative."""
        if self._exact is None or self.exact is None:
            return known
        value, error = self.exact
        self.exact = value, error + self._exact.sensitivity(self.values.start.size)
        return self._with_exact(known)[0]

    def _judged(self, matrix: Any, noises: Any, known: Known, contradicted: bool) -> Judged:
        at, exact = self.columns, self.exact is not None and not contradicted
        seen = replace(known, **{name: getattr(known, name)[:, at] for name in vars(known)})
        natural = self.values.largest / self.values.scales[at]
        found = judged(
            matrix[:, at],
            seen,
            noises[:, at],
            self.tolerance,
            natural,
            exact=exact,
            doubtful=0.0 if exact else self.doubtful,
        )
        # That values are constant between close points may be the function, or the few bits it calculates with.
        flat = self.values.granular[:, None] & ~(np.abs(seen.value) > SAFETY * seen.error) & np.isfinite(matrix[:, at])
        return replace(found, wrong=found.wrong & ~flat, stepped=found.wrong & flat)

    def _carefully(self, column: int) -> Slopes:
        """From all steps, twice: what two series of steps agree on. Where that is not known well, also closer by."""
        found = agreed(*(self.values.by_entry(column, "full", offset) for offset in OFFSETS))
        poor = found.unbounded | (~found.kink & ~(found.error <= RESOLVED * np.abs(found.value)))
        if not np.any(poor):
            return found
        return closer(found, agreed(*(self.values.by_entry(column, "close", offset) for offset in OFFSETS)), poor)

    def _with_exact(self, known: Known) -> tuple[Known, bool]:
        """The exact derivative in the place of the extrapolated one, unless they contradict each other."""
        if self.exact is None:
            return known, False
        value, error = self.exact
        with np.errstate(all="ignore"):
            apart = np.abs(value - known.value) > SAFETY * (known.error + error) + max(self.tolerance, LOOSE) * np.abs(
                value
            )
            usable = np.isfinite(value) & ~known.kink & ~known.unbounded
        contradicted = bool(np.any(apart & usable & np.isfinite(known.error)))
        if contradicted:
            return known, True
        return replace(
            known, value=np.where(usable, value, known.value), error=np.where(usable, error, known.error)
        ), False

    def taylor(self, matrix: Any, wrong: Any) -> tuple[Test, ...]:
        """The Taylor test in several directions.

        Where the slope along one is not known for all outputs it is not judged, unless another output decides. Inputs
        with `wrong` entries are the only ones that are moved: one of many hardly shows where all are.
        """
        found = []
        for _ in range(DIRECTIONS):
            signs = self.values.random.choice([-1.0, 1.0], len(self.values.begin))
            moved = np.where(wrong, signs, 0.0) if np.any(wrong) else signs
            test = self._test(matrix, moved * self.values.scales)
            if test.kink or not test.remainders.judged:
                # Steps in proportion to the entries stay on this side of what is close to the point, a kink at 0 say.
                other = self._test(matrix, moved * self.values.sizes)
                test = test if other.kink or not other.remainders.judged else other
            found.append(test)
        return tuple(found)

    def _test(self, matrix: Any, direction: Any) -> Test:
        """The Taylor test along one direction."""
        along = agreed(*(self.values.along(direction, offset) for offset in OFFSETS))
        claim, size = matrix @ direction, np.abs(matrix) @ np.abs(direction)
        slack = max(self.tolerance, 1e-6) * size + 100 * self.values.precision * (size + self.values.largest)
        with np.errstate(all="ignore"):
            outside = np.maximum(along.low - claim, claim - along.high) > SAFETY * along.onesided_error + slack
            beside = np.abs(claim - along.value) > SAFETY * along.error + slack
        off, kink = bool(np.any(np.where(along.kink, outside, beside))), bool(np.any(along.kink))
        known = bool(np.all(np.isfinite(along.error + slack) & np.isfinite(along.value)))
        left = remainders(self.values.at, self.values.begin, self.values.flat, matrix, direction, self.values.noise)
        return Test(replace(left, judged=known or off or kink), off, kink)

    def outside(self, matrix: Any, kinked: Any) -> tuple[Any, float, float, float] | None:
        """A direction along which the claim is not between the slopes of the two sides, with the claim and these.

        At a kink the entries say little: |x - y| has the slopes -1 and 1 by x and by y, and only (c, -c) is between the
        slopes along every direction.
        """
        for direction in self._across(matrix, kinked):
            along = agreed(*(self.values.along(direction, offset) for offset in OFFSETS))
            claim, size = matrix @ direction, np.abs(matrix) @ np.abs(direction)
            rounding = 100 * self.values.precision * (size + self.values.largest)
            allowed = SAFETY * along.onesided_error + max(self.tolerance, 1e-6) * size + rounding
            with np.errstate(all="ignore"):
                away = np.maximum(along.low - claim, claim - along.high)
                off = np.where(np.isfinite(allowed) & ~along.unbounded, away - allowed, -np.inf)
            row = int(np.argmax(off))
            if off[row] > 0:
                return direction, float(claim[row]), float(along.low[row]), float(along.high[row])
        return None

    def _across(self, matrix: Any, kinked: Any) -> Iterator[Any]:
        """Directions among the entries with kinks: together, two by two, as the claim points, and at random."""
        places = np.flatnonzero(kinked)[:MOST_KINKS]
        scale = float(np.max(self.values.scales[places], initial=1.0))
        blank = np.zeros(len(self.values.begin))

        def along(weights: Any) -> Any:
            direction = blank.copy()
            direction[places] = scale * weights
            return direction

        yield along(np.ones(len(places)))
        for row in matrix[:, places]:
            if np.any(row):
                yield along(row / np.max(np.abs(row)))
        for i, j in combinations(range(len(places)), 2):
            for sign in (1.0, -1.0):
                yield along(np.eye(len(places))[i] + sign * np.eye(len(places))[j])
        for _ in range(2 * DIRECTIONS):
            yield along(self.values.random.choice([-1.0, 1.0], len(places)))


def _combined(parts: list[Claimed], sizes: list[int], outputs: int) -> list[tuple[Any, Any, tuple[Claim, ...]]]:
    """The whole claim in each way to read it: only a single argument's is read in more than one."""
    ways = range(len(parts[0].readings) if len(parts) == 1 else 1)
    found = []
    for way in ways:
        readings = tuple(part.readings[way] for part in parts)
        noises = tuple(part.noises[way] for part in parts)
        blank = [np.full((outputs, size), np.nan) for size in sizes]
        matrices = [b if each.matrix is None else each.matrix for each, b in zip(readings, blank, strict=True)]
        blurs = [np.zeros_like(b) if each is None else each for each, b in zip(noises, blank, strict=True)]
        found.append((np.concatenate(matrices, axis=1), np.concatenate(blurs, axis=1), readings))
    return found
