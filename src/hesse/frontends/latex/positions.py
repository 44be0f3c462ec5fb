r"""Positions, ranges and sizes: from 1 with both ends in LaTeX, from 0 and half-open in the surface language."""

from __future__ import annotations

from collections.abc import Sequence

from hesse.core.sizes import Atom, Size
from hesse.core.syntax import Binary, Name, Negative, Slice, Syntax, number
from hesse.errors import ParseError, Span
from hesse.frontends.latex.resolve import END, Named, Running
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tree import Group, Infix, Latex, Number, Power, Product, Range, Sum, Symbol
from hesse.frontends.latex.values import Scope

LARGEST = 10**9
_HINT = r"positions and sizes are integers, names of sizes and running indices, with plus, minus and products"


def read_size(scope: Scope, node: Latex) -> Step[Size]:
    """The integer polynomial in sizes and running indices that a position or a size is."""
    match node:
        case Number(value=value) if value.denominator == 1 and value <= LARGEST:
            return Size.of(int(value))
        case Symbol():
            return Size.of(_size_name(scope, node))
        case Group(mark="⌊", body=Infix(operator="/" | "frac", left=left, right=Number(value=value))) if value in range(
            1, LARGEST
        ):
            numerator: Size = yield ("size", left)
            return numerator // int(value)
        case Group(mark=mark, body=body) if mark != "⌊":
            inside: Size = yield ("size", body)
            return inside
        case Sum(terms=terms):
            total = Size.of(0)
            for minus, term in terms:
                part: Size = yield ("size", term)
                total = total - part if minus else total + part
            return total
        case Product() | Infix(operator="·" | "×"):
            product = Size.of(1)
            for factor in _factors(node):
                part = yield ("size", factor)
                product = product * part
                _check_degree(product, node.span)
            return product
        case Power(base=base, exponent=Number(value=value)) if value in range(1, 7):
            part = yield ("size", base)
            product = part
            for _ in range(int(value) - 1):
                product = product * part
                _check_degree(product, node.span)
            return product
        case _:
            raise ParseError("this is no position and no size", span=node.span, hint=_HINT)


def _factors(node: Latex) -> tuple[Latex, ...]:
    match node:
        case Product(factors=factors):
            return factors
        case Infix(left=left, right=right):
            return (left, right)
        case _:
            return ()


def _check_degree(size: Size, span: Span) -> None:
    if any(sum(power for _, power in monomial) > 6 for monomial, _ in size.terms) or len(size.terms) > 20:
        raise ParseError("this size is too large a polynomial", span=span)


def _size_name(scope: Scope, node: Symbol) -> str:
    meaning = scope.meanings.get(id(node))
    if isinstance(meaning, Running):
        if meaning.name not in scope.extents:
            raise ParseError(f"the index `{meaning.name}` runs over nothing here", span=node.span)
        return meaning.name
    if isinstance(meaning, Named) and (meaning.name == END or is_size(scope, meaning.name)):
        return meaning.name
    raise ParseError(f"`{scope.source(node.span)}` is not a size and does not run", span=node.span, hint=_HINT)


def is_size(scope: Scope, name: str) -> bool:
    """Whether the name is that of a size, declared or of an axis of a name whose shape is being found."""
    return name in scope.cursor.names.declarations.size_names or any(
        name in size.names for shape in scope.shapes.values() for size in shape
    )


def size_tree(size: Size) -> Syntax:
    """A size in the surface language, in sums and products alone."""
    terms = sorted(size.terms, key=lambda term: term[1] < 0)
    if not terms:
        return number(0)
    tree: Syntax | None = None
    for monomial, coefficient in terms:
        term = _monomial(monomial, abs(coefficient))
        if tree is None:
            tree = term if coefficient > 0 else Negative(term)
        else:
            tree = Binary("+" if coefficient > 0 else "-", tree, term)
    assert tree is not None
    return tree


def _monomial(monomial: Sequence[tuple[Atom, int]], coefficient: int) -> Syntax:
    factors = [_atom(atom) for atom, power in monomial for _ in range(power)]
    if coefficient != 1 or not factors:
        factors.insert(0, number(coefficient))
    tree = factors[0]
    for factor in factors[1:]:
        tree = Binary("*", tree, factor)
    return tree


def _atom(atom: Atom) -> Syntax:
    if isinstance(atom, str):
        return Name(atom)
    return Binary("//", size_tree(atom.numerator), number(atom.divisor))


def from_end(size: Size) -> int | None:
    """k for the position end + k; None for positions that are counted from the front."""
    if END not in size.names:
        return None
    return (size - Size.of(END)).as_int()


def position_tree(scope: Scope, position: Size, axis: Size | None, span: Span) -> Syntax:
    """A position counted from 1 as one counted from 0; what the running indices meet is noted."""
    back = from_end(position)
    if back is not None:
        if back > 0:
            raise ParseError("this position is behind the end", span=span)
        return Negative(number(1 - back), span)
    value = position.as_int()
    if value is not None and value < 1:
        raise ParseError("positions count from 1", span=span, hint="the first entry is `x_1`")
    running = [name for name in position.names if name in scope.extents]
    for name in running:
        offset = (position - Size.of(name)).as_int()
        if offset is not None and axis is not None:
            scope.extents[name].append((axis, offset))
    shifted = position.substitute({name: Size.of(name) + scope.shifts[name] for name in running})
    tree = size_tree(shifted - 1)
    return Name(tree.name, span) if isinstance(tree, Name) else tree


def slice_tree(node: Range, start: Size | None, stop: Size | None, step: Size | None, axis: Size | None) -> Slice:
    """A range counted from 1, with both ends, as a slice."""
    backwards = step is not None and step.sign() == -1
    first = None if start is None or _is_edge(start, axis, backwards) else _bound(start, -1)
    last = None if stop is None or _is_edge(stop, axis, not backwards) else _bound(stop, -2 if backwards else 0)
    return Slice(first, last, None if step is None else size_tree(step), node.span)


def _is_edge(bound: Size, axis: Size | None, far: bool) -> bool:
    """Whether the bound is the last position, or the first one."""
    return (from_end(bound) == 0 or bound == axis) if far else bound == Size.of(1)


def _bound(bound: Size, offset: int) -> Syntax:
    back = from_end(bound)
    if back is not None:
        return Negative(number(-back - offset)) if back + offset else number(0)
    return size_tree(bound + offset)
