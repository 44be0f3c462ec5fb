"""What stands above and below an operand: powers, transposes, indices, and marks that belong to a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from hesse.errors import AmbiguousError, ParseError, Span
from hesse.frontends.latex.commands import LETTERS, REFUSED, TRANSPOSES
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.marks import check_part, positive_part, starred
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tokens import Token
from hesse.frontends.latex.tree import (
    Bars,
    Filled,
    Group,
    Latex,
    Number,
    Power,
    Product,
    Range,
    Relation,
    Script,
    Symbol,
    Transposed,
    symbols_in,
    unbracketed,
)


@dataclass(slots=True)
class _Scripts:
    """What was read: subscript, index written above, and the superscript as a kind and what it holds."""

    items: tuple[Latex | Range, ...] | None = None
    label: str = ""
    raised: Latex | None = None
    raised_label: str = ""
    power: tuple[str, Latex | None] | None = None
    spans: list[Span] = field(default_factory=list)
    below: Span | None = None
    above: Span | None = None


def read_factor(cursor: Cursor) -> Step[Latex]:
    """An operand with all that stands above and below it."""
    start = cursor.token.start
    base: Latex = yield "atom"
    while True:
        scripts: _Scripts = yield "scripts"
        if not scripts.spans:
            return base
        base = _applied(cursor, base, scripts, cursor.since(start))


def read_scripts(cursor: Cursor) -> Step[_Scripts]:
    """One subscript and one superscript, in either order, and primes."""
    scripts = _Scripts()
    while cursor.at_sign("^", "_", "'") or (cursor.token.kind == "command" and cursor.token.value == "prime"):
        token = cursor.token
        if not cursor.at_sign("_", "^"):
            if scripts.power or scripts.raised:
                break
            cursor.next()
            cursor.note("`'` read as the transpose")
            scripts.power = ("transpose", None)
        elif cursor.at_sign("_"):
            if scripts.items is not None:
                raise cursor.error("two subscripts", hint="put them into one pair of braces: `x_{i,j}`")
            yield ("subscript", scripts)
            scripts.below = cursor.since(token.start)
        else:
            if scripts.power or scripts.raised:
                raise cursor.error("two superscripts", hint="bracket the inner power: `(A^{-1})^\\top`")
            yield ("superscript", scripts)
            scripts.above = cursor.since(token.start)
        scripts.spans.append(cursor.since(token.start))
    return scripts


def _applied(cursor: Cursor, base: Latex, scripts: _Scripts, span: Span) -> Latex:
    if isinstance(base, Group) and base.mark == "{" and not isinstance(base.body, (Symbol, Number)):
        inside = cursor.text(base.body.span)
        raise ParseError(
            "braces do not show, so it cannot be seen what the sign behind them belongs to",
            span=base.span,
            hint=rf"write `({inside})`",
        )
    if scripts.raised is not None:
        assert scripts.above is not None
        base = cursor.script(
            Script(base.span.join(scripts.above), base, (scripts.raised,), scripts.raised_label, raised=True)
        )
    if scripts.items is not None:
        assert scripts.below is not None
        base = _subscripted(cursor, base, scripts, base.span.join(scripts.below))
    if scripts.power is None:
        return base
    kind, exponent = scripts.power
    if kind == "star":
        return starred(cursor, base, span)
    if kind in ("transpose", "inverse transpose"):
        return Transposed(span, base, kind != "transpose")
    assert exponent is not None
    return Power(span, base, exponent, kind == "entries")


def _subscripted(cursor: Cursor, base: Latex, scripts: _Scripts, span: Span) -> Latex:
    assert scripts.items is not None
    if isinstance(base, Bars):
        if not base.norm or base.label:
            raise ParseError(
                "a subscript behind bars", span=span, hint=r"an index stands in brackets: `(\lvert x \rvert)_i`"
            )
        for each in (symbol for item in scripts.items for symbol in symbols_in(item)):
            cursor.symbols.pop(id(each), None)
        return Bars(span, True, base.body, scripts.label or cursor.text(scripts.spans[0]))
    if isinstance(base, Filled) and not base.sizes and not scripts.raised:
        sizes = tuple(item for item in scripts.items if not isinstance(item, Range))
        cursor.unsized.pop(base.number, None)
        for size in sizes:
            if not isinstance(unbracketed(size), Relation):
                cursor.sizes.update({each.stem: each.span for each in symbols_in(size)})
        return Filled(span, base.kind, sizes, base.number)
    if isinstance(base, Group) and base.mark == "[":
        # Letters behind [...] run over the axes of an array that is given by its entries.
        letters = [each for item in scripts.items for each in symbols_in(item)]
        cursor.names.running.update(each.stem for each in letters if cursor.names.find(each.stem) is None)
    if not scripts.items:
        if not isinstance(base, Symbol):
            return positive_part(cursor, base, scripts.label, span)
        check_part(cursor, base, scripts.label, span)
    return cursor.script(Script(span, base, scripts.items, scripts.label))


def read_superscript(cursor: Cursor, scripts: _Scripts) -> Step[None]:
    """Reads what follows `^`."""
    cursor.next()
    if not cursor.at_sign("{"):
        yield from _short_superscript(cursor, scripts)
        return
    inside = cursor.inside()
    marked = _mark(cursor, inside)
    if marked:
        scripts.power = (marked, None)
        cursor.position += len(inside) + 2
    elif _is_raised(cursor, inside):
        cursor.position += 2
        scripts.raised_label = subscript_label(inside[1:-1])
        scripts.raised = yield "sum"
        cursor.position += 2
    else:
        kind = "power"
        opening = cursor.next()
        cursor.open("{", opening)
        if inside and inside[0].kind == "command" and inside[0].value in ("odot", "circ"):
            cursor.next()
            kind = "entries"
        exponent: Latex = yield "sum"
        if not cursor.at_sign("}"):
            raise cursor.error(f"expected an operator or `}}` in the superscript, found {cursor.found()}")
        cursor.opened.pop()
        cursor.next()
        scripts.power = (kind, exponent)


def _mark(cursor: Cursor, inside: list[Token]) -> str:
    """The kind of a superscript that is a mark and not a power; empty when it is none."""
    if not inside:
        raise cursor.error("the superscript is empty")
    minus = inside[0].kind == "sign" and inside[0].value == "-"
    rest = inside[1:] if minus else inside
    if len(rest) != 1:
        return ""
    if _is_transpose(cursor, rest[0]):
        return "inverse transpose" if minus else "transpose"
    return "" if minus else _sign_mark(rest[0])


def _sign_mark(token: Token) -> str:
    if token.value in ("*", "ast", "star") and token.kind in ("sign", "command"):
        return "star"
    if token.value in ("'", "prime") and token.kind in ("sign", "command"):
        return "transpose"
    if token.value in ("+", "dagger") and token.kind in ("sign", "command"):
        raise ParseError("the pseudo-inverse is not in the vocabulary", span=token.span, hint=f"{REFUSED['dagger']}")
    if token.kind == "command" and token.value in ("circ", "perp", "ddagger"):
        raise ParseError(f"`{token}` as a superscript is not in the notation", span=token.span)
    return ""


def _is_transpose(cursor: Cursor, token: Token) -> bool:
    r"""Whether the superscript is the transpose: \top, or a T that stands for nothing else."""
    if token.kind == "command":
        return token.value in TRANSPOSES
    if token.value != "T" or token.kind not in ("letter", "word", "text", "bold"):
        return False
    if cursor.names.find("T") is None and not cursor.other_uses("T"):
        return True
    if token.kind != "letter":
        return True
    raise AmbiguousError(
        "`T` is also a name here: the transpose, or a power?", (r"^\top", r"^{1 \cdot T}"), span=token.span
    )


def _is_raised(cursor: Cursor, inside: list[Token]) -> bool:
    """Whether it is an index written above, as in x^{(i)}: one letter or number, or i+1, in brackets."""
    if len(inside) < 3 or inside[0].kind != "open" or inside[-1].kind != "close" or inside[0].value not in "([":
        return False
    body = inside[1:-1]
    if len(body) == 1:
        return body[0].kind in ("letter", "number")
    return (
        len(body) == 3 and body[0].value in cursor.names.running and body[1].value in "+-" and body[2].kind == "number"
    )


def _short_superscript(cursor: Cursor, scripts: _Scripts) -> Step[None]:
    token = cursor.token
    if token.kind == "number" and len(token.value) > 1:
        first = token.value[0]
        raise AmbiguousError(
            f"without braces only `{first}` is the exponent",
            (f"^{{{token.value}}}", f"^{first} {token.value[1:]}"),
            span=token.span,
        )
    if token.kind == "sign" and token.value in "-+" and token.value != "+":
        raise cursor.error("a superscript that begins with a minus needs braces", hint="write `^{-1}`")
    mark = "transpose" if _is_transpose(cursor, token) else _sign_mark(token)
    if mark:
        cursor.next()
        scripts.power = (mark, None)
        return
    if token.kind == "open":
        raise cursor.error("a superscript in brackets needs braces", hint="write `^{(i)}` or `^{...}`")
    exponent: Latex = yield "argument"
    scripts.power = ("power", exponent)


def read_subscript(cursor: Cursor, scripts: _Scripts) -> Step[None]:
    """Reads what follows `_`."""
    cursor.next()
    token = cursor.token
    if not cursor.at_sign("{"):
        if token.kind == "number" and len(token.value) > 1:
            raise AmbiguousError(
                f"without braces only `{token.value[0]}` is the subscript",
                (f"_{{{token.value}}}", rf"_{token.value[0]} \cdot {token.value[1:]}"),
                span=token.span,
            )
        scripts.label = subscript_label([token])
        if token.kind in ("word", "text", "sign") or (token.kind == "command" and token.value not in LETTERS):
            if not scripts.label:
                raise cursor.error(f"expected a subscript, found {cursor.found()}")
            scripts.items = _word_items(cursor, [token])
            cursor.next()
            return
        item: Latex = yield "argument"
        scripts.items = (item,)
        return
    inside = cursor.inside()
    if not inside:
        raise cursor.error("the subscript is empty")
    scripts.label = subscript_label(inside)
    if scripts.label and any(_is_word(each) for each in inside):
        scripts.items = _word_items(cursor, inside)
        cursor.position += len(inside) + 2
        return
    opening = cursor.next()
    cursor.open("_", opening)
    items: list[Latex | Range] = []
    while not items or cursor.take_sign(","):
        each: Latex | Range = yield "item"
        items.append(each)
    if not cursor.at_sign("}"):
        raise cursor.error(f"expected an operator or `}}` in the subscript, found {cursor.found()}")
    cursor.opened.pop()
    cursor.next()
    scripts.items = tuple(items)


def _is_word(token: Token) -> bool:
    return token.kind in ("word", "text", "command", "sign") and token.value not in LETTERS


def _word_items(cursor: Cursor, tokens: list[Token]) -> tuple[Latex, ...]:
    """A word in a subscript as a position, for it may be an array of indices."""
    if len(tokens) != 1 or tokens[0].kind not in ("word", "text"):
        return ()
    return (cursor.symbol(Symbol(tokens[0].span, tokens[0].value, upright=True)),)


_MARKS = {
    "infty": "inf",
    "*": "star",
    "ast": "star",
    "star": "star",
    "+": "plus",
    "-": "minus",
    "max": "max",
    "min": "min",
}


def subscript_label(tokens: list[Token]) -> str:
    """The subscript as part of a name: letters, digits, words; empty where it has operators or commas."""
    parts: list[str] = []
    for token in tokens:
        if token.kind in ("letter", "number", "word", "text", "bold") and token.value.replace("_", "").isalnum():
            parts.append(token.value)
        elif token.kind == "command" and token.value in LETTERS:
            parts.append(LETTERS[token.value])
        elif token.kind in ("command", "sign") and token.value in _MARKS and len(tokens) == 1:
            parts.append(_MARKS[token.value])
        else:
            return ""
    return "".join(parts)


def read_item(cursor: Cursor) -> Step[Latex | Range]:
    """One item of a subscript: a position, or a range `2:n`, `1:2:n`, `:`."""
    start = cursor.token.start
    parts: list[Latex | None] = [None]
    if _whole(cursor):
        cursor.next()
        return Range(cursor.since(start), None, None, None)
    while True:
        if not cursor.at_sign(":", ",", "}") and cursor.token.kind != "end":
            parts[-1] = yield "positions" if len(parts) == 1 else "sum"
        if not cursor.take_sign(":"):
            break
        parts.append(None)
    if len(parts) == 1:
        if parts[0] is None:
            raise cursor.error(f"expected an index, found {cursor.found()}")
        return parts[0]
    span = cursor.since(start)
    if len(parts) > 3:
        raise ParseError("a range has at most three parts", span=span, hint="write `start:step:stop`")
    return Range(span, parts[0], parts[-1], parts[1] if len(parts) == 3 else None)


def _whole(cursor: Cursor) -> bool:
    r"""Whether a sign for the whole axis stands at the place: `*` or `\cdot`."""
    token = cursor.token
    return token.value in ("*", "cdot", "ast", "bullet") and token.kind in ("sign", "command")


def read_positions(cursor: Cursor) -> Step[Latex]:
    """A position, or several side by side, as in A_{ij} or A_{12}."""
    start, count = cursor.token.start, 0
    while _is_place(cursor.ahead(count)):
        count += 1
    behind = cursor.ahead(count)
    if count > 1 and behind.kind == "sign" and behind.value in "},:":
        places = [_place(cursor, cursor.next()) for _ in range(count)]
        return Product(cursor.since(start), tuple(places))
    found: Latex = yield "relation"
    return found


def _is_place(token: Token) -> bool:
    digits = token.kind == "number" and token.value.isdigit()
    return token.kind == "letter" or digits or (token.kind == "command" and token.value in LETTERS)


def _place(cursor: Cursor, token: Token) -> Latex:
    if token.kind == "number":
        return Number(token.span, Fraction(token.value))
    return cursor.symbol(Symbol(token.span, LETTERS.get(token.value, token.value)))
