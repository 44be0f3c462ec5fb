"""The expression as it will be computed: interned array operations with shapes, and their arithmetic.

A `Term` is one array operation of a program. Structurally equal terms of one table are one object, so a
subexpression that occurs twice is found, and named, by counting references. Structure of matrices (diagonal, rank one,
selection) is dealt with in `matrices`, before terms are made.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from hesse.core.build import common_shape, shape_text
from hesse.core.nodes import Shape
from hesse.core.size_trees import by_number
from hesse.core.sizes import ONE, ZERO, Atom, Size, equal
from hesse.core.syntax import COMPARISONS
from hesse.errors import ShapeError

Dtype: TypeAlias = Literal["number", "real", "integer", "boolean"]
"""What a term is at run time: a Python number, float64, possibly integers, or truth values. The last two must not meet
every operation unconverted: exp of a truth value is a float16, the sum of two their disjunction, and NumPy's integers
have no negative powers."""
ENTRYWISE = frozenset(
    "+ - * / ** negative < <= > >= == != exp expm1 log log1p sqrt sin cos tan arcsin arccos arctan sinh cosh tanh abs "
    "sign maximum minimum where logaddexp sigmoid softplus gelu xlogy erf gammaln digamma power".split()
)
"""Operations on entries, with broadcasting."""
VIEWS = frozenset(
    {"variable", "transpose", "index", "column", "diagpart", "reshape", "expanded", "swapped", "contiguous"}
)
"""Operations whose value may lie in the memory of their first argument."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One operation, its arguments, what else it needs to know, and what it yields. Equality is identity."""

    head: str
    arguments: tuple[Term, ...]
    options: tuple[Any, ...]
    shape: Shape
    dtype: Dtype

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)


