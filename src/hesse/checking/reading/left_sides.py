r"""What stands before the equals sign of an answer: `∇f =`, `df/dx =`, `f_x =`, `\frac{\partial f}{\partial x} =`.

left side    operators [function | expression], or the name of a function with primes and subscripts
operator     ∇, grad, jacobian, hessian, ∂_x, D_1, d/dx, ∂²/∂x∂y, df/dx; ∇² and ∇_x with power and variable
function     a name that is not declared, as in f, f', f'_x, f_xy, fx, f(x, y), J_f, H_12
entry        subscripts behind all that count from 1, or brackets that count from 0: (∇f)_1, H[0, 1]
"""

from __future__ import annotations

from collections.abc import Mapping

from hesse.checking.reading.left_cursor import CLOSING
from hesse.checking.reading.left_functions import FunctionReader
from hesse.checking.reading.left_names import By, LeftSide, Variables
from hesse.checking.reading.left_words import Word, words
from hesse.core.declarations import Declarations
from hesse.errors import ParseError, Span

_OPERATORS: Mapping[str, int] = {
    "∇": 1,
    "nabla": 1,
    **dict.fromkeys(("grad", "Grad", "gradient", "Gradient", "jac", "Jac", "jacobian", "Jacobian", "D"), 1),
    **dict.fromkeys(("hess", "Hess", "hessian", "Hessian"), 2),
}
HIGHEST = 9
"""From this order on, derivatives are not told from one another."""


def read_left_side(text: str, start: int, end: int, declarations: Declarations) -> LeftSide:
    """What the part of the text names. Raises ParseError for all but functions, their values and derivatives."""
    end = start + len(text[start:end].rstrip(" \t\n&:"))
    return _Reader(text, words(text, start, end), Span(start, end), Variables(declarations)).read()


class _Reader(FunctionReader):
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
                order = min(order * int(self.next().value), HIGHEST)
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
        slash = self.slash() if self.differential(self.place) else None
        if slash is None or not self.differential(slash + 1, bracket=True):
            return False
        self.above(slash)
        self.place = slash + 1
        self.below(None)
        return True

    def slash(self) -> int | None:
        """The place of the next `/` outside of brackets."""
        depth = 0
        for place in range(self.place, len(self.words)):
            value = self.words[place].value
            depth += (value in CLOSING) - (value in CLOSING.values())
            if value == "/" and depth == 0:
                return place
        return None

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
        if end is not None and self.place != end and len(by) == self.times:
            raise self.unknown()
        if len(by) != self.times:
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
        joined = "".join(each.value for each in label)
        several = self.variables.sequence(word.value, "d", joined) if places is None else None
        return list(several) if several else [self.variables.by(word.value, label, places, span)]
