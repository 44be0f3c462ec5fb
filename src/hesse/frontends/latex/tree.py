r"""A formula as it is written: what stands beside, above and below what, before anything is known about shapes.

`Ax` is a product of two symbols here, whatever A and x are; whether it is a matrix product is decided when their ranks
are known. Equality is identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from hesse.errors import Span


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """An exact number."""

    span: Span
    value: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    r"""A letter, a Greek letter as such, or a word: `x`, `\beta`, `\mathrm{loss}`; `upright` for words."""

    span: Span
    stem: str
    bold: bool = False
    upright: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """2:n or 1:2:n inside of a subscript: start, stop (which is included) and step; None where it is left out."""

    span: Span
    start: Latex | None
    stop: Latex | None
    step: Latex | None


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """base with a subscript: an entry of an array, or part of a name. `label` is the subscript as part of a name.

    `raised` says that it was written above, as in x^{(i)}.
    """

    span: Span
    base: Latex
    items: tuple[Latex | Range, ...]
    label: str
    raised: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Power:
    """base to the exponent; `entries` says that it was marked as a power of each entry."""

    span: Span
    base: Latex
    exponent: Latex
    entries: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Transposed:
    """The transpose; `inverse` says that it is that of the inverse."""

    span: Span
    base: Latex
    inverse: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """Terms, each with whether it is subtracted."""

    span: Span
    terms: tuple[tuple[bool, Latex], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """Factors side by side; `behind` is the name of the function whose argument without brackets they are."""

    span: Span
    factors: tuple[Latex, ...]
    behind: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Infix:
    r"""left operator right, for `\cdot`, `\times`, `\odot`, `\circ`, `*`, `/`, `\frac`, `\oslash`, `\otimes`."""

    span: Span
    operator: str
    left: Latex
    right: Latex


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """left operator right for a comparison: 1 where it holds, else 0."""

    span: Span
    operator: str
    left: Latex
    right: Latex


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """A function of the vocabulary; `entries` says that it was marked as applied to each entry."""

    span: Span
    function: str
    arguments: tuple[Latex, ...]
    axis: int | None = None
    entries: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Derivative:
    """An undefined function, or a derivative of it, at an argument."""

    span: Span
    function: str
    order: int
    argument: Latex


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """|body| or a norm of it; `label` is the norm's subscript."""

    span: Span
    norm: bool
    body: Latex
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Inner:
    """The inner product of two arrays in angle brackets."""

    span: Span
    left: Latex
    right: Latex


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A running index with its ends, which are included; `below` is the index that it must stay below, or above."""

    span: Span
    index: str
    start: Latex | None = None
    stop: Latex | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Big:
    """A sum, product, maximum or minimum over indices; `condition` selects among their values.

    `closed` says that the body stands in brackets, so that factors may follow.
    """

    span: Span
    function: str
    bounds: tuple[Bound, ...]
    body: Latex
    condition: Relation | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Something in brackets `(` or `[`, or in braces `{` that do not show."""

    span: Span
    mark: str
    body: Latex


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """[a, b] or (a, b): several things in brackets."""

    span: Span
    mark: str
    items: tuple[Latex, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A matrix given by its entries or blocks."""

    span: Span
    rows: tuple[tuple[Latex, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Values with their conditions; None for the last, which holds otherwise."""

    span: Span
    branches: tuple[tuple[Latex, Latex | None], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """The identity "I", or an array of ones "1" or zeros "0"; without sizes they follow from the use.

    `number` tells apart those whose sizes are not written.
    """

    span: Span
    kind: str
    sizes: tuple[Latex, ...] = ()
    number: int = 0


Latex: TypeAlias = (
    Number
    | Symbol
    | Script
    | Power
    | Transposed
    | Sum
    | Product
    | Infix
    | Relation
    | Applied
    | Derivative
    | Bars
    | Inner
    | Big
    | Group
    | Listed
    | Grid
    | Cases
    | Filled
)


def parts(tree: Latex | Range) -> list[Latex | Range]:
    """What a construct is made of."""
    found: list[Latex | Range] = []
    stack: list[object] = [getattr(tree, name) for name in reversed(tree.__dataclass_fields__) if name != "span"]
    while stack:
        value = stack.pop()
        if isinstance(value, tuple):
            stack.extend(reversed(value))
        elif isinstance(value, Bound):
            stack.extend(each for each in (value.stop, value.start) if each is not None)
        elif hasattr(value, "span"):
            found.append(value)  # type: ignore[arg-type]
    return found


def symbols_in(tree: Latex | Range) -> list[Symbol]:
    """The symbols that stand in a construct, from left to right."""
    found: list[Symbol] = []
    stack: list[Latex | Range] = [tree]
    while stack:
        each = stack.pop()
        if isinstance(each, Symbol):
            found.append(each)
        else:
            stack.extend(reversed(parts(each)))
    return found


def unbracketed(tree: Latex) -> Latex:
    """The tree without the brackets around it."""
    while isinstance(tree, Group):
        tree = tree.body
    return tree
