"""Declaration text to declarations: `A:m,n x:n S:n,n:sym idx:p:index(n) u:n->`.

Spaces separate declarations; `,` and `;` before a space may stand between them as well, and a space may follow the
comma between two sizes. Where both readings of such a comma are possible, the text is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from hesse.core.declarations import (
    ATTRIBUTES,
    Declaration,
    Declarations,
    FunctionDeclaration,
    VariableDeclaration,
)
from hesse.core.sizes import Size, equal
from hesse.errors import DeclarationError, HesseError, LimitError, ParseError, Span
from hesse.frontends.text.sizes import read_size
from hesse.frontends.text.tokens import Token, tokenise
from hesse.frontends.text.vocabulary import nearest, reserved

CHARACTERS = 10_000
AXES = 32

_CONTRADICTIONS = (("pm1", "pos"), ("pm1", "simplex"))
_FORM = "a declaration is a name, a colon and sizes: `A:m,n`, `x:n`, `c:` for a scalar, `u:n->` for a function"


def parse_declarations(text: str) -> Declarations:
    """The declarations that the text makes, in its order."""
    if len(text) > CHARACTERS:
        raise LimitError(f"the declarations have {len(text)} characters; the limit is {CHARACTERS}")
    try:
        parts = list(_separate(tokenise(text)[:-1]))
        entries = tuple(map(_declaration, parts))
        _check_names(entries, parts)
    except ParseError as error:
        raise DeclarationError(error.message, source=text, span=error.span, hint=error.hint) from None
    except HesseError as error:
        raise error.at(text) from None
    return Declarations(entries)


def _separate(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each declaration."""
    sizes: set[str] = set()
    current: list[Token] = []
    for chunk in _chunks(tokens):
        if current and current[-1].kind == "comma" and _goes_on(chunk, sizes):
            current += chunk
        else:
            if current:
                yield _without_separator(current)
            current = chunk
        sizes.update(token.value for token in chunk[2:] if token.kind == "name")
    if current:
        yield current


def _chunks(tokens: list[Token]) -> Iterator[list[Token]]:
    """The runs of tokens without a space, a semicolon or a line's end between them."""
    chunk: list[Token] = []
    for token in tokens:
        apart = token.kind in ("semicolon", "newline")
        if chunk and (apart or token.start > chunk[-1].end):
            yield chunk
            chunk = []
        if not apart:
            chunk.append(token)
    if chunk:
        yield chunk


def _without_separator(tokens: list[Token]) -> list[Token]:
    return tokens[:-1] if tokens[-1].kind == "comma" and len(tokens) > 1 else tokens


def _goes_on(chunk: list[Token], sizes: set[str]) -> bool:
    """Whether what stands behind a comma and a space belongs to the declaration before the comma."""
    if [token.kind for token in chunk[:2]] != ["name", "colon"]:
        return True
    name, attribute = chunk[0], chunk[2].value if len(chunk) > 2 else ""
    if attribute not in (*ATTRIBUTES, "index"):
        return False
    if name.value in sizes:
        return True
    raise DeclarationError(
        f"`{name.value}` may be a size or a name of its own",
        span=name.span,
        hint=f"without the space before it, it is a size; a scalar of its own is `{name.value}::{attribute}`",
    )


def _declaration(tokens: list[Token]) -> Declaration:
    """The declaration that the tokens make."""
    name = tokens[0]
    if [token.kind for token in tokens[:2]] != ["name", "colon"]:
        raise DeclarationError("this is not a declaration", span=_span(tokens), hint=_FORM)
    if reserved(name.value):
        hint = f"`{name.value}(...)` is a call: choose another name"
        raise DeclarationError(f"`{name.value}` is the name of a function", span=name.span, hint=hint)
    shape, *attributes = _split(tokens[2:], "colon")
    arrows = [place for place, token in enumerate(shape) if token.value == "->"]
    end = Span(tokens[-1].end, tokens[-1].end)
    if not arrows:
        return _variable(name, _sizes(shape, end), attributes, end)
    if attributes:
        raise DeclarationError("an undefined function has no attributes", span=_span(attributes[0]) or end)
    domain, codomain = shape[: arrows[0]], shape[arrows[0] + 1 :]
    return FunctionDeclaration(name.value, _sizes(domain, shape[arrows[0]].span), _sizes(codomain, end))


