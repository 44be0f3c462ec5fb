"""Trees as text in NumPy's spelling: what the text front end reads back to a tree of the same meaning.

Brackets follow Python's precedence, and stand in a few more places where a reader could stumble: around `@` next to
`*` or `/` (but not where a scalar divides an array), and around a quotient that goes on (`(a/b)*c`). Nested sums and
products are written flat, and adding a negative is written as subtracting; nothing else is rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import assert_never

from hesse.core.declarations import Declarations
from hesse.core.syntax import (
    COMPARISONS,
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
    children,
    postorder,
)
from hesse.notation.ranks import ranks
from hesse.render.numbers import spell
from hesse.render.precedence import Level, Rope, first_leaf, flatten, joined
from hesse.render.sharing import printable


@dataclass(frozen=True, slots=True)
class Piece:
    """Written text: without its leading minus, if there is one."""

    text: Rope
    level: Level = Level.ATOM
    negative: bool = False
    number: bool = False
    running: Rope = ""  # of a running sum what stands in its brackets

    @property
    def whole(self) -> Rope:
        """The text with its sign."""
        return ("-", self.text) if self.negative else self.text

    def at(self, level: Level) -> Rope:
        """The text where an operand of at least this level and without a sign is needed."""
        return ("(", self.whole, ")") if self.negative or self.level < level else self.text

    def first(self, level: Level) -> Rope:
        """The text as the first operand, whose sign the whole operation takes over."""
        return ("(", self.text, ")") if self.level < level else self.text


def to_text(tree: Syntax, declarations: Declarations) -> str:
    """The tree in the text notation. A graph whose text would explode is written with definitions."""
    body, bindings = text_parts(tree, declarations)
    return "; ".join([*(f"{name} = {value}" for name, value in bindings), body])


def text_parts(tree: Syntax, declarations: Declarations) -> tuple[str, list[tuple[str, str]]]:
    """The text of the expression and those of its definitions, each a name and a value."""
    tree = printable(tree, declarations)
    known = ranks(tree, declarations)
    pieces: dict[int, Piece] = {}
    for subtree in postorder(tree):
        parts = [pieces[id(child)] for child in children(subtree)]
        pieces[id(subtree)] = _piece(subtree, parts, known, declarations)
    bindings = tree.bindings if isinstance(tree, Definitions) else ()
    body = tree.body if isinstance(tree, Definitions) else tree
    return flatten(pieces[id(body)].whole), [(name, flatten(pieces[id(value)].whole)) for name, value in bindings]


def _piece(tree: Syntax, parts: Sequence[Piece], known: Mapping[int, int], declarations: Declarations) -> Piece:
    match tree:
        case Num(value=value):
            return number_piece(value)
        case Name(name=name):
            return Piece(name)
        case Text(value=value):
            return Piece(f'"{value}"')
        case Negative():
            return _negative(parts[0])
        case Binary(operator=operator):
            scales = operator == "*" and known[id(tree)] > known[id(tree.left)] == 0
            return _binary(operator, parts[0], parts[1], scales or (operator == "/" and _divides(tree, known)))
        case Transpose():
            return Piece((_subject(parts[0]), ".T"))
        case Index() | Stack() | Tuple():
            return _bracketed(tree, parts)
        case Running():
            return _running(tree, parts)
        case Call() | Undefined() | Definitions():
            return _applied(tree, parts, declarations)
        case _:
            assert_never(tree)


def number_piece(value: Fraction) -> Piece:
    """The literal of an exact number."""
    spelling = spell(abs(value))
    if spelling.denominator:
        return Piece(f"{spelling.mantissa}/{spelling.denominator}", Level.QUOTIENT, value < 0, number=True)
    exponent = f"e{spelling.exponent}" if spelling.exponent else ""
    return Piece(spelling.mantissa + exponent, Level.ATOM, value < 0, number=True)


def _negative(operand: Piece) -> Piece:
    if operand.negative or operand.level < Level.QUOTIENT:
        return Piece(("(", operand.whole, ")"), negative=True)
    return replace(operand, negative=True)


def _binary(operator: str, left: Piece, right: Piece, scalar: bool) -> Piece:
    """The operation; `scalar` says that one side is a scalar that may stand at either end of a matrix product."""
    if operator in COMPARISONS:
        return Piece((_term(left), f" {operator} ", _term(right)), Level.COMPARISON)
    if operator == "*" and scalar and right.level == Level.MATRIX and not right.negative:
        # 2*A.T @ r: the scalar multiplies the first factor just as well as the product.
        return Piece((left.first(Level.ELEMENTWISE), "*", right.text), Level.MATRIX, left.negative)
    if operator == "/" and scalar and left.level == Level.MATRIX:
        # A.T @ r/m: the scalar divides the last factor just as well as the product.
        return Piece((left.text, "/", right.at(Level.POWER)), Level.QUOTIENT, left.negative)
    if operator == "*":
        return _times(left, right, scalar)
    return _ARITHMETIC[operator](left, right)


def _divides(tree: Binary, known: Mapping[int, int]) -> bool:
    """Whether the right side is a scalar by which a product may be divided at its end, without brackets."""
    return not known[id(tree.right)] and (known[id(tree)] > 0 or isinstance(tree.right, Name | Num))


def _term(piece: Piece) -> Rope:
    """The first operand of a sum or a comparison, which keeps its sign."""
    return piece.whole if piece.level >= Level.SUM else ("(", piece.whole, ")")


def _plus(left: Piece, right: Piece) -> Piece:
    if right.negative:
        return Piece((_term(left), " - ", right.text), Level.SUM)
    flat = right.level == Level.SUM and first_leaf(right.text) != "-"
    return Piece((_term(left), " + ", right.text if flat else right.at(Level.FLOOR)), Level.SUM)


def _minus(left: Piece, right: Piece) -> Piece:
    return Piece((_term(left), " - ", right.at(Level.FLOOR)), Level.SUM)


def _times(left: Piece, right: Piece, scalar: bool) -> Piece:
    flat = right.level == Level.ELEMENTWISE and not right.negative
    factor = right.text if flat else right.at(Level.POWER)
    level = Level.SCALED if (left.number or scalar) and not flat else Level.ELEMENTWISE
    return Piece((left.first(Level.ELEMENTWISE), "*", factor), level, left.negative)


def _over(left: Piece, right: Piece) -> Piece:
    # 1/3 is read as a quotient of literals: it must be written on as the one number that it may have been.
    number = left.number and right.number and left.level == right.level == Level.ATOM
    text = (left.first(Level.ELEMENTWISE), "/", right.at(Level.POWER))
    return Piece(text, Level.QUOTIENT, left.negative, number)


def _rounded_quotient(left: Piece, right: Piece) -> Piece:
    return Piece((left.at(Level.ELEMENTWISE), "//", right.at(Level.POWER)), Level.FLOOR)


def _matrix_product(left: Piece, right: Piece) -> Piece:
    head = left.text if left.level == Level.MATRIX else left.first(Level.SCALED)
    return Piece((head, " @ ", right.at(Level.POWER)), Level.MATRIX, left.negative)


def _power(base: Piece, exponent: Piece) -> Piece:
    bare = exponent.number and exponent.level == Level.ATOM
    power = exponent.whole if bare else exponent.at(Level.SUBSCRIPTED)
    return Piece((base.at(Level.SUBSCRIPTED), "**", power), Level.POWER)


_ARITHMETIC: Mapping[str, Callable[[Piece, Piece], Piece]] = {
    "+": _plus, "-": _minus, "/": _over, "//": _rounded_quotient, "@": _matrix_product, "**": _power,
}  # fmt: skip


def _subject(piece: Piece) -> Rope:
    """What a postfix can follow: a literal cannot, since `2.T` would read as a decimal."""
    return ("(", piece.whole, ")") if piece.number else piece.at(Level.SUBSCRIPTED)


def _bracketed(tree: Index | Stack | Tuple, parts: Sequence[Piece]) -> Piece:
    match tree:
        case Index(items=items):
            return Piece((_subject(parts[0]), "[", ", ".join(_items(items, parts[1:])), "]"))
        case Stack():
            return Piece(("[", _listed(parts), "]"))
        case Tuple():
            return Piece(("(", _listed(parts), ",)" if len(parts) == 1 else ")"))
        case _:
            assert_never(tree)


def _listed(parts: Sequence[Piece]) -> Rope:
    return joined(", ", [part.whole for part in parts])


def _items(items: Sequence[Syntax | Slice], parts: Sequence[Piece]) -> list[str]:
    """The items of an index, written tightly: x[1:n-1]."""
    rest = iter(parts)
    return [_slice(item, rest) if isinstance(item, Slice) else _tight(next(rest)) for item in items]


def _slice(item: Slice, rest: Iterator[Piece]) -> str:
    start, stop, step = ("" if part is None else _tight(next(rest)) for part in (item.start, item.stop, item.step))
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def _tight(piece: Piece) -> str:
    return flatten(piece.whole).replace(" + ", "+").replace(" - ", "-")


def _applied(tree: Call | Undefined | Definitions, parts: Sequence[Piece], declarations: Declarations) -> Piece:
    match tree:
        case Call(function="outer", arguments=(_, Call(function="ones", arguments=(Num(value=length),)))) if (
            length == 1
        ):
            return Piece((_subject(parts[0]), "[:, None]"))
        case Call(function=function, axis=axis):
            suffix = "" if axis is None else f", axis={axis}"
            return Piece((function, "(", _listed(parts), suffix, ")"))
        case Undefined(function=function, order=order):
            return Piece((_derivative(function, order, declarations), "(", _listed(parts), ")"))
        case Definitions(bindings=bindings):
            values = [(name, " = ", part.whole, "; ") for (name, _), part in zip(bindings, parts, strict=False)]
            return Piece((*values, parts[-1].whole), Level.COMPARISON)
        case _:
            assert_never(tree)


def _running(tree: Running, parts: Sequence[Piece]) -> Piece:
    """sum(i, j=0:n, body): sums right inside of sums are written in one."""
    given = iter(parts[:-1])
    start, stop = ("" if end is None else _tight(next(given)) for end in (tree.start, tree.stop))
    index = tree.index if tree.start is tree.stop is None else f"{tree.index}={start}:{stop}"
    body = parts[-1]
    inner = body.running if isinstance(tree.body, Running) and tree.body.function == tree.function else body.whole
    rope: Rope = (index, ", ", inner)
    return Piece((tree.function, "(", rope, ")"), running=rope)


def _derivative(function: str, order: int, declarations: Declarations) -> str:
    """How the derivative of an undefined function is called: u, grad(u), jac(g), hess(u), diff(phi), diff(u, 3)."""
    declaration = declarations.functions.get(function)
    if order == 0:
        return function
    if declaration is not None and declaration.domain and order <= 2:
        first = "jac" if declaration.codomain else "grad"
        return f"{first if order == 1 else 'hess'}({function})"
    return f"diff({function})" if order == 1 else f"diff({function}, {order})"
