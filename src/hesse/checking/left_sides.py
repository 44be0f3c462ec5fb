r"""What stands before the equals sign of an answer: `∇f =`, `df/dx =`, `f_x =`, `\frac{\partial f}{\partial x} =`."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

NAME = r"[^\W\d]\w*"
_FUNCTION = rf"{NAME}['′]*\s*(?:\([^()=]*\))?"
_OPERATOR = rf"(?:gradient|grad|Jacobian|jacobian|jac|Hessian|hessian|hess|nabla|∇)(?:²|\^2|\*\*2)?(?:_{NAME}|\s+of)?"
_SQUARE = r"(?:²|\^2|\*\*2)?"
_FRACTION = rf"[d∂]{_SQUARE}\s*(?:{NAME})?\s*/\s*(?:[d∂]\s*{NAME}{_SQUARE}\s*)+"
_LEFT = re.compile(
    rf"\s*(?:{_OPERATOR}\s*(?:\(\s*{NAME}\s*\)|{_FUNCTION})?|{_FRACTION}(?:{_FUNCTION}|\([^=]*\))?|{_FUNCTION})\s*"
)
_BY = re.compile(r"(?:\\partial|\bd)\s*(\\?[A-Za-z]\w*(?:\{\w+\})?)\s*(\^\{?2\}?)?")


def without_left_side(text: str, declared: Container[str]) -> tuple[str, str]:
    """The text with spaces in the place of the left side and its equals sign, and the left side, empty where none is.

    The last statement is looked at, since those before it are definitions. What is no name of a function or of its
    derivative stays, and so does the name of a variable: that equation is to be refused.
    """
    start = _last_statement(text)
    place = _equals_sign(text, start)
    if place is None:
        return text, ""
    left = text[start:place].strip()
    if left in declared or (left and not _LEFT.fullmatch(left)):
        return text, ""
    return text[:start] + " " * (place + 1 - start) + text[place + 1 :], left


def partials(left: str, names: Sequence[str]) -> tuple[str, ...]:
    r"""By which of the names the left side is a partial derivative: x for `df/dx`, `f_x`, `\partial f/\partial x`."""
    plain = {_plain(name): name for name in names}
    fraction = re.search(r"\\d?frac\s*\{[^{}]*\}\s*\{(.*)\}|/(.*)", left, re.DOTALL)
    if fraction is not None:
        found: list[str] = []
        for name, square in _BY.findall(_spelled(fraction[1] or fraction[2])):
            found += [_plain(name)] * (2 if square else 1)
        return tuple(plain[name] for name in found) if found and all(name in plain for name in found) else ()
    subscript = re.fullmatch(r"[A-Za-z]_\{?(\w+)\}?(?:\s*\([^()]*\))?", left)
    return _split(_plain(subscript[1]), plain) if subscript is not None else ()


def _spelled(below: str) -> str:
    """A denominator in LaTeX's spelling."""
    below = re.sub(r"²|\*\*2", "^2", below.replace("∂", r"\partial "))
    return re.sub(r"\bd(?=[^\W\d])", "d ", below)


def _split(letters: str, names: dict[str, str]) -> tuple[str, ...]:
    """The one name, or the two names one after the other, that the subscript is."""
    if letters in names:
        return (names[letters],)
    pairs = [(letters[:k], letters[k:]) for k in range(1, len(letters))]
    found = [(names[one], names[two]) for one, two in pairs if one in names and two in names]
    return found[0] if len(found) == 1 else ()


def _plain(name: str) -> str:
    return re.sub(r"[\\_{}\s]", "", name)


def _depths(text: str) -> list[int]:
    depth, found = 0, []
    for character in text:
        depth -= character in ")]}"
        found.append(depth)
        depth += character in "([{"
    return found


def _last_statement(text: str) -> int:
    depths = _depths(text)
    return max((k + 1 for k, c in enumerate(text) if c == ";" and depths[k] == 0 and text[k + 1 :].strip()), default=0)


def _equals_sign(text: str, start: int) -> int | None:
    """The place of the only equals sign outside of brackets that is no part of a comparison."""
    depths = _depths(text)
    found = [k for k in range(start, len(text)) if text[k] == "=" and depths[k] == 0]
    if len(found) != 1 or (found[0] > start and text[found[0] - 1] in "<>!:"):
        return None
    return found[0]
