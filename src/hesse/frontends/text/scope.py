"""What the names of a text mean, and the questions to ask where a name may be something else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from hesse.core.declarations import Declarations, FunctionDeclaration, VariableDeclaration
from hesse.core.function import reduces
from hesse.errors import AmbiguousError, ParseError, Span, UnknownNameError
from hesse.frontends.text.tokens import Token
from hesse.frontends.text.vocabulary import PAIRWISE, canonical, reserved
from hesse.functions import FUNCTIONS

CONSTANTS = {"e": "Euler's number", "pi": "π"}
_WORDS = {
    "None": "`None` stands only in an index, for a new axis: `x[:, None]`",
    "True": "write 1",
    "False": "write 0",
}
_NUMBERED = re.compile(r"(.*?)_?([0-9]+)")
_LETTERS_DIGITS = re.compile(r"(?:[^\W\d_]+[0-9]+){2,}")


INFINITY = "inf"
"""The order of the norm that is the largest absolute value, unless it is declared."""


@dataclass(slots=True)
class Scope:
    """The names known at the place being read: declared, and defined so far; `present` holds those the text uses.

    `exponents` are the names that stand only as an exponent, such as T in `A^T`.
    """

    variables: dict[str, VariableDeclaration]
    functions: dict[str, FunctionDeclaration]
    sizes: frozenset[str]
    present: frozenset[str]
    exponents: frozenset[str]
    defined: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    _unknown: set[str] = field(default_factory=set)

    @staticmethod
    def of(declarations: Declarations, tokens: list[Token]) -> Scope:
        """The scope at the start of a text."""
        pairs = [(token, after) for token, after in pairwise(tokens) if token.kind == "name"]
        used = {token.value for token, after in pairs if (after.kind, after.value) != ("open", "(")}
        sizes = frozenset(declarations.size_names)
        present = frozenset({*used, *declarations.variables, *sizes, "pi", "π"})
        exponents = frozenset(used - _bases(tokens))
        return Scope(
            declarations.variables, declarations.functions, sizes, present, exponents, running=_running(tokens)
        )

    def is_value(self, name: str) -> bool:
        """Whether the name is declared or defined as a value."""
        return name in self.variables or name in self.sizes or name in self.defined or name in self.running

    def constant(self, name: str) -> str:
        """What the name stands for as a constant; empty when it is none or means something else here."""
        return "" if self.is_value(name) else CONSTANTS.get(name, "")

    def check_value(self, name: str, span: Span) -> None:
        """Raises the question or the error that the name raises where it stands for a value."""
        if self.is_value(name) or name in CONSTANTS or name in self._unknown:
            return
        if name in self.functions or reserved(name):
            raise ParseError(f"`{name}` is a function and needs an argument", span=span, hint=f"write `{name}(...)`")
        if name in _WORDS:
            raise ParseError(f"`{name}` is not in the notation", span=span, hint=_WORDS[name])
        self._check_entry(name, span)
        self._check_function(name, span)
        self._check_split(name, span)
        self._unknown.add(name)

    def check_new(self, name: str, span: Span) -> None:
        """Raises an error when a definition cannot take the name."""
        declared = name in self.variables or name in self.sizes or name in self.functions
        if declared or reserved(name):
            kind = "declared" if declared else "a function"
            hint = "choose another name for the definition"
            raise ParseError(f"`{name}` is {kind} and cannot be defined", span=span, hint=hint)

    def _check_entry(self, name: str, span: Span) -> None:
        """Raises for x1 where x is a declared vector: an entry of it, most likely."""
        match = _NUMBERED.fullmatch(name)
        variable = self.variables.get(match[1]) if match else None
        if match is None or variable is None or not variable.shape:
            return
        entry = _entry(variable, match[2])
        kind = "vector" if len(variable.shape) == 1 else "matrix" if len(variable.shape) == 2 else "array"
        raise UnknownNameError(
            f"`{name}` is not declared, but the {kind} `{variable.name}` is",
            span=span,
            hint=f"did you mean {entry}? Indices start at 0; otherwise declare `{name}`",
        )

    def _check_function(self, name: str, span: Span) -> None:
        """Asks about sinx where x is present: a function without its brackets, most likely."""
        for length in range(len(name) - 1, 1, -1):
            head, rest = name[:length], name[length:]
            if reserved(head) and rest in self.present:
                raise AmbiguousError(
                    f"`{name}` is not declared: is it one name, which then must be declared, or `{head}` of `{rest}`?",
                    (f"{head}({rest})",),
                    span=span,
                )

    def transposed_product(self, name: str) -> tuple[str, ...]:
        """The factors of `Ax` in x^TAx, where the name begins with T and the rest is made of names that are present."""
        rest = name[1:] if name.startswith("T") and not self.is_value(name) else ""
        if rest in self.present:
            return (rest,)
        return tuple(_split(rest, self.present)) if rest else ()

    def _check_split(self, name: str, span: Span) -> None:
        """Asks about xy where x and y are present: a product, perhaps."""
        pieces = _split(name, self.present)
        if not pieces and _LETTERS_DIGITS.fullmatch(name):
            pieces = re.findall(r"\D+\d+", name)
        if not pieces:
            return
        factors = [self._factor(piece) for piece in pieces]
        readings = ["*".join(factors)]
        if all(self._may_be_array(piece) for piece in pieces):
            readings.insert(0, " @ ".join(factors))
        shown = ", ".join(f"`{factor}`" for factor in factors)
        raise AmbiguousError(
            f"`{name}` is not declared: is it one name, which then must be declared, or a product of {shown}?",
            tuple(readings),
            span=span,
        )

    def _factor(self, piece: str) -> str:
        """The piece as a factor: an entry of a declared vector, or the name itself."""
        match = _NUMBERED.fullmatch(piece)
        if match and piece not in self.present and match[1] in self.variables and self.variables[match[1]].shape:
            return _entry(self.variables[match[1]], match[2])
        return piece

    def _may_be_array(self, piece: str) -> bool:
        variable = self.variables.get(piece)
        scalar = piece not in self.present or piece in self.sizes or bool(self.constant(piece))
        return not scalar and (variable is None or bool(variable.shape))


def _entry(variable: VariableDeclaration, digits: str) -> str:
    """`x[0]` for the digits of x1, `A[0, 1]` for those of A12."""
    if len(variable.shape) > 1 and len(digits) == len(variable.shape):
        return f"{variable.name}[{', '.join(str(max(int(digit) - 1, 0)) for digit in digits)}]"
    return f"{variable.name}[{max(int(digits) - 1, 0)}]"


def _split(name: str, known: frozenset[str]) -> list[str]:
    """The name as a sequence of at least two known names, as few as possible; empty when there is none."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(name) + 1):
        options = [
            [*before, name[start:end]]
            for start in range(end)
            if (before := best[start]) is not None and end - start < len(name) and name[start:end] in known
        ]
        best.append(min(options, key=len, default=None))
    return best[-1] or []


