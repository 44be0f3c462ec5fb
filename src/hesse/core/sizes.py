"""Sizes of axes: integer polynomials in size names, with floor division.

Every size name stands for an integer of at least 1. Two sizes compare as equal, different or unknown; nothing is
ever guessed: `n` and `m` are unknown, `n` and `n + 1` are different.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from hesse.errors import ArgumentError

FLOORS = 8
"""How many floors a size may be typed with. Floors nest, and sizes are walked by recursion."""
UNWRITTEN = "?#"
"""What begins the names of sizes that a notation leaves out; no user can write it."""
REMEMBERED = 4096
"""How many sums, products and comparisons of sizes are kept: the same few are asked for over and over."""
Atom: TypeAlias = "str | Floor"
Monomial: TypeAlias = tuple[tuple[Atom, int], ...]


@dataclass(frozen=True)
class Floor:
    """The atom floor(numerator / divisor), for a divisor of at least 2."""

    numerator: Size
    divisor: int

    def __str__(self) -> str:
        name = self.numerator.as_name()
        return f"{name or f'({self.numerator})'}//{self.divisor}"


def _atom_key(atom: Atom) -> tuple[int, str]:
    return (0, atom) if isinstance(atom, str) else (1, str(atom))


def _monomial_key(monomial: Monomial) -> tuple[int, tuple[tuple[int, str, int], ...]]:
    degree = sum(power for _, power in monomial)
    return (-degree, tuple((*_atom_key(atom), -power) for atom, power in monomial))


@dataclass(frozen=True)
class Size:
    """A polynomial: ordered pairs of a monomial and its integer coefficient, none zero."""

    terms: tuple[tuple[Monomial, int], ...]

    @staticmethod
    def of(value: int | str | Size) -> Size:
        """The size given as an integer, as one size name, or already as a size."""
        if isinstance(value, Size):
            return value
        if isinstance(value, str):
            return Size(((((value, 1),), 1),))
        return Size((((), value),)) if value else ZERO

    @staticmethod
    def collect(coefficients: Mapping[Monomial, int]) -> Size:
        """The polynomial with these coefficients, in canonical order."""
        kept = [(monomial, c) for monomial, c in coefficients.items() if c]
        return Size(tuple(sorted(kept, key=lambda term: _monomial_key(term[0]))))

    @cached_property
    def _hash(self) -> int:
        return hash(self.terms)

    def __hash__(self) -> int:
        return self._hash

    def __add__(self, other: int | Size) -> Size:
        return _sum(self, Size.of(other))

    def __sub__(self, other: int | Size) -> Size:
        return self + Size.of(other) * -1

    def __mul__(self, other: int | Size) -> Size:
        return _product(self, Size.of(other))

    def __floordiv__(self, divisor: int) -> Size:
        if divisor < 1:
            raise ArgumentError(f"a size can be divided by a positive integer only, not by {divisor}")
        if divisor == 1:
            return self
        # Multiples of the divisor leave the floor exactly: floor((k*d + r) / d) = k + floor(r / d).
        whole = {monomial: c // divisor for monomial, c in self.terms}
        rest = Size.collect({monomial: c % divisor for monomial, c in self.terms})
        rest, divisor = _single_floor(rest, divisor)
        constant = rest.as_int()
        floor = ZERO if constant is not None else Size(((((Floor(rest, divisor), 1),), 1),))
        return Size.collect(whole) + floor

    @property
    def names(self) -> frozenset[str]:
        """The size names that occur."""
        return frozenset(self._names())

    def _names(self) -> Iterator[str]:
        for monomial, _ in self.terms:
            for atom, _ in monomial:
                if isinstance(atom, str):
                    yield atom
                else:
                    yield from atom.numerator.names

    def as_int(self) -> int | None:
        """The integer this size is, or None when it is symbolic."""
        if not self.terms:
            return 0
        monomial, c = self.terms[0]
        return c if not monomial else None

    @property
    def unwritten(self) -> bool:
        """Whether a notation leaves the size out, as of a vector of ones: it is what meets it, without broadcasting."""
        name = self.as_name()
        return name is not None and name.startswith(UNWRITTEN)

    def as_name(self) -> str | None:
        """The name, when the size is a single size name."""
        if len(self.terms) == 1:
            monomial, c = self.terms[0]
            if c == 1 and len(monomial) == 1:
                atom, power = monomial[0]
                if power == 1 and isinstance(atom, str):
                    return atom
        return None

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The integer value for the given sizes. Raises KeyError for a size that is not given."""
        total = 0
        for monomial, c in self.terms:
            product = c
            for atom, power in monomial:
                if isinstance(atom, str):
                    value = sizes[atom]
                else:
                    value = atom.numerator.evaluate(sizes) // atom.divisor
                product *= value**power
            total += product
        return total

    def substitute(self, sizes: Mapping[str, Size]) -> Size:
        """The size with names replaced by sizes."""
        total = ZERO
        for monomial, c in self.terms:
            product = Size.of(c)
            for atom, power in monomial:
                if isinstance(atom, str):
                    factor = sizes.get(atom, Size.of(atom))
                else:
                    factor = atom.numerator.substitute(sizes) // atom.divisor
                for _ in range(power):
                    product = product * factor
            total = total + product
        return total

    def sign(self) -> int | None:
        """-1, 0 or 1 when the sign is the same for all size names of at least 1, else None."""
        constant = self.as_int()
        if constant is not None:
            return (constant > 0) - (constant < 0)
        if any(isinstance(atom, Floor) for monomial, _ in self.terms for atom, _ in monomial):
            return None
        # With n = 1 + k, k >= 0, a polynomial whose coefficients share a sign keeps that sign.
        shifted = self.substitute({name: Size.of(name) + 1 for name in self.names})
        at_least = dict(shifted.terms).get((), 0)
        if all(c > 0 for _, c in shifted.terms) and at_least > 0:
            return 1
        if all(c < 0 for _, c in shifted.terms) and at_least < 0:
            return -1
        return None

    def public(self) -> int | str:
        """The size as users see it: an integer or text."""
        constant = self.as_int()
        return str(self) if constant is None else constant

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        if not self.terms:
            return "0"
        # A positive term first: `n-1` rather than `-1+n`.
        ordered = sorted(self.terms, key=lambda term: term[1] < 0)
        text = ""
        for monomial, c in ordered:
            alone = c == 1 and len(monomial) == 1 and monomial[0][1] == 1
            name = "*".join(_power_text(atom, power, alone) for atom, power in monomial)
            magnitude = str(abs(c)) if not name else name if abs(c) == 1 else f"{abs(c)}*{name}"
            sign = "-" if c < 0 else "+" if text else ""
            text += sign + magnitude
        return text


