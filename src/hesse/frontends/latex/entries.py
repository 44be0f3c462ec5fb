"""Names, entries of arrays, and arrays that are given by their entries."""

from __future__ import annotations

from fractions import Fraction

from hesse.core.sizes import Size
from hesse.core.syntax import Call, Index, Name, Num, Slice, Syntax, Text
from hesse.errors import AmbiguousError, ParseError, ShapeError, Span
from hesse.frontends.latex.positions import position_tree, slice_tree
from hesse.frontends.latex.resolve import Entry, Named, Part, Running, single_items
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tree import Big, Group, Latex, Number, Product, Range, Script, Symbol, parts
from hesse.frontends.latex.values import Scope, Value, scalar


def lower_number(scope: Scope, node: Number) -> Value:
    """A number."""
    return scalar(Num(node.value, node.span), node.span)


def lower_symbol(scope: Scope, node: Symbol) -> Value:
    """A name, or a running index as a number."""
    meaning = scope.meanings[id(node)]
    if isinstance(meaning, Running):
        _check_open(scope, meaning.name, node.span)
        position = Size.of(meaning.name) + scope.shifts[meaning.name]
        return scalar(position_tree(scope, position + 1 - scope.shifts[meaning.name], None, node.span), node.span)
    assert isinstance(meaning, Named)
    return named(scope, meaning.name, node.span)


def named(scope: Scope, name: str, span: Span) -> Value:
    """The value of a name."""
    if name in scope.defined:
        value = scope.defined[name]
        return Value(Name(name, span), value.rank, value.row, span)
    if name in scope.cursor.names.declarations.functions:
        raise ParseError(f"`{name}` is a function and needs an argument", span=span, hint=f"write `{name}(x)`")
    return Value(Name(name, span), len(scope.shapes.get(name, ())), False, span)


def _check_open(scope: Scope, name: str, span: Span) -> None:
    if name not in scope.extents:
        raise ParseError(
            f"the index `{name}` runs over nothing here",
            span=span,
            hint="a sum reaches to the next plus or minus: bracket a longer summand",
        )


def lower_script(scope: Scope, node: Script) -> Step[Value]:
    """A name with a subscript, an entry, a row, a part, or an array given by its entries."""
    meaning = scope.meanings.get(id(node))
    if isinstance(meaning, Named):
        return named(scope, meaning.name, node.span)
    if isinstance(meaning, Entry):
        base = named(scope, meaning.name, node.span)
        shape = scope.shapes.get(meaning.name)
    else:
        assert isinstance(meaning, Part)
        free = free_letters(scope, node)
        if free and isinstance(node.base, Group):
            array: Value = yield ("contraction", node.base.body, free, node.span)
            return array
        base, shape = (yield meaning.base), None
    items = _split(meaning.items, base.rank)
    if base.rank == 0 or len(items) > base.rank:
        what = "has no entries" if base.rank == 0 else f"has {base.rank} axes and {len(items)} indices"
        raise ShapeError(f"`{scope.source(node.span)}`: {base.kind} {what}", span=node.span)
    found: list[Syntax | Slice] = []
    taken = 0
    for axis, item in enumerate(items):
        tree, single = yield ("position", item, shape[axis] if shape is not None and axis < len(shape) else None)
        found.append(tree)
        taken += single
    return Value(Index(base.tree, tuple(found), node.span), base.rank - taken, False, node.span)


def read_position(scope: Scope, item: Latex | Range, axis: Size | None) -> Step[tuple[Syntax | Slice, bool]]:
    """The item of an index, and whether it is a single position."""
    if isinstance(item, Range):
        start: Size | None = None if item.start is None else (yield ("size", item.start))
        stop: Size | None = None if item.stop is None else (yield ("size", item.stop))
        step: Size | None = None if item.step is None else (yield ("size", item.step))
        return slice_tree(item, start, stop, step, axis), False
    meaning = scope.meanings.get(id(item))
    if isinstance(meaning, Named):
        variable = scope.cursor.names.declarations.variables.get(meaning.name)
        if variable is not None and variable.index is not None:
            return Name(meaning.name, item.span), False
    if isinstance(meaning, Running):
        _check_open(scope, meaning.name, item.span)
    position: Size = yield ("size", item)
    if not any(name in scope.extents for name in position.names):
        scope.note("indices count from 1")
    return position_tree(scope, position, axis, item.span), True


