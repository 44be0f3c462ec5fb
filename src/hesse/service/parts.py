"""What a structured result is made of, as expressions: its bands, diagonal, blocks, Kronecker factors, outer products.

Sizes stay symbolic. The parts hold where the whole does, and are as far verified as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from hesse.core.declarations import Declarations
from hesse.core.nodes import Node
from hesse.core.syntax import Call, Name, Syntax, Transpose
from hesse.facts.covers import scaled
from hesse.notation.back import to_syntax
from hesse.render.latex import to_latex
from hesse.render.text import to_text
from hesse.render.unicode import to_unicode
from hesse.service.expression import Expr
from hesse.service.result import Result
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


@dataclass(frozen=True)
class Vectorised:
    """∂vec(F)/∂vec(X)ᵀ as a sum of Kronecker products, with columns stacked by vec."""

    name: str
    variable: str
    order: int
    terms: tuple[tuple[Fraction, Syntax, Syntax], ...]
    declarations: Declarations

    def left(self, notation: str) -> str:
        """What is written: ∂vec(F)/∂vec(X), or for a Hessian ∂²f/∂vec(X)∂vec(X)."""
        name, variable = (_WRITERS[notation](Name(each), self.declarations) for each in (self.name, self.variable))
        match notation, self.order:
            case "latex", 1:
                vec = r"\operatorname{vec}"
                return rf"\frac{{\partial {vec}({name})}}{{\partial {vec}({variable})^\top}}"
            case "latex", _:
                vec = rf"\operatorname{{vec}}({variable})"
                return rf"\frac{{\partial^2 {name}}}{{\partial {vec} \, \partial {vec}^\top}}"
            case "unicode", 1:
                return f"∂vec({name})/∂vec({variable})ᵀ"
            case "unicode", _:
                return f"∂²{name}/∂vec({variable}) ∂vec({variable})ᵀ"
            case _, 1:
                return f"dvec({name})/dvec({variable})"
            case _:
                return f"d2{name}/dvec({variable}) dvec({variable})"

    def right(self, notation: str) -> str:
        """The sum of products: kron(B.T, A) in text, Bᵀ ⊗ A else."""
        text = "".join(self._term(*term, notation) for term in self.terms).removeprefix(" + ")
        text = f"-{text[3:]}" if text.startswith(" - ") else text
        return text.replace("-", "−") if notation == "unicode" else text

    def _term(self, coefficient: Fraction, left: Syntax, right: Syntax, notation: str) -> str:
        sign = " - " if coefficient < 0 else " + "
        number = "" if abs(coefficient) == 1 else str(abs(coefficient))
        write = _WRITERS[notation]
        if notation == "text":
            front = f"{number}*" if number else ""
            return f"{sign}{front}kron({write(left, self.declarations)}, {write(right, self.declarations)})"
        times = " ⊗ " if notation == "unicode" else r" \otimes "
        product = times.join(self._operand(each, notation) for each in (left, right))
        return f"{sign}{number} ({product})" if number else sign + product

    def _operand(self, tree: Syntax, notation: str) -> str:
        text = _WRITERS[notation](tree, self.declarations)
        return text if isinstance(tree, (Name, Call, Transpose)) else f"({text})"


def vectorised(e: Expr, name: str = "") -> Vectorised | None:
    """The derivative of a matrix by a matrix, or the Hessian by a matrix, by Kronecker products; None if it has none.

    >>> import hesse as hs
    >>> found = vectorised(hs.derivative(hs.parse("A @ X @ B", "A:m,n X:n,k B:k,p"), "X"))
    >>> found.left("text"), found.right("text"), found.right("unicode")
    ('dvec(F)/dvec(X)', 'kron(B.T, A)', 'Bᵀ ⊗ A')
    """
    origin, pairs = e.origin, e.structured.factors
    if origin is None or pairs is None or origin.stacked or origin.inputs != 2:
        return None
    terms = []
    for (p, left), (q, right) in ((scaled(a), scaled(b)) for a, b in pairs):
        terms.append((p * q, to_syntax(right, e.known, simplify), to_syntax(left, e.known, simplify)))
    taken = {entry.name for entry in e._declarations} | set(e._declarations.size_names)
    free = (each for each in ("FGH" if origin.outputs else "fhq") if each not in taken)
    return Vectorised(name or next(free, "result"), origin.names[0], origin.order, tuple(terms), e._declarations)


_WRITERS: Mapping[str, Callable[[Syntax, Declarations], str]] = {
    "text": to_text,
    "unicode": to_unicode,
    "latex": to_latex,
}


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
