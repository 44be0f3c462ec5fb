"""Reading text in tests: trees are compared as s-expressions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Running,
    Slice,
    Stack,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
    fold,
)
from hesse.errors import HesseError
from hesse.frontends.text import parse_declarations, parse_text

Read = Callable[..., str]
Fail = Callable[..., HesseError]


def _label(tree: Syntax) -> str:
    match tree:
        case Binary(operator=operator, typed=typed):
            return operator + (f":{typed}" if typed else "")
        case Negative():
            return "neg"
        case Transpose(typed=typed):
            return "T" + (f":{typed}" if typed else "")
        case Call(function=function, axis=axis):
            return function if axis is None else f"{function},axis={axis}"
        case Running(function=function, index=index, start=start, stop=stop):
            return f"{function} {index}" + (":" if start or stop else "") + "<" * bool(start) + ">" * bool(stop)
        case Undefined(function=function, order=order):
            return f"{function},{order}"
    raise AssertionError(tree)


def _index(items: tuple[Syntax | Slice, ...], parts: tuple[str, ...]) -> str:
    texts = iter(parts)
    shown = []
    for item in items:
        if isinstance(item, Slice):
            part = ["" if edge is None else next(texts) for edge in (item.start, item.stop, item.step)]
            shown.append(":".join(part))
        else:
            shown.append(next(texts))
    return ", ".join(shown)


def _show(tree: Syntax, parts: tuple[str, ...]) -> str:
    match tree:
        case Num(value=value):
            return str(value)
        case Name(name=name):
            return name
        case Text(value=value):
            return f'"{value}"'
        case Index(items=items):
            return f"{parts[0]}[{_index(items, parts[1:])}]"
        case Stack():
            return f"[{' '.join(parts)}]"
        case Tuple():
            return f"<{' '.join(parts)}>"
        case Definitions(bindings=bindings):
            values = [f"{name}={part}" for (name, _), part in zip(bindings, parts, strict=False)]
            return f"({'; '.join(values)}; {parts[-1]})"
    return f"({' '.join((_label(tree), *parts))})"


def dump(tree: Syntax) -> str:
    """The tree as an s-expression: `(+ x (neg 2))`; what was typed behind a colon: `(**:^ x 2)`."""
    return fold(tree, _show)


@pytest.fixture(scope="session")
def read() -> Read:
    """`read(text, declarations)` is the tree as an s-expression."""
    return lambda text, declarations="": dump(parse_text(text, parse_declarations(declarations))[0])


@pytest.fixture(scope="session")
def readings() -> Callable[..., tuple[str, ...]]:
    """`readings(text, declarations)` are the sentences on how the text was understood."""
    return lambda text, declarations="": parse_text(text, parse_declarations(declarations))[1]


@pytest.fixture(scope="session")
def fail() -> Fail:
    """`fail(text, declarations)` is the error that reading the text raises."""

    def run(text: str, declarations: str = "") -> HesseError:
        with pytest.raises(HesseError) as caught:
            parse_text(text, parse_declarations(declarations))
        return caught.value

    return run
