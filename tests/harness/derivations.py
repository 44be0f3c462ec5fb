"""The law of derivations: every line is verified, each follows from the one before, the last one is the result."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator

import hesse as hs
from hesse.core.derivation import names_differential
from hesse.errors import ArgumentError, HesseError, LimitError
from hesse.explain.page import Explanation
from hesse.explain.record import Step
from hesse.service.explaining import LINES
from hesse.service.expression import Expr
from tests.harness.cases import Case
from tests.harness.laws import Failure, Report


def examine(case: Case, orders: tuple[int, ...] = (1, 2), *, longest: bool = True) -> Report:
    """What is wrong with the derivations of a case: of its first derivative in both styles, and of its second."""
    started = time.perf_counter()
    report = Report([], Counter())
    try:
        f = hs.parse(case.text, str(case.declarations))
    except HesseError:
        report.tallies["not read"] += 1
        return report
    for order in orders:
        try:
            result = hs.derivative(f, case.target, order=order)
        except (ArgumentError, LimitError):
            report.tallies["no derivative"] += 1
            continue
        report.failures += _problems(result, "differentials", report.tallies, order, longest=longest)
        if order == 1:
            report.failures += _problems(result, "partials", report.tallies, order)
    report.seconds = time.perf_counter() - started
    return report


def _problems(result: Expr, style: str, tallies: Counter[str], order: int, *, longest: bool = False) -> list[Failure]:
    where = f"order {order}, {style}"
    try:
        derivations = [result.explain(style=style)]
        if longest and order == 1:
            derivations.append(derivations[0].at("every step", limit=LINES))
    except HesseError as error:
        return [Failure("derivation", where, f"{type(error).__name__}: {error}")]
    return [Failure("derivation", where, problem) for each in derivations for problem in broken(each, tallies)]


def broken(derivation: Explanation[Expr], tallies: Counter[str]) -> Iterator[str]:
    """What does not hold of a derivation."""
    result = derivation.result
    if not derivation.steps:
        yield "there are no steps"
        return
    yield from _lines(derivation, tallies, result.verification.ok)
    last = derivation.steps[-1].after
    if not str(result).endswith(last.text):
        yield f"the last line is {last.text}, the result {result}"
    page = derivation.unicode() + derivation.latex() + str(derivation)
    if any(map(names_differential, page)):
        yield "a mark is left in the page"
    if re.search("simplif", page):
        yield "a step hides a rule"


def _lines(derivation: Explanation[Expr], tallies: Counter[str], verified: bool) -> Iterator[str]:
    for section in derivation.sections:
        previous: Step | None = None
        for step in section.steps:
            tallies[step.verification.status] += 1
            if step.verification.status == "refuted" or (verified and not step.verification.ok):
                if step.verification.status == "refuted":
                    yield f"step {step.number} is refuted: {step.verified}"
                else:
                    tallies["not verified, of a verified result"] += 1
            if not step.applied:
                yield f"step {step.number} names no rule"
            if previous is not None and previous.left == step.left and step.before.text != previous.after.text:
                yield f"step {step.number} does not follow"
            previous = step
