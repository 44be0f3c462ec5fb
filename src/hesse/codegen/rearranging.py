"""Reshaping, joining and rotating arrays, with what is known of their matrices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

from hesse.codegen.indexing import Range
from hesse.codegen.matrices import Matrix, Part, Selection, Triangle, matrix
from hesse.codegen.products import Products
from hesse.codegen.terms import Term, is_one
from hesse.core.nodes import Shape
from hesse.core.sizes import ZERO

Rearranging: TypeAlias = Callable[[Products, Shape, Sequence[Term], int | None], Term]
"""(products, shape of the result, arguments, axis) -> term."""


def reshape(products: Products, shape: Shape, arguments: Sequence[Term], axis: int | None) -> Term:
    """The first argument in the shape."""
    return products.reshape(arguments[0], shape)


def vec(products: Products, shape: Shape, arguments: Sequence[Term], axis: int | None) -> Term:
    """The columns one below the other."""
    return products.reshape(products.transpose(arguments[0]), shape)


def kron(products: Products, shape: Shape, arguments: Sequence[Term], axis: int | None) -> Term:
    """The Kronecker product."""
    return products.kron(arguments[0], arguments[1], shape)


def concat(products: Products, shape: Shape, arguments: Sequence[Term], axis: int | None) -> Term:
    """Arrays end to end; matrices with structure keep it, each in its rows or columns."""
    place = (axis or 0) % len(shape)
    arrays = [products.terms.real(argument) for argument in arguments]
    plain = products.terms.make("concat", arrays, (place,), shape)
    if len(shape) != 2 or all(products.known(array).dense for array in arrays):
        return plain
    ends = list(accumulate((array.shape[place] for array in arrays), initial=ZERO))
    parts: list[Part] = []
    for array, start, end in zip(arrays, ends, ends[1:], strict=False):
        window = Range(*(products.terms.size(bound) for bound in (start, end)))
        rows = Part((Selection(window, None, None, (shape[place], array.shape[place])),))
        parts += products.placed(rows, products.known(array), place).parts
    return products.settled(plain, Matrix(tuple(parts)))


def stack(products: Products, shape: Shape, arguments: Sequence[Term], axis: int | None) -> Term:
    """Arrays along a new axis."""
    place = (axis or 0) % len(shape)
    if not place:
        return products.terms.stack(arguments)
    return products.terms.make("stack_along", [products.terms.real(a) for a in arguments], (place,), shape)


def flip(products: Products, shape: Shape, arguments: Sequence[Term], axis: int | None) -> Term:
    """The entries in reverse order, as slices: no copy is made."""
    turned = range(len(shape)) if axis is None else (axis % len(shape),)
    backwards = Range(step=products.terms.number(-1))
    return products.index(arguments[0], [backwards if k in turned else Range() for k in range(max(turned) + 1)])


def roll(products: Products, shape: Shape, arguments: Sequence[Term], axis: int | None) -> Term:
    """The entries rotated; rows or columns of a diagonal matrix are picked in rotated order."""
    array, shift = arguments
    place = None if axis is None or len(shape) == 1 else axis % len(shape)
    plain = products.terms.make("roll", (products.terms.real(array), shift), (place,), shape)
    factor = products.single(array) if len(shape) == 2 and place is not None else None
    if not isinstance(factor, Selection) or not factor.diagonal:
        return plain
    # Row i of the result is row i - k of the diagonal matrix.
    every = products.indexing.positions(shape[0])
    picked = products.terms.make("roll", (every, shift), (None,), shape[:1], "integer")
    return products.index(array, [picked] if place == 0 else [Range(), picked])


def triangle(products: Products, shape: Shape, arguments: Sequence[Term], upper: bool) -> Term:
    """The lower or upper triangle; that of a square matrix of ones adds up whatever it is multiplied with."""
    array, *offset = arguments
    term = products.terms.make("triu" if upper else "tril", (products.terms.real(array), *offset), (), shape)
    ones = array.head == "full" and is_one(array.arguments[0]) and shape[0] == shape[1]
    return products.note(term, matrix(Triangle(term, upper))) if ones and not offset else term


def cumsum(products: Products, shape: Shape, arguments: Sequence[Term], axis: int | None) -> Term:
    """The sums of all entries up to each one."""
    (array,) = arguments
    if axis is None and array.rank > 1:
        array = products.reshape(array, shape)
    place = None if axis is None or len(shape) == 1 else axis % len(shape)
    return products.terms.reduce("cumsum", array, place, shape)


REARRANGING: Mapping[str, Rearranging] = {
    "reshape": reshape,
    "vec": vec,
    "kron": kron,
    "concat": concat,
    "stack": stack,
    "flip": flip,
    "roll": roll,
    "tril": lambda products, shape, arguments, axis: triangle(products, shape, arguments, upper=False),
    "triu": lambda products, shape, arguments, axis: triangle(products, shape, arguments, upper=True),
    "cumsum": cumsum,
}
