"""Expression nodes: a closed set of kinds, immutable and interned, so that equal structure is one object.

Nodes are made only by the smart constructors of `hesse.core` (`sums`, `contraction`, `build`), which keep them in
normal form. Rank-0 nodes are scalars and rank-1 nodes vectors; there are no 1 x 1 matrices in between.

The workhorse is `Contract`, a generalised einsum. With every label running over its extent it means

    result[out(labels)] += product over factors of factor[axes(labels)]

so a label absent from `out` is summed; a label that occurs twice in `out` is a free delta (a diagonal); an affine
axis is a slice when it belongs to a factor and a placement when it belongs to `out`; a table axis is a gather or a
scatter; a flat axis over several labels is a reshape, a cyclic axis a rotation. Swapping a factor with the result is
therefore all there is to an adjoint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from hesse.core.ranges import Range
from hesse.core.sizes import Size
from hesse.core.syntax import Syntax

Relation: TypeAlias = Literal["> 0", ">= 0", "!= 0", "> -1", "in [-1, 1]", "in (-1, 1)", "cos != 0"]
ANYWHERE: tuple[tuple[float, float], ...] = ((-2.0, 2.0),)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Elementwise:
    """A function applied entry by entry.

    `partials(value, *arguments)` gives the derivative by each argument as a node, in terms of the node's own value
    where that reads best. `reference` is the plain function of floats. `samples` are intervals, one for each
    argument, on which it is smooth. `domain[k]` is what argument k must satisfy for a value, `smooth[k]` for a
    derivative; `distinct` says that the derivative fails where the two arguments meet. `latex` and `unicode` are
    templates over the arguments `{0}`, `{1}`; after `//` may follow a form for matrix arguments. Targets spell the
    primitives themselves and get every other function through `lowering`. `build` makes the node where that is not
    an `Apply` of this row (sqrt is a power), else None. `exact` gives the value at exact numbers where it is an
    exact number again, else None. `orders` are examples of leading arguments that must be exact integers.
    `bounds` gives the range of the values from the ranges of the arguments, for signs. `title` is what the function is
    called in a sentence, where that is not its name: "derivative of the sigmoid".
    """

    name: str
    meaning: str
    partials: Callable[..., tuple[Node, ...]]
    reference: Callable[..., float]
    arity: int = 1
    samples: tuple[tuple[float, float], ...] = ANYWHERE
    domain: tuple[Relation | None, ...] = ()
    smooth: tuple[Relation | None, ...] = ()
    distinct: bool = False
    latex: str = ""
    unicode: str = ""
    lowering: Callable[..., Syntax] | None = None
    build: Callable[..., Node | None] | None = None
    exact: Callable[..., Fraction | None] | None = None
    bounds: Callable[..., Range] | None = None
    orders: tuple[int, ...] = ()
    truth: bool = False
    title: str = ""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Operator:
    """A function of whole arrays that stays a node of its own: norm, logsumexp, softmax, inv.

    `kind` says how it meets axes: a "reduction" takes one axis (or all) away, "along" keeps the shape and works
    along one axis (or all), "matrix" takes whole matrices. `partials` gives the derivative as linear maps.
    `reference` is the plain function: of a list of floats for reductions (to a float) and along (to a list), of
    tensors for matrix functions. `domain` and `smooth` say what the argument must satisfy for a value and for a
    derivative: "entries != 0" each entry, "is attained once" the node itself; `domain` may be a function of the
    arguments.
    `lowering(argument, axis=axis)`, for matrix functions without the axis, spells it for targets.
    `result_shape` is needed for matrix functions only; it raises ShapeError.
    `expansion` writes a reduction (one value) or a function along an axis (a list) of entries out in simpler terms,
    and a matrix function of tensors of entries, or gives None where that would be too long.
    Further arguments of a matrix function, such as an exponent, are exact numbers; `build` makes the node where it
    is not an `Operation` of this row, else gives None, and refuses arguments with an error.
    `nests` says of a reduction that the value over several axes is that of the values along one of them.
    `bounds` gives the range of the result's entries from those of the arguments', for signs. `title` is what the
    function is called in a sentence, where that is not its name: "derivative of the inverse".
    """

    name: str
    meaning: str
    kind: Literal["reduction", "along", "matrix"]
    partials: Callable[[Operation], tuple[Partial, ...]]
    reference: Callable[..., Any]
    arity: int = 1
    result_shape: Callable[..., tuple[Size, ...]] | None = None
    domain: str | Callable[..., str] = ""
    smooth: str = ""
    expansion: Callable[..., list[Node] | None] | None = None
    bounds: Callable[..., Range] | None = None
    samples: tuple[float, float] = (-2.0, 2.0)
    latex: str = ""
    unicode: str = ""
    lowering: Callable[..., Syntax] | None = None
    nests: bool = False
    title: str = ""
    build: Callable[..., Node | None] | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """One linear map by which a node's differential depends on a child's: with labels as in `Contract`,

        d node[out] += coefficient * product of factors * d child[hole]

    Both directions of differentiation read it, so a rule is written once.
    """

    child: Node
    coefficient: Fraction
    factors: tuple[tuple[Node, tuple[Axis, ...]], ...]
    hole: tuple[Axis, ...]
    out: tuple[Axis, ...]
    extents: tuple[Size, ...]


Shape: TypeAlias = tuple[Size, ...]
NamesKey: TypeAlias = tuple[tuple[tuple[int, int, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    """The axis position is constant."""

    position: Size


@dataclass(frozen=True, slots=True)
class Affine:
    """The axis position is stride * label + offset; never the whole axis in order, which is a plain label."""

    label: int
    stride: int
    offset: Size


@dataclass(frozen=True, slots=True)
class Table:
    """The axis position is the entry of an integer vector at the label."""

    label: int
    entries: Node


@dataclass(frozen=True, slots=True)
class Flat:
    """The axis position counts through several labels in C order, the last one fastest: (l0*e1 + l1)*e2 + l2.

    The radices are the labels' extents. It flattens as an axis of the result and unflattens as one of a factor.
    """

    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cyclic:
    """The axis position is label + shift modulo the size of the axis, which is the label's extent."""

    label: int
    shift: Size


