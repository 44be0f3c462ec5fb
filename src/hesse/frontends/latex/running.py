r"""Sums, products and extrema over indices, as running sums of the surface language."""

from __future__ import annotations

from hesse.core.indices import nonnegative
from hesse.core.sizes import ONE, Size
from hesse.core.syntax import Binary, Call, Index, Name, Running, Syntax, number
from hesse.errors import ParseError, ShapeError
from hesse.frontends.latex.positions import size_tree
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tree import Big, Bound
from hesse.frontends.latex.values import Scope, Value
from hesse.frontends.text.vocabulary import canonical


def lower_big(scope: Scope, node: Big) -> Step[Value]:
    """A reduction over indices."""
    if canonical(node.function) is None:
        raise ParseError(f"a {node.function} over an index is not in the vocabulary", span=node.span)
    names = [bound.index for bound in node.bounds]
    for name in names:
        if name in scope.extents or names.count(name) > 1:
            raise ParseError(f"the index `{name}` runs already", span=node.span, hint="choose another letter")
    if node.function == "sum":
        contraction: Value | None = yield ("einsum", node, (), node.span)
        if contraction is not None:
            return contraction
    ends: list[tuple[Size, Size | None]] = []
    for bound in node.bounds:
        start: Size = ONE if bound.start is None else (yield ("size", bound.start))
        stop: Size | None = None if bound.stop is None else (yield ("size", bound.stop))
        ends.append((start, stop))
        scope.extents[bound.index] = []
        scope.shifts[bound.index] = 0 if start == Size.of(0) else 1
    body: Value = yield node.body
    tree = _masked(scope, node, body.tree)
    for bound, (start, stop) in reversed(list(zip(node.bounds, ends, strict=True))):
        tree = _running(scope, node, bound, start, stop, tree)
    for name in names:
        del scope.extents[name], scope.shifts[name]
    return Value(tree, body.rank, body.row, node.span)


def _running(scope: Scope, node: Big, bound: Bound, start: Size, stop: Size | None, body: Syntax) -> Syntax:
    """The running sum over one index, with its ends where they do not follow from the axes."""
    extents = scope.extents[bound.index]
    shift = scope.shifts[bound.index]
    if stop is not None:
        for axis, offset in extents:
            _check_stop(scope, bound, stop + offset, axis)
    for _, offset in extents:
        if nonnegative(start + offset - 1) is not True:
            raise ShapeError(
                f"`{bound.index}` begins at {start}, and the position {start + offset} does not exist", span=bound.span
            )
    reaches = stop is None or any(axis - offset == stop for axis, offset in extents)
    begins = start - shift == Size.of(max([0, *(1 - shift - offset for _, offset in extents)]))
    first = None if begins else size_tree(start - shift)
    last = None if reaches or stop is None else size_tree(stop - shift + 1)
    return Running(node.function, bound.index, body, first, last, node.span)


def _check_stop(scope: Scope, bound: Bound, last: Size, axis: Size) -> None:
    """Raises unless the last position lies on the axis for certain."""
    inside = nonnegative(axis - last)
    if inside:
        return
    message = f"`{bound.index}` reaches the position {last}, and the axis has the size {axis}"
    if inside is None and scope.assumed:
        raise ShapeError(message, span=bound.span).between(axis, last)
    raise ShapeError(message, span=bound.span, hint="let the sum end where the axis ends, or declare other sizes")


def _masked(scope: Scope, node: Big, body: Syntax) -> Syntax:
    """The summand times 1 where the condition on the indices holds, else 0."""
    if node.condition is None:
        return body
    if canonical("triu") is None or node.function != "sum":
        raise ParseError(
            "a sum over pairs is not read",
            span=node.condition.span,
            hint=r"write it as `\frac12 \left(\sum_{i,j} ... - \sum_i ...\right)`",
        )
    first, second = (scope.extents[bound.index] for bound in node.bounds)
    sizes = {axis - offset for axis, offset in (*first, *second)}
    if len(sizes) != 1:
        raise ShapeError("the indices of a sum over pairs must run over the same axis", span=node.condition.span)
    size = size_tree(sizes.pop())
    diagonal = number(1 if node.condition.operator == "<" else 0)
    mask = Call("triu", (Call("ones", (size, size)), diagonal))
    entry = Index(mask, tuple(Name(bound.index) for bound in node.bounds))
    return Binary("*", entry, body)
