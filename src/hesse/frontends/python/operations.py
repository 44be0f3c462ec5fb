"""NumPy's operations as surface trees: broadcasting, reductions over several axes, new axes, products, transposes."""

from __future__ import annotations

from collections.abc import Sequence

from hesse.core.build import common_shape, shape_text
from hesse.core.sizes import ONE, Size
from hesse.core.syntax import (
    Binary,
    Call,
    Index,
    Negative,
    Num,
    Operator,
    Slice,
    Stack,
    Syntax,
    Text,
    Transpose,
    call,
    number,
)
from hesse.errors import ShapeError
from hesse.frontends.python.places import located
from hesse.frontends.python.trace import Trace
from hesse.functions import FUNCTIONS

LETTERS = "ijklmnpqrstuvw"
_SPLITTABLE = frozenset({"sum", "mean", "prod", "max", "min", "norm", "logsumexp"})


def negative(trace: Trace, tree: Syntax) -> Syntax:
    """-tree; a number keeps its sign."""
    if trace.is_truth(tree):
        raise trace.refuse(
            "the negative of truth values, which NumPy does not have", "write `~condition` for its opposite"
        )
    return trace.add(number(-tree.value) if isinstance(tree, Num) else Negative(tree))


def binary(trace: Trace, operator: Operator, left: Syntax, right: Syntax) -> Syntax:
    """left operator right, with NumPy's meaning for truth values and for a matrix with a vector."""
    if trace.is_truth(left) and trace.is_truth(right):
        if operator == "+":
            return trace.add(call("maximum", left, right))
        if operator == "*":
            return trace.mark_truth(trace.add(Binary("*", left, right)))
        if operator in ("-", "@"):
            hint = "multiply one of them by 1.0 to count with them"
            raise trace.refuse(f"`{operator}` between truth values is no arithmetic in NumPy", hint)
    if operator in ("*", "/") and _scales(trace, left, right):
        return _scaled(trace, operator, left, right)
    return trace.add(Binary(operator, left, right))


def _scales(trace: Trace, left: Syntax, right: Syntax) -> bool:
    """Whether one is a matrix and the other a vector along its columns: the text notation refuses it."""
    shapes = trace.shape(left), trace.shape(right)
    if {len(shape) for shape in shapes} != {1, 2} or ONE in shapes[0] + shapes[1]:
        return False
    try:
        common_shape(*shapes)
    except ShapeError as error:
        error.hint = "NumPy aligns a vector with the last axis of a matrix; write `x[:, None]` to scale the rows"
        raise located(error) from None
    return True


def _scaled(trace: Trace, operator: Operator, left: Syntax, right: Syntax) -> Syntax:
    """The columns of a matrix multiplied or divided by the entries of a vector: A @ diag(x)."""
    trace.note("a product of a matrix and a vector by `*` or `/` runs along the matrix' columns, written with `diag`")
    if operator == "/":
        right = trace.add(Binary("/", number(1), right))
    matrix, vector = (left, right) if trace.rank(left) == 2 else (right, left)
    return trace.add(Binary("@", matrix, call("diag", vector)))


def matmul(trace: Trace, left: Syntax, right: Syntax) -> Syntax:
    """left @ right."""
    return binary(trace, "@", left, right)


def dot(trace: Trace, left: Syntax, right: Syntax) -> Syntax:
    """np.dot: the product of scalars, else the matrix product."""
    return binary(trace, "@" if trace.rank(left) and trace.rank(right) else "*", left, right)


def axis_of(trace: Trace, axis: object, rank: int) -> int:
    """An axis counted from the front. Raises the error for what is none."""
    position = getattr(axis, "__index__", None)
    if position is None:
        raise trace.refuse(f"an axis is an integer, not {axis!r}")
    value = int(position())
    if not -rank <= value < rank:
        raise trace.refuse(f"axis {value} does not exist: the array has {rank} axes")
    return value % rank


def reduced(trace: Trace, function: str, tree: Syntax, axis: object = None, keepdims: bool = False) -> Syntax:
    """A reduction of the vocabulary over one axis, several or all."""
    if function not in FUNCTIONS:
        raise trace.refuse(f"`{function}` is not in the vocabulary")
    rank = trace.rank(tree)
    given = axis if isinstance(axis, tuple) else tuple(range(rank)) if axis is None else (axis,)
    axes = sorted({axis_of(trace, each, rank) for each in given})
    if len(axes) == rank:
        result = trace.add(call(function, tree))
    elif len(axes) > 1 and function not in _SPLITTABLE:
        raise trace.refuse(f"{function} over several axes, but not all, is not in the vocabulary")
    else:
        result = tree
        for each in reversed(axes):
            result = trace.add(call(function, result, axis=each))
    if keepdims:
        for each in axes:
            result = expanded(trace, result, each)
    return result


