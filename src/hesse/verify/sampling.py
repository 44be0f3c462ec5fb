"""Points to try: sizes for the size names, and values that respect what is declared. The same ones every time."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeAlias

from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.tensor import Tensor
from hesse.errors import LimitError
from hesse.verify.arithmetic import Numbers
from hesse.verify.reference import Environment
from hesse.verify.smooth import SmoothFunction

Sizes: TypeAlias = dict[str, int]
MAX_DECLARED = 20_000

_DISTINCT = (
    (3, 2, 4, 5, 6, 7),
    (2, 4, 3, 6, 5, 8),
    (4, 2, 3, 6, 5, 7),
    (2, 3, 5, 4, 7, 6),
    (5, 3, 2, 4, 6, 7),
    (6, 9, 7, 8, 10, 11),
    (9, 6, 8, 7, 11, 10),
    (14, 17, 15, 16, 18, 19),
)
"""Sizes by rank of the name, pairwise distinct, in changing order; larger ones for positions written as numbers."""


def distinct_settings(declarations: Declarations) -> Iterator[Sizes]:
    """Assignments of pairwise distinct sizes, the ones to prefer first. Empty ones when there is no size name."""
    names = declarations.size_names
    for pattern in _DISTINCT:
        sizes = [*pattern, *range(max(pattern) + 1, max(pattern) + 1 + len(names))]
        setting = dict(zip(names, sizes, strict=False))
        if _admits(declarations, setting):
            yield setting


def unit_settings(declarations: Declarations) -> Iterator[Sizes]:
    """Assignments in which all sizes are 1, and if that is not possible, some of them."""
    names = declarations.size_names
    if not names:
        return
    for kept in (None, *names):
        others = (size for size in (2, 3, 4, 5, 6, 7, *range(8, 8 + len(names))))
        setting = {name: 1 if kept in (None, name) else next(others) for name in names}
        if _admits(declarations, setting):
            yield setting


def _admits(declarations: Declarations, sizes: Sizes) -> bool:
    """Whether every declared size is at least 1."""
    declared = [size for variable in declarations.variables.values() for size in variable.shape]
    declared += [variable.index for variable in declarations.variables.values() if variable.index is not None]
    declared += [size for f in declarations.functions.values() for size in (*f.domain, *f.codomain)]
    return all(size.evaluate(sizes) >= 1 for size in (*declared, *declarations.required))


Sign: TypeAlias = Literal["mixed", "positive", "negative"]


@dataclass(frozen=True, slots=True)
class Spread:
    """How large the entries of a variable are, and of which sign; `orthogonal` square matrices keep a deep chain of
    products from vanishing and from growing."""

    magnitude: float = 1.0
    sign: Sign = "mixed"
    orthogonal: bool = False


_SPREADS = (
    Spread(1.0),
    Spread(0.003, orthogonal=True),
    Spread(0.3),
    Spread(1.0, "positive"),
    Spread(3.0),
    Spread(0.05),
    Spread(1.0, "negative"),
    Spread(3.0, "positive"),
    Spread(0.3, "positive"),
    Spread(1.0),
)
_MORE = (*_SPREADS, Spread(10.0, "positive"), Spread(30.0), Spread(0.3, "negative"))
SPREADS = len(_SPREADS)
ATTEMPTS = 40
WIDE = 4
"""The attempt with large entries of both signs."""


def spread_of(attempt: int, name: str) -> Spread:
    """The spread of a variable at an attempt: the same for all at first, then mixed, so that x > y comes about."""
    if attempt < len(_SPREADS):
        return _SPREADS[attempt]
    return Random(f"spread {attempt} {name}").choice(_MORE)


def sample(declarations: Declarations, sizes: Sizes, number: int, attempt: int) -> Environment:
    """The point of that number and attempt, for the sizes. Raises LimitError where the arrays are too large."""
    shapes = {v.name: tuple(size.evaluate(sizes) for size in v.shape) for v in declarations.variables.values()}
    total = sum(map(math.prod, shapes.values()))
    if total > MAX_DECLARED:
        raise LimitError(f"the variables have {total} entries, too many for the plain evaluator")
    values = {
        name: _value(variable, shapes[name], sizes, number, attempt)
        for name, variable in declarations.variables.items()
    }
    functions = {
        f.name: SmoothFunction(
            tuple(size.evaluate(sizes) for size in f.domain),
            tuple(size.evaluate(sizes) for size in f.codomain),
            f"{number} {attempt} {f.name}",
        )
        for f in declarations.functions.values()
    }
    return Environment(sizes, values, functions)


def _value(variable: VariableDeclaration, shape: tuple[int, ...], sizes: Sizes, number: int, attempt: int) -> Numbers:
    random = Random(f"{number} {attempt} {variable.name}")
    count = math.prod(shape)
    if variable.index is not None:
        bound = variable.index.evaluate(sizes)
        return Tensor(shape, [random.randrange(bound) for _ in range(count)])
    if "pm1" in variable.attributes:
        return Tensor(shape, _signs(variable.name, count, number, "mixed"))
    spread = spread_of(attempt, variable.name)
    signs = _signs(variable.name, count, number, "positive" if "pos" in variable.attributes else spread.sign)
    positive = [spread.magnitude * random.uniform(0.25, 1.5) for _ in range(count)]
    tensor = Tensor(shape, [sign * size for sign, size in zip(signs, positive, strict=True)])
    return _with_structure(tensor, variable.attributes, positive, spread)


def _signs(name: str, count: int, number: int, sign: Sign) -> list[float]:
    """Random signs for mixed ones, reversed at every other point: a scalar is seen on both sides of zero."""
    if sign != "mixed":
        return [1.0 if sign == "positive" else -1.0] * count
    random = Random(f"signs {name} {number // 2}")
    return [random.choice((-1.0, 1.0)) * (-1) ** number for _ in range(count)]


def _with_structure(tensor: Numbers, attributes: frozenset[str], positive: Sequence[float], spread: Spread) -> Numbers:
    """The tensor, or one made of it that has the attributes."""
    if "simplex" in attributes:
        return _simplex(Tensor(tensor.shape, list(positive)))
    if "spd" in attributes:
        return _definite(tensor, spread.magnitude)
    if "sym" in attributes:
        return Tensor.build(tensor.shape, lambda place: (tensor[place] + tensor[place[::-1]]) / 2)
    if spread.orthogonal and "pos" not in attributes and len(tensor.shape) == 2 and len({*tensor.shape}) == 1:
        return _orthogonal(tensor, spread.magnitude)
    return tensor


def _orthogonal(tensor: Numbers, magnitude: float) -> Numbers:
    """The rows made orthonormal, one after the other."""
    size = tensor.shape[0]
    if size == 1:
        # About 1: were it 1, all of them would be equal, and functions of comparisons would stand at their jumps.
        return tensor.map(lambda entry: math.copysign(0.9 + 0.1 * abs(entry) / magnitude, entry))
    rows: list[list[float]] = []
    for k in range(size):
        row = tensor.entries[k * size : (k + 1) * size]
        for other in rows:
            overlap = sum(map(operator.mul, row, other))
            row = [entry - overlap * part for entry, part in zip(row, other, strict=True)]
        length = math.hypot(*row)
        rows.append([entry / length for entry in row])
    if size == 2 and rows[0][0] * rows[1][1] < rows[0][1] * rows[1][0]:
        # A reflection of the plane has trace 0, which no formula may be judged by.
        rows[1] = [-entry for entry in rows[1]]
    return Tensor(tensor.shape, [entry for row in rows for entry in row])


def _simplex(positive: Numbers) -> Numbers:
    """The tensor divided by its sums along the last axis."""
    if not positive.shape:
        return Tensor.scalar(1.0)
    size = positive.shape[-1]
    rows = [positive.entries[k : k + size] for k in range(0, len(positive.entries), size)]
    return Tensor(positive.shape, [entry / sum(row) for row in rows for entry in row])


def _definite(tensor: Numbers, magnitude: float) -> Numbers:
    """B Bᵀ / n + I, scaled."""
    size = tensor.shape[0]
    rows = [[entry / magnitude for entry in tensor.entries[k * size : (k + 1) * size]] for k in range(size)]

    def entry(place: tuple[int, ...]) -> float:
        i, j = place
        return magnitude * (sum(a * b for a, b in zip(rows[i], rows[j], strict=True)) / size + (i == j))

    return Tensor.build(tensor.shape, entry)
