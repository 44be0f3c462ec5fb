"""Labels that count through several others: written as `vec`, `reshape` and `kron`.

A unit with its digits is dealt with when everything else has been reduced. A matrix between its digits is flattened;
matrices from the digits of one unit to those of another are a Kronecker product; else what runs along the unit is
reshaped, and the result is flattened in the end.
"""

from __future__ import annotations

from functools import reduce

from hesse.core.sizes import Size
from hesse.core.syntax import Syntax, Transpose, Tuple, call
from hesse.notation.parts import ONE, Edge, Parts
from hesse.notation.trees import chain, product, size_tree


def settle_unit(parts: Parts) -> bool:
    """Deal with one unit; False when there is none left."""
    for unit in parts.units:
        if _flatten_matrix(parts, unit):
            return True
    for unit in parts.units:
        if any(_join(parts, unit, other) for other in parts.units if other > unit) or _join_vectors(parts, unit):
            return True
    for unit in parts.units:
        _unflatten(parts, unit)
        return True
    return False


def reshaped(tree: Syntax, sizes: tuple[Size, ...]) -> Syntax:
    """The tree reshaped to the sizes; a transposed matrix is written as the columns of the matrix."""
    if len(sizes) == 1 and isinstance(tree, Transpose):
        return call("vec", tree.operand)
    return _reshaped(tree, sizes)


def _reshaped(tree: Syntax, sizes: tuple[Size, ...]) -> Syntax:
    trees = tuple(map(size_tree, sizes))
    return call("reshape", tree, trees[0] if len(trees) == 1 else Tuple(trees))


def _only_in(parts: Parts, label: int, *units: int) -> bool:
    """Whether the label is a digit, once, of just these units and stands neither in the result nor in a block."""
    digits = [digit for labels in parts.units.values() for digit in labels]
    own = all(label in parts.units[unit] for unit in units)
    return own and digits.count(label) == len(units) and label not in parts.out and not parts.in_block(label)


def _flatten_matrix(parts: Parts, unit: int) -> bool:
    """A matrix whose axes are the two digits becomes a vector along the unit."""
    if len(parts.units[unit]) != 2 or not all(_only_in(parts, label, unit) for label in parts.units[unit]):
        return False
    first, last = parts.units[unit]
    edges = parts.touching(first)
    if len(edges) != 1 or edges != parts.touching(last):
        return False
    edge = _between(parts, first, last)
    turned = parts.turned(edge)
    by_rows, by_columns = (
        [isinstance(piece, Transpose) for piece in each.pieces].count(True) for each in (edge, turned)
    )
    by_vec = by_columns < by_rows
    vector = call("vec", chain(turned.pieces)) if by_vec else _reshaped(chain(edge.pieces), (parts.extents[unit],))
    del parts.units[unit]
    parts.place(vector, ONE, (unit,))
    return True


def _between(parts: Parts, row: int, column: int) -> Edge:
    """The only matrix between two labels, taken away with the vectors there; of vectors alone their outer product."""
    edges = parts.touching(row)
    if not edges:
        sides = [(label, parts.vectors.pop(label, [])) for label in (row, column)]
        vectors = [product(ONE, v) if v else call("ones", size_tree(parts.extents[k])) for k, v in sides]
        return Edge(row, column, (call("outer", *vectors),))
    (edge,) = edges
    parts.edges.remove(edge)
    edge = edge if edge.row == row else parts.turned(edge)
    return Edge(row, column, (*parts.diagonal(row), *edge.pieces, *parts.diagonal(column)))


def _join(parts: Parts, unit: int, other: int) -> bool:
    """Matrices, or diagonals, from each digit of one unit to the same digit of the other: their Kronecker product."""
    pairs = list(zip(parts.units[unit], parts.units[other], strict=False))
    if len(parts.units[unit]) != len(parts.units[other]):
        return False
    for row, column in pairs:
        if row == column:
            fits = _only_in(parts, row, unit, other) and not parts.touching(row)
        else:
            edges = parts.touching(row)
            fits = len(edges) <= 1 and edges == parts.touching(column)
            fits = fits and _only_in(parts, row, unit) and _only_in(parts, column, other)
        if not fits:
            return False
    if all(row != column and not parts.touching(row) for row, column in pairs):
        return False
    matrices: list[Syntax] = []
    for row, column in pairs:
        if row == column:
            matrices.append(chain(parts.diagonal(row) or (call("eye", size_tree(parts.extents[row])),)))
        else:
            matrices.append(chain(_between(parts, row, column).pieces))
    del parts.units[unit], parts.units[other]
    parts.edges.append(Edge(unit, other, (reduce(_kron, matrices),)))
    return True


def _join_vectors(parts: Parts, unit: int) -> bool:
    """Vectors along the digits of a unit that more than a vector runs along: their Kronecker product."""
    labels = parts.units[unit]
    if not (unit in parts.out or parts.touching(unit) or parts.in_block(unit)):
        return False
    if not all(_only_in(parts, label, unit) and not parts.touching(label) for label in labels):
        return False
    found = [parts.vectors.pop(label, []) for label in labels]
    ones = [call("ones", size_tree(parts.extents[label])) for label in labels]
    vectors = [product(ONE, items) if items else one for items, one in zip(found, ones, strict=True)]
    del parts.units[unit]
    parts.place(reduce(_kron, vectors), ONE, (unit,))
    return True


def _kron(left: Syntax, right: Syntax) -> Syntax:
    return call("kron", left, right)


def _unflatten(parts: Parts, unit: int) -> None:
    """Whatever runs along the unit runs along its digits instead; the result is put together again in the end."""
    labels = parts.units.pop(unit)
    if unit in parts.out:
        parts.flattened = parts.flattened or tuple(parts.extents[label] for label in parts.out)
        parts.out = tuple(each for label in parts.out for each in (labels if label == unit else (label,)))
    operands: list[tuple[Syntax, tuple[int, ...]]] = []
    if unit in parts.vectors:
        operands.append((product(ONE, parts.vectors.pop(unit)), (unit,)))
    edges = parts.touching(unit)
    operands += [(chain(edge.pieces), (edge.row, edge.column)) for edge in edges]
    operands += [block for block in parts.blocks if unit in block[1]]
    parts.edges = [edge for edge in parts.edges if edge not in edges]
    parts.blocks = [block for block in parts.blocks if unit not in block[1]]
    for tree, places in operands:
        found = tuple(each for label in places for each in (labels if label == unit else (label,)))
        parts.place(_reshaped(tree, tuple(parts.extents[label] for label in found)), ONE, found)
