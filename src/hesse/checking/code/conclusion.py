"""From the judgement of the entries to the verdict, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from hesse.checking.code.calls import Calls
from hesse.checking.code.diagnosis import ALIKE, KNOWN, Finding, common, counts, diagnose, factor_text
from hesse.checking.code.diagnosis import Compared as Pattern
from hesse.checking.code.exact import Exact
from hesse.checking.code.inspection import DIRECTIONS, Compared, Inspection, Test
from hesse.checking.code.result import CodeCheck, WrongEntry
from hesse.checking.code.slopes import SAFETY
from hesse.checking.verdict import DIFFERENT, EQUAL, NO_DIFFERENCE, UNDECIDED

DIGITS = 12
"""More digits are not counted: they change with the library and the machine."""


def concluded(
    inspection: Inspection, calls: Calls, value: Any, exact: Exact | None, jac: Any, precision: float
) -> CodeCheck:
    """The verdict with everything that belongs to it."""
    found = inspection.compare()
    about = _About(inspection, calls, value, found, exact)
    problems = [each for each in found.readings if each.problem]
    entries = tuple(about.wrong_entries()) if not problems else ()
    if not problems and np.all(np.isfinite(found.matrix)):
        about.tests = inspection.taylor(found.matrix, about.wrong_inputs())
    proved = exact is not None and callable(jac) and exact.proves(jac)
    verdict, finding = _verdict(about, problems, entries, proved, precision)
    return CodeCheck(
        verdict,
        finding.text,
        list(finding.mistakes),
        entries,
        about.by_argument(found.matrix) if not problems else None,
        about.by_argument(found.known.value),
        about.relative_error() if not problems else None,
        about.method(),
        tuple(test.remainders for test in about.tests),
        about.kinks(),
        tuple(about.notes(verdict)) if not problems else (),
        (*calls.given.readings, *(each.reading for each in found.readings if each.reading)),
    )


def _verdict(
    about: _About, problems: list[Any], entries: tuple[WrongEntry, ...], proved: bool, precision: float
) -> tuple[str, Finding]:
    if problems:
        return DIFFERENT, about.shape_finding(problems[0])
    found = about.found.judged
    if np.any(found.wrong):
        return DIFFERENT, about.pattern(entries, precision) or _listed(entries, found.wrong.size)
    if np.any(found.open):
        return UNDECIDED, Finding(about.why_open())
    if np.any(found.between):
        across = about.not_between()
        if across is not None:
            return DIFFERENT, across
    off = sum(test.off for test in about.tests)
    if off and about.sampled:
        return DIFFERENT, Finding(f"the slope in {off} of {DIRECTIONS} directions is not that of jac")
    if about.sampled and all(test.kink or not test.remainders.judged for test in about.tests):
        return UNDECIDED, Finding("the entries that were looked at are right, but the slopes along directions, which "
                                  "tell of the others, could not be determined")  # fmt: skip
    if any(test.off or test.kink for test in about.tests) and not np.any(found.between):
        return UNDECIDED, Finding("every entry is right, but along other directions the slope of fun is not that of "
                                  "the derivative: it is not differentiable at the point, or has a kink closer to it "
                                  "than the steps")  # fmt: skip
    if proved and not np.any(found.between):
        return EQUAL, Finding("jac, as it is read, is the derivative of fun")
    if about.unjudged and not about.resolved:
        return UNDECIDED, Finding(about.why_unjudged())
    return NO_DIFFERENCE, Finding(about.agreement())


def _listed(entries: tuple[WrongEntry, ...], total: int) -> Finding:
    if len(entries) == 1:
        return Finding(entries[0].text)
    return Finding(f"{len(entries)} of {total} entries differ{_apart(entries)}")


def _apart(entries: tuple[WrongEntry, ...]) -> str:
    """That the factors of the entries differ, where they do so by more than the errors explain."""
    known = [(entry.factor, _slack(entry.error, entry.expected)) for entry in entries if entry.factor]
    if len(known) < 2 or common(*np.array(known).T) is not None:
        return ""
    return ", by no common factor"


def _told_apart(one: float, two: float) -> tuple[str, str]:
    """Two different numbers with so many digits that they differ."""
    texts = ((f"{one:.{digits}g}", f"{two:.{digits}g}") for digits in (6, 9, 12, 15, 17))
    return next((pair for pair in texts if pair[0] != pair[1]), (repr(one), repr(two)))


def _slack(error: float, value: float) -> float:
    """A bound on the relative error of what is known."""
    return SAFETY * error / abs(value) if value else math.inf


class _About:
    """Names and sentences for one comparison."""

    def __init__(self, inspection: Inspection, calls: Calls, value: Any, found: Compared, exact: Exact | None) -> None:
        self.inspection = inspection
        self.calls = calls
        self.output = value.shape
        self.found = found
        self.exact = exact
        self.names = [calls.given.names[k] for k in calls.given.wrt]
        self.tests: tuple[Test, ...] = ()

    def not_between(self) -> Finding | None:
        """At a kink, a direction along which the claim is not between the slopes of the two sides."""
        matrix = self.found.matrix
        kinked = np.zeros(matrix.shape[1], bool)
        kinked[self.found.columns] = np.any(self.found.judged.between, axis=0)
        found = self.inspection.outside(matrix, kinked)
        if found is None:
            return None
        direction, claim, low, high = found
        entries = ", ".join(f"{entry:g}" for entry in direction[:8]) + (", ..." if len(direction) > 8 else "")
        return Finding(
            f"each entry is between the slopes of the two sides of a kink, but along the direction ({entries}) jac has "
            f"the slope {claim:.6g}, and the function slopes from {low:.6g} to {high:.6g}: it is no subgradient"
        )

    @property
    def sampled(self) -> bool:
        """Whether only some of the entries were looked at."""
        return bool(len(self.found.columns) < sum(self.calls.sizes))

    def by_argument(self, matrix: Any) -> Any:
        """The matrix as arrays with axes (output..., input...), by name where there are several."""
        pieces = np.split(matrix, np.cumsum(self.calls.sizes)[:-1], axis=1)
        shaped = [piece.reshape((*self.output, *shape)) for piece, shape in zip(pieces, self.calls.shapes, strict=True)]
        return shaped[0] if len(shaped) == 1 else dict(zip(self.names, shaped, strict=True))

    def spelled(self, row: int, column: int) -> tuple[str, tuple[int, ...], str]:
        """The argument, the index in what jac returns for it, and the entry in words."""
        argument, place = self.calls.position(column)
        name = self.names[argument]
        index = (*(int(k) for k in np.unravel_index(row, self.output)), *place)
        spelled = f"[{', '.join(map(str, index))}]" if index else ""
        of = f" (by {name})" if len(self.names) > 1 else ""
        return name, index, f"jac{spelled}{of}"

    def wrong_inputs(self) -> Any:
        """Which inputs have wrong entries."""
        found = np.zeros(self.found.matrix.shape[1], bool)
        found[self.found.columns] = np.any(self.found.judged.wrong, axis=0)
        return found

    def wrong_entries(self) -> Iterator[WrongEntry]:
        """All wrong entries, row by row."""
        known = self.found.known
        for row, position in zip(*np.nonzero(self.found.judged.wrong), strict=True):
            column = int(self.found.columns[position])
            name, index, spelled = self.spelled(int(row), column)
            claim, value = float(self.found.matrix[row, column]), float(known.value[row, column])
            if known.kink[row, column]:
                low, high = float(known.low[row, column]), float(known.high[row, column])
                near, error = (low if claim < low else high), float(known.onesided_error[row, column])
                said = f"is {claim:.6g}, not between the slopes {low:.6g} and {high:.6g} of the two sides of a kink"
                yield WrongEntry(spelled, name, index, claim, near, error, None, said)
                continue
            factor = claim / value if value and math.isfinite(claim) else None
            error = float(known.error[row, column])
            slack = _slack(error, value)
            said = "is {}, and should be {}".format(*_told_apart(claim, value))
            if slack > ALIKE and math.isfinite(error):
                said += f" up to {SAFETY * error:.2g}"
            if factor and slack <= KNOWN:
                said += f": it {factor_text(factor, slack=slack)}"
            yield WrongEntry(spelled, name, index, claim, value, error, factor, said)

    def pattern(self, entries: tuple[WrongEntry, ...], precision: float) -> Finding | None:
        """What the wrong entries have in common: all of them, or else those of each argument."""
        whole = self._pattern(entries, precision, np.ones(len(self.found.columns), bool))
        if whole is not None or len(self.names) == 1:
            return whole
        owners = np.array([self.calls.position(int(column))[0] for column in self.found.columns])
        findings = []
        for k, name in enumerate(self.names):
            own = tuple(entry for entry in entries if entry.argument == name)
            if own:
                finding = self._pattern(own, precision, owners == k)
                plain = Finding(f"{len(own)} of {int(np.sum(owners == k))} entries differ{_apart(own)}")
                findings.append((name, finding or plain))
        text = "; ".join(f"by {name}: {finding.text}" for name, finding in findings)
        return Finding(text, tuple(dict.fromkeys(code for _, finding in findings for code in finding.mistakes)))

    def _pattern(self, entries: tuple[WrongEntry, ...], precision: float, chosen: Any) -> Finding | None:
        known, at = self.found.known, self.found.columns[chosen]
        if np.any(known.kink[:, at]):
            return None
        compared = Pattern(
            self.found.matrix[:, at],
            known.value[:, at],
            SAFETY * known.error[:, at],
            self.found.judged.wrong[:, chosen],
            self.calls.start[at],
            counts([self.output, *self.calls.shapes, *(np.shape(value) for value in self.calls.given.values)]),
            precision,
            tuple(entry.name for entry in entries),
            self._is_square(at),
        )
        return diagnose(compared)

    def _is_square(self, columns: Any) -> bool:
        """Whether the inputs are all entries of one square matrix."""
        argument = self.calls.position(int(columns[0]))[0]
        shape = self.calls.shapes[argument]
        same = self.calls.position(int(columns[-1]))[0] == argument
        return bool(same and len(shape) == 2 and shape[0] == shape[1] and len(columns) == shape[0] ** 2)

    def shape_finding(self, claim: Any) -> Finding:
        """What is wrong with the shape, and whether the entries would be right."""
        text = claim.problem
        fits = claim.matrix is not None and not np.any(self.found.judged.wrong)
        mistakes = ["shape"]
        if claim.transposed:
            mistakes.append("layout")
        if claim.matrix is not None:
            text += "; its entries are right" if fits else "; its entries would be wrong, too"
        return Finding(text, tuple(mistakes))

    def why_open(self) -> str:
        """Why entries are not decided."""
        known, at = self.found.known, self.found.columns
        left = self.found.judged.open
        row, position = (int(k[0]) for k in np.nonzero(left))
        column = int(at[position])
        _, _, spelled = self.spelled(row, column)
        count = int(np.count_nonzero(left))
        who = f"{count} of {left.size} entries {'is' if count == 1 else 'are'} not decided, the first is {spelled}: "
        if np.any(known.unbounded[:, at] & left):
            return who + "the slopes of fun grow without bound near the point (a jump, or a vertical tangent)"
        if np.any(self.found.judged.stepped):
            return who + "the values of fun are constant between close points, as if it calculated with few bits"
        error = float(known.error[row, column])
        if not math.isfinite(error):
            failed = self.inspection.values.failed
            reason = f" (fun raises {type(failed).__name__}: {failed})" if failed else ""
            return who + f"no two differences agree{reason}"
        value, claim = float(known.value[row, column]), float(self.found.matrix[row, column])
        if self.found.judged.cancelled[row, position]:
            return (
                who + f"jac says {claim:.3g}, the derivative is {value:.3g}: rounding of numbers around 1 explains that"
            )
        if self.found.judged.slight[row, position]:
            return who + (
                f"jac differs from the differences by {abs(claim / value - 1):.1e} of their size, which is more than "
                "their error, but may be the rounding of numbers that the code holds"
            )
        return who + f"jac says {claim:.6g}, differences say {value:.6g} up to {4 * error:.2g}, which is no decision"

    @property
    def unjudged(self) -> int:
        """The number of entries that are not zero, but lost in the noise."""
        return int(np.count_nonzero(self.found.judged.unjudged))

    @property
    def resolved(self) -> bool:
        """Whether any entry that is not zero is known."""
        found = self.found.judged
        return bool(np.any(found.right & ~found.excused))

    def why_unjudged(self) -> str:
        """That no entry is known."""
        return f"{self._entries(self.unjudged)} too small beside the noise of fun to be judged, and no other is known"

    @staticmethod
    def _entries(count: int) -> str:
        return "1 entry is" if count == 1 else f"{count} entries are"

    def agreement(self) -> str:
        """How far the entries agree that could be judged."""
        total = self.found.judged.right.size - self.unjudged
        error = self._relative(SAFETY)
        which = f"{total} entries" if total > 1 else "the entry"
        if self.unjudged:
            which = f"{total} of {total + self.unjudged} entries"
        if self.sampled:
            which = (
                f"{total} entries (of {len(self.found.columns)} of {sum(self.calls.sizes)} inputs, chosen at random)"
            )
        said = f"{which} agree{'s' if total == 1 else ''}"
        if error is None:
            return said
        if error < 10.0**-DIGITS:
            return f"{said} to {DIGITS} digits or more"
        digits = math.floor(-math.log10(error))
        return f"{said} to {digits} digit{'s' if digits > 1 else ''}" if digits > 0 else f"{said} within their errors"

    def relative_error(self) -> float | None:
        """The largest relative difference of entries that are known and not zero; None where there is none."""
        return self._relative(0.0)

    def _relative(self, safety: float) -> float | None:
        """The same with so many times the error of what is known added to each difference."""
        known, at = self.found.known, self.found.columns
        with np.errstate(all="ignore"):
            size = np.maximum(np.abs(known.value), np.abs(self.found.matrix))[:, at]
            away = np.abs(known.value - self.found.matrix) + (safety * known.error if safety else 0.0)
            ratio = away[:, at] / size
        plain = ratio[np.isfinite(ratio) & ~known.kink[:, at] & ~self.found.judged.excused]
        return float(np.max(plain)) if plain.size else None

    def method(self) -> str:
        """What the truth is."""
        if any(each.matrix is None for each in self.found.readings):
            return ""
        if self.exact is not None and not self.found.contradicted:
            return "the exact derivative of fun, which was read as an expression"
        wide = ", in double precision" if self.calls.double else ""
        return f"extrapolated differences{wide}"

    def kinks(self) -> tuple[str, ...]:
        """The entries where the slopes of the two sides differ."""
        at = self.found.columns
        places = zip(*np.nonzero(self.found.known.kink[:, at]), strict=True)
        return tuple(self.spelled(int(row), int(at[position]))[2] for row, position in places)

    def notes(self, verdict: str) -> Iterator[str]:
        """What else was seen; only what no direction contradicts is called a subgradient."""
        kind = " (a subgradient)" if verdict == NO_DIFFERENCE else ""
        known, at, found = self.found.known, self.found.columns, self.found.judged
        for row, position in list(zip(*np.nonzero(found.between), strict=True))[:3]:
            column = int(at[position])
            _, _, spelled = self.spelled(int(row), column)
            low, high = known.low[row, column], known.high[row, column]
            claim = self.found.matrix[row, column]
            yield (
                f"a kink at {spelled}: the slopes of its two sides are {low:.6g} and {high:.6g}, "
                f"and {claim:.6g} lies between them{kind}"
            )
        blind = sum(not test.remainders.judged for test in self.tests)
        if blind:
            yield f"the slope of fun along {blind} of {DIRECTIONS} directions could not be determined: not judged"
        more = int(np.count_nonzero(found.between)) - 3
        if more > 0:
            yield f"and {more} more kinks"
        if self.unjudged and self.resolved:
            yield f"{self._entries(self.unjudged)} too small beside the noise of fun to be judged"
        if np.any(found.coarse):
            count = int(np.count_nonzero(found.coarse))
            yield f"{self._entries(count)} known to a tenth only, because of the noise of fun or jac"
        if self.found.contradicted:
            yield "the expression that fun was read as has another derivative than its values: it was not used"
        named = zip(self.names, self.calls.base, strict=True)
        flat = [name for name, array in named if array.size > 1 and np.ptp(array) == 0]
        if flat and not self.found.judged.wrong.any():
            yield f"all entries of {flat[0]} are equal, which hides mistakes that cancel: try a point without symmetry"
        if self.calls.mutated:
            yield "fun or jac changes its argument in place"
