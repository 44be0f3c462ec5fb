r"""A whole text taken apart: environments around it, a left side, the expression, and definitions behind `where`."""

from __future__ import annotations

from dataclasses import dataclass

from hesse.errors import ParseError, Span
from hesse.frontends.latex.commands import FRACTIONS, WRAPPERS
from hesse.frontends.latex.tokens import Token

_DEFINES = frozenset(("coloneqq", "triangleq", "defeq", "doteq", "coloneq", "eqdef"))
_WHERE = frozenset(("where", "with"))


@dataclass(frozen=True, slots=True)
class Statement:
    """Tokens of a left side, which may be empty, and of what it stands for."""

    left: list[Token]
    right: list[Token]


def unwrapped(tokens: list[Token]) -> list[Token]:
    r"""The tokens without environments such as `align` around the formula, and without what aligns its lines."""
    kept: list[Token] = []
    grids: list[str] = []
    for token in tokens:
        if token.kind in ("begin", "endgrid") and token.value in WRAPPERS:
            continue
        if token.kind == "begin":
            grids.append(token.value)
        elif token.kind == "endgrid" and grids:
            grids.pop()
        aligns = token.kind == "row" or (token.kind == "sign" and token.value == "&")
        if not aligns or grids:
            kept.append(token)
    return kept


def statements(tokens: list[Token]) -> tuple[Statement, list[Statement]]:
    """The expression and the definitions that follow it."""
    *body, end = tokens
    depths = _depths(body)
    wheres = [k for k, token in enumerate(body) if token.kind == "text" and token.value in _WHERE and depths[k] == 0]
    if not wheres:
        return _statement(_trimmed(body), end), []
    first = wheres[0]
    expression = _statement(_trimmed(body[:first]), end)
    return expression, [_definition(part, end) for part in _separated(body[first + 1 :])]


def _depths(tokens: list[Token]) -> list[int]:
    """How many brackets are open at each token."""
    depths: list[int] = []
    depth = 0
    for token in tokens:
        closes = token.kind in ("close", "endgrid") or (token.kind == "sign" and token.value == "}")
        depth -= closes
        depths.append(depth)
        depth += token.kind in ("open", "begin") or (token.kind == "sign" and token.value == "{")
    return depths


def _trimmed(tokens: list[Token]) -> list[Token]:
    """The tokens without a mark of punctuation at the end."""
    while tokens and tokens[-1].kind == "sign" and tokens[-1].value in ",;.:":
        tokens = tokens[:-1]
    return tokens


def _separated(tokens: list[Token]) -> list[list[Token]]:
    """The tokens between commas outside of brackets."""
    parts: list[list[Token]] = [[]]
    for token, depth in zip(tokens, _depths(tokens), strict=True):
        joins = (token.kind == "sign" and token.value in ",;") or (token.kind == "text" and token.value == "and")
        if joins and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [_trimmed(part) for part in parts if part]


def _statement(tokens: list[Token], end: Token) -> Statement:
    """The left side and the right side; raises for more than one equals sign."""
    depths = _depths(tokens)
    signs = [k for k, token in enumerate(tokens) if depths[k] == 0 and _equals(token)]
    if not signs:
        return Statement([], [*tokens, end])
    if len(signs) > 1:
        raise ParseError(
            "a chain of equations",
            span=tokens[signs[1]].span,
            hint="write one expression, or a name, an equals sign and one expression",
        )
    place = signs[0]
    left = tokens[:place]
    while left and left[-1].kind == "sign" and left[-1].value in ":&":
        left = left[:-1]
    if not left:
        raise ParseError("expected an expression before the equals sign", span=tokens[place].span)
    _check_left(left)
    return Statement([*left, end], [*tokens[place + 1 :], end])


def _equals(token: Token) -> bool:
    return (token.kind == "sign" and token.value == "=") or (token.kind == "command" and token.value in _DEFINES)


def _check_left(left: list[Token]) -> None:
    """Raises unless the left side can be the name of a function, of its value or of a derivative."""
    whole = Span(left[0].start, left[-1].end)
    left = _without_derivatives(left)
    depths = _depths(left)
    for token, depth in zip(left, depths, strict=True):
        sum_sign = token.kind == "sign" and token.value in "+-*/"
        product = token.kind == "command" and token.value in (
            "cdot",
            *FRACTIONS,
            "odot",
            "times",
            "sum",
            "prod",
            "log",
            "exp",
        )
        if depth == 0 and (sum_sign or product or token.kind in ("number", "bar", "begin")):
            raise ParseError(
                "an equation is no function",
                span=whole,
                hint="write the side that is meant, or both as a difference",
            )


def _without_derivatives(left: list[Token]) -> list[Token]:
    r"""The tokens without derivatives as Leibniz wrote them: `\frac{\partial f}{\partial x}`, `df/dx`."""
    slashes = [k for k, token in enumerate(left) if token.kind == "sign" and token.value == "/"]
    if len(slashes) == 1 and _differential(left[:1]) and _differential(left[slashes[0] + 1 :]):
        return left[: slashes[0]] + left[slashes[0] + 1 :]
    depths = _depths(left)
    kept: list[Token] = []
    place = 0
    while place < len(left):
        braces = [k for k in range(place + 1, len(left)) if depths[k] == depths[place] and _brace(left[k])][:4]
        fraction = left[place].kind == "command" and left[place].value in FRACTIONS and len(braces) == 4
        if fraction and _differential(left[braces[0] + 1 :]) and _differential(left[braces[2] + 1 :]):
            place = braces[3] + 1
        else:
            kept.append(left[place])
            place += 1
    return kept


def _brace(token: Token) -> bool:
    return token.kind == "sign" and token.value in "{}"


def _differential(tokens: list[Token]) -> bool:
    r"""Whether they begin with d or `\partial`."""
    return bool(tokens) and tokens[0].value in ("d", "partial") and tokens[0].kind in ("letter", "word", "command")


def _definition(tokens: list[Token], end: Token) -> Statement:
    statement = _statement(tokens, end)
    if not statement.left:
        raise ParseError(
            "behind `where` stand definitions", span=tokens[0].span.join(tokens[-1].span), hint="write `r = A x - b`"
        )
    return statement
