"""The report as data: what the commands, notebooks and pages share."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import hesse as hs
from hesse.errors import ArgumentError, HesseError, LimitError, ShapeError, VerificationError
from hesse.service import report as reports
from hesse.service.points import exact_point, read_point
from hesse.service.report import derive
from hesse.service.statements import condition, holds

LOGISTIC = hs.parse("sum(log(1 + exp(-y*(X @ w)))) + norm(w)**3", "X:m,n w:n y:m")
POINT = exact_point({"X": [[1, 2], [0.5, -1], [3, 0]], "w": [0.25, -0.5], "y": [1, -1, 2]}, LOGISTIC)


def values(point: object) -> dict[str, np.ndarray]:
    return {name: np.array(value.nested(), float) for name, value in POINT.items()}


def test_the_parts() -> None:
    found = derive(LOGISTIC, "w")
    assert [each.kind for each in found.derivatives] == ["gradient", "hessian"]
    assert [each.order for each in found.derivatives] == [1, 2]
    assert [each.shape for each in found.derivatives] == [("n",), ("n", "n")]
    assert found.derivatives[0].expression == hs.gradient(LOGISTIC, "w")
    assert found.derivatives[1].expression == hs.hessian(LOGISTIC, "w")
    assert (found.name, found.wrt, found.stacked) == ("f", ("w",), False)
    assert found.at is None
    assert (found.problems, found.omitted) == ((), ())


def test_it_is_frozen() -> None:
    found = derive(LOGISTIC, "w", at=POINT)
    for part in (found, found.derivatives[0], found.variables[0], found.at):
        assert dataclasses.is_dataclass(part)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, dataclasses.fields(part)[0].name, None)


def test_values_at_a_point() -> None:
    """Against differences of the function itself."""
    found = derive(LOGISTIC, "w", at=POINT)
    given = values(POINT)

    def f(w: np.ndarray) -> float:
        margins = given["y"] * (given["X"] @ w)
        return float(np.log1p(np.exp(-margins)).sum() + np.linalg.norm(w) ** 3)

    step = 1e-4
    units = np.eye(2) * step
    slope = [(f(given["w"] + u) - f(given["w"] - u)) / (2 * step) for u in units]
    bend = [
        [
            (f(given["w"] + u + v) - f(given["w"] + u - v) - f(given["w"] - u + v) + f(given["w"] - u - v))
            / (4 * step**2)
            for v in units
        ]
        for u in units
    ]
    assert found.at is not None
    assert found.at.sizes == {"m": 3, "n": 2}
    assert found.at.value.item == pytest.approx(f(given["w"]), rel=1e-14)
    assert found.derivatives[0].value is not None and found.derivatives[1].value is not None
    assert found.derivatives[0].value.nested() == pytest.approx(slope, rel=1e-6)
    assert np.array(found.derivatives[1].value.nested()) == pytest.approx(np.array(bend), rel=1e-5)


def test_partial_derivatives_have_the_values_of_the_closed_form() -> None:
    found = derive(LOGISTIC, "w", at=POINT, sizes={"m": 3, "n": 2})
    for each in found.derivatives:
        assert each.partials is not None and each.value is not None
        assert each.partials.shape == each.value.shape
        for position, entry in each.partials.entries.items():
            assert entry.evaluate(**values(POINT)) == pytest.approx(each.value[position], rel=1e-12)


@pytest.mark.parametrize(
    ("text", "declarations", "wrt"),
    [
        ("norm(x)*log(t)", "x:n t:", "x"),
        ("sum(abs(A @ x))/sum(x)", "A:m,n x:n", "x"),
        ("sum(arcsin(x))", "x:n", None),
        ("sqrt(x1) + log(x2)", "x1: x2:", None),
        ("r = A @ x; log(sum(r))", "A:m,n x:n", "x"),
        ("x**2", "x:", None),
    ],
)
def test_conditions(text: str, declarations: str, wrt: str | None) -> None:
    """All conditions of a derivative are there, split into the function's own and the others."""
    f = hs.parse(text, declarations)
    found = derive(f, wrt)
    own = [each.text for each in found.conditions]
    assert tuple(own) == f.conditions
    for each in found.derivatives:
        more = [every.text for every in each.conditions]
        assert sorted(own + more) == sorted({*f.conditions, *each.expression.conditions})