def _power_text(atom: Atom, power: int, alone: bool) -> str:
    # As one factor of several, a floor needs brackets: 2*(n//2) is not 2*n//2.
    text = str(atom) if alone or isinstance(atom, str) else f"({atom})"
    return text if power == 1 else f"{text}**{power}"


def _single_floor(numerator: Size, divisor: int) -> tuple[Size, int]:
    """A quotient of a floor as one: floor((floor(p / d) + r) / c) = floor((p + r*d) / (c*d))."""
    for monomial, coefficient in numerator.terms:
        if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1 and isinstance(monomial[0][0], Floor):
            inner = monomial[0][0]
            rest = numerator - Size(((monomial, 1),))
            return inner.numerator + rest * inner.divisor, inner.divisor * divisor
    return numerator, divisor


@lru_cache(REMEMBERED)
def _sum(left: Size, right: Size) -> Size:
    coefficients = dict(left.terms)
    for monomial, c in right.terms:
        coefficients[monomial] = coefficients.get(monomial, 0) + c
    return Size.collect(coefficients)


@lru_cache(REMEMBERED)
def _product(left: Size, right: Size) -> Size:
    coefficients: dict[Monomial, int] = {}
    for one, c in left.terms:
        for other, d in right.terms:
            monomial = _multiply(one, other)
            coefficients[monomial] = coefficients.get(monomial, 0) + c * d
    return Size.collect(coefficients)


def _multiply(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: _atom_key(item[0])))


def equal(left: Size, right: Size) -> bool | None:
    """True when the sizes are always equal, False when never, None when it depends."""
    return left.terms == right.terms or _equal(left, right)


@lru_cache(REMEMBERED)
def _equal(left: Size, right: Size) -> bool | None:
    sign = (left - right).sign()
    return None if sign is None else sign == 0


def product(sizes: tuple[Size, ...]) -> Size:
    """The product of the sizes; 1 for none."""
    total = ONE
    for size in sizes:
        total = total * size
    return total


def quotient(dividend: Size, divisor: Size) -> Size | None:
    """The size that times the divisor is the dividend, as polynomials; None when there is none."""
    if not divisor.terms:
        return None
    (lead, c), rest, found = divisor.terms[0], dividend, ZERO
    while rest.terms:
        monomial, d = rest.terms[0]
        left = dict(monomial)
        for atom, power in lead:
            left[atom] = left.get(atom, 0) - power
        if d % c or min(left.values(), default=0) < 0:
            return None
        term = Size(((tuple((atom, power) for atom, power in left.items() if power), d // c),))
        found, rest = found + term, rest - term * divisor
    return found


ZERO = Size(())
ONE = Size((((), 1),))
