"""Products, sums and transposes of matrices that use what is known about them instead of building them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from hesse.codegen import selections
from hesse.codegen.indexing import Indexing, Item, Range
from hesse.codegen.matrices import (
    MAX_WEIGHT,
    Dense,
    Factor,
    Inverse,
    Kron,
    Matrix,
    Outer,
    Part,
    Selection,
    Triangle,
    added,
    as_part,
    matrix,
    negated,
    scaled,
)
from hesse.codegen.terms import Term, Terms, matmul_shape
from hesse.core.nodes import Shape

MAX_EXPANDED = 16


class Products:
    """The operations on terms that know the structure of matrices."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.indexing = Indexing(terms)
        self._known: dict[Term, Matrix] = {}

    def known(self, term: Term) -> Matrix:
        """What is known about a matrix."""
        return self._known.get(term) or matrix(Dense(term))

    def note(self, term: Term, value: Matrix) -> Term:
        """The term, after its structure has been noted where there is any."""
        if value.weight <= MAX_WEIGHT and value != matrix(Dense(term)):
            self._known[term] = value
        return term

    # Constructors of matrices

    def diag(self, vector: Term) -> Term:
        """The diagonal matrix."""
        vector = self.terms.real(vector)
        shape = vector.shape * 2
        term = self.terms.make("diag", (vector,), (), shape)
        return self.note(term, matrix(Selection(None, vector, None, shape)))

    def eye(self, size: Term, shape: Shape) -> Term:
        """The identity matrix."""
        term = self.terms.make("eye", (size,), (), shape)
        return self.note(term, matrix(Selection(None, None, None, shape)))

    def outer(self, left: Term, right: Term) -> Term:
        """The outer product."""
        left, right = self.terms.real(left), self.terms.real(right)
        return self.note(self.terms.outer(left, right), matrix(Outer(left, right)))

    def inverse(self, term: Term) -> Term:
        """The inverse; of a diagonal matrix the diagonal matrix of reciprocals."""
        match self.single(term):
            case Selection(diagonal=True, weights=None):
                return term
            case Selection(diagonal=True, weights=Term() as weights):
                return self.diag(self.terms.arithmetic("/", self.terms.number(1), weights))
            case Inverse(term=inner):
                return inner
            case Kron(left=a, right=b) if a.shape[0] == a.shape[1] and b.shape[0] == b.shape[1]:
                return self.kron(self.inverse(a), self.inverse(b), term.shape)
            case _:
                term = self.terms.real(term)
                return self.note(self.terms.make("inv", (term,), (), term.shape), matrix(Inverse(term)))

    def kron(self, left: Term, right: Term, shape: Shape) -> Term:
        """The Kronecker product of two matrices, or of two vectors."""
        left, right = self.terms.real(left), self.terms.real(right)
        term = self.terms.make("kron", (left, right), (), shape)
        return self.note(term, matrix(Kron(left, right))) if len(shape) == 2 else term

    def reshape(self, term: Term, shape: Shape) -> Term:
        """The entries in C order in another shape."""
        term = self.terms.real(term)
        if term.head == "full":
            return self.terms.full(shape, term.arguments[0])
        while term.head == "reshape":
            term = term.arguments[0]
        if term.shape == shape:
            return term
        # One size fits by itself.
        sizes = [self.terms.size(size) for size in shape] if len(shape) > 1 else []
        return self.terms.make("reshape", (term, *sizes), (), shape)

    def placed(self, rows: Part, known: Matrix, axis: int) -> Matrix:
        """The matrix with its rows placed by a selection; along axis 1 its columns."""
        if axis:
            return self._transposed(self.placed(rows, self._transposed(known), 0))
        return Matrix(tuple(self._joined(rows, part) for part in known.parts))

    def settled(self, term: Term, known: Matrix) -> Term:
        """The term of a matrix known to be a sum of parts; assembled, where they have few entries."""
        small = known.weight <= MAX_WEIGHT
        return self.note(self._dense(known) if known.selections and small else term, known)

    def single(self, term: Term) -> Factor | None:
        """The only factor of a matrix that is neither scaled nor negative."""
        match self.known(term).parts:
            case (Part(factors=(factor,), negative=False, scale=()),):
                return factor
            case _:
                return None

    # Elementwise operations

    def negative(self, term: Term) -> Term:
        """-term."""
        if term.rank != 2:
            return self.indexing.negative(term)
        known = negated(self.known(term))
        match self.single(term):
            case Selection(weights=Term() as weights, diagonal=True):
                return self.diag(self.negative(weights))
            case _:
                return self.note(self.indexing.negative(term), known)

    def arithmetic(self, operator: str, left: Term, right: Term) -> Term:
        """left operator right, elementwise."""
        if operator in "+-":
            return self._sum(operator, left, right)
        if operator == "*" and not left.rank and right.rank:
            return self._scaled("*", left, right)
        if operator in "*/" and left.rank and not right.rank:
            return self._scaled(operator, right, left)
        result = self.terms.arithmetic(operator, left, right)
        if operator == "*" and left.rank == 2 and right.rank == 1 and left.shape[1:] == right.shape:
            diagonal = matrix(Selection(None, right, None, right.shape * 2))
            return self.note(result, self._product(self.known(left), diagonal))
        return result

    def _scaled(self, operator: str, scalar: Term, array: Term) -> Term:
        """scalar * array or array / scalar; of a diagonal or selection only the entries are touched."""
        if array.rank != 2:
            return self.indexing.scaled(operator, scalar, array)
        known = scaled(self.known(array), operator, scalar)
        match self.single(array):
            case Selection(weights=Term()):
                return self.note(self._dense(known), known)
            case _:
                return self.note(self.indexing.scaled(operator, scalar, array), known)

    def _sum(self, operator: str, left: Term, right: Term) -> Term:
        if left.rank != 2 or left.shape != right.shape:
            return self.indexing.add(operator, left, right)
        total = added(self.known(left), self.known(right), operator == "-")
        if total.selections and total.weight <= MAX_WEIGHT:
            return self.note(self._dense(total), total)
        result = self.indexing.add(operator, left, right)
        return result if total.dense else self.note(result, total)

    def transpose(self, term: Term) -> Term:
        """The term with its axes reversed."""
        if term.rank != 2:
            return self.terms.transpose(term)
        known = self._transposed(self.known(term))
        cheap = known.sparse and not known.selections
        return self.note(self._dense(known) if cheap else self.terms.transpose(term), known)

    def _transposed(self, value: Matrix) -> Matrix:
        return Matrix(
            tuple(
                Part(tuple(map(self._transposed_factor, reversed(part.factors))), part.negative, part.scale)
                for part in value.parts
            )
        )

    def _transposed_factor(self, factor: Factor) -> Factor:
        match factor:
            case Dense(term=term):
                return Dense(self.terms.transpose(term))
            case Inverse(term=term):
                return Inverse(self.transpose(term))
            case Outer(left=left, right=right):
                return Outer(right, left)
            case Kron(left=left, right=right):
                return Kron(self.transpose(left), self.transpose(right))
            case Triangle(term=term, upper=upper):
                return Triangle(self.terms.transpose(term), not upper)
            case Selection():
                return factor.transposed
            case Matrix():
                return self._transposed(factor)

    def index(self, operand: Term, items: Sequence[Item]) -> Term:
        """operand[items]; rows of a diagonal matrix are a selection."""
        plain = self.indexing.index(operand, items)
        factor = self.single(operand) if operand.rank == 2 else None
        kept = list(items)
        while kept and kept[-1] == Range():
            kept.pop()
        if not isinstance(factor, Selection) or not factor.diagonal or not kept or kept[:-1] not in ([], [Range()]):
            return plain
        return self._rows_of_diagonal(plain, factor, len(kept) - 1, kept[-1])

    def _rows_of_diagonal(self, plain: Term, factor: Selection, axis: int, item: Item) -> Term:
        weights = None if factor.weights is None else self.indexing.index(factor.weights, (item,))
        if isinstance(item, Term) and not item.rank:
            value = weights or self.terms.number(1)
            return self.indexing.place(plain.shape, 0, item, value)
        rows, columns = (item, None) if axis else (None, item)
        chosen = matrix(Selection(rows, weights, columns, plain.shape))
        return self.note(plain if isinstance(item, Range) else self._dense(chosen), chosen)

    # Products

    def matmul(self, left: Term, right: Term) -> Term:
        """left @ right."""
        shape = matmul_shape(left, right)
        if left.rank == right.rank == 1:
            return self.terms.matmul(left, right)
        if right.rank == 1:
            return self._act(self.known(left), right, before=True)
        if left.rank == 1:
            return self._act(self.known(right), left, before=False)
        product = self._product(self.known(left), self.known(right))
        (left, left_part), (right, right_part) = self._stripped(left), self._stripped(right)
        result = self._rescaled(right_part, self._rescaled(left_part, self._bare_product(left, right)))
        result = self.negative(result) if left_part.negative != right_part.negative else result
        assert result.shape == shape
        return self.note(result, product)

    def _bare_product(self, left: Term, right: Term) -> Term:
        """The product of two matrices that are neither scaled nor negative."""
        one, other = self.known(left), self.known(right)
        product = self._product(one, other)
        if one.short and other.short and product.short:
            return self._dense(product)
        if other.sparse:
            return self._act(other, left, before=False)
        if one.short:
            return self._act(one, right, before=True)
        return self._act(other, left, before=False) if other.short else self.terms.matmul(left, right)

    def _stripped(self, term: Term) -> tuple[Term, Part]:
        """The term without sign and scalars, and a part without factors that has them."""
        negative, scale = False, []
        while True:
            match term:
                case Term(head="negative", arguments=(inner,)):
                    negative = not negative
                case Term(head="*" | "/" as operator, arguments=(inner, Term(rank=0) as scalar)):
                    scale.append((operator, scalar))
                case Term(head="*", arguments=(Term(rank=0) as scalar, inner)):
                    scale.append(("*", scalar))
                case _:
                    return term, Part((), negative, tuple(reversed(scale)))
            term = inner

    def _product(self, left: Matrix, right: Matrix) -> Matrix:
        """The product of two known matrices; sums of sparse ones are multiplied out."""
        if left.sparse and right.sparse and len(left.parts) * len(right.parts) <= MAX_EXPANDED:
            return Matrix(tuple(self._joined(one, other) for one in left.parts for other in right.parts))
        return Matrix((self._joined(as_part(left), as_part(right)),))

    def _joined(self, left: Part, right: Part) -> Part:
        factors = left.factors + right.factors
        match left, right:
            case Part(factors=(Outer(left=u, right=v),)), _:
                factors = (Outer(u, self._act_chain(right.factors, v, before=False)),)
            case _, Part(factors=(Outer(left=u, right=v),)):
                factors = (Outer(self._act_chain(left.factors, u, before=True), v),)
            case _:
                merged = self._merged(left.factors[-1], right.factors[0])
                if merged is not None:
                    factors = (*left.factors[:-1], merged, *right.factors[1:])
        return Part(factors, left.negative != right.negative, left.scale + right.scale)

    def _merged(self, left: Factor, right: Factor) -> Factor | None:
        """The product of neighbours as one factor, where it is one."""
        match left, right:
            case Selection(identity=True), _:
                return right
            case _, Selection(identity=True):
                return left
            case Selection(), Selection():
                return selections.product(self.indexing, left, right)
            case _:
                return None

    # A known matrix times a vector or a dense matrix

    def _act(self, value: Matrix, operand: Term, before: bool) -> Term:
        """value @ operand (`before`) or operand @ value, summand by summand, chains from the operand outwards."""
        results = [(self._act_part(part, operand, before), part.negative) for part in value.parts]
        return self._total(results)

    def _total(self, results: Sequence[tuple[Term, bool]]) -> Term:
        """The signed sum; it begins with the first positive summand, so that it needs no leading minus."""
        first = next((k for k, (_, negative) in enumerate(results) if not negative), 0)
        term, negative = results[first]
        start = self.negative(term) if negative else term
        rest = [result for k, result in enumerate(results) if k != first]
        return reduce(lambda total, item: self._sum("-" if item[1] else "+", total, item[0]), rest, start)

    def _act_part(self, part: Part, operand: Term, before: bool) -> Term:
        return self._rescaled(part, self._act_chain(part.factors, operand, before))

    def _act_chain(self, factors: Sequence[Factor], operand: Term, before: bool) -> Term:
        for factor in reversed(factors) if before else factors:
            operand = self._act_factor(factor, operand, before)
        return operand

    def _rescaled(self, part: Part, term: Term) -> Term:
        for operator, scalar in part.scale:
            term = self.arithmetic(operator, *((term, scalar) if operator == "/" else (scalar, term)))
        return term

    def _act_factor(self, factor: Factor, operand: Term, before: bool) -> Term:
        match factor:
            case Dense(term=term):
                return self.terms.matmul(*((term, operand) if before else (operand, term)))
            case Inverse(term=term):
                return self._solve(term, operand, before)
            case Outer(left=u, right=v):
                near, far = (v, u) if before else (u, v)
                product = self.terms.matmul(*((near, operand) if before else (operand, near)))
                if operand.rank == 1:
                    return self.terms.arithmetic("*", far, product)
                return self.outer(*((far, product) if before else (product, far)))
            case Triangle(upper=upper):
                return selections.added_up(self.indexing, operand, 0 if before else operand.rank - 1, upper == before)
            case Kron(left=left, right=right):
                return self._act_kron(left, right, operand, before)
            case Selection():
                return selections.act(self.indexing, factor if before else factor.transposed, operand, before)
            case Matrix():
                return self._act(factor, operand, before)

    def _act_kron(self, left: Term, right: Term, operand: Term, before: bool) -> Term:
        """kron(left, right) @ operand or operand @ kron(left, right), for a vector without the product."""
        if operand.rank == 2:
            shape = (left.shape[0] * right.shape[0], left.shape[1] * right.shape[1])
            whole = self.terms.make("kron", (left, right), (), shape)
            return self.terms.matmul(*((whole, operand) if before else (operand, whole)))
        if not before:
            left, right = self.transpose(left), self.transpose(right)
        middle = self.reshape(operand, (left.shape[1], right.shape[1]))
        result = self.matmul(self.matmul(left, middle), self.transpose(right))
        return self.reshape(result, (left.shape[0] * right.shape[0],))

    def _solve(self, term: Term, operand: Term, before: bool) -> Term:
        """inv(term) @ operand or operand @ inv(term), without the inverse."""
        operand = self.terms.real(operand)
        if before:
            return self.terms.make("solve", (term, operand), (), operand.shape)
        turned = self.terms.transpose(operand)
        return self.terms.transpose(self.terms.make("solve", (self.transpose(term), turned), (), turned.shape))

    # Building a known matrix after all

    def _dense(self, value: Matrix) -> Term:
        """The matrix itself."""
        if value.selections:
            return selections.assembled(self.indexing, value)
        return self._total([(self._dense_part(part), part.negative) for part in value.parts])

    def _dense_part(self, part: Part) -> Term:
        (factor,) = part.factors
        match factor:
            case Selection(diagonal=False):
                return selections.assembled(self.indexing, Matrix((replace(part, negative=False),)))
            case Selection(weights=Term() as weights):
                return self.diag(self._rescaled(part, weights))
            case Selection():
                return self._rescaled(part, self.eye(self.terms.size(factor.shape[0]), factor.shape))
            case Outer(left=u, right=v):
                return self._rescaled(part, self.outer(u, v))
            case Kron(left=a, right=b):
                shape = (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])
                return self._rescaled(part, self.kron(a, b, shape))
            case Inverse(term=term):
                return self._rescaled(part, self.inverse(term))
            case Triangle(term=term):
                return self._rescaled(part, term)
            case Dense(term=term):
                return self._rescaled(part, term)
            case Matrix():
                return self._rescaled(part, self._dense(factor))
