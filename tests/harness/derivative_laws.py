"""One law only: values of derivatives. It leaves out writing and reading back, for campaigns of very many cases.

The function, its first derivative, the second where it is small, and one product with a vector are computed by the
generated code at three points, as strictly as by `laws`, which also decides what a difference is once there is one.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

import hesse as hs
from hesse.errors import HesseError, ShapeError

from .cases import Case, points
from .jax_oracle import Point, Truth, truth_by_jets
from .known import Known
from .laws import NOISE, TOLERANCE, Examination, Report, numpy_value
from .wider_laws import kinds_of_products, products

MAX_SECOND = 900
"""Entries of a second derivative that is computed."""


def examine_derivatives(case: Case) -> Report:
    """What came of the case."""
    report = Report()
    started = time.process_time()
    DerivativeExamination(case, report).run()
    report.seconds = time.process_time() - started
    return report


class DerivativeExamination(Examination):
    """The values of the derivatives of one case."""

    def run(self) -> None:
        """Parse, differentiate, and compare."""
        f = self.attempt("parse", "f", lambda: hs.parse(self.case.text, str(self.case.declarations)))
        if f is None or self.attempt("parse", "f", lambda: f.node) is None:
            return
        results = {"f": f, **self.derivatives(f)}
        self.order = max(len(results) - 1, 1)
        known = [found for tries in points(self.case) for found in islice(self.known(tries), 1)]
        self.report.tallies["points"] += len(known)
        self.report.tallies[f"functions of rank {len(f.shape)}"] += 1
        for order, (subject, result) in enumerate(results.items()):

            def expected(each: Known, order: int = order) -> Any:
                return each.truth.derivatives[order]

            self.values(subject, result, expected, known)
        if len(results) > 1 and known:
            kinds = kinds_of_products(results)
            chosen = kinds[zlib.crc32(self.case.text.encode()) % len(kinds)]
            for name, result, wanted, change in products(self, results, [chosen]):
                self.values(name, result, wanted, known[:2], change)

    def twice(self, f: Any) -> bool:
        """Whether the second derivative is taken: if it is small."""
        return self.entries(f) <= MAX_SECOND

    def truth(self, at: Point) -> Truth:
        """What the oracle says of a point."""
        return truth_by_jets(self.case.tree, at, self.case.wrt, self.case.stacked, self.order)

    def values(
        self,
        subject: str,
        result: Any,
        expected: Callable[[Known], Any],
        known: Sequence[Known],
        change: Callable[[Point], Point] = lambda at: at,
    ) -> None:
        """Equal to within what is always allowed; where not, all that `laws` knows of rounding and kinks is asked."""
        # The same moved point each time, so that what was computed at it is found again.
        moved = cache(change)
        doubtful = [each for each in known if not _equal(result, moved(each.point), expected(each))]
        self.report.tallies["values"] += len(known)
        if doubtful:
            super().values(subject, result, expected, doubtful, moved)


def _equal(result: Any, at: Point, expected: Any) -> bool:
    """Whether the generated code gives what is expected, beyond doubt."""
    try:
        found = numpy_value(result, at)
    except (HesseError, ShapeError):
        return False
    gap = np.abs(found - expected).max(initial=0) if np.shape(found) == np.shape(expected) else math.inf
    return bool(gap <= TOLERANCE * np.abs(expected).max(initial=0) + NOISE)
