"""The normal form of contractions against their definition, on random nested contractions with every kind of axis."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

import pytest

import hesse as hs
from hesse.core.algebra import add, contract, number, power, zero
from hesse.core.build import variable
from hesse.core.indices import labels_of
from hesse.core.interpret import interpret
from hesse.core.nodes import Affine, Axis, Contract, Fixed, Node, Shape, Sum, Table
from hesse.core.rebuild import unfold
from hesse.core.sizes import Size
from hesse.core.tensor import Tensor
from tests.core.floats import Floats

SIZES = {"n": 4, "m": 3, "p": 2}
N, M, P = (Size.of(name) for name in SIZES)
TABLE = variable("idx", (P,), integer=True)
TABLES = {"idx": [2, 0]}
SHAPES: dict[str, Shape] = {
    "a": (),
    "x": (N,),
    "z": (N,),
    "y": (M,),
    "w": (N - 1,),
    "A": (M, N),
    "B": (N, N),
    "W": (N - 1, P),
}


def values_of(generator: random.Random) -> dict[str, Tensor[float]]:
    return {
        name: Tensor.build(
            tuple(s.evaluate(SIZES) for s in shape), lambda _: generator.choice([-2.0, -1.0, 0.5, 1.0, 3.0])
        )
        for name, shape in SHAPES.items()
    }


def position(axis: Axis, labels: Sequence[int]) -> int:
    match axis:
        case int():
            return labels[axis]
        case Fixed(position=place):
            return place.evaluate(SIZES)
        case Affine(label=label, stride=stride, offset=offset):
            return stride * labels[label] + offset.evaluate(SIZES)
        case Table(label=label):
            return TABLES["idx"][labels[label]]


def by_definition(
    factors: Sequence[tuple[Tensor[float], tuple[Axis, ...]]],
    out: tuple[Axis, ...],
    extents: Mapping[int, Size],
    shape: Shape,
) -> Tensor[float]:
    """result[out(labels)] += product of factor[axes(labels)], label by label."""
    result: dict[tuple[int, ...], float] = {}
    for labels in product(*(range(extents[k].evaluate(SIZES)) for k in range(len(extents)))):
        term = 1.0
        for tensor, axes in factors:
            term *= tensor[tuple(position(axis, labels) for axis in axes)]
        place = tuple(position(axis, labels) for axis in out)
        result[place] = result.get(place, 0.0) + term
    return Tensor.build(tuple(size.evaluate(SIZES) for size in shape), lambda place: result.get(place, 0.0))


def random_axis(generator: random.Random, size: Size, extents: dict[int, Size]) -> Axis:
    """An axis of this size: an old or new label, an entry, a window, a reversal, a gather."""
    kind = generator.random()
    if kind < 0.55:
        fitting = [label for label, extent in extents.items() if extent == size]
        if fitting and generator.random() < 0.6:
            return generator.choice(fitting)
        label = len(extents)
        extents[label] = size
        return label
    if kind < 0.65:
        return Fixed(generator.choice([Size.of(0), size - 1]))
    label = len(extents)
    if kind < 0.85:
        offset = generator.choice([0, 1])
        extents[label] = size - 1
        return Affine(label, 1, Size.of(offset)) if size.evaluate(SIZES) > 1 else Fixed(Size.of(0))
    if kind < 0.92:
        extents[label] = size
        return Affine(label, -1, size - 1)
    if size == N:
        extents[label] = P
        return Table(label, TABLE)
    extents[label] = size
    return label


def random_contraction(generator: random.Random, pool: list[tuple[Node, Tensor[float]]]) -> tuple[Node, Tensor[float]]:
    extents: dict[int, Size] = {}
    factors = []
    for _ in range(generator.choice([0, 1, 2, 2, 3])):
        node, tensor = generator.choice(pool)
        factors.append((node, tensor, tuple(random_axis(generator, size, extents) for size in node.shape)))
    out: list[Axis] = []
    shape: list[Size] = []
    for _ in range(generator.choice([0, 1, 1, 2, 2])):
        size = generator.choice([N, N, M, N - 1])
        out.append(random_axis(generator, size, extents))
        shape.append(size)
    # Labels are numbered without gaps; one that nothing uses counts as a factor of its size.
    if generator.random() < 0.1:
        extents[len(extents)] = M
    for label in sorted(set(range(len(extents))) - set(extents)):
        extents[label] = P
    node = contract([(n, axes) for n, _, axes in factors], tuple(out), extents, tuple(shape))
    return node, by_definition([(t, axes) for _, t, axes in factors], tuple(out), extents, tuple(shape))


def random_sum(generator: random.Random, pool: list[tuple[Node, Tensor[float]]]) -> tuple[Node, Tensor[float]]:
    first, _ = generator.choice(pool)
    alike = [(node, tensor) for node, tensor in pool if node.shape == first.shape]
    chosen = [(generator.choice([-2, -1, 1, 3]), *generator.choice(alike)) for _ in range(generator.choice([2, 2, 3]))]
    node = add([(c, n) for c, n, _ in chosen], first.shape)
    columns = [(c, tensor.entries) for c, _, tensor in chosen]
    count = len(chosen[0][2].entries)
    return node, Tensor(chosen[0][2].shape, [sum(c * column[k] for c, column in columns) for k in range(count)])


def well_formed(node: Node) -> None:
    """What the normal form promises."""
    if isinstance(node, Contract):
        assert labels_of((*node.out, *(axis for _, axes in node.factors for axis in axes))) == set(
            range(len(node.extents))
        )
        assert not any(isinstance(factor, Sum) and len(factor.terms) < 2 for factor, _ in node.factors)
        rebuilt = contract(node.factors, node.out, dict(enumerate(node.extents)), node.shape)
        assert rebuilt is node
    if isinstance(node, Sum):
        assert all(coefficient for coefficient, _ in node.terms)


@pytest.mark.parametrize("seed", range(400))
def test_nested_contractions_keep_their_value(seed: int) -> None:
    generator = random.Random(seed)
    values = values_of(generator)
    pool: list[tuple[Node, Tensor[float]]] = [(variable(name, shape), values[name]) for name, shape in SHAPES.items()]
    for _ in range(5):
        make = random_sum if generator.random() < 0.35 else random_contraction
        node, expected = make(generator, pool)
        got = interpret(node, Floats({**values, "idx": Tensor((2,), [2.0, 0.0])}), SIZES, TABLES)
        assert got.shape == expected.shape
        assert got.entries == pytest.approx(expected.entries, rel=1e-9, abs=1e-9)
        well_formed(node)
        if len(expected.shape) <= 2 and expected.entries:
            pool.append((node, expected))


@pytest.mark.parametrize("seed", range(60))
def test_the_names_of_labels_and_the_order_of_factors_do_not_matter(seed: int) -> None:
    generator = random.Random(seed)
    A, B, x = (variable(name, SHAPES[name]) for name in ("A", "B", "x"))
    extents = {0: M, 1: N, 2: N, 3: N}
    factors = [(A, (0, 1)), (B, (1, 2)), (B, (2, 3)), (B, (3, 1)), (x, (2,)), (x, (3,))]
    expected = contract(factors, (0,), extents, (M,))
    names = list(range(10, 14))
    generator.shuffle(names)
    generator.shuffle(factors)
    renamed = [(node, tuple(names[axis] for axis in axes)) for node, axes in factors]
    again = contract(renamed, (names[0],), {names[k]: size for k, size in extents.items()}, (M,))
    assert again is expected


def test_a_summed_index_in_no_factor_counts() -> None:
    x = variable("x", (N,))
    node = contract([(x, (0,))], (0,), {0: N, 1: M}, (N,))
    assert interpret(node, Floats({"x": Tensor((4,), [1.0, 2.0, 3.0, 4.0])}), SIZES).entries == [3.0, 6.0, 9.0, 12.0]


def test_a_matrix_and_its_transpose_are_different() -> None:
    B = variable("B", (N, N))
    transposed = contract([(B, (0, 1))], (1, 0), {0: N, 1: N}, (N, N))
    assert transposed is not B
    assert contract([(transposed, (0, 1))], (1, 0), {0: N, 1: N}, (N, N)) is B


def test_zero_and_one() -> None:
    x = variable("x", (N,))
    assert contract([(x, (0,)), (zero((N,)), (0,))], (), {0: N}, ()) is zero(())
    assert power(x, Fraction(0)) is number(1, (N,))


def test_a_scalar_does_not_hide_a_diagonal() -> None:
    """A sum of a scaled diagonal and a repeated term is not multiplied out and put together again without end."""
    f = hs.parse(
        "S = arccos(sin(A)/2); U = inv(tanh(A) + 6*eye(n)); t = m*(S @ U @ sum(A, axis=0)); p = prod_others(t); "
        "r = p[::-1]; u = r*r/t[::-1]; W = 1 - sin(A)**2/4; v = U @ sum(A, axis=0); Q = eye(n)[::-1]; "
        "F = 1/sqrt(W[::-1]); G = cos(A)[::-1]; H = U.T @ S[::-1].T; w = r*r/t[::-1]**2; "
        'R = -2*einsum("li,lk,lj,l,j->ijk", Q, Q, G*F, w, v) - 2*einsum("j,k,i->ijk", H @ u, 1/t, ones(n)); '
        'm*einsum("ijp,pl,k->ijkl", R, S @ U, ones(n))',
        "A:n,n x:m",
    )
    assert unfold(f.node).shape == f.node.shape


def test_a_delta_of_no_entries() -> None:
    """A label that runs through nothing makes no product of no factors."""
    empty = N - 4
    node = contract([], (Affine(0, 1, Size.of(0)), 1), {0: empty, 1: M}, (N, M))
    assert interpret(node, Floats({}), SIZES).entries == [0.0] * 12
