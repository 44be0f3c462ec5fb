"""Points: exact values of the variables, from text such as `x1=1, x2=-1/3` or `x=[1,2], A=[[1,2],[3,4]]`, or from JSON.

Without names the values belong to the variables in natural order, if all are scalars, or are the entries of the only
variable. Decimals are exact; nothing is evaluated.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

from hesse.core.declarations import Declarations, VariableDeclaration, natural_key
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError, HesseError, LimitError, ParseError, Span
from hesse.frontends.text.tokens import Kind, Token, tokenise
from hesse.service.expression import Expr

Exact: TypeAlias = Tensor[Fraction]
Point: TypeAlias = Mapping[str, Exact]

MAX_BYTES = 50_000_000
MAX_AXES = 32
# What almost all numbers in a file look like; the rest takes the long way.
_PLAIN = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_FORMS = "write x1=1,x2=2 or x=[1,2],A=[[1,2],[3,4]]"


def read_point(text: str, f: Expr) -> Point:
    """The point that the text describes. Errors name the place in the text."""
    try:
        cursor = _Cursor(tokenise(text))
        if [token.kind for token in cursor.tokens[:2]] == ["name", "equals"]:
            return _complete(cursor.named(), f._declarations)
        return _complete(_by_order(cursor.listed(), f._declarations), f._declarations)
    except HesseError as error:
        raise error.at(text) from None


def read_values(text: str) -> dict[str, Exact] | Exact:
    """Exact values that belong to no declaration: one vector, as in `1,-1`, or several by name, as in `d1=[1,-1]`."""
    try:
        cursor = _Cursor(tokenise(text))
        if [token.kind for token in cursor.tokens[:2]] == ["name", "equals"]:
            return {name: value for name, (value, _) in cursor.named().items()}
        values = [value for value, _ in cursor.listed()]
    except HesseError as error:
        raise error.at(text) from None
    if len(values) == 1:
        return values[0]
    return Tensor((len(values),), [entry for value in values for entry in value.entries])


def load_point(path: str, f: Expr) -> Point:
    """The point in a JSON file: an object with a value for each name, or a list in natural order."""
    text = _contents(path)
    try:
        value = json.loads(
            text, parse_int=_literal, parse_float=_literal, parse_constant=_no_number, object_pairs_hook=_distinct
        )
    except json.JSONDecodeError as error:
        span = Span(error.pos, error.pos + 1)
        raise ArgumentError(f"{path} is not JSON: {error.msg}", source=text, span=span) from None
    except RecursionError:
        raise LimitError(f"{path} is nested too deeply") from None
    if isinstance(value, dict):
        return exact_point(value, f)
    if isinstance(value, list) and value:
        values = [(_exact(item, f"entry {k} of {path}"), Span(0, 0)) for k, item in enumerate(value)]
        return _complete(
            {name: (each, None) for name, (each, _) in _by_order(values, f._declarations).items()}, f._declarations
        )
    raise ArgumentError(f"{path} holds neither an object nor a list of values", hint='write {"x": [1, 2]}')


def exact_point(values: Mapping[str, object], f: Expr) -> Point:
    """The point with these values: numbers, nested lists or arrays; a float counts as its shortest decimal."""
    return _complete({name: (_exact(value, f"`{name}`"), None) for name, value in values.items()}, f._declarations)


class _Cursor:
    """The words of a point, read one after the other."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = [token for token in tokens if token.kind != "newline"]
        self.place = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def take(self, kind: Kind, value: str = "") -> bool:
        """Whether the next word is of this kind (and value); if so, it is read."""
        found = self.token.kind == kind and value in ("", self.token.value)
        self.place += found
        return found

    def fail(self, expected: str) -> ParseError:
        """The error that something else was expected here."""
        token = self.token
        if token.kind == "end":
            return ParseError(f"{expected} is missing at the end", span=token.span, hint=_FORMS)
        hint = "values are decimals and fractions, such as 0.5 or 1/3" if token.kind in ("name", "operator") else _FORMS
        return ParseError(f"{expected} is expected here, not `{token.value}`", span=token.span, hint=hint)

    def named(self) -> dict[str, tuple[Exact, Span | None]]:
        """name=value, ... to the end; between two of them a comma may be left out."""
        found: dict[str, tuple[Exact, Span | None]] = {}
        while True:
            name = self.token
            if not self.take("name"):
                raise self.fail("a name")
            if name.value in found:
                raise ParseError(f"`{name.value}` has two values", span=name.span, hint="keep one of them")
            if not self.take("equals"):
                raise self.fail("`=`")
            value, span = self.value()
            found[name.value] = (value, name.span.join(span))
            if not self.take("comma") and not self.take("semicolon") and self.token.kind != "name":
                break
        if self.token.kind != "end":
            raise self.fail("a comma")
        return found

    def listed(self) -> list[tuple[Exact, Span]]:
        """value, ... to the end."""
        values = [self.value()]
        while self.take("comma") or self.take("semicolon"):
            values.append(self.value())
        if self.token.kind == "equals":
            raise ParseError("names and values without names do not mix", span=self.token.span, hint=_FORMS)
        if self.token.kind != "end":
            raise self.fail("a comma")
        return values

    def value(self) -> tuple[Exact, Span]:
        """A number or a nested list of numbers, and where it stands."""
        start = self.token.span
        open_lists: list[list[Any]] = []
        while True:
            if self.take("open", "["):
                open_lists.append([])
                if len(open_lists) > MAX_AXES:
                    raise LimitError(f"a value has more than {MAX_AXES} axes, which is the limit", span=start)
                continue
            item: Any = self.number()
            while open_lists:
                open_lists[-1].append(item)
                if self.take("comma"):
                    break
                if not self.take("close", "]"):
                    raise self.fail("`]` or a comma")
                item = open_lists.pop()
            if not open_lists:
                span = start.join(self.tokens[self.place - 1].span)
                return _regular(item, span, "the value"), span

    def number(self) -> Fraction:
        """A decimal or a fraction, perhaps with a sign."""
        start = self.token.span
        negative = False
        while self.take("operator", "-") or self.take("operator", "+"):
            negative ^= self.tokens[self.place - 1].value == "-"
        value = self.literal()
        if self.take("operator", "/"):
            divisor = self.token.span
            denominator = self.literal()
            if denominator == 0:
                raise ParseError("a division by zero", span=divisor)
            value /= denominator
        _check_range(value, start)
        return -value if negative else value

    def literal(self) -> Fraction:
        token = self.token
        if not self.take("number"):
            raise self.fail("a number")
        return Fraction(token.value)


