"""A grammar of well-shaped expressions: for every shape the ways to write an expression of it.

Each production draws the shapes of its parts, so that what comes out fits by construction. Where a function has a
domain, its argument is mostly built to lie in it. The productions read the table of functions: an elementwise
function, a reduction, or a function along an axis is covered by its row; a construction needs a production here.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from hesse.core.declarations import FunctionDeclaration, VariableDeclaration
from hesse.core.nodes import Elementwise, Operator
from hesse.core.sizes import ONE, Size
from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Running,
    Slice,
    Stack,
    Syntax,
    Text,
    Transpose,
    Undefined,
    call,
    free_names,
    number,
    postorder,
)
from hesse.core.syntax import Operator as Symbol
from hesse.functions import FUNCTIONS

from .leaves import EXPONENTS, INDICES, RUNNING, Shape
from .rearrangements import Rearrangements

Production: TypeAlias = Callable[[Shape, int], Syntax]

COMPARISONS: tuple[Symbol, ...] = ("<", "<=", ">", ">=", "==", "!=")

_ELEMENTWISE = [row for row in FUNCTIONS.values() if isinstance(row, Elementwise) and row.name.isidentifier()]
PLAIN = sorted((row for row in _ELEMENTWISE if row.build is None or row.name == "sqrt"), key=lambda row: row.name)
REDUCTIONS = sorted(r.name for r in FUNCTIONS.values() if isinstance(r, Operator) and r.kind == "reduction")
ALONG = sorted(r.name for r in FUNCTIONS.values() if isinstance(r, Operator) and r.kind == "along")


class Grammar(Rearrangements):
    """Everything that can be written of a shape."""

    def whole(self, shape: Shape, fuel: int) -> Syntax:
        """An expression of the shape with its definitions."""
        body = self.expression(shape, fuel)
        bindings = tuple((name, value) for name, value, _ in self.bindings)
        return Definitions(bindings, body) if bindings else body

    def expression(self, shape: Shape, fuel: int) -> Syntax:
        """An expression of the shape: the more fuel, the larger."""
        if fuel <= 0:
            return self.leaf(shape)
        # A definition stands at the front, where no index runs.
        if self.taste.definitions and not self.indices and self.choices.integer(0, 9) == 9:
            return self._defined(shape, fuel)
        productions = [*self._common(), *self.of_rank(shape)]
        return self.choices.pick(productions)(shape, fuel - 1)

    def of_rank(self, shape: Shape) -> list[Production]:
        """What can be written of arrays of this rank only."""
        return (self._scalar, self._vector, self._matrix)[len(shape)](shape)

    def _defined(self, shape: Shape, fuel: int) -> Syntax:
        """A new definition, or one of the same shape bound again, which hides the first one in what follows."""
        value = self.expression(shape, fuel - 1)
        # A definition inside the value came first.
        known = [name for name, _, bound in self.bindings if bound == shape]
        again = known and self.choices.integer(0, 4) == 4
        name = self.choices.pick(known) if again else f"t{len(self.bindings) + 1}"
        self.bindings.append((name, value, shape))
        return Name(name)

    # Arguments that lie in a domain

    def positive(self, shape: Shape, fuel: int) -> Syntax:
        """An expression with positive entries, most of the time."""
        kind = self.choices.integer(0, 9)
        if kind == 9:
            return self.expression(shape, fuel)
        inner = self.expression(shape, fuel - 1)
        if kind < 3:
            return Binary("+", number(1), Binary("**", inner, number(2)))
        if kind < 6:
            return call(self.choices.pick(("exp", "softplus", "sigmoid", "cosh")), inner)
        if kind < 8:
            return Binary("+", call("abs", inner), number(Fraction(1, 2)))
        return Binary("+", number(3), call("sin", inner))

    def bounded(self, shape: Shape, fuel: int) -> Syntax:
        """An expression with entries between -1 and 1, most of the time."""
        inner = self.expression(shape, fuel - 1)
        kind = self.choices.integer(0, 4)
        if kind == 4:
            return inner
        return call("tanh", inner) if kind < 2 else Binary("/", call("sin", inner), number(2))

    def regular(self, size: Size, fuel: int) -> Syntax:
        """A well-conditioned square matrix."""
        kind = self.choices.integer(0, 2)
        eye = call("eye", self.size_tree(size))
        if kind == 0:
            inner = self.expression((size, size), fuel - 1)
            return Binary("+", Binary("*", number(6), eye), call("tanh", inner))
        if kind == 1:
            wide = self.expression((self.choices.pick(self.sizes), size), fuel - 2)
            return Binary("+", Binary("@", Transpose(wide), wide), eye)
        definite = [v.name for v in self.variables.values() if v.shape == (size, size) and "spd" in v.attributes]
        if not definite:
            name = next(n for n in ("K", "L", "M", "Q", "R", "T2", "V", "Z") if n not in self.variables)
            self.variables[name] = VariableDeclaration(name, (size, size), frozenset({"spd"}))
            definite = [name]
        return Name(definite[0])

    def argument(self, relation: str | None, shape: Shape, fuel: int) -> Syntax:
        """An argument that satisfies a row's condition, most of the time."""
        if relation is None or relation == "!= 0":
            return self.expression(shape, fuel)
        return self.bounded(shape, fuel) if relation.startswith("in") else self.positive(shape, fuel)

    # Productions for every shape

    def _common(self) -> list[Production]:
        found: list[Production] = [self._sum, self._sum, self._product, self._product, self._quotient, self._power]
        found += [self._elementwise] * 4 + [self._negative, self._choice, self._leaf]
        if self.taste.functions:
            found += [self._undefined] * 4
        if self.taste.running and len(self.indices) < len(INDICES):
            found += [self._running] * (2 if self.indices else 6)
        return found

    def _running(self, shape: Shape, fuel: int) -> Syntax:
        """A reduction over a running index, whose range follows from its positions or is given."""
        index, size = INDICES[len(self.indices)], self.choices.pick(self.sizes)
        self.indices.append((index, size))
        body = self.expression(shape, fuel)
        self.indices.pop()
        seen = any(isinstance(part, Index) and index in free_names(part) for part in postorder(body))
        start, stop = (None, None) if seen and self.choices.integer(0, 2) else (number(0), self.size_tree(size))
        return Running(self.choices.pick(RUNNING), index, body, start, stop)

    def _leaf(self, shape: Shape, fuel: int) -> Syntax:
        return self.leaf(shape)

    def _negative(self, shape: Shape, fuel: int) -> Syntax:
        return Negative(self.expression(shape, fuel))

    def _sum(self, shape: Shape, fuel: int) -> Syntax:
        left, right = self._sides(shape, fuel, scaled=False)
        return Binary(self.choices.pick(("+", "-")), left, right)

    def _product(self, shape: Shape, fuel: int) -> Syntax:
        left, right = self._sides(shape, fuel, scaled=True)
        return Binary("*", left, right)

    def _sides(self, shape: Shape, fuel: int, scaled: bool) -> tuple[Syntax, Syntax]:
        """Two operands that broadcast to the shape; `*` does not take a matrix and a vector."""
        smaller = [shape, shape, shape, ()]
        if len(shape) == 2:
            smaller += [(ONE, shape[1]), (shape[0], ONE)] if scaled else [shape[1:], (ONE, shape[1])]
        sides = [shape, self.choices.pick(smaller)]
        if self.choices.integer(0, 1):
            sides.reverse()
        return self.expression(sides[0], fuel // 2), self.expression(sides[1], fuel // 2)

    def _quotient(self, shape: Shape, fuel: int) -> Syntax:
        if self.choices.integer(0, 2) == 2:
            return Binary("/", self.expression(shape, fuel // 2), self.expression(shape, fuel // 2))
        return Binary("/", self.expression(shape, fuel // 2), self.positive(self.choices.pick((shape, ())), fuel // 2))

    def _power(self, shape: Shape, fuel: int) -> Syntax:
        if self.choices.integer(0, 5) == 5:
            exponent = self.expression(self.choices.pick((shape, ())), fuel // 3)
            return Binary("**", self.positive(shape, fuel // 2), exponent)
        value = self.choices.pick(EXPONENTS)
        base = self.expression(shape, fuel) if value.denominator == 1 else self.positive(shape, fuel)
        return Binary("**", base, self.exact(value))

    def _elementwise(self, shape: Shape, fuel: int) -> Syntax:
        special = self.choices.integer(0, 15)
        if special == 15:
            order = number(self.choices.integer(0, 2))
            return call("polygamma", order, self.positive(shape, fuel // 2))
        if special == 14:
            low = self.choices.pick((-1, 0, 1))
            return call(
                "clip", self.expression(shape, fuel - 1), self.exact(Fraction(low)), self.exact(Fraction(low + 1))
            )
        row = self.choices.pick(PLAIN)
        domain = row.domain or (None,) * row.arity
        parts = [self.argument(relation, shape, fuel // row.arity) for relation in domain]
        return call(row.name, *parts)

    def _choice(self, shape: Shape, fuel: int) -> Syntax:
        side = self.choices.pick((shape, ()))
        condition = Binary(
            self.choices.pick(COMPARISONS), self.expression(shape, fuel // 4), self.expression(side, fuel // 4)
        )
        return call("where", condition, self.expression(shape, fuel // 3), self.expression(shape, fuel // 3))

    def _undefined(self, shape: Shape, fuel: int) -> Syntax:
        """A value or a derivative of an undefined function with a result of this shape."""
        fitting = [("phi", k) for k in (0, 0, 1, 2)]
        n = self.functions["u"].domain[0] if "u" in self.functions else self.sizes[0]
        m = self.functions["g"].codomain[0] if "g" in self.functions else self.sizes[-1]
        shapes = {("u", 0): (), ("u", 1): (n,), ("u", 2): (n, n), ("g", 0): (m,), ("g", 1): (m, n)}
        fitting += [key for key, result in shapes.items() if result == shape] * 2
        name, order = self.choices.pick(fitting)
        domain, codomain = {"phi": ((), ()), "u": ((n,), ()), "g": ((n,), (m,))}[name]
        self.functions.setdefault(name, FunctionDeclaration(name, domain, codomain))
        return Undefined(name, order, self.expression(domain if domain else shape, fuel))

    # Scalars

    def _scalar(self, shape: Shape) -> list[Production]:
        found: list[Production] = [*[self._reduced] * 6, *[self._dot] * 3]
        found += [self._determinant, self.reduced_flat]
        return [*found, self._trace, self._entry, self._einsum, self._einsum, self._squared_norm, self._strided]

    def _reduced(self, shape: Shape, fuel: int) -> Syntax:
        """A reduction of all entries, or along the axis that the shape does not have."""
        function = self.choices.pick(("sum", "sum", "mean", *REDUCTIONS))
        if not shape:
            inner = tuple(self.size() for _ in range(self.choices.integer(1, 2)))
            axis = self.choices.pick((None, None, 0)) if len(inner) == 1 else None
            return Call(function, (self.expression(inner, fuel),), axis)
        place = self.choices.integer(0, len(shape))
        inner = (*shape[:place], self.size(), *shape[place:])
        axis = place if self.choices.integer(0, 1) else place - len(inner)
        return Call(function, (self.expression(inner, fuel),), axis)

    def _dot(self, shape: Shape, fuel: int) -> Syntax:
        inner = (self.size(),)
        parts = self.expression(inner, fuel // 2), self.expression(inner, fuel // 2)
        return Binary("@", *parts) if self.choices.integer(0, 4) else call("dot", *parts)

    def _trace(self, shape: Shape, fuel: int) -> Syntax:
        return call("trace", self.expression((self.size(),) * 2, fuel))

    def _determinant(self, shape: Shape, fuel: int) -> Syntax:
        if self.choices.integer(0, 1):
            return call("logdet", self.regular(self.size(), fuel))
        return call("det", self.regular(self.size(), fuel // 2))

    def _squared_norm(self, shape: Shape, fuel: int) -> Syntax:
        inner = tuple(self.size() for _ in range(self.choices.integer(1, 2)))
        return Binary("**", call("norm", self.expression(inner, fuel)), number(2))

    def _entry(self, shape: Shape, fuel: int) -> Syntax:
        """Positions along one axis or two, from either end."""
        count = self.choices.integer(1, 2 - len(shape))
        taken = [self.size() for _ in range(count)]
        items = tuple(self._position(size) for size in taken)
        if shape and self.choices.integer(0, 1):
            whole = Slice(None, None, None)
            return Index(self.expression((*shape, *taken), fuel), (whole, *items))
        return Index(self.expression((*taken, *shape), fuel), items)

    def _position(self, size: Size) -> Syntax:
        last = size.as_int()
        kind = self.choices.integer(0, 2)
        if kind == 0 or last == 1:
            return number(0)
        if kind == 1:
            return Negative(number(1))
        return number(last - 1) if last is not None else self.size_tree(size - ONE)

    def _einsum(self, shape: Shape, fuel: int) -> Syntax:
        """Products over shared letters; a letter may stand twice in one operand."""
        out = "ij"[: len(shape)]
        sizes = dict(zip(out, shape, strict=True))
        sizes.update({letter: self.size() for letter in "kl"})
        letters = sorted(sizes)
        count = self.choices.integer(1, 3)
        terms = ["".join(self.choices.pick(letters) for _ in range(self.choices.integer(1, 2))) for _ in range(count)]
        for letter in out:
            if not any(letter in term for term in terms):
                terms.append(letter)
        operands = [self.expression(tuple(sizes[c] for c in term), fuel // len(terms)) for term in terms]
        return call("einsum", Text(f"{','.join(terms)}->{out}"), *operands)

    # Vectors

    def _vector(self, shape: Shape) -> list[Production]:
        found: list[Production] = [*[self._matrix_vector] * 3, *[self._reduced] * 2, self._entry, self._einsum]
        found += [self._diagpart, self._along, self.filled, self._solved, self._window, self._window, self._gather]
        found += self.rearranged(shape)
        return found + ([self._stacked] * 4 if shape[0].as_int() is not None else [])

    def _matrix_vector(self, shape: Shape, fuel: int) -> Syntax:
        inner = self.size()
        if self.choices.integer(0, 1):
            return Binary("@", self.expression((*shape, inner), fuel // 2), self.expression((inner,), fuel // 2))
        return Binary("@", self.expression((inner,), fuel // 2), self.expression((inner, *shape), fuel // 2))

    def _diagpart(self, shape: Shape, fuel: int) -> Syntax:
        return call("diagpart", self.expression(shape * 2, fuel))

    def _along(self, shape: Shape, fuel: int) -> Syntax:
        axis = self.choices.pick((None, *range(-len(shape), len(shape))))
        return Call(self.choices.pick(ALONG), (self.expression(shape, fuel),), axis)

    def _solved(self, shape: Shape, fuel: int) -> Syntax:
        regular = self.regular(shape[0], fuel // 2)
        right = self.expression(shape, fuel // 2)
        return call("solve", regular, right) if self.choices.integer(0, 1) else Binary("@", call("inv", regular), right)

    def _window(self, shape: Shape, fuel: int) -> Syntax:
        """A slice that leaves out entries at the ends, takes every other one, or runs backwards."""
        items, before = zip(*(self._slice(size) for size in shape), strict=True)
        if len(shape) == 2 and self.choices.integer(0, 1):
            return Index(self.expression(before, fuel), items)
        axis = self.choices.integer(0, len(shape) - 1)
        items = (*[Slice(None, None, None)] * axis, items[axis])
        return Index(self.expression((*shape[:axis], before[axis], *shape[axis + 1 :]), fuel), items)

    def _slice(self, size: Size) -> tuple[Slice, Size]:
        """A slice with this many entries, and the size of the axis that it is taken from."""
        literal = size.as_int()
        first, last = number(1), Negative(number(1))
        return self.choices.pick(
            (
                (Slice(first, None, None), size + ONE),
                (Slice(None, last, None), size + ONE),
                (Slice(None, None, last), size),
                (Slice(first, last, None), size + 2),
                (Slice(first, self.size_tree(size + ONE), None), size + 2),
                (Slice(None, None, number(2)), size + (literal or 0)),
            )[: 6 if literal else 5]
        )

    def _strided(self, shape: Shape, fuel: int) -> Syntax:
        """A reduction of every other entry."""
        start = self.choices.pick((None, number(1)))
        part = Index(self.expression((self.sizes[0],), fuel), (Slice(start, None, number(2)),))
        return call(self.choices.pick(("sum", "mean", *REDUCTIONS)), part)

    def _gather(self, shape: Shape, fuel: int) -> Syntax:
        """Entries, or rows, by an index array."""
        known = [v for v in self.variables.values() if v.index is not None and v.shape == shape[:1]]
        if not known:
            name = ("idx", "jdx")[any(v.index is not None for v in self.variables.values())]
            if name in self.variables:
                return self.leaf(shape)
            self.variables[name] = VariableDeclaration(name, shape[:1], frozenset(), self.choices.pick(self.sizes))
            known = [self.variables[name]]
        assert known[0].index is not None
        return Index(self.expression((known[0].index, *shape[1:]), fuel), (Name(known[0].name),))

    def _stacked(self, shape: Shape, fuel: int) -> Syntax:
        count = shape[0].as_int()
        assert count is not None
        return Stack(tuple(self.expression(shape[1:], fuel // count) for _ in range(count)))

    # Matrices

    def _matrix(self, shape: Shape) -> list[Production]:
        found: list[Production] = [*[self._matrix_product] * 3, *[self._transpose] * 2, *[self._outer] * 2]
        found += [self._along, self._einsum, self.filled, self._window, self._gather]
        if shape[0] == shape[1]:
            found += [self._diagonal, self._diagonal, self._eye, self._inverse, self._matrix_power]
        found += self.rearranged(shape)
        return found + ([self._stacked] * 3 if shape[0].as_int() is not None else [])

    def _matrix_product(self, shape: Shape, fuel: int) -> Syntax:
        inner = self.size()
        left, right = self.expression((shape[0], inner), fuel // 2), self.expression((inner, shape[1]), fuel // 2)
        return Binary("@", left, right)

    def _transpose(self, shape: Shape, fuel: int) -> Syntax:
        inner = self.expression(shape[::-1], fuel)
        return Transpose(inner) if self.choices.integer(0, 3) else call("transpose", inner)

    def _outer(self, shape: Shape, fuel: int) -> Syntax:
        return call("outer", self.expression(shape[:1], fuel // 2), self.expression(shape[1:], fuel // 2))

    def _diagonal(self, shape: Shape, fuel: int) -> Syntax:
        return call("diag", self.expression(shape[:1], fuel))

    def _eye(self, shape: Shape, fuel: int) -> Syntax:
        return call("eye", self.size_tree(shape[0]))

    def _inverse(self, shape: Shape, fuel: int) -> Syntax:
        return call("inv", self.regular(shape[0], fuel))

    def _matrix_power(self, shape: Shape, fuel: int) -> Syntax:
        k = self.choices.pick((2, 3, 0, -1, -2))
        inner = self.regular(shape[0], fuel) if k < 0 else self.expression(shape, fuel)
        return call("matpow", inner, self.exact(Fraction(k)))