def postorder(*roots: Term, known: Container[Term] = ()) -> list[Term]:
    """Every distinct term once, arguments before their users, without recursion; nothing below those `known`."""
    order: list[Term] = []
    done: set[Term] = set()
    stack: list[tuple[Term, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        term, ready = stack.pop()
        if term in done:
            continue
        if ready:
            done.add(term)
            order.append(term)
            continue
        stack.append((term, True))
        if term not in known:
            stack.extend((argument, False) for argument in reversed(term.arguments))
    return order


def owner(term: Term) -> Term:
    """The operation whose memory the value may lie in."""
    while term.head in VIEWS and term.arguments:
        term = term.arguments[0]
    return term


class Terms:
    """The table of the terms of one program, with the constructors that keep types and values right."""

    def __init__(self) -> None:
        self._table: dict[tuple[str, tuple[Term, ...], tuple[Any, ...]], Term] = {}

    def make(
        self,
        head: str,
        arguments: Sequence[Term] = (),
        options: tuple[Any, ...] = (),
        shape: Shape = (),
        dtype: Dtype = "real",
    ) -> Term:
        """The one term with this content."""
        key = (head, tuple(arguments), options)
        return self._table.setdefault(key, Term(*key, shape, dtype))

    # Leaves

    def number(self, value: Fraction | int) -> Term:
        """A literal."""
        return self.make("number", (), (Fraction(value), False), dtype="number")

    def variable(self, name: str, shape: Shape, integer: bool = False) -> Term:
        """A declared variable."""
        return self.make("variable", (), (name,), shape, "integer" if integer else "real")

    def constant(self, name: str) -> Term:
        """pi or e."""
        return self.make("constant", (), (name,), dtype="number")

    def size(self, size: Size) -> Term:
        """A size as a scalar."""
        constant, name = size.as_int(), size.as_name()
        if constant is not None:
            return self.number(constant)
        if name is not None:
            return self.make("size", (), (name,), dtype="number")
        # A positive term first: n - 1 rather than -1 + n.
        ordered = sorted(size.terms, key=lambda term: term[1] < 0)
        total: Term | None = None
        for monomial, coefficient in ordered:
            term = self._monomial(monomial, abs(coefficient) if total else coefficient)
            total = term if total is None else self.arithmetic("-" if coefficient < 0 else "+", total, term)
        assert total is not None
        return total

    def _monomial(self, monomial: tuple[tuple[Atom, int], ...], coefficient: int) -> Term:
        product: Term | None = None if coefficient == 1 and monomial else self.number(coefficient)
        for atom, exponent in monomial:
            if isinstance(atom, str):
                base = self.size(Size.of(atom))
            else:
                base = self.arithmetic("//", self.size(atom.numerator), self.number(atom.divisor))
            power = base if exponent == 1 else self.arithmetic("**", base, self.number(exponent))
            product = power if product is None else self.arithmetic("*", product, power)
        assert product is not None
        return product

    # Conversion of types

    def real(self, term: Term) -> Term:
        """The term in a form that is a float, or a Python number, at run time."""
        if term.dtype in ("integer", "boolean"):
            return self.make("*", (self.as_float(self.number(1)), term), (), term.shape)
        return term

    def as_float(self, term: Term) -> Term:
        """A literal written with a decimal point, so that an array made from it is not one of integers."""
        if term.head == "number":
            return self.make("number", (), (term.options[0], True), dtype="number")
        if term.dtype == "number" and term.head != "constant":
            return self.make("float", (term,))
        return self.real(term)

    def _matched(self, left: Term, right: Term) -> tuple[Term, Term]:
        """The operands; truth values are made numbers unless the other operand does so."""
        if "boolean" not in (left.dtype, right.dtype) or "real" in (left.dtype, right.dtype):
            return left, right
        if left.head == "number":
            return self.as_float(left), right
        if right.head == "number":
            return left, self.as_float(right)
        return (left, self.real(right)) if left.dtype != "boolean" else (self.real(left), right)

    # Arithmetic

    def negative(self, term: Term) -> Term:
        """-term."""
        if term.head == "number":
            return self.number(-term.options[0])
        if term.head == "negative":
            return term.arguments[0]
        if term.head == "full":
            return self.full(term.shape, self.negative(term.arguments[0]))
        if term.head == "@" and term.arguments[0].head == "-":
            # Of a difference that is multiplied: the other difference, which costs nothing.
            (left, right), other = term.arguments[0].arguments, term.arguments[1]
            return self.make("@", (self.arithmetic("-", right, left), other), term.options, term.shape, term.dtype)
        real = self.real(term)
        return self.make("negative", (real,), (), real.shape, real.dtype)

    def arithmetic(self, operator: str, left: Term, right: Term) -> Term:
        """left operator right, elementwise."""
        if operator in COMPARISONS:
            return self.make(operator, (left, right), (), common_shape(left.shape, right.shape), "boolean")
        if operator == "**":
            return self._power(left, right)
        if operator == "//":
            return self.make("//", (left, right), dtype="number")
        if operator in "+-" and (right.head == "negative" or _is_negative_number(right)):
            operator, right = "-+"["+-".index(operator)], self.negative(right)
        filled = self._filled(operator, left, right)
        if filled is not None:
            return filled
        left, right = self._matched(left, right)
        if operator == "/" and left.dtype == right.dtype == "number" and not _never_zero(right):
            # A Python number would raise where NumPy yields inf or nan.
            right = self.make("float", (right,))
        shape = common_shape(left.shape, right.shape)
        return self.make(operator, (left, right), (), shape, _result(operator, left, right))

    def _filled(self, operator: str, left: Term, right: Term) -> Term | None:
        """A number times or over a constant array as a constant array, or None."""
        if operator == "*" and right.head == "full" and not left.rank:
            return self._filled("*", right, left)
        if operator in "*/" and left.head == "full" and not right.rank:
            value = left.arguments[0]
            plain = operator == "*" and is_one(value)
            return self.full(left.shape, right if plain else self.arithmetic(operator, value, right))
        return None

    def full(self, shape: Shape, value: Term) -> Term:
        """The array whose entries are all the value, a scalar."""
        sizes = [self.size(size) for size in shape]
        return self.make("full", (self.as_float(value), *sizes), (), shape)

    def _power(self, base: Term, exponent: Term) -> Term:
        shape = common_shape(base.shape, exponent.shape)
        value: Fraction | None = exponent.options[0] if exponent.head == "number" else None
        one = self.number(1)
        if value == Fraction(1, 2):
            return self.function("sqrt", (base,))
        if value in (Fraction(-1), Fraction(-1, 2)):
            below = base if value == -1 else self.function("sqrt", (base,))
            return self.arithmetic("/", one, below)
        if base.dtype in ("integer", "boolean"):
            base = self.real(base)
        exponent = self.real(exponent)
        if base.dtype == exponent.dtype == "number":
            if value is not None and value.denominator == 1 and value >= 0:
                return self.make("**", (base, exponent), (), shape, "number")
            # Python's own power turns complex where NumPy's yields nan.
            base = self.make("float", (base,))
        return self.make("**", (base, exponent), (), shape)

    def function(self, name: str, arguments: Sequence[Term], truth: bool = False) -> Term:
        """An elementwise function; `where` takes its condition as it is."""
        shape = common_shape(*(argument.shape for argument in arguments))
        condition, values = (arguments[:1], arguments[1:]) if name == "where" else ((), arguments)
        values = [self.real(value) for value in values]
        numbers = all(value.dtype == "number" for value in values)
        if numbers:
            values = [self.as_float(value) if value.head == "number" else value for value in values]
        whole = numbers and all(value.head != "number" for value in values)
        return self.make(name, (*condition, *values), (), shape, "boolean" if truth else "integer" if whole else "real")

    def reduce(self, name: str, term: Term, axis: int | None, shape: Shape) -> Term:
        """A reduction, or a function along an axis."""
        if name == "sum" and term.dtype == "boolean":
            return self.make(name, (term,), (axis,), shape, "integer")
        return self.make(name, (self.real(term),), (axis,), shape)

    # Arrays

    def transpose(self, term: Term) -> Term:
        """The term with its axes reversed."""
        if term.rank < 2:
            return term
        if term.head == "transpose":
            return term.arguments[0]
        return self.make("transpose", (term,), (), term.shape[::-1], term.dtype)

    def matmul(self, left: Term, right: Term) -> Term:
        """left @ right for vectors and dense matrices; sums where one is a constant vector."""
        shape = matmul_shape(left, right)
        for constant, other, axis in ((right, left, left.rank - 1), (left, right, 0)):
            if constant.head == "full" and constant.rank == 1:
                sums = self.reduce("sum", other, None if other.rank == 1 else axis, shape)
                value = constant.arguments[0]
                return sums if is_one(value) else self.arithmetic("*", value, sums)
        left, right = self._matched(left, right)
        return self.make("@", (left, right), (), shape)

    def column(self, vector: Term) -> Term:
        """The vector as a column that broadcasts over the rows of a matrix."""
        return self.make("column", (vector,), (), (*vector.shape, ONE), vector.dtype)

    def outer(self, left: Term, right: Term) -> Term:
        """The dense outer product of two vectors."""
        return self.make("outer", (self.real(left), self.real(right)), (), left.shape + right.shape)

    def stack(self, items: Sequence[Term]) -> Term:
        """The items along a new first axis."""
        items = [self.as_float(item) if item.head == "number" else self.real(item) for item in items]
        whole = all(item.dtype == "number" and item.head != "number" for item in items)
        return self.make("stack", items, (), (Size.of(len(items)), *items[0].shape), "integer" if whole else "real")


def matmul_shape(left: Term, right: Term) -> Shape:
    """The shape of left @ right; raises ShapeError when there is none."""
    if not (1 <= left.rank <= 2 and 1 <= right.rank <= 2) or not equal(left.shape[-1], right.shape[0]):
        raise ShapeError(f"`@` cannot join {shape_text(left.shape)} and {shape_text(right.shape)}")
    return left.shape[:-1] + right.shape[1:]


def as_size(term: Term) -> Size | None:
    """The size that a term built of literals and sizes is, or None."""
    match term.head:
        case "number":
            value = term.options[0]
            return Size.of(int(value)) if value.denominator == 1 else None
        case "size":
            return Size.of(term.options[0])
        case "negative":
            inner = as_size(term.arguments[0])
            return None if inner is None else ZERO - inner
        case "+" | "-" | "*":
            left, right = (as_size(argument) for argument in term.arguments)
            if left is None or right is None:
                return None
            return left * right if term.head == "*" else left + right if term.head == "+" else left - right
        case "//" | "**":
            base, number = (as_size(argument) for argument in term.arguments)
            return None if base is None or number is None else by_number(term.head, base, number)
        case _:
            return None


def _result(operator: str, left: Term, right: Term) -> Dtype:
    kinds = {left.dtype, right.dtype}
    if kinds == {"number"}:
        return "number"
    return "integer" if operator != "/" and kinds <= {"number", "integer"} else "real"


def is_one(term: Term) -> bool:
    """Whether the term is the literal 1."""
    return term.head == "number" and term.options[0] == 1


def _is_negative_number(term: Term) -> bool:
    return term.head == "number" and bool(term.options[0] < 0)


def _never_zero(term: Term) -> bool:
    size = as_size(term)
    return (term.head in ("number", "constant") and term.options[0] != 0) or (size is not None and size.sign() == 1)
