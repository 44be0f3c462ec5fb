"""Laws about what is made of an expression and its derivatives: products with vectors, compositions, components.

Each case is held to one of the costlier ones, chosen by its text.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeAlias

import numpy as np

import hesse as hs
from hesse.verify.reference import evaluate

from .cases import Case, environment
from .jax_oracle import Inadmissible, Point, truth
from .known import Check, Known, Valued

MAX_COMPONENTS = 9
MAX_THIRD = 4
DIRECTION, WEIGHT = "direction_", "weight_"

Product: TypeAlias = tuple[str, Any, Callable[[Known], Any], Callable[[Point], Point]]


class Examination(Protocol):
    """What the laws need of the examination of a case."""

    case: Case

    def attempt(self, law: str, subject: str, action: Callable[[], Any]) -> Any:
        """What the action gives; None and a failure when it raises."""

    def hold(self, check: Check, known: list[Known]) -> None:
        """Note a failure where the values differ."""

    def values(self, subject: str, result: Any, expected: Callable[[Known], Any], known: list[Known]) -> None:
        """The plain evaluator and the generated code give what is expected."""


def kinds_of_products(results: Mapping[str, Any]) -> tuple[str, ...]:
    """The products with vectors that can be had."""
    return ("jvp", "vjp", "hvp") if "hessian" in results else ("jvp", "vjp")


def products(examination: Examination, results: Mapping[str, Any], kinds: Sequence[str]) -> Iterator[Product]:
    """Products with vectors: each with its expected value and the points that have the vectors."""
    f, target, stacked = results["f"], examination.case.target, examination.case.stacked
    operators: Mapping[str, Callable[[], Any]] = {
        "jvp": lambda: hs.jvp(f, target, DIRECTION),
        "vjp": lambda: hs.vjp(f, target, WEIGHT),
        "hvp": lambda: hs.hvp(f, target, DIRECTION),
    }
    wrt = examination.case.wrt

    def entry(at: Point) -> tuple[int, ...]:
        return (len(wrt),) if stacked else np.shape(at.values[wrt[0]])

    def contracted(order: int, known: Known) -> Any:
        shape = entry(known.point)
        return np.tensordot(known.truth.derivatives[order], _vector(shape), len(shape))

    def weighted(known: Known) -> Any:
        value, slope, *_ = known.truth.derivatives
        return np.tensordot(_vector(np.shape(value)), slope, np.ndim(value))

    def directed(at: Point) -> Point:
        return Point(at.sizes, {**at.values, DIRECTION: _vector(entry(at))}, at.functions)

    def loaded(at: Point) -> Point:
        shape = tuple(size.evaluate(at.sizes) for size in f.node.shape)
        return Point(at.sizes, {**at.values, WEIGHT: _vector(shape)}, at.functions)

    wanted: Mapping[str, tuple[Callable[[Known], Any], Callable[[Point], Point]]] = {
        "jvp": (partial(contracted, 1), directed),
        "vjp": (weighted, loaded),
        "hvp": (partial(contracted, 2), directed),
    }
    for kind in kinds:
        result = examination.attempt(kind, kind, operators[kind])
        if result is not None:
            yield kind, result, *wanted[kind]


def _vector(shape: tuple[int, ...]) -> Any:
    return np.random.default_rng(5).uniform(-1, 1, shape)


def one_wider_law(examination: Examination, results: Mapping[str, Any], known: Known) -> None:
    """Check the law that this case is chosen for."""
    laws = (components, composition, third_derivative, index_notation)
    laws[zlib.crc32(examination.case.text.encode()) % len(laws)](examination, results, known)


def components(examination: Examination, results: Mapping[str, Any], known: Known) -> None:
    """The table of components has the values of the array, entry by entry."""
    declarations = examination.case.declarations
    if declarations.functions or any(entry.index is not None for entry in declarations.variables.values()):
        return
    sizes = {name: known.point.sizes[name] for name in declarations.size_names}
    for order, (subject, result) in enumerate(results.items()):
        if not 0 < np.size(known.truth.derivatives[order]) <= MAX_COMPONENTS:
            continue
        table = examination.attempt("components", subject, partial(result.components, **sizes))
        if table is not None:
            expected = partial(_order, order)
            examination.hold(Check("components", subject, result, expected, partial(_evaluated, table)), [known])


def index_notation(examination: Examination, results: Mapping[str, Any], known: Known) -> None:
    """The index notation has the values of the array, entry by entry, when it is read back."""
    if examination.case.stacked:
        return
    for order, (subject, result) in enumerate(results.items()):
        if 0 < np.size(known.truth.derivatives[order]) <= MAX_COMPONENTS:
            found = examination.attempt("indices", subject, result.indexed)
            if found is not None:
                read = partial(_entries_read, found, result.declarations, np.shape(known.truth.derivatives[order]))
                examination.hold(Check("indices", subject, result, partial(_order, order), read), [known])


def _entries_read(found: Any, declarations: str, shape: tuple[int, ...], at: Point) -> Valued:
    text, names = found.right("text"), found.form.free
    values = []
    for position in np.ndindex(shape):
        entry = text
        for name, place in zip(names, position, strict=True):
            # The letters of an einsum stand between quotes.
            parts = entry.split('"')
            parts[::2] = [re.sub(rf"\b{name}\b", str(place), part) for part in parts[::2]]
            entry = '"'.join(parts)
        values.append(evaluate(hs.parse(entry, declarations).tree, environment(at)).item)
    return np.reshape(values, shape), 1e3


def _order(order: int, known: Known) -> Any:
    return known.truth.derivatives[order]


def _evaluated(table: Any, at: Point) -> Valued:
    values = [evaluate(entry.tree, environment(at)).item for entry in table.entries.entries]
    return np.reshape(values, table.entries.shape), 1e3


def composition(examination: Examination, results: Mapping[str, Any], known: Known) -> None:
    """Operators compose expressions: f*f + 2*f has the derivative (2 f + 2) f'."""
    f, target = results["f"], examination.case.target
    composed = examination.attempt("compose", "f", lambda: f * f + 2 * f)
    if composed is None:
        return

    def value(at: Known) -> Any:
        return at.truth.derivatives[0] ** 2 + 2 * at.truth.derivatives[0]

    def slope(at: Known) -> Any:
        inner, outer, *_ = at.truth.derivatives
        return np.reshape(2 * inner + 2, np.shape(inner) + (1,) * (np.ndim(outer) - np.ndim(inner))) * outer

    examination.values("composed f", composed, value, [known])
    derived = examination.attempt("compose", "derivative", lambda: hs.jacobian(composed, target))
    if derived is not None:
        examination.values("composed derivative", derived, slope, [known])


def third_derivative(examination: Examination, results: Mapping[str, Any], known: Known) -> None:
    """Order three of scalar functions of few numbers."""
    case, f = examination.case, results["f"]
    if f.shape != () or np.size(known.truth.derivatives[1]) > MAX_THIRD:
        return

    def expected(at: Known) -> Any:
        return truth(case.tree, at.point, case.wrt, case.stacked, 3).derivatives[3]

    try:
        there = expected(known)
    except Inadmissible:
        return
    if not np.isfinite(there).all() or np.abs(there).max(initial=0) > 1e9:
        return
    third = examination.attempt("derive", "third", lambda: hs.derivative(f, case.target, order=3))
    if third is not None:
        examination.values("third", third, expected, [known])
