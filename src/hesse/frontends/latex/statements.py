r"""A whole text taken apart: environments around it, a left side, the expression, and definitions behind `where`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hesse.errors import ParseError, Span
from hesse.frontends.latex.commands import FRACTIONS, INFIX, RELATIONS, WRAPPERS
from hesse.frontends.latex.tokens import Token

_DEFINES = frozenset(("coloneqq", "triangleq", "defeq", "doteq", "coloneq", "eqdef"))
_WHERE = frozenset(("where", "with"))


@dataclass(frozen=True, slots=True)
class Statement:
    """Tokens of a left side, which may be empty, and of what it stands for."""

    left: list[Token]
    right: list[Token]
    listed: bool = False
    """Whether it is a definition behind a comma alone, without `where`."""


def unwrapped(tokens: list[Token]) -> list[Token]:
    r"""The tokens without environments such as `align` around the formula, and without what aligns its lines."""
    kept: list[Token] = []
    grids: list[str] = []
    broken: Token | None = None
    for token in tokens:
        if token.kind in ("begin", "endgrid") and token.value in WRAPPERS:
            continue
        if token.kind == "begin":
            grids.append(token.value)
        elif token.kind == "endgrid" and grids:
            grids.pop()
        aligns = token.kind == "row" or (token.kind == "sign" and token.value == "&")
        if not aligns or grids:
            if broken is not None and kept and _ends_factor(kept[-1]) and _begins_factor(token):
                hint = r"one expression is read; write a product over two lines as `a \\ \cdot b`"
                raise ParseError("a line ends between two factors", span=broken.span, hint=hint)
            kept.append(token)
            broken = None
        elif token.kind == "row":
            broken = token
    return kept


def _ends_factor(token: Token) -> bool:
    """Whether a factor can end here, so that what follows would be multiplied."""
    return token.kind in ("letter", "number", "word", "bold", "double", "close") or (
        token.kind == "sign" and token.value in ("}", "'")
    )


def _begins_factor(token: Token) -> bool:
    """Whether a factor can begin here."""
    operator = token.kind == "command" and token.value in (*INFIX, *RELATIONS)
    return token.kind in ("letter", "number", "word", "bold", "double", "open", "begin", "command") and not operator


def statements(tokens: list[Token]) -> tuple[Statement, list[Statement]]:
    """The expression and the definitions that follow it, behind `where` or a comma."""
    *body, end = tokens
    first, definitions = _parted(body)
    listed = not any(_opens_definitions(token) for token in _outside(body))
    return _statement(first, end), [replace(_definition(part, end), listed=listed) for part in definitions]


def sides(tokens: list[Token]) -> tuple[int, int, int, int] | None:
    """Where the left side begins and ends, the equals sign ends, and the right side ends; None without a left side."""
    first, _ = _parted(tokens[:-1])
    place = _equals_place(first)
    if place is None:
        return None
    sign = first[place]
    return first[0].start, first[place - 1].end if place else sign.start, sign.end, first[-1].end


def _parted(body: list[Token]) -> tuple[list[Token], list[list[Token]]]:
    """The tokens of the expression, and those of each definition that follows it."""
    depths = _depths(body)
    wheres = [k for k, token in enumerate(body) if depths[k] == 0 and _opens_definitions(token)]
    if wheres:
        first = body[: wheres[0]]
        return _trimmed(first), _separated(body[wheres[0] + 1 :])
    parts = _separated(body)
    # Behind a comma, what is no definition is refused where the formula is read.
    defining = len(parts) > 1 and all(any(_equals(token) for token in _outside(part)) for part in parts[1:])
    return (parts[0], parts[1:]) if defining else (_trimmed(body), [])


def _opens_definitions(token: Token) -> bool:
    return token.kind == "text" and token.value in _WHERE


def _outside(tokens: list[Token]) -> list[Token]:
    """The tokens outside of brackets."""
    return [token for token, depth in zip(tokens, _depths(tokens), strict=True) if depth == 0]


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
    place = _equals_place(tokens)
    if place is None:
        return Statement([], [*tokens, end])
    left = tokens[:place]
    while left and left[-1].kind == "sign" and left[-1].value in ":&":
        left = left[:-1]
    if not left:
        raise ParseError("expected an expression before the equals sign", span=tokens[place].span)
    _check_left(left)
    return Statement([*left, end], [*tokens[place + 1 :], end])


def _equals_place(tokens: list[Token]) -> int | None:
    """The place of the equals sign; raises for more than one."""
    signs = [k for k, depth in enumerate(_depths(tokens)) if depth == 0 and _equals(tokens[k])]
    if len(signs) > 1:
        raise ParseError(
            "a chain of equations",
            span=tokens[signs[1]].span,
            hint="write one expression, or a name, an equals sign and one expression",
        )
    return signs[0] if signs else None


def _equals(token: Token) -> bool:
    return (token.kind == "sign" and token.value == "=") or (token.kind == "command" and token.value in _DEFINES)


def _check_left(left: list[Token]) -> None:
    """Raises unless the left side can be the name of a function, of its value or of a derivative."""
    whole = Span(left[0].start, left[-1].end)
    left = _without_derivatives(left)
    depths = _depths(left)
    for token, depth in zip(left, depths, strict=True):
        sum_sign = token.kind == "sign" and token.value in "+-*/,;"
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
