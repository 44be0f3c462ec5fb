"""From the surface tree to terms: names resolved, functions lowered to what the target spells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from hesse.codegen import contractions, entropies
from hesse.codegen.indexing import Item, Range
from hesse.codegen.products import Products
from hesse.codegen.rearranging import REARRANGING
from hesse.codegen.terms import Term, Terms, as_size
from hesse.core.build import shape_text, variable
from hesse.core.declarations import Declarations
from hesse.core.function import Construction
from hesse.core.nodes import Elementwise, Operator, Shape
from hesse.core.sizes import Size
from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Slice,
    Stack,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
    children,
)
from hesse.errors import ArgumentError, ShapeError, UnknownNameError
from hesse.functions import ALIASES, FUNCTIONS

Scope = Mapping[str, Term]
_LEAVES = frozenset({"number", "variable", "constant", "size"})


class Builder:
    """Makes the terms of one program; `spells(name)` says what the target can write as it is."""

    def __init__(self, declarations: Declarations, spells: Callable[[str], bool], target: str) -> None:
        self.terms = Terms()
        self.products = Products(self.terms)
        self.declarations = declarations
        self.names: dict[Term, str] = {}
        self._spells = spells
        self._target = target
        constants = {name: self.terms.constant(name) for name in ("pi", "e")}
        self._constants: Scope = constants
        sizes = {name: self.terms.size(Size.of(name)) for name in declarations.size_names}
        variables = {
            entry.name: self.terms.variable(entry.name, entry.shape, entry.index is not None)
            for entry in declarations.variables.values()
        }
        self.scope: Scope = {**constants, **sizes, **variables}

    def build(self, tree: Syntax) -> Term:
        """The term of a whole expression; its definitions' names are kept in `names`."""
        return self.terms.real(self._term(tree, self.scope))

    def _term(self, tree: Syntax, scope: Scope) -> Term:
        values: dict[int, Term] = {}
        for subtree in _postorder(tree):
            values[id(subtree)] = self._visit(subtree, values, scope)
        return values[id(tree)]

    def _define(self, tree: Definitions, scope: Scope) -> Term:
        inner = dict(scope)
        for name, value in tree.bindings:
            term = self._term(value, inner)
            if term.head not in _LEAVES:
                self.names.setdefault(term, name)
            inner[name] = term
        return self._term(tree.body, inner)

    def _visit(self, tree: Syntax, values: Mapping[int, Term], scope: Scope) -> Term:
        match tree:
            case Num(value=value):
                return self.terms.number(value)
            case Name():
                return _lookup(tree, scope)
            case Definitions():
                return self._define(tree, scope)
            case Text() | Tuple():
                return self.terms.number(0)  # only read through the call that holds it
            case Call(function="einsum"):
                return self._einsum(tree, [values[id(argument)] for argument in tree.arguments[1:]])
            case Index():
                return self._index(tree, values)
            case Call(function=function, arguments=arguments, axis=axis):
                items = [item for each in arguments for item in (each.items if isinstance(each, Tuple) else (each,))]
                return self._call(function, [values[id(item)] for item in items], axis, scope)
            case _:
                return self._operation(tree, [values[id(child)] for child in children(tree)])

    def _operation(self, tree: Syntax, parts: Sequence[Term]) -> Term:
        match tree:
            case Negative():
                return self.products.negative(parts[0])
            case Binary(operator="@" | "*" as operator) if (limit := self._limit(operator, *parts)) is not None:
                return limit
            case Binary(operator="@"):
                return self.products.matmul(*parts)
            case Binary(operator=operator):
                return self.products.arithmetic(operator, *parts)
            case Transpose():
                return self.products.transpose(parts[0])
            case Stack():
                return self.terms.stack(parts)
            case Undefined():
                return self._undefined(tree, parts[0])
            case _:
                raise AssertionError(f"not an operation: {tree!r}")

    def _limit(self, operator: str, left: Term, right: Term) -> Term | None:
        """A product with a logarithm that has a limit where it is 0 times infinity, on targets that spell it."""
        if not self._spells(entropies.HEAD):
            return None
        find = entropies.product if operator == "*" else entropies.dot
        return find(self.terms, left, right)

    # Functions

    def _call(self, function: str, arguments: Sequence[Term], axis: int | None, scope: Scope) -> Term:
        name = ALIASES.get(function, function)
        match FUNCTIONS.get(name):
            case Elementwise() as row:
                if self._spells(name):
                    return self.terms.function(name, arguments, row.truth)
                return self._lowered(name, row.lowering, arguments)
            case Operator() as row:
                return self._operator(row, arguments, axis)
            case Construction() as row:
                return self._construction(row, arguments, axis)
            case None:
                if not self._spells(name):
                    raise UnknownNameError(f"there is no function {name}")
                return self.terms.function(name, arguments)

    def _lowered(self, name: str, lowering: Callable[..., Syntax] | None, arguments: Sequence[Term]) -> Term:
        """The function in terms of simpler ones; digits cannot clash with names."""
        if lowering is None:
            raise ArgumentError(f"the target {self._target} cannot express {name}")
        scope = {str(k): argument for k, argument in enumerate(arguments)}
        return self._term(lowering(*map(Name, scope)), {**self._constants, **scope})

    def _operator(self, row: Operator, arguments: Sequence[Term], axis: int | None) -> Term:
        first = arguments[0]
        if row.name == "inv":
            return self.products.inverse(first)
        if not self._spells(row.name):
            lowering = row.lowering
            if lowering is not None and row.kind != "matrix":
                lowering = partial(lowering, axis=axis)
            return self._lowered(row.name, lowering, arguments)
        if row.kind == "matrix":
            assert row.result_shape is not None
            shape = row.result_shape(*(argument.shape for argument in arguments))
            return self.terms.make(row.name, [self.terms.real(argument) for argument in arguments], (), shape)
        axis = _normal_axis(axis, first)
        shape = first.shape if row.kind == "along" else _without(first.shape, axis)
        return self.terms.reduce(row.name, first, axis, shape)

    def _construction(self, row: Construction, arguments: Sequence[Term], axis: int | None) -> Term:
        arrays = 0 if row.sizes else row.arity if row.extra else len(arguments)
        stand_ins = [variable(f"_{k}", each.shape) for k, each in enumerate(arguments[:arrays])]
        shape = _built_shape(row, [*stand_ins, *map(_required_size, arguments[arrays:])], axis)
        if row.name in REARRANGING:
            return REARRANGING[row.name](self.products, shape, arguments, axis)
        special = _CONSTRUCTIONS.get(row.name)
        if special is not None:
            return special(self.products, shape, arguments)
        if row.takes_axis:
            return self.terms.reduce(row.name, arguments[0], _normal_axis(axis, arguments[0]), shape)
        if not self._spells(row.name):
            raise ArgumentError(f"the target {self._target} cannot express {row.name}")
        return self.terms.make(row.name, [self.terms.real(argument) for argument in arguments], (axis,), shape)

    def _einsum(self, tree: Call, operands: Sequence[Term]) -> Term:
        specification, row = tree.arguments[0], FUNCTIONS["einsum"]
        if not isinstance(specification, Text) or not isinstance(row, Construction):
            raise ArgumentError("einsum takes its indices as text first, as in einsum('ij,j->i', A, x)")
        stand_ins = [variable(f"_{k}", operand.shape) for k, operand in enumerate(operands)]
        shape = _built_shape(row, [specification.value, *stand_ins], None)
        return contractions.einsum(self.products, specification.value, operands, shape)

    def _undefined(self, tree: Undefined, argument: Term) -> Term:
        declaration = self.declarations.functions.get(tree.function)
        if declaration is None:
            raise UnknownNameError(f"the function {tree.function} is not declared", span=tree.span)
        shape = argument.shape if declaration.elementwise else declaration.codomain + declaration.domain * tree.order
        return self.terms.make("undefined", (self.terms.real(argument),), (tree.function, tree.order), shape)

    # Indices

    def _index(self, tree: Index, values: Mapping[int, Term]) -> Term:
        items = [self._item(item, values) for item in tree.items]
        return self.products.index(values[id(tree.operand)], items)

    def _item(self, item: Syntax | Slice, values: Mapping[int, Term]) -> Item:
        if isinstance(item, Slice):
            parts = (item.start, item.stop, item.step)
            return Range(*(None if part is None else values[id(part)] for part in parts))
        if isinstance(item, Stack):
            numbers = [values[id(part)] for part in item.items]
            return self.terms.make("stack", numbers, (), (Size.of(len(numbers)),), "integer")
        term = values[id(item)]
        if term.dtype not in ("number", "integer") or term.rank > 1:
            raise ShapeError("an index is an integer, a size, a slice or a vector of integers", span=item.span)
        return term


