"""Characters of the notation beyond ASCII: what each is read as, and what to write instead of those refused."""

from __future__ import annotations

import unicodedata

OPERATORS = {
    "−": "-",
    "–": "-",
    "∗": "*",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "⊙": "⊙",
    "·": "·",
    "⋅": "·",
    "∙": "·",
}
NORMS = "‖∥"
TRANSPOSES = "'’′ᵀ⊤"
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))

_POWER = "write a power as `x**k`"
_BRACKETS = "write round brackets for grouping and square ones for indices and stacks"
_HINTS = {
    "×": "write `*` for the product of entries and `@` for the matrix product",
    "÷": "write `/`",
    "∘": "write `*` for the product of entries",
    "⊗": "write `outer(x, y)` or `kron(A, B)`",
    "∑": "write `sum(x)`, or `sum(i, x[i]*y[i])` with a running index",
    "∏": "write `prod(x)`",
    "∇": "ask for the gradient of an expression; `grad(u)(x)` is that of a declared function u",
    "∂": "ask for the derivative of an expression; `diff(phi)(z)` is that of a declared function phi",
    "|": "write `abs(x)` for the absolute value, `norm(x)` for the norm, `det(A)` for the determinant",
    "&": "write `(a > 0)*(b > 0)`",
    "~": "write `1 - (a > 0)`",
    "!": "`!=` is the comparison; there is no factorial",
    "%": "there is no remainder and no percentage",
    "{": _BRACKETS,
    "}": _BRACKETS,
    "\\": "commands such as `\\frac` belong to the LaTeX notation",
    "$": "write the formula without dollar signs",
    "#": "there are no comments",
    "‘": 'write strings as "ij,jk->ik"',
    "“": 'write strings as "ij,jk->ik"',
    "”": 'write strings as "ij,jk->ik"',
    "∞": "there is no infinity",
}


def _style(char: str) -> str:
    """How the character relates to a plain one: "super", "sub", "fraction", ... or nothing."""
    tag = unicodedata.decomposition(char).partition(">")[0]
    return tag.removeprefix("<") if tag.startswith("<") else ""


def starts_name(char: str) -> bool:
    """Whether a name may start with the character: letters of any script and the underscore."""
    return char.isidentifier() and _style(char) not in ("super", "sub")


def continues_name(char: str) -> bool:
    """Whether the character may stand inside a name; subscript digits may."""
    if char in SUBSCRIPTS:
        return True
    # Unicode lets the middle dot stand inside identifiers; here it is the sign of a product.
    return char not in OPERATORS and ("x" + char).isidentifier() and _style(char) not in ("super", "sub")


def normal_name(text: str) -> str:
    """The name as it is known everywhere: x1 for x₁, pi for π, x for a fullwidth or bold x (Python's rule, NFKC)."""
    name = unicodedata.normalize("NFKC", text)
    return "pi" if name == "π" else name


def fraction(char: str) -> str | None:
    """The text 1/2 for ½, or None for any character that is not a fraction."""
    if _style(char) != "fraction":
        return None
    numerator, _, denominator = unicodedata.normalize("NFKC", char).partition("⁄")
    return f"{numerator}/{denominator}" if denominator else None


def describe(char: str) -> str:
    """The character as shown in a message: itself, or its code point where it cannot be seen."""
    if char.isprintable() and not char.isspace():
        return f"`{char}`"
    return f"U+{ord(char):04X}"


def advice(char: str) -> str:
    """What to write instead of a character that is not in the notation; empty when nothing is known."""
    if char in _HINTS:
        return _HINTS[char]
    style = _style(char)
    if style == "super":
        return _POWER
    if style == "sub":
        return "write an entry as `x[i]`; digits are the only subscripts that belong to names"
    plain = unicodedata.normalize("NFKC", char)
    return f"write `{plain}`" if plain != char and plain.isascii() and plain.isprintable() and plain.strip() else ""
