"""Convexity: a certificate for all x from the rules of composition and the symbolic Hessian, or a counterexample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from typing import Any, Literal

import numpy as np

from hesse.core.algebra import add
from hesse.core.build import variable
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.nodes import Node, Sum, Variable
from hesse.core.rebuild import substitute, unfold
from hesse.core.traverse import postorder
from hesse.enclosure.arithmetic import Undefined, Unsupported
from hesse.enclosure.elimination import Singular
from hesse.enclosure.rows import NotSmooth
from hesse.errors import ArgumentError, HesseError
from hesse.facts.definite import definiteness
from hesse.facts.values import values
from hesse.models.composition import Bend, bend
from hesse.models.definite import Proof, semidefinite
from hesse.models.direction import Direction
from hesse.models.place import place
from hesse.models.requirements import requirements
from hesse.service.conditions import smoothness_conditions
from hesse.service.derivatives import hessian
from hesse.service.expression import Expr
from hesse.service.result import Result
from hesse.service.variables import Target, resolve
from hesse.verify.sampling import distinct_settings, sample

Verdict = Literal["convex", "concave", "affine", "neither", "unknown"]
POINTS = 24
SETTINGS = 2
CLEAR = 1e-7
GRAIN = 2**20


@dataclass(frozen=True)
class Counterexample:
    """A point and a direction along which the curvature of f has a certified sign: `curvature` is dᵀ∇²f d."""

    point: dict[str, Any]
    direction: tuple[float, ...]
    curvature: float

    def __str__(self) -> str:
        where = ", ".join(f"{name} = {_brief(value)}" for name, value in self.point.items())
        return f"at {where} the curvature along d = {_brief(self.direction)} is {self.curvature:.6g} (certified)"


@dataclass(frozen=True)
class Convexity:
    """What is proved about the convexity of f in the variables; `certificate` is the argument, in sentences.

    `counterexamples` refute: by "convex" a point of negative curvature, by "concave" one of positive curvature.
    """

    verdict: Verdict
    certificate: str
    conditions: tuple[str, ...] = ()
    counterexamples: dict[str, Counterexample] = field(default_factory=dict)

    @property
    def counterexample(self) -> Counterexample | None:
        """The point that refutes convexity, if there is one."""
        return self.counterexamples.get("convex")

    def __str__(self) -> str:
        lines = [f"{self.verdict}: {self.certificate}" if self.certificate else self.verdict]
        if self.conditions:
            lines.append("where " + " and ".join(self.conditions))
        lines += [f"not {name}: {example}" for name, example in self.counterexamples.items()]
        return "\n".join(lines)


def convexity(f: Expr, wrt: str | Sequence[str] | None = None) -> Convexity:
    """Whether f is convex, concave, affine or neither in the variable, for all values and sizes; with the argument.

    "neither" comes with two certified counterexamples; where neither a proof nor a counterexample was found the
    verdict is "unknown".

    >>> import hesse as hs
    >>> hs.convexity(hs.parse("logsumexp(A @ x + b)", "A:m,n x:n b:m"), "x").verdict
    'convex'
    >>> hs.convexity(hs.parse("x1*x2")).verdict
    'neither'
    """
    if not isinstance(f, Expr):
        raise ArgumentError(f"an expression is needed, not {type(f).__name__}", hint="make one with hesse.parse")
    if f.shape:
        raise ArgumentError("convexity belongs to a scalar function", hint="take an entry, f[i]")
    target = resolve(wrt, f._declarations)
    return _Question(f, target).answer()


class _Question:
    def __init__(self, f: Expr, target: Target) -> None:
        self.f = f
        self.target = target
        self.wrt = list(target.names) if target.stacked else target.names[0]
        # The domain says which variables are positive; a proof on the domain may use it.
        self.variables, self.node = _on_domain(f, target)

    def answer(self) -> Convexity:
        """The verdict."""
        whole = self._bend(self.node)
        obstacle = self._domain_obstacle()
        convex, concave = whole.convex, whole.concave
        reasons = "by composition: " + "; ".join(reason for reason in whole.reasons if reason != "affine")
        if convex and concave:
            return Convexity("affine", "it is affine", self.f.conditions) if not obstacle else self._blocked(obstacle)
        if not (convex or concave):
            proof = self._by_hessian()
            convex, concave, reasons = proof.above, proof.below, proof.reason
        if (convex or concave) and obstacle:
            return self._blocked(obstacle)
        if convex and concave:
            return Convexity("affine", "its Hessian is zero", self.f.conditions)
        if convex or concave:
            return Convexity("convex" if convex else "concave", reasons, self.f.conditions)
        return self._refuted()

    def _blocked(self, obstacle: str) -> Convexity:
        certificate = f"its domain is not proved to be convex ({obstacle}); it bends one way on convex parts"
        return Convexity("unknown", certificate, self.f.conditions)

    def _bend(self, node: Node) -> Bend:
        return bend(node, self.variables)

    def _domain_obstacle(self) -> str:
        """A condition whose set is not proved to be convex; nothing when all are."""
        for needed, relation, text in requirements(self.f).needed:
            node = _substituted(needed, self.f)
            if not any(part in self.variables for part in postorder(node)):
                continue
            known, shape = values(node), self._bend(node)
            if relation in ("> 0", ">= 0", "> -1") and shape.concave:
                continue
            if known.positive and relation in ("> 0", ">= 0", "!= 0", "> -1"):
                continue
            if relation in ("in [-1, 1]", "in (-1, 1)") and shape.affine:
                continue
            if relation in ("is invertible", "det > 0") and definiteness(node).above:
                continue
            return text
        return ""

    def _by_hessian(self) -> Proof:
        """What the Hessian proves: of the whole, or of the smooth terms beside ones that composition settles."""
        whole = self._hessian_proof(self.node)
        if whole.above or whole.below or not isinstance(self.node, Sum):
            return whole
        for sign in (1, -1):
            settled: list[Bend] = []
            rest: list[tuple[Fraction, Node]] = []
            for c, term in self.node.terms:
                found = self._bend(term) if c * sign > 0 else self._bend(term).turned()
                if found.convex:
                    settled.append(found)
                else:
                    rest.append((c, term))
            if not settled or not rest:
                continue
            proof = self._hessian_proof(add(rest, ()))
            if proof.above if sign > 0 else proof.below:
                reasons = dict.fromkeys(r for part in settled for r in part.reasons if r != "affine")
                words = "; ".join((*reasons, f"the rest by its Hessian: {proof.reason}"))
                return Proof(sign > 0, sign < 0, words)
        return Proof()

    def _hessian_proof(self, node: Node) -> Proof:
        kinks = smoothness_conditions(node, tuple(self.variables), self.f.elaboration)
        if any(each not in self.f.conditions_found for each in kinks):
            return Proof()
        part = Expr(Result(node, lambda: self.f.conditions_found), _declared(self.f), ())
        try:
            return semidefinite(hessian(part, self.wrt))
        except HesseError:
            return Proof()

    def _refuted(self) -> Convexity:
        """Counterexamples found by sampling, each with a certified sign."""
        found: dict[str, Counterexample] = {}
        for name, sign in (("convex", -1), ("concave", 1)):
            example = next(self._examples(sign), None)
            if example is not None:
                found[name] = example
        if len(found) == 2:
            return Convexity("neither", "it bends both ways", self.f.conditions, found)
        certificate = "no proof was found" + ("" if found else ", and no counterexample")
        return Convexity("unknown", certificate, self.f.conditions, found)

    def _examples(self, sign: int) -> Iterator[Counterexample]:
        try:
            second = hessian(self.f, self.wrt)
        except HesseError:
            return
        for sizes in islice(distinct_settings(self.f._declarations), SETTINGS):
            for attempt in range(POINTS):
                point = sample(self.f._declarations, sizes, attempt, attempt).values
                floats = {name: value.nested() for name, value in point.items()}
                example = self._example(second, floats, sign)
                if example is not None:
                    yield example

    def _example(self, second: Expr, floats: dict[str, Any], sign: int) -> Counterexample | None:
        try:
            with np.errstate(all="ignore"):
                value = np.asarray(second.evaluate(**floats), float)
        except HesseError:
            return None
        count = round(value.size**0.5)
        matrix = value.reshape(count, count)
        if not np.isfinite(matrix).all():
            return None
        matrix = self._admissible((matrix + matrix.T) / 2)
        numbers, vectors = np.linalg.eigh(matrix)
        place_of = -1 if sign > 0 else 0
        if not numbers[place_of] * sign > CLEAR * max(1.0, float(np.abs(numbers).max())):
            return None
        along = self._exactly_admissible(vectors[:, place_of])
        try:
            where = place(self.f, floats, self.wrt)
            found = Direction(self.f, where, [Fraction(entry) for entry in along])._coefficient(2)
        except (HesseError, NotSmooth, Singular, Undefined, Unsupported):
            return None
        if found.sign != sign:
            return None
        return Counterexample(floats, tuple(along), 2 * float(found.ball.mid()))

    def _exactly_admissible(self, direction: Any) -> list[float]:
        """The direction in short binary fractions, with which sums are exact: it is still one of these directions."""
        attributes = self.target.variables[0].attributes
        short = np.round(direction * GRAIN)
        if attributes & {"sym", "spd"}:
            square = short.reshape(round(len(short) ** 0.5), -1)
            short = (np.triu(square) + np.triu(square, 1).T).ravel()
        if "simplex" in attributes:
            short[-1] = -short[:-1].sum()
        return [float(entry) for entry in short / GRAIN + 0.0]

    def _admissible(self, matrix: Any) -> Any:
        """The quadratic form on the directions that stay in the domain: symmetric, for a simplex with the sum zero."""
        attributes = self.target.variables[0].attributes
        if "simplex" in attributes:
            projection = np.eye(len(matrix)) - 1 / len(matrix)
            return projection @ matrix @ projection
        if not attributes & {"sym", "spd"}:
            return matrix
        size = round(len(matrix) ** 0.5)
        order = np.arange(size * size).reshape(size, size).T.ravel()
        projection = (np.eye(size * size) + np.eye(size * size)[order]) / 2
        return projection @ matrix @ projection


def _on_domain(f: Expr, target: Target) -> tuple[frozenset[Variable], Node]:
    """The variables, those declared positive that the domain makes positive, and f's node with them."""
    node = _substituted(f.node, f)
    names = set(target.names)
    found = {part for part in postorder(node) if isinstance(part, Variable) and part.name in names}
    return frozenset(found or target.variables), node


def _positive(f: Expr) -> frozenset[str]:
    """The names that the domain makes positive in every entry."""
    needed = f.elaboration.domain
    return frozenset(each.node.name for each in needed if isinstance(each.node, Variable) and each.relation == "> 0")


def _substituted(node: Node, f: Expr) -> Node:
    known = _positive(f)
    node = unfold(node)
    changes: dict[Node, Node] = {}
    for part in postorder(node):
        if isinstance(part, Variable) and part.name in known and "pos" not in part.attributes:
            changes[part] = variable(part.name, part.shape, part.attributes | {"pos"}, part.integer)
    return substitute(node, changes) if changes else node


def _declared(f: Expr) -> Declarations:
    known = _positive(f)
    entries = tuple(
        replace(entry, attributes=entry.attributes | {"pos"})
        if isinstance(entry, VariableDeclaration) and entry.name in known
        else entry
        for entry in f._declarations
    )
    return Declarations(entries, f._declarations.required)


def _brief(value: Any) -> str:
    array = np.round(np.asarray(value, float), 4).tolist()
    text = str(array)
    return text if len(text) <= 80 else text[:77] + "..."
