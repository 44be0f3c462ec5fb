"""Determinants, inverses and powers of matrices: what is shorter in terms of one another.

Each rule gives the shorter node or None. They hold wherever the left side is defined.
"""

from __future__ import annotations

from hesse.core.algebra import add, contract, number_value
from hesse.core.build import matmul, operate
from hesse.core.canonical import Factor
from hesse.core.nodes import Apply, Contract, Node, Operation, Sum
from hesse.functions.elementwise import EXP, LOG
from hesse.functions.linear_algebra import DET, LOGDET, MATPOW, matrix_power
from hesse.functions.operators import INV
from hesse.simplify.rewrites import rewrite

MAX_TERMS = 16


@rewrite("log and det combine")
def log_of_determinant(node: Node) -> Node | None:
    """log(det(u)) = logdet(u) and exp(logdet(u)) = det(u)."""
    match node:
        case Apply(row=outer, arguments=(Operation(row=inner, arguments=(u,)),)):
            if outer is LOG and inner is DET:
                return operate(LOGDET, (u,))
            if outer is EXP and inner is LOGDET:
                return operate(DET, (u,))
    return None


def _as_power(node: Node) -> tuple[Node, int]:
    """(base, k) of a factor that is base to the power k."""
    k = 1
    while isinstance(node, Operation):
        if node.row is INV:
            (node,), k = node.arguments, -k
        elif node.row is MATPOW:
            exponent = number_value(node.arguments[1])
            assert exponent is not None
            node, k = node.arguments[0], k * int(exponent)
        else:
            break
    return node, k


@rewrite("powers of a matrix combine")
def chain_of_powers(node: Node) -> Node | None:
    """matpow(A, i) @ matpow(A, j) = matpow(A, i + j) and inv(A) @ A = eye(n), inside a longer chain too.

    A product of two powers of the same sign is merged only if one is written as a power already.
    """
    if not isinstance(node, Contract):
        return None
    powers = [(k, *_as_power(factor)) for k, (factor, axes) in enumerate(node.factors) if len(axes) == 2]
    for i, base, p in powers:
        for j, other, q in powers:
            if i == j or base is not other or not (p * q < 0 or max(abs(p), abs(q)) > 1):
                continue
            (first, joined), (again, last) = node.factors[i][1], node.factors[j][1]
            if joined == again and isinstance(joined, int) and _uses(node, joined) == 2:
                size = base.shape[0]
                eye = contract([], (0, 0), {0: size}, base.shape)
                merged = eye if p + q == 0 else matrix_power(base, p + q)
                rest = [pair for k, pair in enumerate(node.factors) if k not in (i, j)]
                factors: list[Factor] = [*rest, (merged, (first, last))]
                extents = {label: extent for label, extent in enumerate(node.extents) if label != joined}
                return contract(factors, node.out, extents, node.shape)
    return None


def _uses(node: Contract, label: int) -> int:
    """How often a plain label stands in the product; a window or a table on it counts as many."""
    axes = [*node.out, *(axis for _, places in node.factors for axis in places)]
    return sum(axis == label if isinstance(axis, int) else 3 * (getattr(axis, "label", None) == label) for axis in axes)


@rewrite("powers of a matrix combine")
def power_beside_product(node: Node) -> Node | None:
    """matpow(A, 2) + A @ A = 2*matpow(A, 2), for any power: what the derivative of a power leaves behind."""
    if not isinstance(node, Sum) or not 2 <= len(node.terms) <= MAX_TERMS:
        return None
    coefficients = {term: coefficient for coefficient, term in node.terms}
    for coefficient, term in node.terms:
        for written in _written_out(term):
            if written in coefficients and written is not term:
                rest = [(c, t) for c, t in node.terms if t is not term and t is not written]
                return add([*rest, (coefficient + coefficients[written], term)], node.shape)
    return None


def _written_out(term: Node) -> list[Node]:
    """The term with one matrix power written as a product."""
    labels = tuple(range(term.rank))
    factors: tuple[Factor, ...] = term.factors if isinstance(term, Contract) else ((term, labels),)
    found: list[Node] = []
    for k, (factor, axes) in enumerate(factors):
        if isinstance(factor, Operation) and factor.row is MATPOW:
            base, exponent = factor.arguments
            chain = base
            for _ in range(int(number_value(exponent) or 1) - 1):
                chain = matmul(chain, base)
            parts = [*factors[:k], (chain, axes), *factors[k + 1 :]]
            out, extents = (term.out, term.extents) if isinstance(term, Contract) else (labels, term.shape)
            found.append(contract(parts, out, dict(enumerate(extents)), term.shape))
    return found


RULES = (log_of_determinant, chain_of_powers, power_beside_product)
