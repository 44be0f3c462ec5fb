"""Points at which answers are compared: exact values that respect what is declared, simple integers first.

All values are exact fractions, so that what is declared (symmetric, on the simplex, ...) holds exactly. Most are short
binary ones, exact as floats too; others have odd prime denominators: at binary fractions sin(64*pi*x) is zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from operator import mul
from random import Random
from typing import Any

from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.tensor import Tensor, positions
from hesse.enclosure.apart import At
from hesse.verify.reference import Environment
from hesse.verify.sampling import Sizes, distinct_settings, unit_settings
from hesse.verify.smooth import SmoothFunction

Exact = Tensor[Fraction]
MAX_ENTRIES = 4_000
MATRIX_REACH = 5


@dataclass(frozen=True, slots=True)
class Style:
    """How the entries of the variables look: multiples of `step`, of at most `reach` steps, of these signs."""

    step: Fraction
    reach: int
    sign: str = "mixed"


INTEGERS = Style(Fraction(1), 3)
EIGHTHS = Style(Fraction(1, 8), 16)
SMALL = Style(Fraction(1, 64), 20)
LARGE = Style(Fraction(1, 4), 60)
STYLES = (
    INTEGERS,
    INTEGERS,
    EIGHTHS,
    Style(Fraction(1), 3, "positive"),
    Style(Fraction(1, 8), 16, "positive"),
    Style(Fraction(1, 8), 16, "negative"),
    SMALL,
    EIGHTHS,
    Style(Fraction(1, 64), 40, "positive"),
    LARGE,
    Style(Fraction(1, 4), 40, "positive"),
    Style(Fraction(1, 4), 40, "negative"),
    Style(Fraction(1, 7), 20),
    Style(Fraction(1, 11), 40),
    Style(Fraction(1, 997), 2500),
)
"""What is tried at each setting of the sizes, in this order."""
SCALES = (
    *(Style(Fraction(1, 7 * 10**k), 30) for k in range(1, 9)),
    Style(Fraction(100, 3), 30),
    Style(Fraction(3000, 7), 30),
)
"""Small and large values: tanh(1000*x) is constant but for small ones."""


@dataclass(frozen=True, eq=False)
class Point:
    """Sizes, exact values of the variables, and instances of the undefined functions."""

    sizes: Sizes
    values: Mapping[str, Exact]
    functions: Mapping[str, SmoothFunction]
    style: Style
    indices: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def environment(self) -> Environment:
        """The point for the plain evaluator."""
        values: dict[str, Any] = {
            name: value.map(int if name in self.indices else float) for name, value in self.values.items()
        }
        return Environment(self.sizes, values, self.functions)

    @property
    def exact(self) -> At:
        """The point for balls."""
        return At(self.values, self.sizes, self.tables)

    @property
    def tables(self) -> dict[str, list[int]]:
        """The entries of the index arrays."""
        return {name: [int(entry) for entry in self.values[name].entries] for name in self.indices}

    @property
    def near(self) -> str:
        """The values of scalars to a few digits, for what is said of the neighbourhood."""
        if any(value.shape for value in self.values.values()):
            return "the point that is shown"
        return ", ".join(f"{name} = {float(value.item):.4g}" for name, value in self.values.items())

    def moved(self, name: str, value: Exact) -> Point:
        """The same point with another value of one variable."""
        return Point(self.sizes, {**self.values, name: value}, self.functions, self.style, self.indices)


class Sampler:
    """Points for some declarations; the same ones for the same seed."""

    def __init__(
        self, declarations: Declarations, seed: int, admits: Callable[[Sizes], bool] = lambda sizes: True
    ) -> None:
        """`admits` says which sizes will do: an entry that is asked for must exist."""
        self.declarations = declarations
        self.seed = seed
        self._admits = admits

    def settings(self, count: int) -> list[Sizes]:
        """So many assignments of pairwise distinct sizes whose arrays are not too large."""
        found: list[Sizes] = []
        for setting in distinct_settings(self.declarations):
            if setting not in found and self._entries(setting) <= MAX_ENTRIES and self._admits(setting):
                found.append(setting)
            if len(found) == count:
                break
        return found

    def unit(self) -> Sizes | None:
        """An assignment in which sizes are 1, as far as that is admissible."""
        return next(filter(self._admits, unit_settings(self.declarations)), None)

    def draws(self, setting: Sizes, number: int, styles: Sequence[Style] = STYLES) -> Iterator[Point]:
        """Points of these sizes, one for each style."""
        for place, style in enumerate(styles):
            yield self.draw(setting, style, f"{self.seed} {number} {place}")

    def draw(self, setting: Sizes, style: Style, label: str) -> Point:
        """The point with that label."""
        variables = self.declarations.variables
        # Scalars have different values, as long as there are some.
        pool = _distinct(len(variables), style.reach, Random(label))
        values = {
            name: _value(entry, setting, style, Random(f"{label} {name}"), pool[place])
            for place, (name, entry) in enumerate(variables.items())
        }
        functions = {
            f.name: SmoothFunction(
                tuple(size.evaluate(setting) for size in f.domain),
                tuple(size.evaluate(setting) for size in f.codomain),
                f"{label} {f.name}",
            )
            for f in self.declarations.functions.values()
        }
        indices = frozenset(name for name, entry in variables.items() if entry.index is not None)
        return Point(setting, values, functions, style, indices)

    def directions(self, point: Point) -> list[Direction]:
        """The ways to move a variable by which what is declared may still hold: single entries, and all alike."""
        found: list[Direction] = []
        for name, entry in self.declarations.variables.items():
            if entry.index is None:
                found += _directions(name, point.values[name].shape, entry.attributes)
        return sorted(found, key=lambda each: each.single)

    def nearby(self, point: Point) -> Point:
        """A point close by, with nothing special about it."""
        random = Random("nearby")
        values = dict(point.values)
        for name, entry in self.declarations.variables.items():
            if entry.index is None and not entry.attributes - {"pos"}:
                values[name] = values[name].map(lambda x: x * (1 + Fraction(random.randint(1, 999), 65536)))
        return Point(point.sizes, values, point.functions, point.style, point.indices)

    def _entries(self, setting: Sizes) -> int:
        shapes = ([size.evaluate(setting) for size in v.shape] for v in self.declarations.variables.values())
        return sum(map(math.prod, shapes))


def _value(entry: VariableDeclaration, setting: Sizes, style: Style, random: Random, scalar: int) -> Exact:
    """The value of a variable; `scalar` is the size, in steps, that a scalar takes."""
    shape = tuple(size.evaluate(setting) for size in entry.shape)
    count = math.prod(shape)
    if entry.index is not None:
        bound = entry.index.evaluate(setting)
        return Tensor(shape, [Fraction(random.randrange(bound)) for _ in range(count)])
    attributes = entry.attributes
    if "pm1" in attributes:
        return Tensor(shape, _signs(count, random))
    if "simplex" in attributes:
        return _simplex(shape, random)
    positive = style.sign == "positive" or "pos" in attributes
    signs = [Fraction(1)] * count if positive else [Fraction(-1)] * count
    if style.sign == "mixed" and not positive:
        signs = _signs(count, random)
    # With three different numbers only, a matrix is soon as good as symmetric.
    reach = style.reach if len(shape) < 2 else max(style.reach, MATRIX_REACH)
    sizes = _distinct(count, reach, random) if shape else [scalar]
    tensor = Tensor(shape, [sign * size * style.step for sign, size in zip(signs, sizes, strict=True)])
    return _structured(tensor, attributes)


def _structured(tensor: Exact, attributes: frozenset[str]) -> Exact:
    if "spd" in attributes:
        return _definite(tensor)
    if "sym" in attributes:
        return Tensor.build(tensor.shape, lambda place: (tensor[place] + tensor[place[::-1]]) / 2)
    if SUMS_TO_ONE in attributes:
        return _summing(tensor)
    if UNIT_NORM in attributes:
        return _on_sphere(tensor)
    if ORTHOGONAL in attributes:
        return _orthogonal(tensor)
    return tensor


SUMS_TO_ONE, UNIT_NORM, ORTHOGONAL = "sums to one", "unit norm", "orthogonal"
"""Attributes for assumptions, beside those that can be declared. The sum is that along the last axis."""


def has_attribute(value: Exact, attribute: str) -> bool:
    """Whether a value is what the attribute says. Raises KeyError for other attributes than those of assumptions."""
    return _TESTS[attribute](value)


def _rows(value: Exact) -> list[Sequence[Fraction]]:
    size = value.shape[-1]
    return [value.entries[start : start + size] for start in range(0, len(value.entries), size)]


def _is_orthogonal(value: Exact) -> bool:
    rows = _rows(value)
    products = {(i, j): sum(map(mul, a, b)) for i, a in enumerate(rows) for j, b in enumerate(rows)}
    return all(product == (i == j) for (i, j), product in products.items())


_TESTS: Mapping[str, Callable[[Exact], bool]] = {
    "pos": lambda value: all(entry > 0 for entry in value.entries),
    "pm1": lambda value: all(abs(entry) == 1 for entry in value.entries),
    "sym": lambda value: all(value[place] == value[place[::-1]] for place in positions(value.shape)),
    SUMS_TO_ONE: lambda value: all(sum(row) == 1 for row in _rows(value)),
    UNIT_NORM: lambda value: sum(entry * entry for entry in value.entries) == 1,
    ORTHOGONAL: _is_orthogonal,
}


@dataclass(frozen=True, slots=True)
class Direction:
    """A way to move a variable: so many steps for each of these entries. `positive` entries stay so."""

    name: str
    steps: tuple[tuple[int, int], ...]
    positive: bool = False
    single: bool = True

    def moved(self, value: Tensor[Any], share: Any) -> Tensor[Any]:
        """The value, moved."""
        entries = list(value.entries)
        for place, step in self.steps:
            entries[place] += step * share
        return Tensor(value.shape, entries)

    def admits(self, value: Tensor[Any]) -> bool:
        """Whether what is declared still holds."""
        return not self.positive or all(entry > 0 for entry in value.entries)


def _directions(name: str, shape: tuple[int, ...], attributes: frozenset[str]) -> Iterator[Direction]:
    """The directions of one variable; none where its values are no continuum, or not known to be one."""
    places = range(math.prod(shape))
    if attributes & {"simplex", SUMS_TO_ONE}:
        if shape and attributes <= {"simplex", SUMS_TO_ONE}:
            inside = [k for k in places if (k + 1) % shape[-1]]
            yield from (Direction(name, ((k, 1), (k + 1, -1)), "simplex" in attributes) for k in inside)
        return
    if not attributes <= {"sym", "pos"}:
        return
    positive = "pos" in attributes
    if len(places) > 1:
        yield Direction(name, tuple((k, 1) for k in places), positive, single=False)
    for k in places:
        mirror = k
        if "sym" in attributes:
            mirror = k % shape[1] * shape[1] + k // shape[1]
        if k <= mirror:
            yield Direction(name, tuple((at, 1) for at in sorted({k, mirror})), positive)


def _signs(count: int, random: Random) -> list[Fraction]:
    """Signs, both of them where there is room."""
    signs = [Fraction(random.choice((-1, 1))) for _ in range(count)]
    if count > 1 and len(set(signs)) == 1:
        signs[random.randrange(count)] *= -1
    return signs


def _distinct(count: int, reach: int, random: Random) -> list[int]:
    """Numbers from 1 to `reach`, each once before one comes twice."""
    found: list[int] = []
    while len(found) < count:
        pool = list(range(1, reach + 1))
        random.shuffle(pool)
        found += pool
    return found[:count]


def _simplex(shape: tuple[int, ...], random: Random) -> Exact:
    """Positive entries that sum to one along the last axis, with a power of two as their denominator."""
    if not shape:
        return Tensor((), [Fraction(1)])
    size = shape[-1]
    entries: list[Fraction] = []
    for _ in range(math.prod(shape[:-1])):
        weights = [random.randint(1, 4) for _ in range(size)]
        total = 1 << (sum(weights) - 1).bit_length()
        weights[random.randrange(size)] += total - sum(weights)
        entries += [Fraction(weight, total) for weight in weights]
    return Tensor(shape, entries)


def _summing(tensor: Exact) -> Exact:
    """The tensor with the last entry along the last axis chosen so that the sum is one."""
    size = tensor.shape[-1]
    entries = list(tensor.entries)
    for start in range(0, len(entries), size):
        entries[start + size - 1] = 1 - sum(entries[start : start + size - 1], Fraction(0))
    return Tensor(tensor.shape, entries)


def _on_sphere(tensor: Exact) -> Exact:
    """A vector of length 1, by stereographic projection: its entries are rational."""
    *flat, _ = tensor.entries
    square = sum((entry * entry for entry in flat), Fraction(0))
    return Tensor(tensor.shape, [*(2 * entry / (1 + square) for entry in flat), (1 - square) / (1 + square)])


def _orthogonal(tensor: Exact) -> Exact:
    """One or two reflections I - 2 v vᵀ / (vᵀ v): orthogonal, with rational entries, of either determinant."""
    size = tensor.shape[0]
    first, last = tensor.entries[:size], tensor.entries[-size:]
    return _reflection(first) if first[0] > 0 else _times(_reflection(first), _reflection(last))


def _reflection(vector: Sequence[Fraction]) -> Exact:
    square = sum((entry * entry for entry in vector), Fraction(0))
    size = len(vector)
    return Tensor.build((size, size), lambda at: Fraction(at[0] == at[1]) - 2 * vector[at[0]] * vector[at[1]] / square)


def _times(a: Exact, b: Exact) -> Exact:
    inner = range(a.shape[1])
    return Tensor.build(a.shape, lambda at: sum((a[(at[0], k)] * b[(k, at[1])] for k in inner), Fraction(0)))


def _definite(tensor: Exact) -> Exact:
    """B Bᵀ + I."""
    size = tensor.shape[0]
    rows = [tensor.entries[k * size : (k + 1) * size] for k in range(size)]

    def entry(place: tuple[int, ...]) -> Fraction:
        i, j = place
        return sum((a * b for a, b in zip(rows[i], rows[j], strict=True)), Fraction(i == j))

    return Tensor.build(tensor.shape, entry)
