"""Building nodes the way NumPy reads: broadcasting arithmetic, matrix products, transposes, indexing.

Everything here ends in the constructors of `hesse.core.algebra`; shapes that do not fit raise ShapeError.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hesse.core.algebra import (
    add,
    contract,
    flattened,
    number,
    number_value,
    power,
    scale,
    squeeze,
    stretch,
    unflattened,
)
from hesse.core.intern import intern
from hesse.core.nodes import (
    Affine,
    Apply,
    Axis,
    Call,
    Constant,
    Elementwise,
    Fixed,
    Let,
    Node,
    Operation,
    Operator,
    Shape,
    Table,
    Variable,
)
from hesse.core.sizes import ONE, ZERO, Size, equal
from hesse.errors import ShapeError

Value = Node | Fraction | int


def as_node(value: Value) -> Node:
    """The value itself, or the number as a scalar."""
    return number(value) if isinstance(value, (int, Fraction)) else value


def shape_text(shape: Shape) -> str:
    """A shape as users read it: `3 x n`, `a scalar`."""
    return " × ".join(map(str, shape)) if shape else "a scalar"


def require_same(left: Shape, right: Shape, message: str, hint: str = "") -> None:
    """Raise ShapeError with the message unless the shapes are equal for certain."""
    if len(left) != len(right):
        raise ShapeError(message, hint=hint)
    for a, b in zip(left, right, strict=True):
        if not equal(a, b):
            raise ShapeError(message, hint=hint).between(a, b)


def common_shape(*shapes: Shape) -> Shape:
    """The broadcast shape by NumPy's rules, for sizes that are equal for certain."""
    rank = max(map(len, shapes), default=0)
    result: list[Size | None] = [None] * rank
    for shape in shapes:
        for axis, size in enumerate(shape, start=rank - len(shape)):
            known = result[axis]
            if known is None or (known == ONE and not size.unwritten):
                result[axis] = size
            elif (size != ONE or known.unwritten) and not equal(size, known):
                listed = " and ".join(shape_text(s) for s in shapes)
                raise ShapeError(f"the shapes do not fit: {listed}").between(size, known)
    return tuple(ONE if size is None else size for size in result)


def broadcast(node: Node, shape: Shape) -> Node:
    """The node repeated to the shape; axes of size one are stretched too."""
    if node.shape == shape:
        return node
    lead = len(shape) - node.rank
    extents = dict(enumerate(shape))
    axes: list[Axis] = []
    for axis, size in enumerate(node.shape):
        label = lead + axis
        if size == ONE and shape[label] != ONE:
            label = len(extents)
            extents[label] = ONE
        axes.append(label)
    return contract([(node, tuple(axes))], tuple(range(len(shape))), extents, shape)


def _aligned(values: Sequence[Value]) -> tuple[list[Node], Shape]:
    nodes = [as_node(value) for value in values]
    shape = common_shape(*(node.shape for node in nodes))
    return [broadcast(node, shape) for node in nodes], shape


def plus(*values: Value) -> Node:
    """The sum."""
    nodes, shape = _aligned(values)
    return add([(1, node) for node in nodes], shape)


def minus(left: Value, right: Value) -> Node:
    """left - right."""
    (a, b), shape = _aligned((left, right))
    return add([(1, a), (-1, b)], shape)


def negative(value: Node) -> Node:
    """-value."""
    return scale(-1, value)


def times(*values: Value) -> Node:
    """The elementwise product."""
    nodes, shape = _aligned(values)
    axes = tuple(range(len(shape)))
    return contract([(node, axes) for node in nodes], axes, dict(enumerate(shape)), shape)


def divide(left: Value, right: Value) -> Node:
    """left / right."""
    return times(left, power(as_node(right), Fraction(-1)))


def apply(row: Elementwise, *values: Value) -> Node:
    """The elementwise function of arguments broadcast against each other."""
    if row.build is not None:
        built = row.build(*(as_node(value) for value in values))
        if built is not None:
            return built
    nodes, shape = _aligned(values)
    common = frozenset.intersection(*(node.constant_axes for node in nodes))
    if common:
        return stretch(apply(row, *(squeeze(node, common) for node in nodes)), common, shape)
    inner = unflattened(nodes)
    if inner is not None:
        arrays, out = inner
        return flattened(apply(row, *arrays), out, shape)
    if row.exact is not None:
        numbers = [number_value(node) for node in nodes]
        known = [value for value in numbers if value is not None]
        if len(known) == len(numbers):
            result = row.exact(*known)
            if result is not None:
                return number(result, shape)
    return intern(Apply, shape, row, tuple(nodes))


def operate(row: Operator, arguments: tuple[Node, ...], axis: int | None = None) -> Node:
    """The operator's node; `axis` may be negative."""
    if row.build is not None:
        built = row.build(*arguments)
        if built is not None:
            return built
    (first, *_) = arguments
    if row.kind == "matrix":
        assert row.result_shape is not None
        return intern(Operation, row.result_shape(*(a.shape for a in arguments)), row, arguments, None)
    axis = normal_axis(axis, first)
    if row.kind == "along":
        return intern(Operation, first.shape, row, arguments, axis)
    shape = () if axis is None else first.shape[:axis] + first.shape[axis + 1 :]
    return intern(Operation, shape, row, arguments, axis)


