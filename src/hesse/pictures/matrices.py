"""Scenes of matrices of derivatives: the Jacobian as a map of entries or of the plane, and the Hessian's curvature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from hesse.core.tensor import positions
from hesse.errors import LimitError
from hesse.pictures.limits import clipped, fenced
from hesse.pictures.naming import Entry, Place, entry_formula, heading, value_of
from hesse.pictures.reading import ranges_of
from hesse.pictures.scenes import Deformation, Formula, HessianScene, JacobianScene, Matrix
from hesse.pictures.slices import Slice
from hesse.service.expression import Expr

Array: TypeAlias = Any
MAX_SIDE = 2000
"""Rows or columns of a matrix that is drawn."""
GRID = 11


def named_rows(place: Place, shape: Sequence[int]) -> tuple[Formula, ...]:
    """The names of the outputs: f, or g with 1-based indices."""
    if not shape:
        return (Formula("f", "f"),)
    found = []
    for at in positions(tuple(shape)):
        text = ",".join(str(k + 1) for k in at) if len(shape) > 1 else str(at[0] + 1)
        found.append(Formula(f"g_{{{text}}}", "g" + text.translate(_SUBSCRIPTS)))
    return tuple(found)


_SUBSCRIPTS = str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉,")


def matrix(place: Place, derivative: Expr, entries: Array, rows: Sequence[Formula], columns: Sequence[Entry]) -> Matrix:
    """The entries as a matrix, with those that are zero for all values, and the structure that is proved."""
    count = len(columns)
    table = np.asarray(entries, float).reshape(-1, count)
    if max(table.shape) > MAX_SIDE:
        raise LimitError(f"the matrix is {table.shape[0]} × {table.shape[1]}; the limit of a picture is {MAX_SIDE}")
    names = tuple(entry_formula(place, entry) for entry in columns)
    return Matrix(tuple(rows), names, table, _zeros(place, derivative, table.shape), derivative.structure)


def _zeros(place: Place, derivative: Expr, shape: tuple[int, ...]) -> Array:
    """Which entries are zero for all values, as the components say; none where there are too many to list."""
    if shape[0] * shape[1] > 400:
        return np.zeros(shape, bool)
    try:
        table = derivative.components(**_sizes(place, derivative))
    except LimitError:
        return np.zeros(shape, bool)
    found = [str(entry) == "0" for entry in table.entries.entries]
    return np.array(found).reshape(shape)


def _sizes(place: Place, derivative: Expr) -> dict[str, int]:
    return {name: place.sizes[name] for name in derivative._declarations.size_names if name in place.sizes}


def jacobian_scene(
    place: Place, derivative: Expr, entries: Array, *, ranges: Any = None, title: str = ""
) -> JacobianScene:
    """The Jacobian at the point, and for a map of the plane what it does to a grid there."""
    shape = tuple(size.evaluate(place.sizes) for size in place.f._shape)
    columns = place.entries
    found = matrix(place, derivative, entries, named_rows(place, shape), columns)
    deformation = None
    if found.entries.shape == (2, 2) and shape and np.isfinite(found.entries).all():
        deformation = _deformation(place, found.entries, ranges)
    at = tuple(value_of(place, entry) for entry in columns)
    return JacobianScene(heading(place, columns, title), found, deformation, at, _not_finite(found.entries))


def _not_finite(entries: Array) -> tuple[str, ...]:
    return () if np.isfinite(entries).all() else ("empty entries have no value at the point",)


def _break(images: Sequence[tuple[Array, Array]]) -> None:
    """Take a point away where a line goes further in one step than the picture is wide: there is a pole between."""
    limits = [fenced(np.concatenate([line[k] for line in images])) for k in (0, 1)]
    for line in images:
        far = np.zeros(len(line[0]), bool)
        for values, (low, high) in zip(line, limits, strict=True):
            far[1:] |= np.abs(np.diff(values)) > high - low
        for values in line:
            values[far] = np.nan


def _one(plane: Slice, centers: Sequence[float], k: int, positions: Array) -> Array:
    """The sum of the outputs where one entry takes these positions: nan where one output has no value."""
    found = plane.at([positions if j == k else np.full(len(positions), c) for j, c in enumerate(centers)])
    total: Array = found.reshape(len(positions), -1).sum(axis=1)
    return total


def _deformation(place: Place, jacobian: Array, ranges: Any) -> Deformation:
    plane = Slice(place, place.entries)
    centers = plane.centers()
    if ranges is None:
        half = min(0.5 * max(1.0, abs(c)) for c in centers)
        ranges = [clipped(partial(_one, plane, centers, k), c, half) for k, c in enumerate(centers)]
    (x0, x1), (y0, y1) = ranges_of(ranges, 2)
    straight, images = [], []
    for fixed, low, high, axis in [(x, y0, y1, 0) for x in np.linspace(x0, x1, GRID)] + [
        (y, x0, x1, 1) for y in np.linspace(y0, y1, GRID)
    ]:
        t = np.linspace(low, high, 121)
        still = np.full(len(t), fixed)
        x, y = (still, t) if axis == 0 else (t, still)
        found = plane.at([x, y]).reshape(len(t), 2)
        whole = np.isfinite(found).all(axis=1)
        found[~whole] = np.nan
        straight.append((x, y))
        images.append((found[:, 0], found[:, 1]))
    _break(images)
    cell = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) - 0.5
    square = cell * [2 * (x1 - x0) / (GRID - 1), 2 * (y1 - y0) / (GRID - 1)]
    center = plane.at([np.array([c]) for c in centers]).reshape(2)
    return Deformation(
        tuple(straight),
        tuple(images),
        square + centers,
        square @ jacobian.T + center,
        float(np.linalg.det(jacobian)),
    )


def hessian_scene(
    place: Place, derivative: Expr, entries: Array, curvature: Any, missing: str = "", title: str = ""
) -> HessianScene:
    """The Hessian at the point with its certified eigenvalues, and for two entries its curves eᵀ H e = ±1."""
    columns = place.entries
    names = tuple(entry_formula(place, entry) for entry in columns)
    found = matrix(place, derivative, entries, names, columns)
    table = (found.entries + found.entries.T) / 2
    values, vectors = np.linalg.eigh(table) if np.isfinite(table).all() else (np.array([]), np.zeros((0, 0)))
    conic = _conic(table) if table.shape == (2, 2) and values.size else ()
    known = curvature is not None
    return HessianScene(
        heading(place, columns, title),
        found,
        tuple(curvature.eigenvalues) if known else tuple(map(float, values)),
        tuple(curvature.bounds) if known else (),
        _kind(curvature) if known else "",
        vectors.T,
        conic,
        names,
        tuple(value_of(place, entry) for entry in columns),
        (missing,) if missing else (),
    )


def _kind(curvature: Any) -> str:
    """What is certified of the point, in words."""
    definite = "definiteness undecided" if curvature.definiteness == "undecided" else str(curvature.definiteness)
    return definite if curvature.kind == "undecided" else f"{definite}; {curvature.kind}"


def _conic(table: Array) -> tuple[tuple[int, Array], ...]:
    """The curves eᵀ H e = 1 and = -1 around the origin, each as points with nan between branches."""
    angle = np.linspace(0, 2 * math.pi, 1441)
    unit = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    form = np.einsum("ti,ij,tj->t", unit, table, unit)
    scale = np.abs(form).max()
    found = []
    for sign in (1, -1):
        with np.errstate(all="ignore"):
            radius = np.where(sign * form > 1e-3 * scale, 1 / np.sqrt(sign * form), np.nan)
        if np.isfinite(radius).any():
            found.append((sign, unit * radius[:, None]))
    return tuple(found)