def _postorder(root: Syntax) -> list[Syntax]:
    """Like `syntax.postorder`, but definitions are left whole: their names mean something only inside."""
    order: list[Syntax] = []
    done: set[int] = set()
    stack: list[tuple[Syntax, bool]] = [(root, False)]
    while stack:
        tree, ready = stack.pop()
        if id(tree) in done:
            continue
        if ready or isinstance(tree, Definitions):
            done.add(id(tree))
            order.append(tree)
            continue
        stack.append((tree, True))
        stack.extend((child, False) for child in reversed(children(tree)))
    return order


def _lookup(tree: Name, scope: Scope) -> Term:
    if tree.name not in scope:
        raise UnknownNameError(f"{tree.name} is not declared", span=tree.span)
    return scope[tree.name]


def _normal_axis(axis: int | None, term: Term) -> int | None:
    if axis is None or term.rank == 1:
        return None
    if not -term.rank <= axis < term.rank:
        raise ShapeError(f"axis {axis} does not exist: the argument is {shape_text(term.shape)}")
    return axis % term.rank


def _without(shape: Shape, axis: int | None) -> Shape:
    return () if axis is None else shape[:axis] + shape[axis + 1 :]


def _required_size(term: Term) -> Size:
    size = as_size(term)
    if size is None:
        raise ShapeError("an integer or a size is needed")
    return size


