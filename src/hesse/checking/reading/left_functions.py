"""Functions in a left side, with primes and subscripts: f, f', f'_x, f_xy, fx, f(x, y), J_f, H_12."""

from __future__ import annotations

from collections.abc import Mapping

from hesse.checking.reading.left_cursor import Cursor
from hesse.checking.reading.left_names import By, LeftSide, Variables, is_position
from hesse.checking.reading.left_words import Word
from hesse.errors import ParseError, Span
from hesse.frontends.text.vocabulary import reserved

_MATRICES: Mapping[str, int] = {"J": 1, "H": 2}
"""Names of derivatives, where a subscript says of what, or which entry."""


class FunctionReader(Cursor):
    """Reads the name of a function, and subscripts. `found` is the left side as far as it is read."""

    def __init__(self, text: str, found: list[Word], span: Span, variables: Variables) -> None:
        super().__init__(text, found, span)
        self.variables = variables
        self.found = LeftSide(self.text, self.span)
        self.times = 1
        """The order of the fraction that is read."""
        self.applied = False
        """Whether the function stands in a numerator."""

    def function(self) -> bool:
        """Whether the name of a function stood here, with primes, subscripts and arguments, which are passed."""
        word = self.word
        label = self.words[self.place + 1 : self.place + 3]
        if word.kind != "name" or reserved(word.value) or self.variables.product(word.value):
            return False
        if len(label) == 2 and label[0].value == "_" and self.variables.find(word.value, label[1].value) is not None:
            return False
        self.next()
        named, numbers = self.found.order > 0, len(self.found.numbers)
        by: list[By] = []
        primes = 0
        while self.at("_", "'"):
            if self.take("'"):
                primes += 1
            else:
                by += self.subscript(named=True) or []
        joined = self.variables.sequence(word.value[1:]) if len(word.value) > 1 else None
        if joined is not None and not by and self.variables.find(word.value[0]) is None:
            by = list(joined)
        matrix = _MATRICES.get(word.value, 0) if self.words[self.place - 1] is not word else 0
        if by and primes not in (0, len(by)):
            raise self.unknown()
        order = max(matrix, len(by) or primes)
        self.found.order += order
        self.found.by += by * order if len(by) == 1 else by
        self.found.loose = not named and not order
        if named:
            self.found.output, self.found.numbers = self.found.numbers[numbers:], self.found.numbers[:numbers]
        return self.arguments()

    def arguments(self) -> bool:
        """Pass the arguments in brackets."""
        closing = self.closing(self.place) if self.at("(") else None
        if closing is not None:
            self.place = closing + 1
        return True

    def subscript(self, *, named: bool = False) -> list[By] | None:
        """The variables in a subscript; numbers are kept, and so is, for a function, what is only part of its name."""
        start = self.place
        self.next()
        inner = [self.next()]
        if inner[0].value == "{":
            closing = self.closing(start + 1)
            if closing is None:
                raise self.unknown()
            inner, self.place = self.words[start + 2 : closing], closing + 1
        elif inner[0].kind == "name" and self.at("_"):
            inner += [self.next(), self.next()]
        values = [word.value for word in inner if word.value != ","]
        if values and all(value.isdecimal() for value in values):
            self.found.numbers += values
            if self.words[start - 1].value in ("∂", "D"):
                self.found.order += len(values) if len(values) > 1 else len(values[0])
            return []
        by = self.listed(inner)
        if by is None and not named:
            span = Span(inner[0].start, inner[-1].end) if inner else self.found.span
            raise self.variables.unknown("".join(word.value for word in inner), span)
        return by

    def listed(self, inner: list[Word]) -> list[By] | None:
        """The variables one after the other; None where there is anything else."""
        by: list[By] = []
        place = 0
        while place < len(inner):
            word = inner[place]
            if word.value == ",":
                place += 1
                continue
            label = inner[place + 2 : place + 3] if [w.value for w in inner[place + 1 : place + 2]] == ["_"] else []
            if word.kind != "name":
                return None
            if label:
                by.append(self.variables.by(word.value, label, None, Span(word.start, label[0].end)))
                place += 3
                continue
            found = self.variables.sequence(word.value)
            if found is None:
                return None
            by += found
            place += 1
        return by

    def label(self) -> list[Word]:
        """The words of a subscript, which may be empty."""
        if not self.at("_"):
            return []
        self.next()
        if not self.at("{"):
            return [self.next()]
        closing = self.closing(self.place)
        if closing is None:
            raise self.unknown()
        inner, self.place = self.words[self.place + 1 : closing], closing + 1
        return inner

    def entry(self) -> None:
        """The entry of the derivative behind all."""
        if self.at("_"):
            self.found.numbers += [word.value for word in self.label() if word.value != ","]
        elif self.at("["):
            self.found.places = self.brackets()
        else:
            return
        self.found.loose = False

    def brackets(self) -> tuple[int, ...] | None:
        """Positions in square brackets, which count from 0."""
        if not self.at("["):
            return None
        closing = self.closing(self.place)
        inner = [] if closing is None else [word.value for word in self.words[self.place + 1 : closing]]
        numbers, commas = inner[::2], inner[1::2]
        if closing is None or not inner or not all(map(is_position, numbers)) or set(commas) - {","}:
            raise ParseError("positions in brackets are numbers", span=self.found.span, hint="write `x[0]`")
        self.place = closing + 1
        return tuple(int(each) for each in numbers)
