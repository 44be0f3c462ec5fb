"""Building nodes that hold the entries of other nodes in another arrangement: reshaped, joined, turned, rotated.

Shapes that do not fit raise ShapeError.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hesse.core.algebra import add, contract, flattened
from hesse.core.build import require_same, shape_text
from hesse.core.canonical import Factor
from hesse.core.indices import cyclic
from hesse.core.nodes import Affine, Axis, Flat, Node, Shape
from hesse.core.sizes import ZERO, Size, equal, product
from hesse.errors import ShapeError


def reshape(node: Node, shape: Shape) -> Node:
    """The entries in C order in another shape."""
    before, after = product(node.shape), product(shape)
    if not equal(before, after):
        differ = "differ" if equal(before, after) is False else "are not known to be equal"
        counts = f"{shape_text(node.shape)} has {before} entries and {shape_text(shape)} has {after}, which {differ}"
        raise ShapeError(f"reshape keeps all entries: {counts}").between(before, after)
    flat = flattened(node, (_flat(range(node.rank)),), (before,)) if node.rank > 1 else node
    if len(shape) == flat.rank == 1:
        return flat
    axes: tuple[Axis, ...] = (_flat(range(len(shape))),) if flat.rank else ()
    return contract([(flat, axes)], tuple(range(len(shape))), dict(enumerate(shape)), shape)


def vec(node: Node) -> Node:
    """The columns of a matrix one below the other."""
    return flattened(node, (_flat(reversed(range(node.rank))),), (product(node.shape),))


def kron(left: Node, right: Node) -> Node:
    """The Kronecker product of two arrays of one rank."""
    pairs = [(k, left.rank + k) for k in range(left.rank)]
    shape = tuple(a * b for a, b in zip(left.shape, right.shape, strict=True))
    factors: list[Factor] = [(left, tuple(a for a, _ in pairs)), (right, tuple(b for _, b in pairs))]
    return contract(factors, tuple(Flat(pair) for pair in pairs), dict(enumerate(left.shape + right.shape)), shape)


def _flat(labels: Iterable[int]) -> Axis:
    found = tuple(labels)
    return found[0] if len(found) == 1 else Flat(found)


def flip(node: Node, axes: Sequence[int]) -> Node:
    """The node with the order along some axes reversed."""
    turned = [Affine(k, -1, size - 1) if k in axes else k for k, size in enumerate(node.shape)]
    return contract([(node, tuple(turned))], tuple(range(node.rank)), dict(enumerate(node.shape)), node.shape)


def roll(node: Node, shift: Size, axis: int) -> Node:
    """The node rotated along an axis: entry i goes to i + shift."""
    turned = [cyclic(k, shift * -1, size) if k == axis else k for k, size in enumerate(node.shape)]
    return contract([(node, tuple(turned))], tuple(range(node.rank)), dict(enumerate(node.shape)), node.shape)


def concat(nodes: Sequence[Node], axis: int) -> Node:
    """The nodes end to end along an axis."""
    first = nodes[0].shape
    for node in nodes:
        if len(first) != len(node.shape):
            raise ShapeError(f"concat joins arrays of one rank: {shape_text(first)} and {shape_text(node.shape)}")
        rest, others = (shape[:axis] + shape[axis + 1 :] for shape in (first, node.shape))
        message = (
            f"concat along axis {axis}: {shape_text(first)} and {shape_text(node.shape)} differ along another axis"
        )
        require_same(rest, others, message)
    offsets = [ZERO]
    for node in nodes:
        offsets.append(offsets[-1] + node.shape[axis])
    shape = (*first[:axis], offsets.pop(), *first[axis + 1 :])
    placed: list[tuple[int, Node]] = []
    for node, offset in zip(nodes, offsets, strict=True):
        labels = tuple(range(node.rank))
        out: tuple[Axis, ...] = (*labels[:axis], Affine(axis, 1, offset), *labels[axis + 1 :])
        placed.append((1, contract([(node, labels)], out, dict(enumerate(node.shape)), shape)))
    return add(placed, shape)
