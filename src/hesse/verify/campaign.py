"""The search for points: which are tried, which of them count, and when a verdict is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

from hesse.core.declarations import Declarations
from hesse.errors import HesseError, LimitError, ShapeError
from hesse.verify.reference import Environment
from hesse.verify.sampling import ATTEMPTS, WIDE, Sizes, distinct_settings, sample, unit_settings
from hesse.verify.verdict import Counterexample, Setting, Verification

Kind: TypeAlias = Literal["agrees", "vanishes", "differs", "rough", "no value", "outside", "no point"]
PATIENCE: dict[Kind, int] = {"outside": ATTEMPTS, "rough": 6, "no value": 4, "vanishes": 3}
"""How many such points are passed over before other sizes are tried."""
_CONFIRMATIONS = 6
_STUBBORN = 4
"""How many times the usual work is spent on finding a first point."""
LARGE = 1e9
SPENT = "no clear point was found with the work allowed"
_ZEROS = 3
"""How many points at which all vanishes are as good as one at which it does not."""
NOWHERE = "no admissible point was found"
ROUGH = "at every point that was tried, rounding hides the answer"


@dataclass(frozen=True)
class Finding:
    """What one point showed. "vanishes": agreement on zero, up to rounding; "rough": rounding hides the answer; "no
    value": only one of the two has one; "outside": there is nothing to compare; "no point": nor is there at any point
    with these sizes. A `final` difference needs no second point."""

    kind: Kind
    digits: int = 0
    method: str = ""
    counterexample: Counterexample | None = None
    final: bool = False


class Search:
    """Points for a question, until enough of them have agreed or one of them, and a second, has not.

    `look(environment)` answers at a point, and raises ShapeError where the sizes are not admissible.
    `affordable(times)` says whether less than so many times the usual work has been done. The question is asked for all
    sizes, or for those that are given. `point(sizes, number, attempt)` makes the points.
    """

    def __init__(
        self,
        declarations: Declarations,
        look: Callable[[Environment], Finding],
        affordable: Callable[[int], bool],
        extras: Iterable[int] = (WIDE, WIDE),
        sizes: Sizes | None = None,
        point: Callable[[Sizes, int, int], Environment] | None = None,
    ) -> None:
        self._declarations = declarations
        self._point = point or partial(sample, declarations)
        self._question = look
        self._affordable = affordable
        self._extras = extras
        self._sizes = sizes
        self._number = 0
        self._preferred = 0
        self._agreed: list[tuple[Setting, Finding]] = []
        self._vanished: list[tuple[Setting, Finding]] = []
        self._rough = False
        self._doubt: Verification | None = None

    def verdict(self) -> Verification:
        """The outcome. An error of evaluation that is no matter of sizes is the reason for not having one."""
        try:
            for settings, wanted, attempts in self._plan():
                refutation = self._visit(settings, wanted, attempts)
                if refutation is not None:
                    return refutation
        except HesseError as error:
            return Verification("not verified", reason=error.message)
        return self._confirmed()

    def _plan(self) -> Iterator[tuple[Iterable[Sizes], int, range]]:
        """Settings, how many are wanted, the attempts at each: two of distinct sizes, one with sizes 1, and the extra
        attempts, where they are admissible at once. With given sizes, or without any, only the values change."""
        if self._sizes is not None:
            yield [self._sizes] * 3, 3, range(ATTEMPTS)
            return
        wanted = 2 if self._declarations.size_names else 3
        yield distinct_settings(self._declarations), wanted, range(ATTEMPTS)
        for setting, _ in (self._agreed + self._vanished)[:1]:
            yield unit_settings(self._declarations), 1, range(ATTEMPTS)
            for attempt in self._extras:
                yield [dict(setting)], 1, range(attempt, attempt + 1)

    def _visit(self, settings: Iterable[Sizes], wanted: int, attempts: range) -> Verification | None:
        """The refutation, if one is found before as many settings as are wanted agree."""
        for sizes in settings:
            if wanted == 0 or not self._affordable(1 if self._agreed else _STUBBORN):
                break
            finding = self._at(sizes, attempts)
            if finding.kind == "differs":
                return Verification("refuted", counterexample=finding.counterexample)
            wanted -= finding.kind in ("agrees", "vanishes")
        return None

    def _at(self, sizes: Sizes, attempts: range) -> Finding:
        """The first clear finding at these sizes."""
        self._number += 1
        number, met = self._number, Counter[Kind]()
        for attempt in sorted(attempts, key=lambda attempt: attempt != self._preferred):
            finding = self._look(sizes, number, attempt)
            if finding.kind == "differs" and not (finding.final or self._again(sizes, number, attempt)):
                self._note_doubt("a difference at one point was not confirmed at others", finding)
                break
            self._note(tuple(sizes.items()), finding)
            if finding.kind == "agrees":
                self._preferred = attempt
            met[finding.kind] += 1
            if met[finding.kind] >= PATIENCE.get(finding.kind, 1) or not self._affordable(1):
                return finding
        return Finding("outside")

    def _note(self, setting: Setting, finding: Finding) -> None:
        match finding.kind:
            case "agrees":
                self._agreed.append((setting, finding))
            case "vanishes":
                self._vanished.append((setting, finding))
            case "no value":
                self._note_doubt("the result has no value where there is one", finding)
            case "rough":
                self._rough = True

    def _note_doubt(self, reason: str, finding: Finding) -> None:
        """The first doubt is the one that is told."""
        found = finding.counterexample
        self._doubt = self._doubt or Verification("not verified", reason=f"{reason}: {found}", counterexample=found)

    def _again(self, sizes: Sizes, number: int, attempt: int) -> bool:
        """Whether the result also differs at a second point of the same kind."""
        later = range(number + 1000, number + 1000 * (_CONFIRMATIONS + 1), 1000)
        return any(self._look(sizes, other, attempt).kind == "differs" for other in later)

    def _look(self, sizes: Sizes, number: int, attempt: int) -> Finding:
        try:
            return self._question(self._point(sizes, number, attempt))
        except ShapeError:
            return Finding("no point")
        except LimitError:
            # Other sizes would be no smaller.
            if not self._agreed:
                raise
            return Finding("no point")

    def _confirmed(self) -> Verification:
        if self._doubt is not None:
            return self._doubt
        points = self._agreed + self._vanished
        if not self._agreed and len(points) < _ZEROS:
            reason = ROUGH if self._rough else NOWHERE
            return Verification("not verified", reason=reason if self._affordable(_STUBBORN) else SPENT)
        settings, findings = zip(*points, strict=True)
        methods = ", ".join(dict.fromkeys(finding.method for finding in findings if finding.method))
        if not self._agreed:
            methods = "zero up to rounding"
        return Verification("verified", len(findings), min(f.digits for f in findings), settings, methods)


def moderate(entries: Iterable[float]) -> bool:
    """Whether there is no inf, no nan, and nothing so large that differences are lost in its rounding."""
    return all(abs(entry) < LARGE for entry in entries)
