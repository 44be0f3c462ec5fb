"""Sizes from tokens: integer polynomials such as `n-1`, `2*n`, `(n+1)//2`."""

from __future__ import annotations

from dataclasses import dataclass, field

from hesse.core.sizes import FLOORS, Size
from hesse.errors import DeclarationError, LimitError, Span
from hesse.frontends.text.tokens import Token

LARGEST = 10**9
DEGREE = 6
TERMS = 20
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "//": 2, "sign": 3, "**": 4, "^": 4}


def read_size(tokens: list[Token], place: Span) -> Size:
    """The size that the tokens mean, of at least 1 for some sizes; `place` is where it stands, if there is nothing."""
    if not tokens:
        raise DeclarationError("a size is missing", span=place, hint="sizes are separated by single commas: `A:m,n`")
    if sum(token.value == "//" for token in tokens) > FLOORS:
        raise LimitError(f"a size has more than {FLOORS} floor divisions, which is the limit", span=place)
    reader = _Reader()
    for token in tokens:
        if reader.operand_due:
            reader.operand(token)
        else:
            reader.operator(token)
    size = reader.finish(tokens[-1])
    sign = size.sign()
    if sign is not None and sign < 1:
        span = tokens[0].span.join(tokens[-1].span)
        raise DeclarationError(f"a size is at least 1, and this one is {size}", span=span)
    return size


@dataclass(slots=True)
class _Reader:
    """Operator precedence with two explicit stacks; an opening bracket waits among the operators."""

    operands: list[Size] = field(default_factory=list)
    operators: list[Token | str] = field(default_factory=list)
    operand_due: bool = True

    def operand(self, token: Token) -> None:
        """Takes a token where an operand is due."""
        if token.kind == "number":
            self._push(Size.of(_integer(token)))
        elif token.kind == "name":
            self._push(Size.of(token.value))
        elif token.value == "(":
            self.operators.append(token)
        elif token.value == "-":
            self.operators.append("sign")
        else:
            raise _unexpected(token)

    def operator(self, token: Token) -> None:
        """Takes a token behind an operand."""
        if token.value == ")":
            self._close(token)
            return
        if token.value not in _PRECEDENCE:
            raise _unexpected(token)
        # Also for powers from the left: an exponent is a plain number.
        while self.operators and _binding(self.operators[-1]) >= _PRECEDENCE[token.value]:
            self._build()
        self.operators.append(token)
        self.operand_due = True

    def finish(self, last: Token) -> Size:
        """The size, when all tokens are taken."""
        if self.operand_due:
            raise DeclarationError("a size is incomplete", span=last.span, hint="write it without spaces: `n-1`")
        while self.operators:
            if _binding(self.operators[-1]) == 0:
                hint = "sizes stand in a row, without brackets around them: `A:m,n`"
                raise DeclarationError("`(` is not closed", span=_place(self.operators[-1]), hint=hint)
            self._build()
        return self.operands.pop()

    def _push(self, size: Size) -> None:
        self.operands.append(size)
        self.operand_due = False

    def _close(self, token: Token) -> None:
        while self.operators and _binding(self.operators[-1]) > 0:
            self._build()
        if not self.operators:
            raise DeclarationError("`)` closes no bracket", span=token.span)
        self.operators.pop()

    def _build(self) -> None:
        """Applies the last operator."""
        operator = self.operators.pop()
        right = self.operands.pop()
        if isinstance(operator, str):
            self.operands.append(right * -1)
            return
        size = _result(operator, self.operands.pop(), right)
        if len(size.terms) > TERMS or any(abs(coefficient) > LARGEST for _, coefficient in size.terms):
            raise _too_large(operator)
        self.operands.append(size)


def _binding(operator: Token | str) -> int:
    """How tightly an operator binds; 0 for an opening bracket."""
    return _PRECEDENCE.get(operator if isinstance(operator, str) else operator.value, 0)


def _place(operator: Token | str) -> Span | None:
    return None if isinstance(operator, str) else operator.span


def _result(operator: Token, left: Size, right: Size) -> Size:
    match operator.value:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return _product(left, right, operator)
    number = right.as_int()
    if number is None or number < 1:
        raise DeclarationError(f"`{operator.value}` takes a positive integer on its right", span=operator.span)
    if operator.value == "//":
        return left // number
    if number > DEGREE:
        raise _too_large(operator)
    power = left
    for _ in range(number - 1):
        power = _product(power, left, operator)
    return power


def _product(left: Size, right: Size, operator: Token) -> Size:
    if _degree(left) + _degree(right) > DEGREE:
        raise _too_large(operator)
    return left * right


def _too_large(operator: Token) -> LimitError:
    limits = f"more than {TERMS} terms, a degree above {DEGREE} or a number above {LARGEST}, which are the limits"
    return LimitError(f"a size has {limits}", span=operator.span)


def _degree(size: Size) -> int:
    return max((sum(power for _, power in monomial) for monomial, _ in size.terms), default=0)


def _integer(token: Token) -> int:
    if not token.value.isdigit():
        hint = "half of n is `n//2`" if "/" in token.value else ""
        raise DeclarationError(f"a size is an integer, not {token.value}", span=token.span, hint=hint)
    if len(token.value) > len(str(LARGEST)) or int(token.value) > LARGEST:
        raise LimitError(f"a size is above {LARGEST}, which is the limit", span=token.span)
    return int(token.value)


def _unexpected(token: Token) -> DeclarationError:
    hint = "sizes are integers or names, with `+ - * //` and brackets but without spaces: `A:m,n-1`"
    if token.value == "/":
        hint = "the integer part of a quotient is written `n//2`"
    elif token.kind in ("name", "open"):
        hint = "write products with `*`: `2*n`; separate declarations by a space"
    return DeclarationError(f"`{token.value}` does not fit into a size", span=token.span, hint=hint)
