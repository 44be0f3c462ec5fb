"""The laws that every expression must keep, checked at random points against the oracle.

`examine` answers with what is broken and with tallies; it never raises for a defect of hesse.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import islice
from random import Random
from typing import Any

import numpy as np

import hesse as hs
from hesse.core.rebuild import unfold
from hesse.errors import HesseError, ShapeError, VerificationError
from hesse.notation.back import to_syntax
from hesse.simplify.engine import simplify
from hesse.verify.campaign import NOWHERE
from hesse.verify.equality import verify_equal
from hesse.verify.magnitudes import deviation, largest
from hesse.verify.reference import Program

from .cases import Case, environment, points
from .holds import HOLDS
from .jax_oracle import Inadmissible, Point, Truth, truth
from .kinks import left_out
from .known import Check, Known, Valued
from .node_values import node_value, work
from .wider_laws import kinds_of_products, one_wider_law, products

TOLERANCE = 1e-9
NOISE = 1e-13
LARGE = 1e9
MAX_ENTRIES = 1500
MAX_WORK = 20_000
CONFIRMATIONS = 3


@dataclass(frozen=True)
class Failure:
    """A law that does not hold: which one, for which result, and how."""

    law: str
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.law} [{self.subject}]: {self.message}"


@dataclass
class Report:
    """What came of a case."""

    failures: list[Failure] = field(default_factory=list)
    tallies: Counter[str] = field(default_factory=Counter)
    doubts: list[str] = field(default_factory=list)
    seconds: float = 0.0


def examine(case: Case) -> Report:
    """The laws checked for one case."""
    report = Report()
    started = time.perf_counter()
    Examination(case, report).run()
    report.seconds = time.perf_counter() - started
    return report


class Examination:
    """All laws for one case."""

    def __init__(self, case: Case, report: Report) -> None:
        self.case = case
        self.report = report
        self.order = 1
        self.plain = PlainValues()

    def run(self) -> None:
        """Parse, differentiate, and check every law for the function and its derivatives."""
        f = self.attempt("parse", "f", lambda: hs.parse(self.case.text, str(self.case.declarations)))
        if f is None or self.attempt("parse", "f", lambda: f.node) is None:
            return
        results = {"f": f, **self.derivatives(f)}
        self.order = max(len(results) - 1, 1)
        known = [found for tries in points(self.case) for found in islice(self.known(tries), 1)]
        self.report.tallies["points"] += len(known)
        for order, (subject, result) in enumerate(results.items()):
            expected: Callable[[Known], Any] = partial(_derivative, order)
            self.values(subject, result, expected, known)
            self.written(subject, result, expected, known[:2])
            self.nodes(subject, result, expected, known[:2])
            self.structure(subject, result, expected, known)
        if len(results) > 1 and known:
            for name, result, wanted, change in products(self, results, kinds_of_products(results)):
                self.values(name, result, wanted, known[:2], change)
            one_wider_law(self, results, known[0])

    def attempt(self, law: str, subject: str, action: Callable[[], Any]) -> Any:
        """What the action gives; None and a failure when it raises."""
        try:
            return action()
        except VerificationError as error:
            self.fail("refuted", subject, str(error))
        except HesseError as error:
            if isinstance(error, hs.LimitError) or _legitimate(law, error):
                self.report.tallies[f"{law} refused"] += 1
            else:
                self.fail(f"{law}-refused", subject, f"{type(error).__name__}: {error}")
        except Exception as error:
            self.fail(f"{law}-crash", subject, f"{type(error).__name__}: {error} {_place(error)}")
        return None

    def fail(self, law: str, subject: str, message: str) -> None:
        """Note a broken law."""
        self.report.failures.append(Failure(law, subject, message))

    def derivatives(self, f: Any) -> dict[str, Any]:
        """The first and second derivative by name, as far as they are given."""
        target = self.case.target
        operators: dict[str, Callable[[], Any]] = {
            "jacobian": lambda: hs.jacobian(f, target),
            "second": lambda: hs.derivative(f, target, order=2),
        }
        if f.shape == ():
            operators = {"gradient": lambda: hs.gradient(f, target), "hessian": lambda: hs.hessian(f, target)}
        if not self.twice(f):
            operators.popitem()
        found: dict[str, Any] = {}
        for name, operator in operators.items():
            result = self.attempt("derive", name, operator)
            if result is None:
                break
            found[name] = result
            self.report.tallies[result.verification.status] += 1
            if result.verification.status == "not verified":
                self.report.tallies[f"unverified: {result.verification.reason[:44]}"] += 1
                self.report.doubts.append(f"{name}: {result.verification.reason}")
        return found

    def twice(self, f: Any) -> bool:
        """Whether the second derivative is taken."""
        return f.shape == () or self.entries(f) <= MAX_ENTRIES

    def entries(self, f: Any) -> int:
        """The entries that the second derivative has at the first sizes."""
        at = next(points(self.case), [None])[0]
        if at is None:
            return 0
        shape = math.prod(size.evaluate(at.sizes) for size in f.node.shape)
        variable = sum(np.size(at.values[name]) if not self.case.stacked else 1 for name in self.case.wrt)
        return int(shape * variable**2)

    def known(self, tries: Sequence[Point]) -> Iterator[Known]:
        """Those of the points with finite values, not too large."""
        for at in tries:
            try:
                value = self.truth(at)
                self.plain.at(self.case.tree, at)
            except (Inadmissible, ShapeError):
                return
            if value.finite and max(np.abs(each).max(initial=0) for each in value.derivatives) < LARGE:
                yield Known(at, value)

    def truth(self, at: Point) -> Truth:
        """What the oracle says of a point. Raises Inadmissible."""
        return truth(self.case.tree, at, self.case.wrt, self.case.stacked, self.order)

    def hold(self, check: Check, known: Sequence[Known]) -> None:
        """Note a failure where the values differ, at this point and at others of the same sizes."""
        for each in known:
            found = self.attempt(check.law, check.subject, partial(check.compute, each.point))
            message = None if found is None else _difference(check, each, found)
            if message is None:
                continue
            if "nan" in message and check.result.conditions:
                # At a kink, with an empty axis, or from a branch not taken: the result says where it holds.
                self.report.tallies["no value where a condition is stated"] += 1
            elif left_out(check.result, each.point):
                self.report.tallies["a kink that a condition leaves out"] += 1
            elif self.plain.noise(check.result.tree, check.moved(each.point)) > _gap(check, each, found):
                self.report.tallies["differences that rounding explains"] += 1
            elif self.confirmed(check, each):
                self.fail(check.law, check.subject, f"{message}, {dict(each.point.sizes)}")
            else:
                self.report.tallies["differences that rounding explains"] += 1

    def confirmed(self, check: Check, known: Known) -> bool:
        """Whether the values also differ at most other points of the same sizes."""
        others = next(tries for tries in points(self.case, seed=1) if dict(tries[0].sizes) == dict(known.point.sizes))
        outcomes = [
            _difference(check, other, check.compute(other.point)) for other in islice(self.known(others), CONFIRMATIONS)
        ]
        return sum(outcome is not None for outcome in outcomes) * 2 >= len(outcomes)

    def values(
        self,
        subject: str,
        result: Any,
        expected: Callable[[Known], Any],
        known: Sequence[Known],
        change: Callable[[Point], Point] = lambda at: at,
    ) -> None:
        """The plain evaluator and the generated NumPy code give what is expected, at points that may be changed."""

        # The same point each time, so that what was computed at it is found again.
        moved = cache(change)

        def plain(at: Point) -> Valued:
            return self.plain.at(result.tree, moved(at))

        def fast(at: Point) -> Valued:
            return numpy_value(result, moved(at)), plain(at)[1]

        self.hold(Check("value", subject, result, expected, plain, moved), known)
        self.hold(Check("numpy", subject, result, expected, fast, moved), known)

    def written(self, subject: str, result: Any, expected: Callable[[Known], Any], known: Sequence[Known]) -> None:
        """Every spelling comes, and the text reads back to the same."""
        for name, spell in (("unicode", result.unicode), ("latex", result.latex), ("source", result.source)):
            if self.attempt(name, subject, spell) == "":
                self.fail(name, subject, "empty")
        self.latex(subject, result, expected, known)
        text = self.attempt("text", subject, lambda: str(result))
        back = self.attempt("reparse", subject, lambda: hs.parse(text, result.declarations)) if text else None
        if back is None:
            return
        if self.attempt("equal", subject, lambda: back == result) is False:
            # Functions that vanish, or have no value, wherever one looks are not shown to be equal by that.
            if known and not any(np.any(expected(each)) for each in known):
                self.report.tallies["equality of what vanishes left open"] += 1
            elif verify_equal(result.exact_tree, back.exact_tree, result._declarations).reason == NOWHERE:
                # Then `==` is right to say that nothing shows it. What is known here is compared below all the same.
                self.report.tallies["equality of what has no values left open"] += 1
            else:
                self.fail("round-trip", subject, f"not equal: {text}")
        self.hold(Check("reread", subject, result, expected, partial(self.plain.at, back.tree)), known)
        again = self.attempt("text", subject, lambda: str(back))
        if again != text:
            third = self.attempt("text", subject, lambda: str(hs.parse(again, result.declarations)))
            if again != third:
                self.fail("stable-text", subject, f"{again!r} then {third!r}")
        same = simplify(unfold(back.node)) is simplify(unfold(result.node))
        self.report.tallies["same node after round trip" if same else "other node after round trip"] += 1

    def latex(self, subject: str, result: Any, expected: Callable[[Known], Any], known: Sequence[Known]) -> None:
        """The LaTeX that is written is read, and means the same."""
        latex = self.attempt("latex", subject, result.latex)
        if latex is None:
            return
        back = self.attempt("read-latex", subject, lambda: hs.parse(latex, result.declarations, notation="latex"))
        if back is None:
            return
        if back.shape != result.shape:
            self.fail("latex round trip", subject, f"{back.shape} in place of {result.shape}: {latex}")
        self.hold(Check("latex round trip", subject, result, expected, partial(self.plain.at, back.tree)), known)
        same = self.attempt("latex round trip", subject, lambda: back == result)
        self.report.tallies["equal after LaTeX" if same else "not shown to be equal after LaTeX"] += 1

    def nodes(self, subject: str, result: Any, expected: Callable[[Known], Any], known: Sequence[Known]) -> None:
        """Simplification is idempotent and keeps values; nodes and their trees agree."""
        node = result.node
        if simplify(node) is not node:
            self.fail("idempotent", subject, f"simplify changes {result} again")
        forms = {"node": node}
        if subject == "f":
            forms["raw node"] = result.elaboration.root
            # The function as its node is written, where it was typed otherwise.
            tree = to_syntax(node, result.known, simplify)
            self.hold(Check("back", subject, result, expected, partial(self.plain.at, tree)), known)
        for name, form in forms.items():

            def value(at: Point, form: Any = form) -> Valued:
                return node_value(form, at), self.plain.at(result.tree, at)[1]

            light = [each for each in known if work(form, each.point) <= MAX_WORK]
            self.hold(Check(name, subject, result, expected, value), light)

    def structure(self, subject: str, result: Any, expected: Callable[[Known], Any], known: Sequence[Known]) -> None:
        """What is claimed about zeros, symmetry and signs is so."""
        facts = self.attempt("structure", subject, lambda: result.structured.proved) or ()
        for each in known:
            value = expected(each)
            if np.abs(value).max(initial=0) <= TOLERANCE * np.abs(each.truth.derivatives[0]).max(initial=0):
                continue  # What is left of a zero by rounding has no structure.
            # Of near-singular functions the oracle's rounding has no structure; the result has the same values.
            own = self.attempt("structure", subject, partial(self.plain.at, result.tree, each.point))
            for fact in facts:
                if fact == "constant" or not value.size or own is None:
                    continue
                if not any(HOLDS[fact](found, result.structured) for found in (value, own[0])):
                    self.fail("structure", subject, f"not {fact} at {dict(each.point.sizes)}: {result}")


def _derivative(order: int, known: Known) -> Any:
    return known.truth.derivatives[order]


def _difference(check: Check, known: Known, found: Valued) -> str | None:
    """How the value differs from what is expected, beyond rounding; None when it does not."""
    got, top = np.asarray(found[0]), found[1]
    expected = np.asarray(check.expected(known))
    if got.shape != expected.shape:
        return f"shape {got.shape} instead of {expected.shape}"
    gap = np.abs(got - expected)
    if gap.max(initial=0) <= TOLERANCE * np.abs(expected).max(initial=0) + NOISE * max(top, 1.0):
        return None
    place = np.unravel_index(np.argmax(np.nan_to_num(gap, nan=np.inf)), gap.shape) if gap.shape else ()
    return f"{float(got[place])!r} instead of {float(expected[place])!r} at {tuple(map(int, place))}"


LEGITIMATE = (
    ("parse", "it must be"),
    ("parse", "a division by zero"),
    ("components", "a division by zero"),
    ("derive", "a division by zero"),
    ("parse", "no whole-array form"),
    ("numpy", "leaves its axis"),
    ("numpy", "no variable fixes it"),
    ("source", "no variable fixes it"),
)
"""An exact number outside a domain, a running index in a function of whole arrays, an axis of size n - 1 = 0, the
derivative of arccos at entries declared ±1, a size that only an undefined function has."""


def _gap(check: Check, known: Known, found: Valued) -> float:
    """The largest difference from what is expected; infinite where there is none to tell."""
    got, expected = np.asarray(found[0]), np.asarray(check.expected(known))
    gap = float(np.abs(got - expected).max(initial=0)) if got.shape == expected.shape else math.inf
    return math.inf if math.isnan(gap) else gap


def _legitimate(law: str, error: HesseError) -> bool:
    """Whether a text of the grammar may be refused."""
    return any(where == law and words in str(error) for where, words in LEGITIMATE)


class PlainValues:
    """Values by the plain evaluator, each computed once."""

    def __init__(self) -> None:
        self._programs: dict[int, tuple[Any, Program]] = {}
        self._values: dict[tuple[int, int], tuple[Point, Valued]] = {}

    def _program(self, tree: Any) -> Program:
        # Kept with what its key is the identity of.
        if id(tree) not in self._programs:
            self._programs[id(tree)] = tree, Program(tree)
        return self._programs[id(tree)][1]

    def noise(self, tree: Any, at: Point) -> float:
        """What rounding may change of the value of a result: far more than rounding of every step does change."""
        program, point, random = self._program(tree), environment(at), Random("noise")
        try:
            values = program.run(point)
            runs = [program.jittered(values, point, random).entries for _ in range(3)]
        except HesseError:
            return 0.0
        # A value that is lost by rounding may be anything.
        return 20 * max(
            (deviation(column, exact) for *column, exact in zip(*runs, values[-1].entries, strict=True)), default=0.0
        )

    def at(self, tree: Any, at: Point) -> Valued:
        """The value of the tree at a point, and the largest number on the way."""
        key = id(tree), id(at)
        if key not in self._values:
            values = self._program(tree).run(environment(at))
            value = np.reshape(np.array(values[-1].entries, float), values[-1].shape)
            self._values[key] = at, (value, largest(values))
        return self._values[key][1]


def numpy_value(result: Any, at: Point) -> Any:
    """The value by the generated code: it takes the declared variables and no others."""
    values = {name: at.values[name] for name in result.variables if name in at.values}
    functions = {name: waves.numpy(7) for name, waves in at.functions.items()}
    with np.errstate(all="ignore"):
        return np.asarray(result.evaluate(**values, **functions))


def _place(error: Exception) -> str:
    """Where an exception was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"({trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno})"