@pytest.mark.parametrize(
    ("text", "declarations", "unicode", "latex"),
    [
        ("x2 > 0", "x2:", "x₂ > 0", "x_{2} > 0"),
        ("A @ x - b != 0", "A:m,n x:n b:m", "A x − b ≠ 0", r"A x - b \neq 0"),
        ("every entry of x >= 0", "x:n", "every entry of x ≥ 0", r"\text{every entry of } x \geq 0"),
        ("t in [-1, 1]", "t:", "t ∈ [−1, 1]", r"t \in [-1, 1]"),
        ("every entry of x in (-1, 1)", "x:n", "every entry of x ∈ (−1, 1)", r"\text{every entry of } x \in (-1, 1)"),
        ("a != b", "a: b:", "a ≠ b", r"a \neq b"),
        ("r = x - 1; sum(r) > 0", "x:n", "sum(r) > 0 where r = x − 1", None),
        ("every row of X_0 != 0", "X_0:m,n", "every row of X₀ ≠ 0", r"\text{every row of } X_{0} \neq 0"),
        ("X.T @ X is invertible", "X:m,n", "Xᵀ X is invertible", r"X^\top X \text{ is invertible}"),
        ("max(x) is attained once", "x:n", "max(x) is attained once", r"\max(x) \text{ is attained once}"),
        ("this_is no condition", "x:n", "this_is no condition", r"\text{this\_is no condition}"),
    ],
)
def test_conditions_in_each_notation(text: str, declarations: str, unicode: str, latex: str | None) -> None:
    found = condition(text, hs.parse("0", declarations)._declarations)
    assert (found.text, found.unicode) == (text, unicode)
    assert latex is None or found.latex == latex


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("every entry of x > 0", [1, 2], True),
        ("every entry of x > 0", [1, 0], False),
        ("x != 0", [0, 0], False),
        ("x != 0", [0, 3], True),
        ("every entry of x != 0", [0, 3], False),
        ("every entry of x in [-1, 1]", [-1, 1], True),
        ("every entry of x in (-1, 1)", [-0.5, 1], False),
        ("every entry of log(x) > 0", [-1, 2], False),
        ("sum(x) > 0", [-1, 2], True),
        ("r = x - 1; sum(r) > 0", [1, 1], False),
        ("every row of x != 0", [1, 1], None),
        ("max(x) is attained once", [1, 2], None),
        ("this is no condition", [1, 1], None),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_whether_conditions_hold(text: str, x: list[float], expected: bool | None) -> None:
    assert holds(text, hs.parse("0", "x:n")._declarations, {"x": x}) is expected


def test_names_avoid_those_in_use() -> None:
    assert derive(hs.parse("x**2", "x:")).name == "f"
    assert derive(hs.parse("f*x**2", "f: x:"), "x").name == "g"
    assert derive(hs.parse("g(x)", "g:n->m x:n")).name == "h"
    assert derive(hs.parse("W @ x", "W:f,g x:g"), "x").name == "h"
    assert derive(hs.parse("outer(x, x)", "x:n")).name == "F"
    assert derive(hs.parse("f*g*h*q", "f: g: h: q:"), "f").name == "result"


def test_kinds() -> None:
    assert [each.kind for each in derive(LOGISTIC, "w", kinds=("hessian",)).derivatives] == ["hessian"]
    with pytest.raises(ArgumentError, match="scalar"):
        derive(hs.parse("2*x", "x:n"), kinds=("gradient",))


def test_second_derivatives_with_many_axes_are_left_out() -> None:
    found = derive(hs.parse("inv(X)", "X:n,n"))
    assert found.omitted == (("hessian", ("n",) * 6),)
    assert [each.kind for each in found.derivatives] == ["jacobian"]
    asked = derive(hs.parse("inv(X)", "X:n,n"), kinds=("hessian",))
    assert asked.derivatives[0].shape == ("n",) * 6


def test_a_second_derivative_that_fails_leaves_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(f: hs.Expr, wrt: object) -> hs.Expr:
        raise VerificationError("withheld")

    monkeypatch.setattr(reports, "OPERATORS", {**reports.OPERATORS, "hessian": refused})
    found = derive(LOGISTIC, "w")
    assert [each.kind for each in found.derivatives] == ["gradient"]
    assert [(problem.part, problem.error.message) for problem in found.problems] == [("hessian", "withheld")]
    with pytest.raises(VerificationError):
        derive(LOGISTIC, "w", kinds=("hessian",))


def test_undefined_functions_have_no_values() -> None:
    f = hs.parse("u(x)", "u:n-> x:n")
    assert derive(f).functions[0].domain == ("n",)
    with pytest.raises(ArgumentError, match="`u` is undefined"):
        derive(f, at=read_point("1,2", f))


def test_sizes() -> None:
    f = hs.parse("norm(A @ x)**2", "A:m,n x:n")
    with pytest.raises(ArgumentError, match="the size m"):
        derive(f, "x", sizes={"n": 2})
    with pytest.raises(ArgumentError, match="`k` is not a size"):
        derive(f, "x", sizes={"n": 2, "m": 2, "k": 2})
    with pytest.raises(LimitError, match="too large"):
        derive(f, "x", sizes={"n": 1000, "m": 1000})
    with pytest.raises(ShapeError):
        derive(f, "x", at=exact_point({"A": [[1, 2]], "x": [1, 2, 3]}, f))
    scaled = hs.parse("n*x1 + x2", "x1: x2: y:n")
    assert derive(scaled, ["x1", "x2"]).derivatives[0].partials is None
    table = derive(scaled, ["x1", "x2"], sizes={"n": 7}).derivatives[0].partials
    assert table is not None
    assert str(table.entries[0,]) == "7"


def test_huge_values_are_not_computed() -> None:
    f = hs.parse("sum(x**2)", "x:n")
    found = derive(f, at=exact_point({"x": [1] * 1500}, f))
    gradient, hessian = found.derivatives
    assert gradient.value is not None and hessian.value is None
    assert isinstance(found.problems[0].error, HesseError)
    assert "2250000 entries" in found.problems[0].error.message


def test_entries_without_a_value_have_no_derivative() -> None:
    f = hs.parse("log(x)", "x:n")
    found = derive(f, at=read_point("4,-1", f))
    assert found.at is not None
    assert [each.text for each in found.at.undefined] == ["every entry of x > 0"]
    jacobian = found.derivatives[0].value
    assert jacobian is not None
    assert jacobian.nested()[0] == [0.25, 0]
    assert all(entry != entry for entry in jacobian.nested()[1])


def test_a_kink_is_named() -> None:
    f = hs.parse("sum(abs(x))", "x:n")
    found = derive(f, at=read_point("1,0", f))
    assert found.at is not None
    assert [each.text for each in found.at.kinks] == ["every entry of x != 0"]
    assert found.at.undefined == ()
