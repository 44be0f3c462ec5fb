r"""What stands before the equals sign of an answer: `∇f =`, `df/dx =`, `f_x =`, `\frac{\partial f}{\partial x} =`.

left side    operators [function | expression], or the name of a function with primes and subscripts
operator     ∇, grad, jacobian, hessian, ∂_x, D_1, d/dx, ∂²/∂x∂y, df/dx; ∇² and ∇_x with power and variable
function     a name that is not declared, as in f, f', f'_x, f_xy, fx, f(x, y), J_f, H_12
entry        subscripts behind all that count from 1, or brackets that count from 0: (∇f)_1, H[0, 1]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hesse.checking.left_cursor import CLOSING, Cursor
from hesse.checking.left_names import By, Variables
from hesse.checking.left_words import Word, words
from hesse.core.declarations import Declarations
from hesse.errors import ParseError, Span
from hesse.frontends.text.vocabulary import reserved

_OPERATORS: Mapping[str, int] = {
    "∇": 1,
    "nabla": 1,
    **dict.fromkeys(("grad", "Grad", "gradient", "Gradient", "jac", "Jac", "jacobian", "Jacobian", "D"), 1),
    **dict.fromkeys(("hess", "Hess", "hessian", "Hessian"), 2),
}
_MATRICES: Mapping[str, int] = {"J": 1, "H": 2}
"""Names of derivatives, where a subscript says of what, or which entry."""


@dataclass(slots=True)
class LeftSide:
    """What a left side names.

    `order` is that of the derivative, 0 for the mere name of something; `by` are the variables in order. `numbers` are
    subscripts that count from 1 and `places` those that count from 0; `output` is the subscript of the function
    below an operator. `operand` is the place of the expression that is differentiated, None where that is a name.
    """

    text: str
    span: Span
    order: int = 0
    by: list[By] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    places: tuple[int, ...] | None = None
    output: list[str] = field(default_factory=list)
    operand: Span | None = None
    loose: bool = False
    """Whether the numbers may as well belong to the name: f_1."""


def read_left_side(text: str, start: int, end: int, declarations: Declarations) -> LeftSide:
    """What the part of the text names. Raises ParseError for all but functions, their values and derivatives."""
    return _Reader(text, words(text, start, end), Span(start, end), Variables(declarations)).read()


class _Reader(Cursor):
    def __init__(self, text: str, found: list[Word], span: Span, variables: Variables) -> None:
        super().__init__(text, found, span)
        self.variables = variables
        self.found = LeftSide(self.text, self.span)
        self.times = 1
        """The order of the fraction that is read."""
        self.applied = False
        """Whether the function stands in a numerator."""

    def read(self) -> LeftSide:
        """The left side, which has to end with the words."""
        bracket = self.at("(", "[") and self.closing(self.place) is not None
        closing = self.closing(self.place) if bracket else None
        if closing is not None and closing + 1 < len(self.words):
            opener = self.next().value
            self.named()
            self.expect(CLOSING[opener])
        else:
            self.named()
        self.entry()
        if self.place < len(self.words):
            raise self.unknown()
        return self.found

    def named(self) -> None:
        """Operators and what they are applied to, or a function."""
        while self.operator():
            pass
        if self.applied:
            self.arguments()
        elif self.place < len(self.words) and not self.at(")", "]", "["):
            self.operand()

    def operand(self) -> None:
        """A function, in brackets or not, or the expression that operators are applied to."""
        closing = self.closing(self.place) if self.at("(") and self.found.order else None
        start = self.place
        self.place += closing is not None
        if self.function() and closing in (None, self.place):
            if closing is not None:
                self.next()
                self.arguments()
            return
        self.place = start
        if not self.found.order or self.applied:
            raise self.unknown()
        self.found.operand = Span(self.word.start, self.words[-1].end)
        self.place = len(self.words)

    # Operators.

    def operator(self) -> bool:
        """Whether an operator stood here, which is passed."""
        if self.fraction():
            return True
        value = self.word.value
        subscripted = self.value(1) == "_"
        if self.variables.find(value) is not None:
            return False
        if value == "∂" or (value == "D" and subscripted):
            return self.partial() if subscripted else False
        if value not in _OPERATORS:
            return False
        self.next()
        order, by = _OPERATORS[value], list[By]()
        while self.word.kind == "power" or self.at("_"):
            if self.word.kind == "power":
                order *= int(self.next().value)
            else:
                by += self.subscript() or []
        self.take("of")
        self.found.order += order
        self.found.by += by * order if len(by) == 1 else by
        return True

    def partial(self) -> bool:
        """∂_x, ∂_xy, ∂_1."""
        self.next()
        by = self.subscript()
        if by is None:
            return False
        times = int(self.next().value) if self.word.kind == "power" else 1
        self.found.by += by * times
        self.found.order += len(by) * times
        return True

    def fraction(self) -> bool:
        """∂f/∂x, d/dx, ∂²f/∂x∂y, or the same as a fraction of LaTeX."""
        if self.word.kind == "fraction" and self.value(1) == "{":
            above = self.closing(self.place + 1)
            below = None if above is None or self.at_place(above + 1) != "{" else self.closing(above + 1)
            if above is None or below is None or not self.differential(self.place + 2):
                return False
            self.place += 2
            self.above(above)
            self.place = above + 2
            self.below(below)
            self.place = below + 1
            return True
        slash = self.slash()
        if slash is None or not self.differential(self.place) or not self.differential(slash + 1, bracket=True):
            return False
        self.above(slash)
        self.place = slash + 1
        self.below(None)
        return True

    def slash(self) -> int | None:
        """The place of the next `/` outside of brackets."""
        place = self.place
        while place < len(self.words) and self.words[place].value != "/":
            place = (self.closing(place) or place) + 1
        return place if place < len(self.words) else None

    def differential(self, place: int, *, bracket: bool = False) -> bool:
        """Whether a d or ∂ begins here."""
        if bracket and self.at_place(place) == "(":
            place += 1
        return self.at_place(place).startswith(("∂", "d")) and self.variables.find(self.at_place(place)) is None

    def above(self, end: int) -> None:
        """The numerator up to a place: d, its power, and what is differentiated."""
        self.pass_differential()
        self.times = int(self.next().value) if self.word.kind == "power" else 1
        self.found.order += self.times
        self.applied = self.place < end
        if self.place < end and not (self.function() and self.place == end):
            first = self.words[self.place] if self.place < end else self.words[end - 1]
            self.found.operand = Span(first.start, self.words[end - 1].end)
        self.place = end

    def below(self, end: int | None) -> None:
        """The denominator up to a place, or as many differentials as there are to be."""
        start = self.place
        bracket = self.take("(") if end is None else False
        by: list[By] = []
        while len(by) < self.times and self.place < (len(self.words) if end is None else end):
            if not self.differential(self.place):
                break
            self.pass_differential()
            found = self.variable()
            times = int(self.next().value) if self.word.kind == "power" else 1
            by += found * times
        if bracket:
            self.expect(")")
        if len(by) != self.times or (end is not None and self.place != end):
            span = Span(self.words[start].start, self.words[max(start, self.place - 1)].end)
            message = f"the numerator has the order {self.times}, the denominator has not"
            raise ParseError(message, span=span, hint="write `∂²f/∂x∂y` or `∂f/∂x`")
        self.found.by += by

    def pass_differential(self) -> None:
        """Pass a d or ∂; what is joined to a d stays."""
        word = self.word
        if word.value in ("∂", "d"):
            self.next()
        else:
            self.words[self.place] = Word("name", word.value[1:], word.start + 1, word.end)

    def variable(self) -> list[By]:
        """The variable behind a d, or the two of `dxdy`."""
        word = self.next()
        if word.kind != "name":
            raise ParseError("expected a variable", span=Span(word.start, word.end))
        span = Span(word.start, word.end)
        label, places = self.label(), self.brackets()
        several = self.variables.sequence(word.value, "d") if not label and places is None else None
        return list(several) if several else [self.variables.by(word.value, label, places, span)]

    # Functions.

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

    # Subscripts and entries.

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
            raise ParseError("the subscript is no variable of the function", span=span)
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
            self.found.loose = False
        elif self.at("["):
            self.found.places = self.brackets()

    def brackets(self) -> tuple[int, ...] | None:
        """Positions in square brackets, which count from 0."""
        if not self.at("["):
            return None
        closing = self.closing(self.place)
        inner = [] if closing is None else [word.value for word in self.words[self.place + 1 : closing]]
        if closing is None or not all(value.isdecimal() for value in inner[::2]) or set(inner[1::2]) - {","}:
            raise ParseError("positions in brackets are numbers", span=self.found.span, hint="write `x[0]`")
        self.place = closing + 1
        return tuple(int(value) for value in inner[::2])
