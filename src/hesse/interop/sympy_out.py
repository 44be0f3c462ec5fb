"""Surface trees to SymPy expressions: vectors are n x 1 matrices, sizes symbols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, assert_never

from hesse.core.declarations import Declarations
from hesse.core.nodes import Elementwise, Shape
from hesse.core.sizes import Floor, Size
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
    postorder,
)
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError, HesseError
from hesse.frontends.elaborate import Elaboration, elaborate
from hesse.frontends.indexing import size_of
from hesse.functions import FUNCTIONS
from hesse.interop.library import sympy
from hesse.interop.sympy_arrays import Arrays, Value, cannot
from hesse.interop.sympy_functions import WHOLE, Whole
from hesse.interop.sympy_names import spellings
from hesse.render.structure import inlined


def write_sympy(
    tree: Syntax,
    declarations: Declarations,
    sizes: Mapping[str, int] | None = None,
    otherwise: Callable[[], Syntax] | None = None,
) -> Any:
    """The SymPy expression of a tree, or of the other form of it where SymPy has none for this one.

    `sizes` are put in the place of size names. Raises ArgumentError, with the part, for what SymPy has no form for.
    """
    try:
        return _Writer(inlined(tree), declarations, sizes or {}).written()
    except ArgumentError:
        if otherwise is None:
            raise
    return write_sympy(otherwise(), declarations, sizes)


def table_of_sympy(trees: Tensor[Syntax], declarations: Declarations, sizes: Mapping[str, int]) -> Any:
    """The table of scalar trees as a scalar, a Matrix (a column for one axis), or an array with more axes."""
    sp = sympy()
    for part in (part for tree in trees.entries for part in postorder(tree)):
        if isinstance(part, Undefined) and not declarations.functions[part.function].elementwise:
            raise cannot(f"the undefined function `{part.function}` of a vector")
    entries = [write_sympy(tree, declarations, sizes) for tree in trees.entries]
    if len(trees.shape) > 2:
        return sp.ImmutableDenseNDimArray(entries, trees.shape)
    return sp.ImmutableMatrix(*(*trees.shape, 1)[:2], entries) if trees.shape else entries[0]


class _Writer:
    """One tree, and the values of its parts."""

    def __init__(self, tree: Syntax, declarations: Declarations, sizes: Mapping[str, int]) -> None:
        self.tree = tree
        self.declarations = declarations
        self.sp = sympy()
        self.arrays = Arrays()
        self.spellings = spellings(self.sp)
        self.numbers = sizes
        self.state: Elaboration = elaborate(tree, declarations)[1]
        self.values: dict[int, Value] = {}

    def written(self) -> Any:
        """The SymPy expression."""
        value = Value(0, 0)
        for part in postorder(self.tree):
            if isinstance(part, (Text, Tuple)):
                continue
            try:
                value = self.values[id(part)] = self._value(part)
            except HesseError as error:
                error.span = None
                raise
            except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
                raise cannot(f"this part: it says `{error}`") from None
        return self.arrays.matrix(value) if value.rank else value.body

    def shape(self, tree: Syntax) -> Shape:
        """The shape of a part."""
        return self.state.nodes.shape(tree)

    def dims(self, tree: Syntax) -> tuple[Any, ...]:
        """The shape of a part, in SymPy."""
        return tuple(map(self.size, self.shape(tree)))

    def size(self, size: Size) -> Any:
        """A size in SymPy."""
        total: Any = self.sp.Integer(0)
        for monomial, coefficient in size.terms:
            factor: Any = self.sp.Integer(coefficient)
            for atom, exponent in monomial:
                factor *= self._atom(atom) ** exponent
            total += factor
        return total

    def _atom(self, atom: str | Floor) -> Any:
        if isinstance(atom, Floor):
            return self.sp.floor(self.size(atom.numerator) / atom.divisor)
        if atom in self.numbers:
            return self.sp.Integer(self.numbers[atom])
        return self.sp.Symbol(atom.lstrip("#")) + 1 if atom.startswith("#") else self.sp.Symbol(atom)

    def _value(self, tree: Syntax) -> Value:
        match tree:
            case Num(value=number):
                return self.arrays.scalar(self._number(number))
            case Name(name=name):
                return self._name(name)
            case Negative(operand=operand):
                return self.arrays.apply("negative", lambda x: -x, [self.values[id(operand)]])
            case Binary():
                return self._binary(tree)
            case Transpose(operand=operand):
                value = self.values[id(operand)]
                return value if value.rank < 2 else Value(2, value.body, value.base.T)
            case Call():
                return self._call(tree)
            case Undefined() | Index() | Running() | Stack():
                return self._applied(tree)
            case Text() | Tuple() | Definitions():
                raise AssertionError("read by the part that holds them")
            case _:
                assert_never(tree)

    def _number(self, value: Fraction) -> Any:
        return self.sp.Rational(value.numerator, value.denominator)

    def _name(self, name: str) -> Value:
        sp = self.sp
        entry = self.declarations.variables.get(name)
        if entry is None:
            constants = {"pi": sp.pi, "e": sp.E}
            if name in self.state.sizes:
                return self.arrays.scalar(self.size(self.state.sizes[name]))
            return self.arrays.scalar(constants[name])
        if entry.index is not None:
            raise cannot(f"the index array `{name}`")
        shape = tuple(map(self.size, entry.shape))
        match shape:
            case ():
                return self.arrays.scalar(sp.Symbol(name, **({"positive": True} if "pos" in entry.attributes else {})))
            case (rows,):
                return self.arrays.array(1, sp.MatrixSymbol(name, rows, 1))
            case (rows, columns):
                return self.arrays.array(2, sp.MatrixSymbol(name, rows, columns))
            case _:
                return Value(len(shape), self.arrays.entry, sp.IndexedBase(name, shape=shape))

    def _binary(self, tree: Binary) -> Value:
        left, right = self.values[id(tree.left)], self.values[id(tree.right)]
        self._two_axes(tree, left, right)
        if tree.operator == "@":
            return self.product(left, right)
        if tree.operator == "//":
            return self.arrays.scalar(self.sp.floor(left.body / right.body))
        return self.elementwise(tree.operator, tree, (tree.left, tree.right))

    def _two_axes(self, tree: Syntax, *values: Value) -> None:
        if any(value.rank > 2 for value in values) or len(self.shape(tree)) > 2:
            raise cannot("an array with more than two axes")

    def product(self, left: Value, right: Value) -> Value:
        """left @ right."""
        a, b = self.arrays.matrix(left), self.arrays.matrix(right)
        match left.rank, right.rank:
            case 1, 1:
                return self.arrays.single(a.T * b)
            case 2, 1:
                return self.arrays.array(1, a * b)
            case 1, 2:
                return self.arrays.array(1, b.T * a)
            case _:
                return self.arrays.array(2, a * b)

    def elementwise(self, name: str, tree: Syntax, operands: Sequence[Syntax]) -> Value:
        """A function of the entries of operands, which are repeated to one shape."""
        if name not in self.spellings:
            raise cannot(f"`{name}`")
        after = self.dims(tree)
        values = [self.arrays.stretched(self.values[id(each)], self.dims(each), after) for each in operands]
        return self.arrays.apply(name, self.spellings[name], values)

    def _call(self, tree: Call) -> Value:
        row = FUNCTIONS[tree.function]
        held = [self.values[id(argument)] for argument in tree.arguments if id(argument) in self.values]
        self._two_axes(tree, *held)
        if isinstance(row, Elementwise):
            return self.elementwise(row.name, tree, tree.arguments)
        whole: Whole | None = WHOLE.get(row.name)
        if whole is None:
            raise cannot(f"`{row.name}`")
        return whole(self, tree, held)

    def sizes_of(self, tree: Call) -> list[Any]:
        """The sizes that are the arguments of a call."""
        items = tree.arguments
        if len(items) == 1 and isinstance(items[0], Tuple):
            items = items[0].items
        return [self.size(size_of(item, self.state.sizes)) for item in items]

    def _applied(self, tree: Undefined | Index | Running | Stack) -> Value:
        match tree:
            case Undefined():
                return self._undefined(tree)
            case Index():
                return self._index(tree)
            case Running():
                return self._running(tree)
            case Stack():
                return self._stack(tree)
            case _:
                assert_never(tree)

    def _undefined(self, tree: Undefined) -> Value:
        declaration = self.declarations.functions[tree.function]
        if not declaration.elementwise:
            raise cannot(f"the undefined function `{tree.function}` of a vector")
        function = self.sp.Function(tree.function)

        def value(argument: Any) -> Any:
            if not tree.order:
                return function(argument)
            point = self.sp.Dummy("t")
            derivative = self.sp.Derivative(function(point), (point, tree.order))
            return self.sp.Subs(derivative, point, argument)

        return self.arrays.apply(tree.function, value, [self.values[id(tree.argument)]])

    def _index(self, tree: Index) -> Value:
        value, lengths = self.values[id(tree.operand)], self.shape(tree.operand)
        items = [self._item(item, length) for item, length in zip(tree.items, lengths, strict=False)]
        items += [(self.sp.Integer(0), self.size(length), self.sp.Integer(1)) for length in lengths[len(items) :]]
        if value.rank > 2:
            if any(isinstance(item, tuple) for item in items):
                raise cannot("a part of an array with more than two axes")
            return self.arrays.scalar(value.base[tuple(items)])
        return self._entries(value, items)

    def _entries(self, value: Value, items: list[Any]) -> Value:
        sp, base = self.sp, value.base
        if value.rank == 1:
            items.append(sp.Integer(0))
        rank = sum(isinstance(item, tuple) for item in items)
        if rank == 0:
            return Value(0, value.body.subs(self.arrays.entry, self._entry(base, items)))
        bounds = [item if isinstance(item, tuple) else (item, item + 1, sp.Integer(1)) for item in items]
        part = base if self._all(base, bounds) else self._slice(base, bounds)
        row = rank == 1 and not isinstance(items[0], tuple)
        return Value(rank, value.body, part.T if row else part)

    def _slice(self, base: Any, bounds: Sequence[tuple[Any, Any, Any]]) -> Any:
        try:
            return self.sp.MatrixSlice(base, *bounds)
        except TypeError:
            raise cannot("a slice of a slice, whose sizes it cannot compare") from None

    def _entry(self, base: Any, items: list[Any]) -> Any:
        known = isinstance(base, (self.sp.MatrixBase, self.sp.MatrixSymbol))
        return base[items[0], items[1]] if known else self.arrays.element(base, items[0], items[1])

    def _all(self, base: Any, bounds: Sequence[tuple[Any, Any, Any]]) -> bool:
        return all(bound == (0, size, 1) for bound, size in zip(bounds, base.shape, strict=True))

    def _item(self, item: Syntax | Slice, length: Size) -> Any:
        """A position, or start, stop and step, all counted from the front."""
        if not isinstance(item, Slice):
            return self._position(item, length)
        step = 1 if item.step is None else size_of(item.step, self.state.sizes).as_int()
        if step is None or step < 0:
            raise cannot("a slice that runs backwards")
        start = self.sp.Integer(0) if item.start is None else self._position(item.start, length)
        stop = self.size(length) if item.stop is None else self._position(item.stop, length)
        # SymPy would leave out the last entry where the step leaves a rest.
        if step > 1 and not ((stop - start) / step).expand().is_integer:
            raise cannot(f"a slice with the step {step} of an axis of size {length}")
        return (start, stop, self.sp.Integer(step))

    def _position(self, item: Syntax, length: Size) -> Any:
        try:
            size = size_of(item, self.state.sizes)
        except HesseError:
            raise cannot("an index array") from None
        return self.size(length + size if size.sign() == -1 else size)

    def _running(self, tree: Running) -> Value:
        body = self.values[id(tree.body)]
        found = self.state.ranges[id(tree)]
        start, stop = self.size(found.start), self.size(found.stop)
        limits = (self.sp.Symbol(tree.index), start, stop - 1)
        if body.rank == 0 and tree.function in ("sum", "mean"):
            total = self.sp.Sum(body.body, limits)
            return self.arrays.scalar(total if tree.function == "sum" else total / (stop - start))
        if body.rank == 0 and tree.function == "prod":
            return self.arrays.scalar(self.sp.Product(body.body, limits))
        raise cannot(f"`{tree.function}` over a running index")

    def _stack(self, tree: Stack) -> Value:
        sp = self.sp
        items = [self.values[id(item)] for item in tree.items]
        if len(self.shape(tree)) == 1:
            return self.arrays.array(1, sp.ImmutableMatrix([item.body for item in items]))
        self._two_axes(tree, *items)
        rows = [self.arrays.matrix(item) for item in items]
        if all(isinstance(row, sp.MatrixBase) for row in rows):
            return self.arrays.array(2, sp.ImmutableMatrix([list(row) for row in rows]))
        units = [sp.ImmutableMatrix([int(k == j) for k in range(len(rows))]) for j in range(len(rows))]
        return self.arrays.array(2, sp.MatAdd(*(unit * row.T for unit, row in zip(units, rows, strict=True))))
