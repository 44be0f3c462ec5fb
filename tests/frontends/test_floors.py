"""Sizes rounded down: read where a size or a number stands, through every step, and refused elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

import hesse as hs


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sum(x)/(n//2)", lambda x, n: x.sum() / (n // 2)),
        ("mean(x[1::2])", lambda x, n: x[1::2].mean()),
        ("mean(x[::3][::2])", lambda x, n: x[::3][::2].mean()),
        ("sum(x[n//2:])*(-n//2) - n//3", lambda x, n: x[n // 2 :].sum() * (-n // 2) - n // 3),
        ("x[: n//2] @ ones(n//2)", lambda x, n: x[: n // 2].sum()),
        ("trace(eye((n+1)//2))*x[n//2]**2", lambda x, n: ((n + 1) // 2) * x[n // 2] ** 2),
    ],
)
@pytest.mark.parametrize("n", [2, 5, 6])
def test_values_and_gradients(text: str, value: object, n: int) -> None:
    assert callable(value)
    f = hs.parse(text, "x:n")
    g = hs.gradient(f)
    assert g.verification.status == "verified"
    for e in (f, g):
        assert hs.parse(str(e), e.declarations) == e
    x = np.random.default_rng(n).uniform(-1, 1, n)
    np.testing.assert_allclose(f.evaluate(x=x), value(x, n), rtol=1e-12)
    # Each of them is at most quadratic, so that central differences are exact.
    slopes = [(value(x + e / 4, n) - value(x - e / 4, n)) * 2 for e in np.eye(n)]
    np.testing.assert_allclose(g.evaluate(x=x), slopes, rtol=1e-9, atol=1e-12)


def test_nested_floors_are_one() -> None:
    f = hs.parse("sum(x[::2][::2][::2])/1", "x:n")
    assert hs.parse("ones((n//2)//3)", "x:n").shape == ("n//6",)
    assert hs.parse("x[::2][::2]", "x:n").shape == ("(n+3)//4",)
    for n in (1, 7, 8, 9, 17):
        assert f.evaluate(x=np.ones(n)) == (n + 7) // 8


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("x//2", "a size is needed here"),
        ("n/2//2", "a size is needed here"),
        ("n//m", "`//` takes a positive integer on its right"),
        ("n//0*x[0]", "`//` takes a positive integer on its right"),
        ("sum(x) + " + "(" * 9 + "n" + "//2*n)" * 9, "more than 8 floor divisions"),
    ],
)
def test_what_is_no_size_is_refused(text: str, part: str) -> None:
    with pytest.raises(hs.HesseError) as caught:
        hs.parse(text, "x:n y:m")
    assert part in str(caught.value)
