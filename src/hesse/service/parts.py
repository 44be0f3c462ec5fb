"""What a structured result is made of, as expressions: its bands, diagonal, blocks, Kronecker factors, outer products.

Sizes stay symbolic. The parts hold where the whole does, and are as far verified as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hesse.core.nodes import Node
from hesse.service.expression import Expr, Result
from hesse.simplify.engine import simplify


@dataclass(frozen=True)
class LowRank:
    """diag(diagonal) + the sum of outer(u, v) over the pairs; without a diagonal it is None."""

    diagonal: Expr | None
    pairs: tuple[tuple[Expr, Expr], ...]


def bands(e: Expr) -> Mapping[int, Expr] | None:
    """The diagonals of a banded matrix by offset, each as a vector; None where the matrix is not banded.

    Entry t of the band at k >= 0 is that at (t, t + k), of the band at k < 0 that at (t - k, t).

    >>> import hesse as hs
    >>> H = hs.hessian(hs.parse("sum((x[1:] - x[:-1])**4)", "x:n"), "x")
    >>> str(bands(H)[1])
    '-12*(x[1:] - x[:-1])**2'
    """
    found = e.structured.bands
    return None if found is None else {offset: _part(e, node) for offset, node in found.items()}


def diagonal(e: Expr) -> Expr | None:
    """The diagonal of what is diagonal, in the shape of half of its axes; None where it is not diagonal.

    >>> import hesse as hs
    >>> str(diagonal(hs.jacobian(hs.parse("tanh(X)", "X:m,n"), "X")))
    '1 - tanh(X)**2'
    """
    found = e.structured.diagonal
    return None if found is None else _part(e, found)


def blocks(e: Expr) -> tuple[int, Expr] | None:
    """The axis along which the result has blocks, and the blocks: that axis first, the others behind it in order.

    >>> import hesse as hs
    >>> f = hs.parse("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k")
    >>> axis, block = blocks(hs.hessian(f, "U"))
    >>> axis, block.shape, str(block)
    (0, ('m', 'k', 'k'), '2*einsum("jk,i->ijk", V.T @ V, ones(m))')
    """
    found = e.structured.blocks
    return None if found is None else (found[0], _part(e, found[1]))


def kronecker(e: Expr) -> tuple[tuple[Expr, Expr], ...] | None:
    """Pairs (A, B) such that entry [i, j, k, l] is the sum of A[i, k]*B[j, l]; None where there are no such pairs.

    With rows stacked, as `reshape` does, the matrix of the map is the sum of kron(A, B); with columns stacked, as `vec`
    does, that of kron(B, A).

    >>> import hesse as hs
    >>> ((A, B),) = kronecker(hs.derivative(hs.parse("inv(X)", "X:n,n"), "X"))
    >>> str(A), str(B)
    ('inv(X)', '-inv(X).T')
    """
    found = e.structured.factors
    return None if found is None else tuple((_part(e, left), _part(e, right)) for left, right in found)


def low_rank(e: Expr) -> LowRank | None:
    """A matrix as a diagonal and a few outer products; None where it is no such sum.

    >>> import hesse as hs
    >>> found = low_rank(hs.hessian(hs.parse("logsumexp(x)", "x:n"), "x"))
    >>> str(found.diagonal), [(str(u), str(v)) for u, v in found.pairs]
    ('softmax(x)', [('-softmax(x)', 'softmax(x)')])
    """
    found = e.structured.outer
    if found is None:
        return None
    main = None if found.diagonal is None else _part(e, found.diagonal)
    return LowRank(main, tuple((_part(e, u), _part(e, v)) for u, v in found.pairs))


def _part(e: Expr, node: Node) -> Expr:
    result = Result(simplify(node), lambda: e.conditions_found, e.verification, e.known)
    return Expr(result, e._declarations, node.shape, e.readings)