def normal_axis(axis: int | None, node: Node) -> int | None:
    """The axis counted from the front; None where it is the only one. Raises ShapeError when there is none such."""
    if axis is None:
        return None
    if not -node.rank <= axis < node.rank:
        raise ShapeError(f"axis {axis} does not exist: the argument is {shape_text(node.shape)}")
    return None if node.rank == 1 else axis % node.rank


def matmul_shape(left: Shape, right: Shape) -> Shape:
    """The shape of left @ right for ranks one and two. Raises ShapeError."""
    if not (1 <= len(left) <= 2 and 1 <= len(right) <= 2):
        raise ShapeError(
            f"`@` needs vectors or matrices: the left side is {shape_text(left)}, the right side {shape_text(right)}",
            hint="use `*` for a product with a scalar",
        )
    inner, outer = left[-1], right[0]
    if not equal(inner, outer):
        raise ShapeError(
            f"`@` joins the last axis of the left side with the first of the right side: {inner} and {outer} differ "
            f"({shape_text(left)} @ {shape_text(right)})"
        ).between(inner, outer)
    return left[:-1] + right[1:]


def matmul(left: Node, right: Node) -> Node:
    """left @ right for ranks one and two."""
    shape = matmul_shape(left.shape, right.shape)
    rows, joined = tuple(range(left.rank - 1)), left.rank - 1
    columns = tuple(range(joined + 1, joined + right.rank))
    extents = dict(enumerate((*left.shape, *right.shape[1:])))
    return contract([(left, (*rows, joined)), (right, (joined, *columns))], rows + columns, extents, shape)


def transpose(node: Node) -> Node:
    """The node with all axes reversed."""
    labels = tuple(range(node.rank))
    return contract([(node, labels)], labels[::-1], dict(enumerate(node.shape)), node.shape[::-1])


def total(node: Node, axis: int | None = None) -> Node:
    """The sum of all entries, or along one axis."""
    axis = normal_axis(axis, node)
    labels = tuple(range(node.rank))
    out = () if axis is None else labels[:axis] + labels[axis + 1 :]
    return contract([(node, labels)], out, dict(enumerate(node.shape)), tuple(node.shape[k] for k in out))


def place(node: Node, position: int, size: int, axis: int = 0) -> Node:
    """The node as one entry along a new axis of the given size, the others zero."""
    labels = tuple(range(node.rank))
    out: tuple[Axis, ...] = (*labels[:axis], Fixed(Size.of(position)), *labels[axis:])
    shape = (*node.shape[:axis], Size.of(size), *node.shape[axis:])
    return contract([(node, labels)], out, dict(enumerate(node.shape)), shape)


def stack(nodes: Sequence[Node], axis: int = 0) -> Node:
    """The nodes along a new axis."""
    first = nodes[0].shape
    for node in nodes:
        require_same(
            first,
            node.shape,
            f"the entries of [...] have different shapes: {shape_text(first)} and {shape_text(node.shape)}",
            "[...] stacks entries of one shape; to join vectors end to end use concat",
        )
    size = len(nodes)
    shape = (*first[:axis], Size.of(size), *first[axis:])
    return add([(1, place(node, k, size, axis)) for k, node in enumerate(nodes)], shape)


Item = Size | tuple[Size, Size, int] | Node
"""What indexes one axis: a position, a slice as (start, length, step), or an integer vector."""


def index(node: Node, items: Sequence[Item]) -> Node:
    """node[items]; the remaining axes are kept whole."""
    if len(items) > node.rank:
        raise ShapeError(f"too many indices: {len(items)} for {shape_text(node.shape)}")
    axes: list[Axis] = []
    shape: list[Size] = []
    tables = sum(not isinstance(item, (Size, tuple)) for item in items)
    if tables > 1:
        raise ShapeError("only one axis at a time can be indexed by an index array")
    for axis, size in enumerate(node.shape):
        item = items[axis] if axis < len(items) else (ZERO, size, 1)
        if isinstance(item, Size):
            axes.append(Fixed(item))
            continue
        label = len(shape)
        if isinstance(item, tuple):
            start, length, step = item
            whole = step == 1 and start == ZERO and length == size
            axes.append(label if whole else Affine(label, step, start))
            shape.append(length)
        else:
            axes.append(Table(label, item))
            shape.append(item.shape[0])
    return contract([(node, tuple(axes))], tuple(range(len(shape))), dict(enumerate(shape)), tuple(shape))


def variable(name: str, shape: Shape = (), attributes: frozenset[str] = frozenset(), integer: bool = False) -> Variable:
    """The variable of this name."""
    return intern(Variable, shape, name, attributes, integer)


def constant(name: str) -> Node:
    """pi or e."""
    return intern(Constant, (), name)


def let(name: str, node: Node) -> Node:
    """The node under a name of the user's; a mere number, variable or other name is passed through."""
    if number_value(node) is not None or isinstance(node, (Variable, Constant, Let)):
        return node
    return intern(Let, node.shape, name, node)


def call(function: str, domain: Shape, codomain: Shape, order: int, argument: Node) -> Node:
    """The derivative of some order of an undefined function at the argument."""
    if not domain and not codomain:
        shape = argument.shape
    else:
        shape = codomain + domain * order
        message = f"{function} takes {shape_text(domain)}, the argument is {shape_text(argument.shape)}"
        require_same(domain, argument.shape, message)
    return intern(Call, shape, function, domain, codomain, order, argument)
