"""Scenes: everything that a picture shows, as plain data. Nothing here knows how it is drawn.

Arrays are NumPy's; a nan stands where there is no value. `record` gives a scene as lists and numbers, for JSON.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, TypeAlias

Array: TypeAlias = Any
Trend: TypeAlias = Literal["increases", "decreases", "constant", "undecided"]


@dataclass(frozen=True, slots=True)
class Formula:
    """Mathematics in two spellings: LaTeX, and Unicode for where LaTeX cannot be typeset."""

    latex: str
    unicode: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A coordinate that varies: its name as it is written, and the range that is drawn."""

    name: str
    label: Formula
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Heading:
    """What the picture is of: the left side of the function's equation, its formula, and what stays fixed.

    Of many values that are held the first are listed, and `more` counts the others.
    """

    name: Formula
    formula: Formula
    held: tuple[tuple[Formula, float], ...] = ()
    more: int = 0
    title: str = ""


@dataclass(frozen=True)
class Field:
    """Values on a grid: `values[j, i]` belongs to x[i] and y[j]; nan where the function has none, or a cell jumps.

    `rim` are the defined parts of cells through which the end of the domain goes: polygons of points (x, y, value).
    """

    x: Array
    y: Array
    values: Array
    rim: tuple[Array, ...] = ()


@dataclass(frozen=True)
class SurfaceScene:
    """A surface over two coordinates with a point on it, its tangent plane, and on request its quadratic model.

    `slopes` are the partial derivatives at the point; the plane is value + slopes @ (step), drawn over `plane`.
    """

    heading: Heading
    axes: tuple[Axis, Axis]
    limits: tuple[float, float]
    surface: Field
    point: tuple[float, float, float] | None
    slopes: tuple[float, float] | None
    plane: Field | None
    quadratic: Field | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ray:
    """A direction from the point: what the linear model and the function do along it, and how far that is certified.

    `slope` is the directional derivative, `until` the bracket of the end of the comparison with the start. A ray whose
    `certified` is not positive has no certified length.
    """

    name: str
    step: tuple[float, float]
    slope: float
    model_trend: Trend
    trend: Trend
    until: tuple[float, float]
    ends: str = ""

    @property
    def certified(self) -> float:
        """The length, in steps, for which the trend is certified; 0 where nothing is."""
        return self.until[0] if self.trend != "undecided" else 0.0


@dataclass(frozen=True)
class Arrows:
    """Unit vectors along the gradient at some points, and its length there."""

    x: Array
    y: Array
    u: Array
    v: Array
    length: Array


@dataclass(frozen=True)
class ContourScene:
    """Level sets over two coordinates, the gradient at a point, and directions from it."""

    heading: Heading
    axes: tuple[Axis, Axis]
    equal: bool
    field: Field
    levels: tuple[float, ...]
    defined: Array
    point: tuple[float, float]
    value: float
    gradient: tuple[float, float] | None
    rays: tuple[Ray, ...] = ()
    half_plane: bool = False
    arrows: Arrows | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelCurve:
    """A Taylor model of some order and its distance from the function, on the points of the scene."""

    order: int
    coefficients: tuple[float, ...]
    x: Array
    y: Array
    error: Array


@dataclass(frozen=True)
class Band:
    """What is certified around a model of some order: its error stays below `upper` for all |t| <= radius.

    `upper` is inf where nothing is proved; `missing` says what.
    """

    order: int
    radius: float
    upper: float
    missing: str = ""


@dataclass(frozen=True)
class Reach:
    """A radius that is certified for a tolerance of the error of the model of some order; 0 where none is proved."""

    order: int
    radius: float
    tolerance: float


@dataclass(frozen=True)
class TaylorScene:
    """A function of one coordinate, its models of several orders, their errors, and what is certified about them.

    The coordinate is the variable itself, at `center`, or a step t along a direction, where the center is 0.
    """

    heading: Heading
    axis: Axis
    limits: tuple[float, float]
    center: float
    value: float
    x: Array
    y: Array
    models: tuple[ModelCurve, ...]
    band: Band | None
    reach: Reach | None
    along: tuple[float, ...] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """f along a direction: f(x + t d) - f(x) over t, the linear model's slope, and how far the trend is certified."""

    ray: Ray
    t: Array
    change: Array


@dataclass(frozen=True)
class DirectionScene:
    """Several directions from a point: where they lead to, and what f does along each."""

    heading: Heading
    contour: ContourScene | None
    profiles: tuple[Profile, ...]
    length: float
    limits: tuple[float, float]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matrix:
    """The entries of a matrix of derivatives with the names of its rows and columns; which are zero for all values."""

    rows: tuple[Formula, ...]
    columns: tuple[Formula, ...]
    entries: Array
    zero: Array
    structure: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deformation:
    """What a map from the plane to the plane does to a grid, and its linear model to the cell at the point.

    `lines` are the images of grid lines, `straight` the lines themselves, `square` and `parallelogram` the cell and its
    image under the linear model.
    """

    straight: tuple[tuple[Array, Array], ...]
    lines: tuple[tuple[Array, Array], ...]
    square: Array
    parallelogram: Array
    determinant: float


@dataclass(frozen=True)
class JacobianScene:
    """The Jacobian at a point as a map of its entries, for one output as bars, for two inputs and outputs as a map."""

    heading: Heading
    matrix: Matrix
    deformation: Deformation | None
    at: tuple[float, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class HessianScene:
    """The Hessian at a point: its entries, its eigenvalues with certified bounds, and for two inputs its ellipse.

    `conic` are the curves eᵀ H e = ±1, scaled; `vectors` the eigenvectors, one in each row, in the order of the values.
    """

    heading: Heading
    matrix: Matrix
    eigenvalues: tuple[float, ...]
    bounds: tuple[tuple[float, float], ...]
    kind: str
    vectors: Array
    conic: tuple[tuple[int, Array], ...]
    names: tuple[Formula, ...]
    at: tuple[float, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ErrorCurve:
    """The certified bound of a model's error for each radius, inf where nothing is proved, and the largest seen."""

    order: int
    upper: Array
    sampled: Array


@dataclass(frozen=True)
class ErrorScene:
    """How the errors of the models of several orders grow with the radius."""

    heading: Heading
    radii: Array
    norm: str
    curves: tuple[ErrorCurve, ...]
    at: tuple[float, ...]
    notes: tuple[str, ...] = ()


Scene: TypeAlias = (
    SurfaceScene | ContourScene | TaylorScene | DirectionScene | JacobianScene | HessianScene | ErrorScene
)


def record(value: Any) -> Any:
    """The scene, or a part of it, as dictionaries, lists, numbers and text, among them "nan", "inf" and "-inf"."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: record(getattr(value, each.name)) for each in fields(value)}
    if hasattr(value, "tolist"):
        return record(value.tolist())
    if isinstance(value, (list, tuple)):
        return [record(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value