def along(trace: Trace, function: str, tree: Syntax, axis: object = None) -> Syntax:
    """A function of the vocabulary that works along one axis, or over all, and keeps the shape."""
    rank = trace.rank(tree)
    place = None if axis is None or rank == 1 else axis_of(trace, axis, rank)
    return trace.add(call(function, tree, axis=place))


def expanded(trace: Trace, tree: Syntax, axis: int) -> Syntax:
    """The array with a new axis of size one."""
    rank = trace.rank(tree)
    if axis == 0:
        return trace.add(Stack((tree,)))
    if rank == 1:
        return trace.add(call("outer", tree, call("ones", number(1))))
    letters = LETTERS[:rank]
    specification = f"{letters},z->{letters[:axis]}z{letters[axis:]}"
    return trace.add(call("einsum", Text(specification), tree, call("ones", number(1))))


def squeezed(trace: Trace, tree: Syntax, axes: Sequence[int] | None = None) -> Syntax:
    """The array without axes of size one: all of them, or those given."""
    shape = trace.shape(tree)
    chosen = [k for k, size in enumerate(shape) if size == ONE] if axes is None else sorted(axes)
    for axis in chosen:
        if shape[axis] != ONE:
            raise trace.refuse(f"axis {axis} cannot be squeezed: its size is {shape[axis]}, not 1")
    if not chosen:
        return tree
    whole = Slice(None, None, None)
    items = tuple(number(0) if axis in chosen else whole for axis in range(max(chosen) + 1))
    return trace.add(Index(tree, items))


def transposed(trace: Trace, tree: Syntax, axes: Sequence[int] | None = None) -> Syntax:
    """The array with its axes in another order; reversed when none is given."""
    rank = trace.rank(tree)
    order = tuple(range(rank))[::-1] if axes is None else tuple(axis_of(trace, axis, rank) for axis in axes)
    if sorted(order) != list(range(rank)):
        raise trace.refuse(f"the axes {order} are not those of an array with {rank} axes")
    if order == tuple(range(rank)):
        return tree
    if order == tuple(range(rank))[::-1]:
        return tree.operand if isinstance(tree, Transpose) else trace.add(Transpose(tree))
    letters = LETTERS[:rank]
    return trace.add(call("einsum", Text(f"{letters}->{''.join(letters[k] for k in order)}"), tree))


def stacked(trace: Trace, trees: Sequence[Syntax], axis: int = 0) -> Syntax:
    """The arrays along a new axis."""
    if not trees:
        raise trace.refuse("an array without entries is not in the vocabulary")
    tree = trace.add(Stack(tuple(trees)))
    rank = trace.rank(tree)
    place = axis_of(trace, axis, rank)
    return transposed(trace, tree, [*range(1, place + 1), 0, *range(place + 1, rank)])


def joined(trace: Trace, trees: Sequence[Syntax], axis: int = 0) -> Syntax:
    """The arrays end to end along an axis they have."""
    if len(trees) == 1:
        return trees[0]
    ranks = {trace.rank(tree) for tree in trees}
    if len(ranks) > 1:
        raise trace.refuse(f"arrays with {' and '.join(map(str, sorted(ranks)))} axes cannot be joined")
    place = axis_of(trace, axis, ranks.pop())
    return named(trace, "concat", *trees, axis=place or None)


def named(trace: Trace, function: str, *trees: Syntax, axis: int | None = None) -> Syntax:
    """A function of the vocabulary, or an error if it is not there."""
    if function not in FUNCTIONS:
        raise trace.refuse(f"`{function}` is not in the vocabulary")
    return trace.add(Call(function, trees, axis))


def einsum(trace: Trace, specification: str, *trees: Syntax) -> Syntax:
    """np.einsum; without an arrow the letters that stand once make the result, in alphabetical order."""
    text = specification.replace(" ", "")
    if "..." in text:
        raise trace.refuse("an ellipsis in einsum is not read", "write a letter for each axis")
    if "->" not in text:
        once = sorted(letter for letter in set(text) - {","} if text.count(letter) == 1)
        text = f"{text}->{''.join(once)}"
    if sum(map(trace.is_truth, trees)) > 1:
        raise trace.refuse(
            "einsum of truth values is no arithmetic in NumPy", "multiply them by 1.0 to count with them"
        )
    return trace.add(call("einsum", Text(text), *trees))


def size_text(shape: Sequence[Size]) -> str:
    """A shape for messages."""
    return shape_text(tuple(shape))