def _split(tokens: list[Token], kind: str) -> list[list[Token]]:
    """The runs of tokens between those of a kind; at least one."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == kind:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _span(tokens: list[Token]) -> Span | None:
    return tokens[0].span.join(tokens[-1].span) if tokens else None


def _sizes(tokens: list[Token], end: Span) -> tuple[Size, ...]:
    """The sizes between commas; none for no tokens."""
    if not tokens:
        return ()
    parts = _split(tokens, "comma")
    if len(parts) > AXES:
        raise LimitError(f"an array has {len(parts)} axes; the limit is {AXES}", span=_span(tokens))
    for token in tokens:
        attribute = token.value in (*ATTRIBUTES, "index")
        if token.kind == "name" and (attribute or reserved(token.value)):
            hint = (
                "attributes follow a second colon: `c::pos`, `x:n:pos`" if attribute else "it is the name of a function"
            )
            raise DeclarationError(f"`{token.value}` cannot be the name of a size", span=token.span, hint=hint)
    return tuple(read_size(part, _span(tokens) or end) for part in parts)


def _variable(name: Token, shape: tuple[Size, ...], parts: list[list[Token]], end: Span) -> VariableDeclaration:
    """The declaration of a variable whose attributes are still tokens."""
    attributes: dict[str, Span] = {}
    index: Size | None = None
    for part in parts:
        span = _span(part) or end
        word = part[0].value if part else ""
        if word == "index" and [token.value for token in (*part[1:2], part[-1])] == ["(", ")"]:
            index = read_size(part[2:-1], span)
            _check_index(shape, parts, span)
        elif word in ATTRIBUTES and len(part) == 1:
            attributes[word] = span
            _check_attribute(word, shape, span)
        else:
            raise _unknown_attribute(word, span)
    for pair in _CONTRADICTIONS:
        if all(word in attributes for word in pair):
            raise DeclarationError(f"`{pair[0]}` and `{pair[1]}` contradict each other", span=attributes[pair[1]])
    return VariableDeclaration(name.value, shape, frozenset(attributes), index)


def _check_index(shape: tuple[Size, ...], parts: list[list[Token]], span: Span) -> None:
    if len(shape) != 1:
        raise DeclarationError("an index array is a vector of integers", span=span, hint="write `idx:p:index(n)`")
    if len(parts) > 1:
        raise DeclarationError("an index array has no further attributes", span=span)


def _check_attribute(word: str, shape: tuple[Size, ...], span: Span) -> None:
    """Raises when no array of the shape can have the attribute."""
    if word in ("sym", "spd") and (len(shape) != 2 or not equal(*shape)):
        hint = f"write `S:n,n:{word}`"
        raise DeclarationError(
            f"`{word}` is for square matrices, not for the shape ({','.join(map(str, shape))})", span=span, hint=hint
        )
    if word == "simplex" and not shape:
        raise DeclarationError("`simplex` is for arrays, and this is a scalar", span=span, hint="write `p:n:simplex`")


def _unknown_attribute(word: str, span: Span) -> DeclarationError:
    names = (*ATTRIBUTES, "index")
    suggestion = nearest(word, names)
    hint = f"the attributes are {', '.join(ATTRIBUTES)} and index(n); spaces separate declarations"
    if suggestion:
        hint = f"did you mean `{suggestion}`?"
    if word == "index":
        hint = "write the size in brackets: `idx:p:index(n)`"
    message = f"`{word}` is not an attribute" if word else "an attribute is missing behind the colon"
    return DeclarationError(message, span=span, hint=hint)


def _check_names(entries: tuple[Declaration, ...], parts: list[list[Token]]) -> None:
    """Raises when a name is declared twice, or is a size as well."""
    sizes = set(Declarations(entries).size_names)
    seen: set[str] = set()
    for entry, tokens in zip(entries, parts, strict=True):
        if entry.name in seen:
            raise DeclarationError(f"`{entry.name}` is declared twice", span=tokens[0].span, hint="keep one of the two")
        if entry.name in sizes:
            raise DeclarationError(
                f"`{entry.name}` is the name of a variable and of a size",
                span=tokens[0].span,
                hint="give one of the two another name",
            )
        seen.add(entry.name)