def _bases(tokens: list[Token]) -> set[str]:
    """The names that stand somewhere other than directly behind `^`, or alone in brackets there."""
    values = ["", "", *(token.value for token in tokens)]
    return {
        token.value
        for token, before, first in zip(tokens, values[1:], values, strict=False)
        if token.kind == "name" and before != "^" and (first, before) != ("^", "(")
    }


def _running(tokens: list[Token]) -> set[str]:
    """The running indices: i and j in `sum(i, j=0:n, ...)`. Of the functions that also take two arrays none is read."""
    windows = zip(tokens, tokens[1:], tokens[2:], strict=False)
    found = {name.value for before, name, after in windows if _ranged(before, name, after)}
    for head, (first, second) in enumerate(pairwise(tokens)):
        place = head + 2
        while _may_run(first) and second.value == "(" and tokens[place].kind == "name":
            if tokens[place + 1].kind != "comma":
                break
            # norm(A, inf, axis=0): the order of a norm is no index.
            if tokens[place].value != INFINITY:
                found.add(tokens[place].value)
            place += 2
    return found


def _ranged(before: Token, name: Token, after: Token) -> bool:
    begins = before.kind == "comma" or before.value == "("
    return begins and name.kind == "name" and after.kind == "equals" and name.value not in ("axis", "keepdims")


def _may_run(token: Token) -> bool:
    row = FUNCTIONS.get(canonical(token.value) or "")
    return token.kind == "name" and token.value not in PAIRWISE and row is not None and reduces(row)
