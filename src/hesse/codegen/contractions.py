"""Traces, diagonals and einsums by what is known of their matrices."""

from __future__ import annotations

from collections.abc import Sequence

from hesse.codegen.indexing import Piece, Range
from hesse.codegen.matrices import Outer, Selection
from hesse.codegen.products import Products
from hesse.codegen.terms import ENTRYWISE, Term
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
    if len(pairs) == 1 and pairs[0][0] == out and len(set(out)) == len(out):
        return pairs[0][1]
    placed = _placed_on_diagonal(products, pairs, out, shape)
    if placed is not None:
        return placed
    arguments = [products.terms.real(operand) for _, operand in pairs]
    return products.terms.make("einsum", arguments, (f"{','.join(word for word, _ in pairs)}->{out}",), shape)


def _placed_on_diagonal(products: Products, pairs: Sequence[tuple[str, Term]], out: str, shape: Shape) -> Term | None:
    """The rest of an einsum where two axes of the result have the same position, and zeros elsewhere.

    An identity whose two letters are axes of the result says that; None where there is none.
    """
    for k, (letters, operand) in enumerate(pairs):
        factor = products.single(operand) if operand.rank == 2 else None
        rest = [*pairs[:k], *pairs[k + 1 :]]
        if not isinstance(factor, Selection) or not factor.identity or len(set(letters)) < 2 or not rest:
            continue
        one, other = sorted(letters, key=out.find)
        others = "".join(word for word, _ in rest)
        if one not in out or other not in out:
            continue
        rest = [(word.replace(other, one), operand) for word, operand in rest]
        kept = out.replace(other, "")
        apart = out.index(other) - out.index(one) > 1
        if apart:
            # Positions that stand apart come first, as in NumPy.
            kept = one + kept.replace(one, "")
        if one not in others and other not in others:
            if kept[0] == one:
                kept = kept[1:]  # broadcasting repeats the rest
            else:
                size = shape[out.index(one)]
                rest.append((one, products.terms.full((size,), products.terms.number(1))))
        sizes = dict(zip(out, shape, strict=True))
        value = einsum(products, f"{','.join(word for word, _ in rest)}->{kept}", [operand for _, operand in rest],
                       tuple(sizes[letter] for letter in kept))  # fmt: skip
        position = products.indexing.positions(sizes[one])
        items = [position if letter in (one, other) else Range() for letter in out]
        return products.indexing.assemble(shape, [Piece(tuple(items), value)])
    return None


def _simplified(
    products: Products, pairs: list[tuple[str, Term]], out: str, position: int
) -> list[tuple[str, Term]] | None:
    """The operands with their letters after one matrix was replaced by its vectors, or None."""
    letters, term = pairs[position]
    before, after = pairs[:position], pairs[position + 1 :]
    picked = _on_diagonal(products, letters, term)
    if picked is not None:
        return [*before, picked, *after]
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


def _on_diagonal(products: Products, letters: str, term: Term) -> tuple[str, Term] | None:
    """An operation on entries of which a diagonal is wanted, done on the diagonals of its arguments; else None.

    Entries beside the diagonal may be where the operation is not defined.
    """
    kept = "".join(dict.fromkeys(letters))
    if kept == letters or term.head not in ENTRYWISE or any(a.rank and a.shape != term.shape for a in term.arguments):
        return None
    sizes = dict(zip(letters, term.shape, strict=True))
    shape = tuple(sizes[letter] for letter in kept)
    arguments = [
        einsum(products, f"{letters}->{kept}", [argument], shape) if argument.rank else argument
        for argument in term.arguments
    ]
    return kept, products.terms.make(term.head, arguments, term.options, shape, term.dtype)
