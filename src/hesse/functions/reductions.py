"""The reductions beside sums and norms: products, extreme entries, the variance; and the logarithm of softmax."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

from hesse.core.algebra import power, scale, size_value, stretch
from hesse.core.build import apply, minus, operate, times, total
from hesse.core.nodes import Node, Operation, Operator, Partial
from hesse.core.ranges import between
from hesse.core.sizes import product
from hesse.functions.elementwise import EXP, LOG, MAXIMUM, MINIMUM
from hesse.functions.operators import SOFTMAX, coupled, reduced_axes, reduction, summed

ONE, TWO = Fraction(1), Fraction(2)


def _prod(node: Operation) -> tuple[Partial, ...]:
    """d prod(x) = sum_i (product of the others)_i dx_i: without a quotient, so that entries may be zero."""
    return reduction(node, (operate(PROD_OTHERS, node.arguments, node.axis), reduced_axes(node)[0]))


def _prod_others(node: Operation) -> tuple[Partial, ...]:
    """d p_i = p_i (sum_j dx_j / x_j - dx_i / x_i)."""
    (argument,) = node.arguments
    labels, moved, extents = coupled(node)
    inverse = power(argument, -ONE)
    return (
        Partial(argument, ONE, ((node, labels), (inverse, moved)), moved, labels, extents),
        Partial(argument, -ONE, ((node, labels), (inverse, labels)), labels, labels, node.shape),
    )


def _max(node: Operation) -> tuple[Partial, ...]:
    return reduction(node, (operate(HARDMAX, node.arguments, node.axis), reduced_axes(node)[0]))


def _min(node: Operation) -> tuple[Partial, ...]:
    (argument,) = node.arguments
    return reduction(node, (operate(HARDMAX, (scale(-1, argument),), node.axis), reduced_axes(node)[0]))


def _var(node: Operation) -> tuple[Partial, ...]:
    """d var(x) = 2/n (x - mean(x)) dx: the share of the mean vanishes."""
    (argument,) = node.arguments
    count = product(argument.shape) if node.axis is None else argument.shape[node.axis]
    weight = power(size_value(count), -ONE)
    axes = frozenset(range(argument.rank) if node.axis is None else (node.axis,))
    mean = stretch(times(weight, total(argument, node.axis)), axes, argument.shape)
    return reduction(node, (scale(2, minus(argument, mean)), reduced_axes(node)[0]), (weight, ()))


def _log_softmax(node: Operation) -> tuple[Partial, ...]:
    """d log_softmax(z) = dz - sum(softmax(z) dz)."""
    (argument,) = node.arguments
    labels, moved, extents = coupled(node)
    weights = operate(SOFTMAX, node.arguments, node.axis)
    return (
        Partial(argument, ONE, (), labels, labels, node.shape),
        Partial(argument, -ONE, ((weights, moved),), moved, labels, extents),
    )


def _prod_others_value(entries: Sequence[float]) -> list[float]:
    return [math.prod([*entries[:k], *entries[k + 1 :]]) for k in range(len(entries))]


def _hardmax_value(entries: Sequence[float]) -> list[float]:
    top = max(entries)
    count = sum(entry == top for entry in entries)
    return [float(entry == top) / count for entry in entries]


def _var_value(entries: Sequence[float]) -> float:
    mean = math.fsum(entries) / len(entries)
    return math.fsum((entry - mean) ** 2 for entry in entries) / len(entries)


def _log_softmax_value(entries: Sequence[float]) -> list[float]:
    top = max(entries)
    total = math.log(math.fsum(math.exp(entry - top) for entry in entries))
    return [entry - top - total for entry in entries]


def _var_entries(entries: Sequence[Node]) -> list[Node]:
    share = Fraction(1, len(entries))
    mean = scale(share, summed(entries))
    return [scale(share, summed([power(minus(entry, mean), TWO) for entry in entries]))]


def _log_softmax_entries(entries: Sequence[Node]) -> list[Node]:
    total = apply(LOG, summed([apply(EXP, entry) for entry in entries]))
    return [minus(entry, total) for entry in entries]


PROD: Operator = Operator(
    name="prod",
    title="the product of the entries",
    meaning="the product of all entries",
    kind="reduction",
    partials=_prod,
    reference=math.prod,
    expansion=lambda entries: [times(*entries)],
    nests=True,
    latex=r"\operatorname{{prod}}({0})",
)
PROD_OTHERS: Operator = Operator(
    name="prod_others",
    title="the product of the other entries",
    meaning="for each entry the product of all others: prod(x)/x, also where entries are 0",
    kind="along",
    partials=_prod_others,
    reference=_prod_others_value,
    smooth="entries != 0",
    expansion=lambda entries: [times(1, *entries[:k], *entries[k + 1 :]) for k in range(len(entries))],
    latex=r"\operatorname{{prod\_others}}({0})",
)
MAX: Operator = Operator(
    name="max",
    title="the largest entry",
    meaning="the largest entry",
    kind="reduction",
    partials=_max,
    reference=max,
    smooth="is attained once",
    expansion=lambda entries: [reduce(lambda a, b: apply(MAXIMUM, a, b), entries)],
    nests=True,
    bounds=lambda entries: entries,
    latex=r"\max({0})",
)
MIN: Operator = Operator(
    name="min",
    title="the smallest entry",
    meaning="the smallest entry",
    kind="reduction",
    partials=_min,
    reference=min,
    smooth="is attained once",
    expansion=lambda entries: [reduce(lambda a, b: apply(MINIMUM, a, b), entries)],
    nests=True,
    bounds=lambda entries: entries,
    latex=r"\min({0})",
)
HARDMAX: Operator = Operator(
    name="hardmax",
    title="the position of the largest entry",
    meaning="1 at the largest entry, else 0; several largest entries share the 1; its derivative is taken as 0",
    kind="along",
    partials=lambda node: (),
    reference=_hardmax_value,
    bounds=between(0, 1),
    latex=r"\operatorname{{hardmax}}({0})",
)
VAR: Operator = Operator(
    name="var",
    title="the variance",
    meaning="the variance: the mean of (x - mean(x))**2",
    kind="reduction",
    partials=_var,
    reference=_var_value,
    expansion=_var_entries,
    bounds=between(0, None),
    latex=r"\operatorname{{var}}({0})",
)
LOG_SOFTMAX: Operator = Operator(
    name="log_softmax",
    meaning="x - logsumexp(x), the logarithm of softmax, without overflow",
    kind="along",
    partials=_log_softmax,
    reference=_log_softmax_value,
    expansion=_log_softmax_entries,
    bounds=between(None, 0),
    latex=r"\operatorname{{log\_softmax}}({0})",
)

ROWS: tuple[Operator, ...] = (PROD, PROD_OTHERS, MAX, MIN, HARDMAX, VAR, LOG_SOFTMAX)
