"""Is this result the derivative of that function? Answered by values and differences, at a few points."""

from __future__ import annotations

import math
from typing import Literal

from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.errors import LimitError, ShapeError
from hesse.verify.campaign import Finding, Search, moderate
from hesse.verify.claim import Claim, Site
from hesse.verify.compare import compare
from hesse.verify.differences import evaluations
from hesse.verify.points import Points
from hesse.verify.reference import Environment
from hesse.verify.verdict import Counterexample, Verification

BUDGET = 350_000
"""Entries computed, roughly a quarter of a microsecond each."""
LIMIT = 1_200_000
"""What one derivative at one point may take."""
MAX_STEPS = 20_000
TOO_LARGE = "the expression is too large to be verified in a second"
SHARE = 4
"""The number of points that the budget should last for."""


def verify_derivative(
    function: Syntax,
    result: Syntax,
    wrt: tuple[str, ...],
    order: int,
    declarations: Declarations,
    stacked: bool = False,
    first: Syntax | None = None,
    points: Points | None = None,
) -> Verification:
    """Whether `result` is the derivative of `function`: axes (output..., variable..., ...), the variable's axes `order`
    times. Several scalar variables (or one, when `stacked`) are one axis.

    `first`, the verified derivative of one order less, makes higher orders cheaper and sharper: its differences are
    taken. Where a variable has structure that formulas may use (symmetric, simplex, ...), they cannot be: a formula
    may hold only for such values, and differences leave them. `points` are those for the function, where they are kept.
    """
    stacked = stacked or len(wrt) > 1
    points = points or Points(function, declarations)
    if order > 1 and first is not None and _free(wrt, declarations):
        return _verify(Claim(points.of(first), result, wrt, stacked))
    return _verify(Claim(points, result, wrt, stacked, order))


def verify_product(
    kind: Literal["jvp", "vjp", "hvp"],
    function: Syntax,
    result: Syntax,
    wrt: tuple[str, ...],
    vector: str,
    declarations: Declarations,
    stacked: bool = False,
    first: Syntax | None = None,
) -> Verification:
    """Whether `result` is the Jacobian times the vector ("jvp"), the vector times the Jacobian, or the Hessian times
    the vector. The declarations include the vector's; `first` is the verified first derivative, for "hvp"."""
    stacked = stacked or len(wrt) > 1
    points = Points(function, declarations)
    match kind:
        case "jvp":
            return _verify(Claim(points, result, wrt, stacked, 0, ((vector,),)))
        case "vjp":
            return _verify(Claim(points, result, wrt, stacked, 1, (), vector))
        case "hvp" if first is not None and _free(wrt, declarations):
            return _verify(Claim(points.of(first), result, wrt, stacked, 0, ((vector,),)))
        case "hvp":
            return _verify(Claim(points, result, wrt, stacked, 1, ((vector,),)))


def verify_differential(
    function: Syntax, result: Syntax, wrt: tuple[str, ...], vectors: tuple[str, ...], declarations: Declarations
) -> Verification:
    """Whether `result` is the derivative of `function` along the values of the vectors, one for each variable."""
    return _verify(Claim(Points(function, declarations), result, wrt, False, 0, (vectors,)))


def _free(wrt: tuple[str, ...], declarations: Declarations) -> bool:
    """Whether the variables fill an open set, so that a formula for them can be differentiated."""
    variables = declarations.variables
    return all(variables[name].attributes <= {"pos"} for name in wrt)


def _verify(claim: Claim) -> Verification:
    if problem := _unsuitable(claim):
        return Verification("not verified", reason=problem)
    inquiry = _Inquiry(claim)
    return Search(claim.function.declarations, inquiry.look, inquiry.affordable, point=claim.function.at).verdict()


def _unsuitable(claim: Claim) -> str:
    """Why the claim cannot be looked at; empty when it can."""
    variables = claim.function.declarations.variables
    for name in claim.wrt:
        if name not in variables:
            return f"{name} is not a declared variable"
        if variables[name].index is not None:
            return f"{name} holds integers"
        if claim.stacked and variables[name].shape:
            return f"{name} is not a scalar"
    return "" if claim.wrt else "no variable is given"


class _Inquiry:
    """A claim, and the work done for it so far."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.spent = 0

    def affordable(self, times: int) -> bool:
        """Whether less than so many times the budget was spent."""
        return self.spent < times * BUDGET

    def look(self, environment: Environment) -> Finding:
        """What the point shows. Raises ShapeError where the function's shapes do not fit."""
        if len(self.claim.function.steps.steps) > MAX_STEPS:
            raise LimitError(TOO_LARGE)
        site = Site(self.claim, environment)
        try:
            return self._finding(site)
        finally:
            self.spent += site.spent

    def _finding(self, site: Site) -> Finding:
        if math.prod(site.shape) == 0:
            return Finding("no point")
        if evaluations(self.claim.order) * site.cost > LIMIT:
            raise LimitError(TOO_LARGE)
        if not moderate(site.center):
            return Finding("outside")
        try:
            value = site.result()
        except ShapeError:
            return _misshapen(site, None)
        if value.shape != site.shape:
            return _misshapen(site, value.shape)
        found = compare(site, value.entries, (BUDGET - self.spent) // SHARE)
        counterexample = Counterexample(
            tuple(site.environment.sizes.items()), site.environment.values, found.expected, found.got, found.entry
        )
        method = "every entry" if found.everywhere else "along random directions"
        return Finding(
            found.kind, found.digits, method, None if found.kind in ("agrees", "vanishes") else counterexample
        )


def _misshapen(site: Site, shape: tuple[int, ...] | None) -> Finding:
    """The result has another shape than it should have, or none: one point is enough to say so."""
    environment = site.environment
    counterexample = Counterexample(tuple(environment.sizes.items()), environment.values, site.shape, shape)
    return Finding("differs", counterexample=counterexample, final=True)
