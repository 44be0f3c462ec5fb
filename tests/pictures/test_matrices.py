"""Jacobians and Hessians by their content: entries, zeros, maps of the plane, ellipses and eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest

import hesse as hs


def test_entries_are_those_of_the_jacobian() -> None:
    g = hs.parse("[x1*x2, exp(x3)/x2, x1 + x3^2, sin(x2)]")
    scene = hs.plot.jacobian(g, at=[1, 2, "0.5"]).scene
    e = np.exp(0.5)
    np.testing.assert_allclose(
        scene.matrix.entries, [[2, 1, 0], [0, -e / 4, e / 2], [1, 0, 1], [0, np.cos(2), 0]], rtol=1e-12
    )
    expected_zeros = [[0, 0, 1], [1, 0, 0], [0, 1, 0], [1, 0, 1]]
    np.testing.assert_array_equal(scene.matrix.zero, np.array(expected_zeros, bool))
    assert [name.unicode for name in scene.matrix.rows] == ["g₁", "g₂", "g₃", "g₄"]
    assert [name.unicode for name in scene.matrix.columns] == ["x₁", "x₂", "x₃"]
    assert scene.deformation is None


def test_structure_is_what_is_proved() -> None:
    scene = hs.plot.jacobian(hs.parse("sin(x)", "x:n"), at=[1, 2, 3]).scene
    assert "diagonal" in scene.matrix.structure
    np.testing.assert_allclose(scene.matrix.entries, np.diag(np.cos([1, 2, 3])))
    np.testing.assert_array_equal(scene.matrix.zero, ~np.eye(3, dtype=bool))


def test_of_one_output() -> None:
    f = hs.parse("logsumexp(x) - x[2]^2", "x:n")
    at = [0.1, 0.7, -0.4, 1.5]
    scene = hs.plot.jacobian(f, at=at).scene
    np.testing.assert_allclose(scene.matrix.entries, [hs.gradient(f).evaluate(x=at)], rtol=1e-12)


def test_by_a_matrix() -> None:
    f = hs.parse("X @ b", "X:m,n b:n")
    scene = hs.plot.jacobian(f, at={"X": [[1, 2, 3], [4, 5, 6]], "b": [1, -1, 2]}, wrt="X").scene
    np.testing.assert_allclose(scene.matrix.entries, [[1, -1, 2, 0, 0, 0], [0, 0, 0, 1, -1, 2]])
    assert [name.unicode for name in scene.matrix.columns][:2] == ["X₁₁", "X₁₂"]


def test_a_map_of_the_plane() -> None:
    g = hs.parse("[x1^2 - x2^2, 2*x1*x2]")
    scene = hs.plot.jacobian(g, at=[1, "0.5"]).scene
    found = scene.deformation
    for (x, y), (u, v) in zip(found.straight, found.lines, strict=True):
        np.testing.assert_allclose(u, x**2 - y**2, atol=1e-12)
        np.testing.assert_allclose(v, 2 * x * y, atol=1e-12)
    jacobian = np.array([[2, -1], [1, 2]])
    center = np.array([0.75, 1.0])
    steps = found.square - [1, 0.5]
    np.testing.assert_allclose(found.parallelogram, steps @ jacobian.T + center, atol=1e-12)
    assert found.determinant == pytest.approx(5)
    # The cell has two of the grid's spaces as its sides, so that its corners lie on grid lines.
    assert {float(x) for line, _ in found.straight for x in line} >= {float(x) for x in found.square[:, 0]}


def test_a_map_with_an_undefined_part() -> None:
    scene = hs.plot.jacobian(hs.parse("[log(x1), x1*x2]"), at=["0.2", 1]).scene
    lines = np.concatenate([u for u, _ in scene.deformation.lines])
    assert np.isnan(lines).any() and np.isfinite(lines).any()


def test_a_map_with_a_pole_is_not_drawn_across_it() -> None:
    scene = hs.plot.jacobian(hs.parse("[1/x1, x2]"), at=["0.2", 1]).scene
    for u, v in scene.deformation.lines:
        steps = np.abs(np.diff(u))
        assert not (steps[np.isfinite(steps)] > 60).any()
        assert np.isfinite(u).sum() > 0.9 * len(u) or np.isnan(u).all() or np.ptp(v) > 0


def test_the_hessian_and_its_ellipse() -> None:
    f = hs.parse("2*x1^2 + 3*x2^2 + x1*x2 + exp(x1)")
    scene = hs.plot.hessian(f, at=[0, 1]).scene
    matrix = np.array([[5, 1], [1, 6]], float)
    np.testing.assert_allclose(scene.matrix.entries, matrix, atol=1e-12)
    np.testing.assert_allclose(scene.eigenvalues, np.linalg.eigvalsh(matrix))
    for vector, value, (low, high) in zip(scene.vectors, scene.eigenvalues, scene.bounds, strict=True):
        np.testing.assert_allclose(matrix @ vector, value * vector, atol=1e-9)
        assert low <= value <= high
    ((sign, points),) = scene.conic
    assert sign == 1
    np.testing.assert_allclose(np.einsum("ti,ij,tj->t", points, matrix, points), 1, rtol=1e-9)
    assert scene.kind == "positive definite; not stationary"


def test_a_saddle_has_two_curves() -> None:
    scene = hs.plot.hessian(hs.parse("x1^2 - x2^2 + x1*x2"), at=[0, 0]).scene
    matrix = np.array([[2, 1], [1, -2]])
    assert [sign for sign, _ in scene.conic] == [1, -1]
    for sign, points in scene.conic:
        shown = points[np.isfinite(points).all(axis=1)]
        np.testing.assert_allclose(np.einsum("ti,ij,tj->t", shown, matrix, shown), sign, rtol=1e-9)
    assert scene.kind == "indefinite; saddle point"


def test_what_is_not_certified_is_not_said_to_be() -> None:
    scene = hs.plot.hessian(hs.parse("(x2 - x1^2)*(x2 - 3*x1^2)"), at=[0, 0]).scene
    assert scene.kind == "definiteness undecided"
    large = hs.plot.hessian(hs.parse("sum((x[1:] - x[:-1])**2)", "x:n"), at=list(range(45))).scene
    assert large.bounds == () and large.kind == ""
    assert any("not certified" in note for note in large.notes)
    np.testing.assert_allclose(large.eigenvalues, np.linalg.eigvalsh(large.matrix.entries), atol=1e-12)


def test_where_the_function_is_undefined_nothing_is_shown() -> None:
    """The formulas of the derivatives have values there; the function has none."""
    scene = hs.plot.hessian(hs.parse("log(x1)*x2"), at=[-1, 2]).scene
    assert np.isnan(scene.matrix.entries).all() and scene.eigenvalues == () and scene.conic == ()
    scene = hs.plot.jacobian(hs.parse("[log(x1), x1*x2, x2]"), at=[-1, 2]).scene
    np.testing.assert_array_equal(scene.matrix.entries, [[np.nan, np.nan], [2, -1], [0, 1]])
    assert scene.notes


def test_refusals() -> None:
    with pytest.raises(hs.ArgumentError, match="one output"):
        hs.plot.hessian(hs.parse("[x1*x2, x1]"), at=[1, 2])
    with pytest.raises(hs.LimitError, match="limit of a picture"):
        hs.plot.jacobian(hs.parse("sum(x**2)", "x:n"), at=np.ones(3000))