def _check_range(value: Fraction, span: Span | None = None) -> None:
    try:
        float(value)
    except OverflowError:
        raise LimitError("the number is beyond the range of floating-point numbers", span=span) from None


def _regular(nested: Any, span: Span | None, what: str) -> Exact:
    """The array of a nested list; raises ArgumentError when its rows differ in length."""
    try:
        value: Exact = Tensor.from_nested(nested)
    except ValueError:
        raise ArgumentError(f"the rows of {what} differ in length", span=span) from None
    if 0 in value.shape:
        raise ArgumentError(f"{what} has an empty list: sizes are at least 1", span=span)
    return value


def _exact(value: object, what: str) -> Exact:
    """The exact array of a number, of nested lists, or of anything with `tolist`."""
    convert: Callable[[], object] | None = getattr(value, "tolist", None)
    return _regular(_converted(convert() if convert else value, what, 0), None, what)


def _converted(value: object, what: str, depth: int) -> Any:
    if depth > MAX_AXES:
        raise LimitError(f"{what} has more than {MAX_AXES} axes, which is the limit")
    if isinstance(value, (list, tuple)):
        return [_converted(item, what, depth + 1) for item in value]
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        number = value if isinstance(value, Fraction) else Fraction(value)
        _check_range(number)
        return number
    try:
        if isinstance(value, (float, str)):
            return _literal(str(value))
    except ParseError:
        pass
    hint = "values are numbers, nested lists of numbers, or text such as 1/3"
    raise ArgumentError(f"{what} holds {_brief(value)}, which is not a number", hint=hint)


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _literal(text: str) -> Fraction:
    """The exact value of a number in text. Raises HesseError when it is none, or beyond the limits."""
    if _PLAIN.fullmatch(text):
        return Fraction(text)
    try:
        cursor = _Cursor(tokenise(text))
        value = cursor.number()
        if cursor.token.kind != "end":
            raise cursor.fail("the end")
    except HesseError as error:
        raise error.at(text) from None
    return value