def _built_shape(row: Construction, arguments: Sequence[object], axis: int | None) -> Shape:
    """The shape, by building the row's node for stand-ins."""
    return row.build(arguments, axis).shape


def _dot(products: Products, shape: Shape, arguments: Sequence[Term]) -> Term:
    left, right = arguments
    return products.matmul(left, right) if left.rank and right.rank else products.arithmetic("*", left, right)


_CONSTRUCTIONS: Mapping[str, Callable[[Products, Shape, Sequence[Term]], Term]] = {
    "diag": lambda products, shape, arguments: products.diag(arguments[0]),
    "eye": lambda products, shape, arguments: products.eye(arguments[0], shape),
    "ones": lambda products, shape, arguments: products.terms.full(shape, products.terms.number(1)),
    "zeros": lambda products, shape, arguments: products.terms.full(shape, products.terms.number(0)),
    "outer": lambda products, shape, arguments: products.outer(*arguments),
    "solve": lambda products, shape, arguments: products.matmul(products.inverse(arguments[0]), arguments[1]),
    "dot": _dot,
    "transpose": lambda products, shape, arguments: products.transpose(arguments[0]),
    "trace": lambda products, shape, arguments: contractions.trace(products, arguments[0]),
    "diagpart": lambda products, shape, arguments: contractions.diagonal(products, arguments[0]),
}
"""Constructions whose matrices have structure that products make use of."""
