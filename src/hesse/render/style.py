"""What a typeset notation must know how to write; the layout of mathematics is the same for all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from hesse.core.function import Row
from hesse.render.precedence import Level, Rope


@dataclass(frozen=True, slots=True)
class Piece:
    """Typeset mathematics: a core, in front of it scalar factors and numbers, in front of those perhaps a minus."""

    text: Rope = ""
    level: Level = Level.ATOM
    negative: bool = False
    numbers: Rope = ""
    scalars: Rope = ""
    number: Fraction | None = None  # the magnitude, when the piece is nothing but a number
    tall: bool = False  # higher than a line: brackets must grow
    inline: Rope = ""  # a built-up fraction, in line
    transposed: Piece | None = None  # the transpose, where it can be written better than with a sign
    entries: tuple[Rope, ...] | None = None  # of a vector that is written by its entries


class Style(ABC):
    """One notation."""

    minus: ClassVar[str]
    hadamard: ClassVar[str]
    entry_division: ClassVar[str] = ""
    """The sign of the quotient of entries by those of a matrix; empty where it is written like any quotient."""
    tells_rows: ClassVar[bool] = False
    """Whether a matrix of one row or column is told apart from a vector: its rows are written as rows of their own."""
    sized_deltas: ClassVar[bool] = False
    """Whether a delta is written only where the size of its indices shows, and an entry of the identity elsewhere."""
    encloses_comparisons: ClassVar[bool] = False
    """Whether an expression that is a comparison stands in brackets, lest it be taken for an equation."""
    dot: ClassVar[str]
    transposition: ClassVar[str]
    ones: ClassVar[str]
    relations: ClassVar[Mapping[str, str]]

    @abstractmethod
    def template(self, row: Row) -> str:
        """How a row writes its function; empty for the ordinary way."""

    @abstractmethod
    def name(self, stem: str, subscript: str, rank: int) -> str:
        """A name in its pretty form."""

    @abstractmethod
    def plain_name(self, name: str, rank: int) -> str:
        """A name letter by letter."""

    @abstractmethod
    def function(self, name: str) -> str:
        """The name of a function without a notation of its own."""

    @abstractmethod
    def number(self, value: Fraction) -> Piece:
        """A nonnegative number."""

    @abstractmethod
    def coefficient(self, value: Fraction) -> Rope:
        """A nonnegative number in front of a product."""

    @abstractmethod
    def bracket(self, text: Rope, tall: bool, square: bool = False) -> Rope:
        """The text in brackets."""

    @abstractmethod
    def stretched(self, literal: str) -> str:
        """The delimiters of a template, when what they enclose is tall."""

    @abstractmethod
    def gap(self, left: str, right: str) -> str:
        """What stands between two factors that end and begin with these strings."""

    @abstractmethod
    def needs_dot(self, text: str) -> bool:
        """Whether a dot stands between a number and the text, which would run together."""

    @abstractmethod
    def power(self, base: Rope, exponent: Rope, plain: int | None, simple: bool, hadamard: bool) -> Rope:
        """A power; `plain` is the exponent when it is an integer, `simple` says that it needs no brackets."""

    @abstractmethod
    def fraction(self, numerator: Rope, denominator: Rope) -> Rope | None:
        """A built-up fraction, or None where fractions are written in line."""

    @abstractmethod
    def floor(self, text: Rope) -> Rope:
        """The text between the signs of rounding down."""

    @abstractmethod
    def subscript(self, items: Sequence[str]) -> str:
        """The items as a subscript."""

    @abstractmethod
    def sizes(self, items: Sequence[str]) -> str:
        """What fills the templates of arrays that are given by their sizes."""

    @abstractmethod
    def summation(self, indices: Sequence[str]) -> str:
        """The sign of a sum over the indices, with what separates it from the summand."""

    @abstractmethod
    def running(self, function: str, index: str, ends: tuple[str, str] | None, given: bool) -> str:
        """The sign of a sum or product, or a function's name, with a running index and its first and last value, where
        they are known; `given` says that they were written and do not follow from the sizes."""

    @abstractmethod
    def derivative(self, name: str, order: int, kind: str) -> str:
        """The derivative of an undefined function; `kind` is "entrywise", "scalar" or "vector"."""

    @abstractmethod
    def column(self, entries: Sequence[Rope]) -> Rope:
        """The vector of the entries."""

    @abstractmethod
    def matrix(self, rows: Sequence[Sequence[Rope]]) -> Rope:
        """The matrix of the rows."""

    @abstractmethod
    def quoted(self, text: str) -> str:
        """A string of letters."""

    @abstractmethod
    def where(self, body: str, definitions: Sequence[tuple[str, str]]) -> str:
        """The expression followed by what its names stand for."""
