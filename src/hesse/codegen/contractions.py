"""Traces, diagonals and einsums by what is known of their matrices."""

from __future__ import annotations

from collections.abc import Sequence

from hesse.codegen.matrices import Outer, Selection
from hesse.codegen.products import Products
from hesse.codegen.terms import Term
from hesse.core.nodes import Shape


def diagonal(products: Products, matrix: Term) -> Term:
    """The diagonal of a square matrix as a vector; only the diagonal of a product is computed."""
    terms = products.terms
    match products.single(matrix):
        case Outer(left=u, right=v):
            return terms.arithmetic("*", u, v)
        case Selection(diagonal=True, weights=Term() as weights):
            return weights
        case _ if matrix.head == "@":
            return terms.reduce("sum", _aligned(products, matrix), 1, matrix.shape[:1])
        case _:
            return terms.make("diagpart", (terms.real(matrix),), (), matrix.shape[:1])


def trace(products: Products, matrix: Term) -> Term:
    """The sum of the diagonal; for a product the sum of entries of one factor times the other's transpose."""
    terms = products.terms
    match products.single(matrix):
        case Outer(left=u, right=v):
            return terms.matmul(u, v)
        case Selection(diagonal=True, weights=Term() as weights):
            return terms.reduce("sum", weights, None, ())
        case _ if matrix.head == "@":
            return terms.reduce("sum", _aligned(products, matrix), None, ())
        case _:
            return terms.make("trace", (terms.real(matrix),), (), ())


def _aligned(products: Products, product: Term) -> Term:
    left, right = product.arguments
    return products.terms.arithmetic("*", left, products.terms.transpose(right))


def einsum(products: Products, specification: str, operands: Sequence[Term], shape: Shape) -> Term:
    """The einsum; diagonal operands become vectors and outer products two of them, where the result allows it."""
    left, _, out = specification.replace(" ", "").partition("->")
    pairs = list(zip(left.split(","), operands, strict=True))
    position = 0
    while position < len(pairs):
        simpler = _simplified(products, pairs, out, position)
        position = position + 1 if simpler is None else 0
        pairs = pairs if simpler is None else simpler
    arguments = [products.terms.real(operand) for _, operand in pairs]
    return products.terms.make("einsum", arguments, (f"{','.join(word for word, _ in pairs)}->{out}",), shape)


def _simplified(
    products: Products, pairs: list[tuple[str, Term]], out: str, position: int
) -> list[tuple[str, Term]] | None:
    """The operands with their letters after one matrix was replaced by its vectors, or None."""
    letters, term = pairs[position]
    before, after = pairs[:position], pairs[position + 1 :]
    match products.single(term) if term.rank == 2 else None:
        case Outer(left=u, right=v):
            return [*before, (letters[:1], u), (letters[1:], v), *after]
        case Selection(diagonal=True, weights=weights):
            kept, gone = (letters[0], letters[1]) if letters[1] not in out else (letters[1], letters[0])
            others = "".join(word for word, _ in (*before, *after))
            if gone in out or (weights is None and kept not in others and gone not in others):
                return None
            vectors = [] if weights is None else [(kept, weights)]
            return [(word.replace(gone, kept), operand) for word, operand in (*before, *vectors, *after)]
        case _:
            return None