def _split(items: tuple[Latex | Range, ...], rank: int) -> tuple[Latex | Range, ...]:
    """The items, those side by side taken apart where the array has the axes for them: A_{ij}, A_{12}."""
    if len(items) != 1 or rank < 2:
        return items
    parts = single_items(items)
    if len(parts) == 1 and isinstance(parts[0], Number) and parts[0].value.denominator == 1:
        digits = str(int(parts[0].value))
        if len(digits) == rank:
            return tuple(Number(parts[0].span, Fraction(digit)) for digit in digits)
        if len(digits) > 1:
            raise AmbiguousError(
                "which index is which?", (f"_{{{','.join(digits)}}}", f"_{{{digits},:}}"), span=parts[0].span
            )
    return parts if len(parts) == rank else items


def free_letters(scope: Scope, node: Script) -> tuple[str, ...]:
    """The letters of `[...]_{ij}`, which says an array by its entries; empty for anything else."""
    if not isinstance(node.base, Group) or node.base.mark != "[":
        return ()
    letters: list[str] = []
    for item in single_items(node.items):
        meaning = scope.meanings.get(id(item))
        if not isinstance(meaning, Running) or meaning.name in scope.extents:
            return ()
        letters.append(meaning.name)
    return tuple(letters)


def read_contraction(scope: Scope, body: Latex, free: tuple[str, ...], span: Span) -> Step[Value]:
    """The array whose entries are a sum of products of entries."""
    found: Value | None = yield ("einsum", body, free, span)
    if found is None:
        raise ParseError(
            "an array is given by its entries only as a sum of products of entries",
            span=span,
            hint=r"as in `\left[ \sum_k A_{ik} B_{kj} \right]_{ij}`",
        )
    return found


def read_einsum(scope: Scope, body: Latex, free: tuple[str, ...], span: Span) -> Step[Value | None]:
    """The sum of products of entries as one contraction; None where it is anything more."""
    letters = set(free)
    if isinstance(body, Big):
        if body.function != "sum" or body.condition or any(bound.start or bound.stop for bound in body.bounds):
            return None
        letters |= {bound.index for bound in body.bounds}
        body = body.body
    factors = body.factors if isinstance(body, Product) else (body,)
    terms = [_term(scope, factor, letters) for factor in factors]
    if None in terms or set("".join(filter(None, terms))) != letters:
        return None
    operands: list[Syntax] = []
    for factor, term in zip(factors, terms, strict=True):
        meaning = scope.meanings.get(id(factor))
        if term and isinstance(meaning, Entry):
            base = named(scope, meaning.name, factor.span)
        else:
            base = yield (meaning.base if term and isinstance(meaning, Part) else factor)
        if base.rank != len(term or ""):
            shown = scope.source(factor.span)
            raise ShapeError(f"`{shown}`: {base.kind} with {len(term or '')} indices", span=factor.span)
        operands.append(base.tree)
    specification = Text(f"{','.join(term or '' for term in terms)}->{''.join(free)}", span)
    return Value(Call("einsum", (specification, *operands), None, span), len(free), False, span)


def _term(scope: Scope, factor: Latex, letters: set[str]) -> str | None:
    """The letters of an entry; empty for a factor without indices, None for one that is no plain entry."""
    meaning = scope.meanings.get(id(factor))
    if isinstance(factor, Script) and isinstance(meaning, Entry | Part) and not free_letters(scope, factor):
        names = [scope.meanings.get(id(item)) for item in single_items(meaning.items)]
        term = "".join(name.name for name in names if isinstance(name, Running) and name.name in letters)
        if term and len(term) == len(names) and term.isascii():
            return term
    return None if free_indices(scope, factor) & letters else ""


def free_indices(scope: Scope, root: Latex) -> frozenset[str]:
    """The running indices in a construct that no sum inside of it runs over."""
    stack: list[tuple[Latex | Range, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in scope.free:
            continue
        below = parts(node)
        if not ready:
            stack.append((node, True))
            stack.extend((each, False) for each in below)
            continue
        found = frozenset[str]().union(*(scope.free[id(each)] for each in below))
        meaning = scope.meanings.get(id(node))
        if isinstance(meaning, Running):
            found = frozenset({meaning.name})
        elif isinstance(node, Big):
            found -= {bound.index for bound in node.bounds}
        elif isinstance(node, Script):
            found -= set(free_letters(scope, node))
        scope.free[id(node)] = found
    return scope.free[id(root)]
