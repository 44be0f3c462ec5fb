"""Large tensors are broadcast and transposed by repeating what repeats: entry by entry as small ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hesse.core.tensor import Tensor, positions


@pytest.mark.parametrize(
    ("shape", "steps"),
    [
        ((40, 30), (0, 1)),
        ((40, 30), (1, 0)),
        ((40, 30), (0, 0)),
        ((40, 30), (1, 40)),
        ((5, 6, 7, 8), (8, 0, 1, 0)),
        ((5, 6, 7, 8), (0, 9, 0, 2)),
        ((1, 1500, 1), (3, 2, 7)),
        ((2, 3), (3, 1)),
        ((1100, 0), (1, 1)),
        ((), ()),
    ],
)
def test_entries_are_those_at_the_steps(shape: tuple[int, ...], steps: tuple[int, ...]) -> None:
    entries = [
        float(k) for k in range(1 + sum((size - 1) * step for size, step in zip(shape, steps, strict=True) if size))
    ]
    found = Tensor((len(entries),), entries).strided(shape, steps)
    wanted = [entries[sum(k * step for k, step in zip(place, steps, strict=True))] for place in positions(shape)]
    assert found.shape == shape and found.entries == wanted


@pytest.mark.parametrize(("small", "large"), [((7, 1, 5), (4, 7, 9, 5)), ((50,), (40, 50)), ((40, 1), (40, 50))])
def test_broadcasting_and_transposing_are_numpys(small: tuple[int, ...], large: tuple[int, ...]) -> None:
    array = np.random.default_rng(4).normal(size=small)
    tensor = Tensor(small, array.ravel().tolist())
    broadcast = tensor.broadcast(large)
    assert math.prod(large) > 1024
    np.testing.assert_array_equal(np.reshape(broadcast.entries, large), np.broadcast_to(array, large))
    axes = tuple(range(len(large)))[::-1]
    turned = broadcast.transpose(axes)
    np.testing.assert_array_equal(
        np.reshape(turned.entries, turned.shape), np.broadcast_to(array, large).transpose(axes)
    )