def _no_number(text: str) -> Fraction:
    raise ArgumentError(f"{text} is not a finite number")


def _distinct(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ArgumentError(f"`{name}` has two values")
        found[name] = value
    return found


def _contents(path: str) -> str:
    """The text of a file. Raises ArgumentError when it cannot be read, LimitError when it is too large."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is not the name of a file"
        raise ArgumentError(f"the file {path} cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise LimitError(f"the file {path} has more than {MAX_BYTES} bytes, which is the limit")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ArgumentError(f"the file {path} is not UTF-8 text") from None


def _by_order(values: Sequence[tuple[Exact, Span]], declarations: Declarations) -> dict[str, tuple[Exact, Span | None]]:
    """The values given without names, by the names they belong to."""
    entries = declarations.variables
    scalars = sorted((name for name, entry in entries.items() if not entry.shape), key=natural_key)
    (first, start), (_, end) = values[0], values[-1]
    span = start.join(end)
    flat = not any(value.shape for value, _ in values)
    if len(entries) == 1:
        (name,) = entries
        if len(values) == 1:
            whole = first if first.shape or not entries[name].shape else Tensor((1,), first.entries)
            return {name: (whole, span)}
        if flat and entries[name].shape:
            return {name: (Tensor((len(values),), [value.item for value, _ in values]), span)}
    if len(scalars) < len(entries):
        raise ArgumentError(f"which values belong to {_listed(entries)}?", span=span, hint=_example(entries))
    if len(values) == 1 and len(first.shape) == 1:
        return _paired(scalars, [(Tensor.scalar(entry), span) for entry in first.entries], span)
    return _paired(scalars, values, span)


def _paired(
    names: Sequence[str], values: Sequence[tuple[Exact, Span]], span: Span
) -> dict[str, tuple[Exact, Span | None]]:
    if len(values) != len(names):
        count = f"{len(values)} value" + "s" * (len(values) != 1)
        expected = f"{len(names)} variable" + "s" * (len(names) != 1)
        listed = f" ({_listed(names)})" if names else ""
        raise ArgumentError(f"{count} for {expected}{listed}", span=span)
    return {name: (value, each) for name, (value, each) in zip(names, values, strict=True)}


def _complete(values: Mapping[str, tuple[Exact, Span | None]], declarations: Declarations) -> Point:
    """The values in the order of the declarations, one for each variable, of the right number of axes."""
    entries = declarations.variables
    for name, (value, span) in values.items():
        if name not in entries:
            near = difflib.get_close_matches(name, entries, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"the variables are {_listed(entries)}"
            raise ArgumentError(f"`{name}` is not a declared variable", span=span, hint=hint)
        _check_value(value, entries[name], span)
    missing = [name for name in entries if name not in values]
    if missing:
        raise ArgumentError(f"{_listed(missing)} must have a value as well", hint=_example(entries))
    return {name: values[name][0] for name in entries}


def _check_value(value: Exact, entry: VariableDeclaration, span: Span | None) -> None:
    if len(value.shape) != len(entry.shape):
        raise ArgumentError(
            f"`{entry.name}` is {_kind(len(entry.shape))}, the value is {_kind(len(value.shape))}",
            span=span,
            hint=f"write {_model(entry)}",
        )
    if entry.index is not None and any(number.denominator != 1 for number in value.entries):
        raise ArgumentError(f"`{entry.name}` holds positions: the values are integers", span=span)


def _kind(rank: int) -> str:
    return {0: "a scalar", 1: "a vector", 2: "a matrix"}.get(rank, f"an array with {rank} axes")


def _listed(names: Sequence[str] | Mapping[str, object]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def _example(entries: Mapping[str, VariableDeclaration]) -> str:
    return "write " + ",".join(map(_model, entries.values())) if entries else ""


def _model(entry: VariableDeclaration) -> str:
    """A value of the right number of axes, as one would type it."""
    value = ("1", "[1,2]", "[[1,2],[3,4]]")[len(entry.shape)] if len(entry.shape) <= 2 else "[...]"
    return f"{entry.name}={value}"
