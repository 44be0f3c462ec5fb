"""The laws that every expression must keep, checked at random points against the oracle.

`examine` answers with what is broken and with tallies; it never raises for a defect of hesse.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

import hesse as hs
from hesse.core.rebuild import unfold
from hesse.errors import HesseError, ShapeError, VerificationError
from hesse.notation.back import to_syntax
from hesse.simplify.engine import simplify
from hesse.verify.reference import Program, largest

from .cases import Case, environment, points
from .jax_oracle import Inadmissible, Point, Truth, truth
from .node_values import node_value, work

TOLERANCE = 1e-9
NOISE = 1e-13
LARGE = 1e9
ORDERS = {"f": 0, "gradient": 1, "jacobian": 1, "hessian": 2, "second": 2}
MAX_ENTRIES = 1500
MAX_WORK = 20_000


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


@dataclass(frozen=True)
class Known:
    """A point at which the oracle has finite values."""

    point: Point
    truth: Truth


def examine(case: Case) -> Report:
    """The laws checked for one case."""
    report = Report()
    started = time.perf_counter()
    _Examination(case, report).run()
    report.seconds = time.perf_counter() - started
    return report


class _Examination:
    def __init__(self, case: Case, report: Report) -> None:
        self.case = case
        self.report = report

    def run(self) -> None:
        """Parse, differentiate, and check every law for the function and its derivatives."""
        f = self.attempt("parse", "f", lambda: hs.parse(self.case.text, str(self.case.declarations)))
        if f is None:
            return
        results = {"f": f, **self.derivatives(f)}
        known = list(self.known_points(len(results) - 1))
        self.report.tallies["points"] += len(known)
        for order, (subject, result) in enumerate(results.items()):
            expected = [(each.point, each.truth.derivatives[order]) for each in known]
            self.values(subject, result, expected)
            self.written(subject, result, expected[:2])
            self.nodes(subject, result, known)
        self.structure(results, known)
        self.products(f, results, known)

    def attempt(self, law: str, subject: str, action: Callable[[], Any]) -> Any:
        """What the action gives; None and a failure when it raises."""
        try:
            return action()
        except VerificationError as error:
            self.fail("refuted", subject, str(error))
        except HesseError as error:
            if isinstance(error, hs.LimitError) or (law == "parse" and _legitimate(error)):
                self.report.tallies[f"{law} refused"] += 1
            else:
                self.fail(f"{law}-refused", subject, f"{type(error).__name__}: {error}")
        except RecursionError as error:
            self.fail(f"{law}-recursion", subject, str(error))
        except Exception as error:
            self.fail(f"{law}-crash", subject, f"{type(error).__name__}: {error} {_place(error)}")
        return None

    def fail(self, law: str, subject: str, message: str) -> None:
        """Note a broken law."""
        self.report.failures.append(Failure(law, subject, message))

    def derivatives(self, f: Any) -> dict[str, Any]:
        """The first and second derivative by name, as far as they are given."""
        target, scalar = self.case.target, f.shape == ()
        found: dict[str, Any] = {}
        operators: dict[str, Callable[[], Any]] = {
            "gradient": lambda: hs.gradient(f, target),
            "hessian": lambda: hs.hessian(f, target),
        } if scalar else {
            "jacobian": lambda: hs.jacobian(f, target),
            "second": lambda: hs.derivative(f, target, order=2),
        }  # fmt: skip
        if not scalar and self.entries(f) > MAX_ENTRIES:
            del operators["second"]
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

    def entries(self, f: Any) -> int:
        """The entries that the second derivative has at the first sizes."""
        at = next(points(self.case), [None])[0]
        if at is None:
            return 0
        shape = math.prod(size.evaluate(at.sizes) for size in f.node.shape)
        variable = sum(np.size(at.values[name]) if not self.case.stacked else 1 for name in self.case.wrt)
        return int(shape * variable**2)

    def known_points(self, order: int) -> Iterator[Known]:
        """One point with finite values for each assignment of sizes."""
        for tries in points(self.case):
            for at in tries:
                try:
                    value = truth(self.case.tree, at, self.case.wrt, self.case.stacked, max(order, 1))
                    Program(self.case.tree).run(environment(at))
                except (Inadmissible, ShapeError):
                    break
                if value.finite and max(np.abs(d).max(initial=0) for d in value.derivatives) < LARGE:
                    yield Known(at, value)
                    break

    def values(self, subject: str, result: Any, expected: list[tuple[Point, Any]]) -> None:
        """The plain evaluator and the generated NumPy code agree with what is expected."""
        for at, value in expected:
            plain = self.attempt("evaluate", subject, partial(_plain, result.tree, at))
            if plain is not None:
                self.agree("value", subject, result, value, plain[0], plain[1], at)
            fast = self.attempt("numpy", subject, partial(_numpy, result, at))
            refused = fast is None and self.report.failures and "leaves its axis" in self.report.failures[-1].message
            if refused and 1 in at.sizes.values():
                # With n = 1 an axis of size n - 1 is empty: such sizes may be refused.
                self.report.failures.pop()
                self.report.tallies["sizes refused"] += 1
            if fast is not None:
                self.agree("numpy", subject, result, value, fast, 0.0 if plain is None else plain[1], at)

    def agree(self, law: str, subject: str, result: Any, expected: Any, got: Any, top: float, at: Point) -> None:
        """Note a failure unless the two arrays agree up to rounding."""
        if np.shape(got) != np.shape(expected):
            self.fail(law, subject, f"shape {np.shape(got)} instead of {np.shape(expected)} at {dict(at.sizes)}")
            return
        gap = np.abs(np.asarray(got) - expected)
        scale = np.abs(expected).max(initial=0)
        worst = gap.max(initial=0)
        if worst <= TOLERANCE * scale + NOISE * max(top, 1.0):
            return
        if np.isnan(worst) and result.conditions:
            # At a kink, with an empty axis, or from a branch not taken: the result says where it holds.
            self.report.tallies["no value where a condition is stated"] += 1
            return
        place = np.unravel_index(np.argmax(np.nan_to_num(gap, nan=np.inf)), gap.shape) if gap.shape else ()
        if np.isfinite(worst) and self.ill_conditioned(law, subject, at, worst):
            self.report.tallies["ill-conditioned"] += 1
            return
        entry = f"{float(np.asarray(got)[place])!r} instead of {float(np.asarray(expected)[place])!r}"
        self.fail(law, subject, f"{entry} at {tuple(map(int, place))}, {dict(at.sizes)}")

    def ill_conditioned(self, law: str, subject: str, at: Point, worst: float) -> bool:
        """Whether the oracle itself moves as much when the point is moved by its rounding."""
        order = ORDERS.get(subject, 1)
        there = Point(at.sizes, {name: _shaken(value) for name, value in at.values.items()}, at.functions)
        first, second = (
            truth(self.case.tree, point, self.case.wrt, self.case.stacked, max(order, 1)).derivatives[order]
            for point in (at, there)
        )
        return bool(worst <= 1000 * np.abs(first - second).max(initial=0))

    def written(self, subject: str, result: Any, expected: list[tuple[Point, Any]]) -> None:
        """Every spelling comes, and the text reads back to the same."""
        for name, spell in (("unicode", result.unicode), ("latex", result.latex), ("source", result.source)):
            text = self.attempt(name, subject, spell)
            if text == "":
                self.fail(name, subject, "empty")
        text = self.attempt("text", subject, lambda: str(result))
        if text is None:
            return
        back = self.attempt("reparse", subject, lambda: hs.parse(text, result.declarations))
        if back is None:
            return
        if self.attempt("equal", subject, lambda: back == result) is False:
            self.fail("round-trip", subject, f"not equal: {text}")
        for at, value in expected:
            plain = self.attempt("reread", subject, partial(_plain, back.tree, at))
            if plain is not None:
                self.agree("reread", subject, result, value, plain[0], plain[1], at)
        again = self.attempt("text", subject, lambda: str(back))
        third = self.attempt("text", subject, lambda: str(hs.parse(again, result.declarations)))
        if again != third:
            self.fail("stable-text", subject, f"{again!r} then {third!r}")
        same = simplify(unfold(back.node)) is simplify(unfold(result.node))
        self.report.tallies["same node after round trip" if same else "other node after round trip"] += 1

    def nodes(self, subject: str, result: Any, known: list[Known]) -> None:
        """Simplification is idempotent and keeps values; nodes and their trees agree."""
        node = result.node
        if simplify(node) is not node:
            self.fail("idempotent", subject, f"simplify changes {result} again")
        if subject == "f":
            raw = result.elaboration.root
            if raw.shape != node.shape:
                self.fail("simplify", subject, f"shape {raw.shape} became {node.shape}")
            forms = {"node": node, "raw node": raw}
        else:
            forms = {"node": node}
        order = ORDERS[subject]
        for each in known[:2]:
            if self.case.declarations.functions:
                break
            for name, form in forms.items():
                if work(form, each.point) > MAX_WORK:
                    continue
                value = self.attempt("interpret", subject, partial(node_value, form, each.point))
                if value is not None:
                    self.agree(name, subject, result, each.truth.derivatives[order], value, 1e3, each.point)
        if subject == "f":
            back = self.attempt("back", subject, lambda: to_syntax(node, result.known, simplify))
            for each in known[:1] if back is not None else []:
                plain = self.attempt("back", subject, partial(_plain, back, each.point))
                if plain is not None:
                    self.agree("back", subject, result, each.truth.derivatives[0], plain[0], plain[1], each.point)

    def structure(self, results: dict[str, Any], known: list[Known]) -> None:
        """What is claimed about zeros and symmetry is so."""
        for order, (subject, result) in enumerate(results.items()):
            facts = self.attempt("structure", subject, partial(getattr, result, "structure")) or frozenset()
            for each in known:
                value = each.truth.derivatives[order]
                for fact in facts & HOLDS.keys():
                    if value.size and not HOLDS[fact](value):
                        self.fail("structure", subject, f"not {fact} at {dict(each.point.sizes)}: {result}")

    def products(self, f: Any, results: dict[str, Any], known: list[Known]) -> None:
        """jvp, vjp and hvp are the derivatives contracted with vectors."""
        target = self.case.target
        if len(results) < 2 or not known:
            return
        pushed = self.attempt("jvp", "jvp", lambda: hs.jvp(f, target, "direction_"))
        pulled = self.attempt("vjp", "vjp", lambda: hs.vjp(f, target, "weight_"))
        curved = None
        if f.shape == () and len(results) > 2:
            curved = self.attempt("hvp", "hvp", lambda: hs.hvp(f, target, "direction_"))
        for each in known[:2]:
            value, slope, *more = each.truth.derivatives
            entry = np.shape(slope)[np.ndim(value) :]
            random = np.random.default_rng(5)
            direction, weight = random.uniform(-1, 1, entry), random.uniform(-1, 1, np.shape(value))
            extended = Point(each.point.sizes, {**each.point.values, "direction_": direction, "weight_": weight},
                             each.point.functions)  # fmt: skip
            wanted = [("jvp", pushed, np.tensordot(slope, direction, len(entry))),
                      ("vjp", pulled, np.tensordot(weight, slope, np.ndim(value)))]  # fmt: skip
            if curved is not None:
                wanted.append(("hvp", curved, np.tensordot(more[0], direction, len(entry))))
            for name, result, expected in wanted:
                if result is not None:
                    self.values(name, result, [(_declared(result, extended), expected)])


HOLDS: dict[str, Callable[[Any], bool]] = {
    "symmetric": lambda a: np.allclose(a, np.swapaxes(a, -1, -2), 1e-9, 1e-9),
    "diagonal": lambda a: np.abs(a * (1 - np.eye(*a.shape))).max() < 1e-9,
    "tridiagonal": lambda a: max(np.abs(np.triu(a, 2)).max(), np.abs(np.tril(a, -2)).max()) < 1e-9,
}


def _shaken(value: Any) -> Any:
    """The value moved by its rounding; positions stay."""
    value = np.asarray(value)
    if value.dtype.kind == "i":
        return value
    return value * (1 + 1e-14 * np.cos(7.0 * np.arange(value.size)).reshape(value.shape))


def _declared(result: Any, at: Point) -> Point:
    """The point with the declared variables only: the compiled function refuses others."""
    return Point(at.sizes, {name: at.values[name] for name in result.variables if name in at.values}, at.functions)


def _legitimate(error: HesseError) -> bool:
    """Whether a text of the grammar may be refused so: an exact number outside a domain."""
    return "it must be" in str(error)


def _plain(tree: Any, at: Point) -> tuple[Any, float]:
    """The value by the plain evaluator, and the largest number on the way."""
    values = Program(tree).run(environment(at))
    return np.reshape(np.array(values[-1].entries, float), values[-1].shape), largest(values)


def _numpy(result: Any, at: Point) -> Any:
    """The value by the generated code."""
    functions = {name: waves.numpy(4) for name, waves in at.functions.items()}
    with np.errstate(all="ignore"):
        return np.asarray(result.evaluate(**_declared(result, at).values, **functions))


def _place(error: Exception) -> str:
    """Where an exception was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"({trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno})"
