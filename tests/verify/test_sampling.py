"""The points that are tried: sizes and values as they are declared, and the same every time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hesse.errors import LimitError
from hesse.verify.sampling import ATTEMPTS, distinct_settings, sample, unit_settings
from hesse.verify.smooth import SmoothFunction

from .trees import array, declare, tensor

DECLARATIONS = declare(
    "A:m,n x:n S:n,n:sym P:n,n:spd q:m,n:simplex r:n:simplex v:n:pos y:m:pm1 i:p:index(n) j:4:index(m) c: h:n-1 g:2*n"
)


def test_settings_are_pairwise_distinct_and_differ_in_order() -> None:
    for names in ("x:n", "A:m,n", "A:m,n B:n,p", "A:a,b B:c,d C:e,f D:g,h E:i,j"):
        settings = list(itertools.islice(distinct_settings(declare(names)), 4))
        assert all(len(set(setting.values())) == len(setting) for setting in settings)
        assert settings[0] != settings[1]
    first, second = itertools.islice(distinct_settings(declare("A:m,n")), 2)
    assert first["m"] > first["n"]
    assert second["m"] < second["n"]


def test_declared_sizes_are_at_least_one() -> None:
    for setting in (*distinct_settings(DECLARATIONS), *unit_settings(DECLARATIONS)):
        assert setting["n"] >= 2
    assert next(unit_settings(declare("A:m,n"))) == {"m": 1, "n": 1}
    assert next(unit_settings(declare("A:m,n h:n-1"))) == {"m": 1, "n": 2}
    assert list(unit_settings(declare("h:n-3"))) == []
    assert list(unit_settings(declare("h:3 c:"))) == []
    assert list(distinct_settings(declare("h:3")))[:1] == [{}]


@pytest.mark.parametrize("attempt", range(ATTEMPTS))
@pytest.mark.parametrize("number", [1, 2])
def test_values_are_as_declared(number: int, attempt: int) -> None:
    sizes = next(distinct_settings(DECLARATIONS))
    point = sample(DECLARATIONS, sizes, number, attempt)
    values = {name: array(value) for name, value in point.values.items()}
    assert values["A"].shape == (sizes["m"], sizes["n"])
    assert values["h"].shape == (sizes["n"] - 1,)
    assert values["g"].shape == (2 * sizes["n"],)
    assert values["c"].shape == ()
    assert not np.allclose(values["A"], values["A"][0, 0])
    np.testing.assert_array_equal(values["S"], values["S"].T)
    np.testing.assert_array_equal(values["P"], values["P"].T)
    assert np.linalg.eigvalsh(values["P"]).min() > 0
    np.testing.assert_allclose(values["q"].sum(axis=1), 1)
    np.testing.assert_allclose(values["r"].sum(), 1)
    assert (values["q"] > 0).all()
    assert (values["v"] > 0).all()
    assert set(values["y"]) <= {-1.0, 1.0}
    assert {int(k) for k in values["i"]} <= set(range(sizes["n"]))
    assert values["j"].shape == (4,)
    assert all(isinstance(k, int) for k in point.values["i"].entries)
    assert all(np.isfinite(value).all() and (value != 0).all() for name, value in values.items() if name not in "ijS")


def test_points_are_the_same_every_time_and_different_from_each_other() -> None:
    sizes = {"m": 3, "n": 2, "p": 4}
    again = [sample(DECLARATIONS, sizes, 1, 0).values["A"].entries for _ in range(2)]
    assert again[0] == again[1]
    assert sample(DECLARATIONS, sizes, 2, 0).values["A"].entries != again[0]
    assert sample(DECLARATIONS, sizes, 1, 1).values["A"].entries != again[0]


def test_a_scalar_is_seen_on_both_sides_of_zero() -> None:
    signs = {sample(declare("c:"), {}, number, 0).values["c"].item > 0 for number in (2, 3)}
    assert signs == {True, False}


def test_too_many_entries() -> None:
    with pytest.raises(LimitError, match="40000 entries"):
        sample(declare("A:200,200"), {}, 1, 0)


@pytest.mark.parametrize(("domain", "codomain"), [((), ()), ((3,), ()), ((2,), (3,)), ((2, 2), (2,)), ((), (2,))])
def test_derivatives_of_smooth_functions(domain: tuple[int, ...], codomain: tuple[int, ...]) -> None:
    """Every order is the derivative of the order below, by differences; and no direction or order is special."""
    function = SmoothFunction(domain, codomain, "seed")
    point = np.random.default_rng(3).normal(size=domain)
    step = 1e-5
    for order in range(4):
        below = []
        for unit in np.eye(point.size):
            shift = step * unit.reshape(domain)
            up, down = (array(function(order, tensor(point + sign * shift))) for sign in (1, -1))
            below.append((up - down) / (2 * step))
        expected = np.stack(below, axis=-1).reshape((*codomain, *domain * (order + 1)))
        result = array(function(order + 1, tensor(point)))
        np.testing.assert_allclose(result, expected, atol=1e-8)
        assert np.abs(result).min() > 1e-6


def test_second_derivatives_of_smooth_functions_are_generic() -> None:
    curvature = array(SmoothFunction((3,), (), "seed")(2, tensor([0.1, 0.2, 0.3])))
    assert np.linalg.matrix_rank(curvature, tol=1e-2) == 3
    elementwise = SmoothFunction((), (), "seed")
    ratio = array(elementwise(2, tensor([0.1, 0.5, 0.9]))) / array(elementwise(0, tensor([0.1, 0.5, 0.9])))
    assert np.ptp(ratio) > 0.01