Axis: TypeAlias = int | Fixed | Affine | Table | Flat | Cyclic


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class BaseNode:
    """What every node has: a shape; the nodes that it is made of; for ordering, a digest of its content and the first
    names in it, also as a key; and the axes along which it is constant by construction.
    """

    shape: Shape
    parts: tuple[Node, ...] = field(init=False, default=(), repr=False)
    digest: bytes = field(init=False, default=b"", repr=False)
    leaves: tuple[str, ...] = field(init=False, default=(), repr=False)
    names_key: NamesKey = field(init=False, default=(), repr=False)
    constant_axes: frozenset[int] = field(init=False, default=frozenset(), repr=False)

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Variable(BaseNode):
    """A declared name."""

    name: str
    attributes: frozenset[str] = frozenset()
    integer: bool = False


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Constant(BaseNode):
    """pi or e."""

    name: str


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class SizeValue(BaseNode):
    """A size, used as a scalar: one size name or one floor, never a compound polynomial."""

    size: Size


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Let(BaseNode):
    """A value the user named. Its derivative is the value's; products do not dissolve it."""

    name: str
    node: Node


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Sum(BaseNode):
    """The weighted sum of nodes of the same shape; without terms it is zero. Numbers live here only."""

    terms: tuple[tuple[Fraction, Node], ...]


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Contract(BaseNode):
    """The product of factors over labels 0, 1, ...; without factors and labels it is the number one."""

    factors: tuple[tuple[Node, tuple[Axis, ...]], ...]
    out: tuple[Axis, ...]
    extents: tuple[Size, ...]


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Power(BaseNode):
    """The elementwise power with an exact exponent, neither 0 nor 1. A symbolic exponent is an `Apply`."""

    base: Node
    exponent: Fraction


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Apply(BaseNode):
    """An elementwise function of arguments that all have the node's shape."""

    row: Elementwise
    arguments: tuple[Node, ...]


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Operation(BaseNode):
    """A function of whole arrays or along one axis: norm, softmax, inv. `axis` None means all axes."""

    row: Operator
    arguments: tuple[Node, ...]
    axis: int | None


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Call(BaseNode):
    """The derivative of some order of an undefined function; an elementwise one keeps the argument's shape."""

    function: str
    domain: Shape
    codomain: Shape
    order: int
    argument: Node


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Derivative(BaseNode):
    """The derivative of a node by a variable, not carried out: it makes each step of a derivation an equation."""

    node: Node
    variable: Variable


Node: TypeAlias = Variable | Constant | SizeValue | Let | Sum | Contract | Power | Apply | Operation | Call | Derivative
