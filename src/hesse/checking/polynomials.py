"""Polynomials over atoms, with rational exponents: what is left of a formula when it is taken apart.

An atom stands for a quantity that is not taken apart further; a sum that stands in a denominator, or under a root, is
an atom too, and knows the polynomial that it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from hesse.errors import LimitError

MAX_TERMS = 300
MAX_POWER = 8
ONE = Fraction(1)


@dataclass(frozen=True)
class Atom:
    """`kind` and `key` say what it is, canonically; `inner` is the polynomial of its argument, if it has one.

    A "sum" is its inner polynomial itself, "abs" the absolute value of it; cos² + sin² = 1 is known for "cos" and "sin"
    of the same key. `positive` says that its value is known to be positive.
    """

    kind: str
    key: str
    inner: Polynomial | None = field(default=None, compare=False)
    positive: bool = field(default=False, compare=False)


Monomial: TypeAlias = frozenset[tuple[Atom, Fraction]]
UNIT: Monomial = frozenset()


@dataclass(frozen=True, eq=False)
class Polynomial:
    """Coefficients, none of them zero, by monomial."""

    terms: Mapping[Monomial, Fraction]

    @staticmethod
    def of(terms: Iterable[tuple[Monomial, Fraction]]) -> Polynomial:
        """The sum of the terms. Raises LimitError where there are too many."""
        found: dict[Monomial, Fraction] = {}
        for monomial, coefficient in terms:
            found[monomial] = found.get(monomial, Fraction(0)) + coefficient
        if len(found) > MAX_TERMS:
            raise LimitError(f"the normal form has more than {MAX_TERMS} terms")
        return Polynomial({monomial: coefficient for monomial, coefficient in found.items() if coefficient})

    @staticmethod
    def number(value: Fraction | int) -> Polynomial:
        """The constant."""
        return Polynomial.of([(UNIT, Fraction(value))])

    @staticmethod
    def atom(atom: Atom, exponent: Fraction = ONE) -> Polynomial:
        """The power of an atom."""
        return Polynomial({frozenset({(atom, exponent)}): ONE})

    @property
    def key(self) -> str:
        """A text that is the same for equal polynomials only."""
        return " + ".join(f"{c} {_text(m)}" for m, c in sorted(self.terms.items(), key=lambda item: _text(item[0])))

    @property
    def single(self) -> tuple[Monomial, Fraction] | None:
        """The only term, or None."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None

    @property
    def atoms(self) -> frozenset[Atom]:
        """The atoms that occur."""
        return frozenset(atom for monomial in self.terms for atom, _ in monomial)

    def __add__(self, other: Polynomial) -> Polynomial:
        return Polynomial.of([*self.terms.items(), *other.terms.items()])

    def __mul__(self, other: Polynomial) -> Polynomial:
        if len(self.terms) * len(other.terms) > MAX_TERMS**2 // 4:
            raise LimitError("the normal form has too many products")
        return Polynomial.of(
            (times(one, two), a * b) for one, a in self.terms.items() for two, b in other.terms.items()
        )

    def scaled(self, factor: Fraction | int) -> Polynomial:
        """The polynomial times a number."""
        return Polynomial.of((monomial, factor * c) for monomial, c in self.terms.items())

    def power(self, exponent: Fraction) -> Polynomial:
        """The power; of a sum with a negative or a broken exponent, or with a high one, that of an atom."""
        alone = self.single
        whole = exponent.denominator == 1
        if alone is not None:
            monomial, coefficient = alone
            plain = all(atom.positive for atom, _ in monomial) or (len(monomial) == 1 and next(iter(monomial))[1] == 1)
            if whole or (coefficient == 1 and plain):
                raised = frozenset((atom, e * exponent) for atom, e in monomial)
                return Polynomial({raised: coefficient ** int(exponent) if whole else ONE})
        elif whole and 0 <= exponent <= MAX_POWER:
            result = Polynomial.number(1)
            for _ in range(int(exponent)):
                result = result * self
            return result
        if not whole or alone is not None or not self.terms:
            return Polynomial.atom(Atom("sum", self.key, self), exponent)
        factor, monomial, monic = self.normalised()
        outside = Polynomial({frozenset((atom, e * exponent) for atom, e in monomial): factor ** int(exponent)})
        return outside * Polynomial.atom(Atom("sum", monic.key, monic), exponent)

    def normalised(self) -> tuple[Fraction, Monomial, Polynomial]:
        """A number and a monomial, and what is left of a sum without them: the same for all its multiples."""
        lowest = {atom: min(dict(m).get(atom, Fraction(0)) for m in self.terms) for atom in self.atoms}
        shared = frozenset((atom, e) for atom, e in lowest.items() if e)
        inverse = frozenset((atom, -e) for atom, e in shared)
        rest = {times(m, inverse): c for m, c in self.terms.items()}
        factor = rest[min(rest, key=_text)]
        return factor, shared, Polynomial({m: c / factor for m, c in rest.items()})

    def replaced(self, atom: Atom, by: Polynomial, period: int = 1) -> Polynomial:
        """The polynomial with atom**period replaced; what is left of its exponents stays."""
        found = Polynomial.number(0)
        for monomial, coefficient in self.terms.items():
            exponent = dict(monomial).get(atom, Fraction(0))
            count = int(exponent // period)
            left = exponent - count * period
            rest = frozenset(item for item in monomial if item[0] != atom)
            rest = rest | {(atom, left)} if left else rest
            found = found + Polynomial({rest: coefficient}) * by.power(Fraction(count))
        return found

    def cleared(self, atom: Atom) -> Polynomial:
        """The polynomial times the power of the atom that leaves no negative exponent of it."""
        lowest = min((dict(m).get(atom, Fraction(0)) for m in self.terms), default=Fraction(0))
        return self if lowest >= 0 else self * Polynomial.atom(atom, -lowest)

    def vanishes(self) -> bool:
        """Whether it is zero wherever it is defined, by what is known of its atoms."""
        left = self
        for _ in range(MAX_TERMS):
            atom = next((atom for atom in _ordered(left.atoms) if _known(atom, left)), None)
            if atom is None:
                return not left.terms
            left = left.cleared(atom)
            match atom.kind:
                case "sum":
                    assert atom.inner is not None
                    left = left.replaced(atom, atom.inner)
                case "abs":
                    assert atom.inner is not None
                    left = left.replaced(atom, atom.inner * atom.inner, 2)
                case _:
                    square = Polynomial.atom(Atom("sin", atom.key, atom.inner), Fraction(2))
                    left = left.replaced(atom, Polynomial.number(1) + square.scaled(-1), 2)
        return False


def times(one: Monomial, other: Monomial) -> Monomial:
    """The product of two monomials."""
    if not one or not other:
        return one or other
    exponents = dict(one)
    for atom, exponent in other:
        exponents[atom] = exponents.get(atom, Fraction(0)) + exponent
    return frozenset((atom, exponent) for atom, exponent in exponents.items() if exponent)


def _known(atom: Atom, among: Polynomial) -> bool:
    """Whether something is known of a power of the atom that occurs."""
    exponents = [dict(monomial).get(atom, Fraction(0)) for monomial in among.terms]
    period = {"sum": 1, "abs": 2, "cos": 2}.get(atom.kind)
    return period is not None and (min(exponents) < 0 or max(exponents) >= period)


def _ordered(atoms: Iterable[Atom]) -> list[Atom]:
    """The atoms, those that hold others inside of them first."""
    return sorted(atoms, key=lambda atom: (-_depth(atom), atom.kind, atom.key))


def _depth(atom: Atom) -> int:
    if atom.kind != "sum" or atom.inner is None:
        return 0
    return 1 + max((_depth(inner) for inner in atom.inner.atoms), default=0)


def _text(monomial: Monomial) -> str:
    return " ".join(sorted(f"{atom.kind}({atom.key})^{exponent}" for atom, exponent in monomial))
