"""From index notation back to matrix notation: a contraction becomes a product of matrices and vectors.

Labels are vertices and matrices are edges. Parallel edges merge into elementwise products, leaves become
matrix-vector products, vertices of degree two join their matrices into a chain, closed chains are traces, and
vectors at an inner vertex become a `diag`. What cannot be eliminated so is left to `einsum`, the stated fallback.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hesse.core.indices import axis_labels
from hesse.core.nodes import Axis, Contract, Elementwise, Flat
from hesse.core.sizes import Size
from hesse.core.sizes import product as product_of
from hesse.core.syntax import Binary, Call, Index, Name, Syntax, Text, Transpose, call
from hesse.core.traverse import axes_of
from hesse.functions import FUNCTIONS
from hesse.notation.parts import ONE, Edge, Parts
from hesse.notation.running_sums import accumulated, applied, running
from hesse.notation.trees import Item, alike, chain, indexed, join, product, scaled_chain, size_tree
from hesse.notation.triangles import is_mask, masked
from hesse.notation.units import reshaped, settle_unit


class Assembly(Parts):
    """The parts, reduced step by step to the result."""

    @staticmethod
    def of(node: Contract) -> Assembly:
        """What a contraction starts from: no factors, but a selection for each axis of the result that is placed."""
        extents: list[Size] = list(node.extents)
        units: dict[int, tuple[int, ...]] = {}
        for axis in axes_of(node):
            if isinstance(axis, Flat) and axis.labels not in units.values():
                units[len(extents)] = axis.labels
                extents.append(product_of(tuple(node.extents[label] for label in axis.labels)))
        assembly = Assembly((), extents, units)
        for axis, size in zip(node.out, node.shape, strict=True):
            if isinstance(axis, (int, Flat)):
                assembly.out += assembly.labels((axis,))
                continue
            label = len(extents)
            extents.append(size)
            assembly.out += (label,)
            selection = indexed(call("eye", size_tree(size)), (axis, 0), (size, size), node.extents)
            assembly.place(selection, ONE, (*assembly.labels((axis,)), label))
        return assembly

    def labels(self, axes: Sequence[Axis]) -> tuple[int, ...]:
        """The labels of the axes that run, with one for a flat axis."""
        units = {digits: unit for unit, digits in self.units.items()}
        return tuple(label for a in axes for label in ((units[a.labels],) if isinstance(a, Flat) else axis_labels(a)))

    def place_at(
        self, tree: Syntax, exponent: Fraction, axes: tuple[Axis, ...], shape: Sequence[Size], *, symmetric: bool
    ) -> None:
        """Add a factor with any axes; a `symmetric` matrix is never written with a transpose."""
        labels = self.labels(axes)
        self.place(indexed(tree, axes, shape, self.extents), exponent, labels, symmetric=symmetric and labels == axes)

    def result(self, coefficient: Fraction) -> Syntax:
        """coefficient times the contraction."""
        self._weigh()
        while self._merge() or self._eliminate() or settle_unit(self):
            pass
        self._average()
        if self.flattened is None:
            return self._formed(coefficient)
        scalars, self.scalars = self.scalars, []
        return product(coefficient, [*scalars, Item((reshaped(self._formed(ONE), self.flattened),))])

    def _formed(self, coefficient: Fraction) -> Syntax:
        open_labels = {label for edge in self.edges for label in (edge.row, edge.column)} | set(self.vectors)
        if self.blocks or open_labels - set(self.out) or len(self.out) > 2:
            return self._einsum(coefficient)
        if len(self.out) == 2:
            return self._matrix(coefficient)
        if len(self.out) == 1:
            return self._vector(coefficient, self.out[0])
        return product(coefficient, self.scalars)

    def _weigh(self) -> None:
        """diag(u) @ M @ diag(v) = outer(u, v)*M for a matrix M that is an elementwise expression."""
        for k, edge in enumerate(self.edges):
            ends = (edge.row, edge.column)
            joined = all(
                label in self.vectors
                and (label in self.out or len(self.touching(label)) > 1)
                and label not in self.digits
                for label in ends
            )
            if joined and edge.row != edge.column and len(edge.pieces) == 1 and _is_entrywise(edge.pieces[0]):
                u, v = (product(ONE, self.vectors.pop(label)) for label in ends)
                self.edges[k] = Edge(*ends, (join("*", [call("outer", u, v), edge.pieces[0]]),))

    def counted(self, tree: Syntax, count: Size) -> Syntax:
        """The tree, noted as a sum of so many entries, which divided by their number is a mean."""
        self.counts.append((tree, count))
        return tree

    def _average(self) -> None:
        """Sums divided by the number of their entries become means."""
        for items in (self.scalars, *(self.vectors.get(label, []) for label in self.out)):
            for item in list(items):
                count = next((size for tree, size in self.counts if tree is item.tree), None)
                if count is not None and item.exponent == 1 and self._divided_by(count):
                    items[items.index(item)] = Item((_mean(item.tree),))

    def _divided_by(self, count: Size) -> bool:
        """Take a size out of the scalars that divide, if it is there."""
        (monomial, coefficient), *others = count.terms or (((), 0),)
        if others or coefficient != 1 or not monomial:
            return False
        left = list(self.scalars)
        for atom, exponent in monomial:
            place = next((k for k, item in enumerate(left) if _divides(item, str(atom), exponent)), None)
            if place is None:
                return False
            rest = left[place].exponent + exponent
            left[place : place + 1] = [Item(left[place].pieces, rest)] if rest else []
        self.scalars[:] = left
        return True

    def _merge(self) -> bool:
        """Join two parallel edges: elementwise, or as a trace when they close a longer chain."""
        for k, first in enumerate(self.edges):
            for second in self.edges[k + 1 :]:
                if {first.row, first.column} == {second.row, second.column}:
                    rest = [edge for edge in self.edges if edge is not first and edge is not second]
                    self.edges = rest
                    same = first.row == second.row
                    if self._closes(first, second, same):
                        pieces = second.pieces if not same else self.turned(second).pieces
                        self.scalars.append(Item((call("trace", chain((*first.pieces, *pieces))),)))
                    else:
                        other = second if same else self.turned(second)
                        tree = _entrywise(chain(first.pieces), chain(other.pieces))
                        self.edges.append(Edge(first.row, first.column, (tree,)))
                    return True
        return False

    def _closes(self, first: Edge, second: Edge, same: bool) -> bool:
        ends = (first.row, first.column)
        alone = all(
            self.summed(label) and label not in self.vectors and len(self.touching(label)) == 0 for label in ends
        )
        return alone and (not same or len(first.pieces) + len(second.pieces) > 2)

    def _eliminate(self) -> bool:
        """Sum over one label, leaves first."""
        labels = {label for edge in self.edges for label in (edge.row, edge.column)} | set(self.vectors)
        summed = sorted(label for label in labels if self.summed(label))
        for degree in (0, 1, 2):
            for label in sorted(summed, key=self._awkwardness):
                if len(self.touching(label)) == degree:
                    (self._close, self._leaf, self._pass)[degree](label)
                    return True
        return False

    def _awkwardness(self, label: int) -> tuple[bool, int]:
        """A leaf with a vector gives a product, a bare one a sum along an axis, which reads worse; so do transposes."""
        transposes = 0
        for edge in self.touching(label):
            pieces = edge.pieces if edge.column == label else self.turned(edge).pieces
            transposes += sum(isinstance(piece, Transpose) for piece in pieces)
        return (label not in self.vectors, transposes)

    def _close(self, label: int) -> None:
        """Sum a product of vectors to a scalar."""
        self.scalars.append(_dot(self.vectors.pop(label)))

    def _leaf(self, label: int) -> None:
        """Multiply the only matrix at the label with the vectors there."""
        (edge,) = self.touching(label)
        self.edges.remove(edge)
        items = self.vectors.pop(label, [])
        other = edge.row if edge.column == label else edge.column
        if not items and self.summed(other) and len(self.touching(other)) == 0 and other not in self.vectors:
            self.scalars.append(_square(edge) if _is_square(edge) else Item((_total(edge.pieces),)))
            return
        edge = edge if edge.column == label else self.turned(edge)
        if items:
            pieces = applied(edge.pieces, _vector_pieces(items))
        elif len(edge.pieces) == 1 and not running(edge.pieces[0]):
            pieces = (self.counted(_axis_sum(edge.pieces[0]), self.extents[label]),)
        else:
            pieces = applied(edge.pieces, (call("ones", size_tree(self.extents[label])),))
        self.vectors.setdefault(edge.row, []).append(Item(pieces))

    def _pass(self, label: int) -> None:
        """Join the two matrices at the label into a chain, with the vectors there as a diagonal."""
        first, second = self.touching(label)
        self.edges = [edge for edge in self.edges if edge is not first and edge is not second]
        first = first if first.column == label else self.turned(first)
        second = second if second.row == label else self.turned(second)
        middle = self.diagonal(label)
        self.edges.append(Edge(first.row, second.column, (*first.pieces, *middle, *second.pieces)))

    def _vector(self, coefficient: Fraction, label: int) -> Syntax:
        items = self.vectors.get(label) or [Item((call("ones", size_tree(self.extents[label])),))]
        if len(items) == 1 and items[0].exponent == 1 and len(items[0].pieces) > 1:
            return scaled_chain(coefficient, self.scalars, items[0].pieces)
        return product(coefficient, [*self.scalars, *items])

    def _matrix(self, coefficient: Fraction) -> Syntax:
        row, column = self.out
        if row == column:
            items = self.vectors.get(row, [])
            size = size_tree(self.extents[row])
            body = call("diag", product(ONE, items)) if items else call("eye", size)
            return scaled_chain(coefficient, self.scalars, [body])
        edge = self._between(row, column)
        left, right = self.vectors.get(row, []), self.vectors.get(column, [])
        if edge is None:
            return product(coefficient, [*self.scalars, Item((self._outer(left, right),))])
        if left and right and len(edge.pieces) == 1 and is_mask(edge.pieces[0]):
            return scaled_chain(coefficient, self.scalars, [masked(edge.pieces[0], self._outer(left, right))])
        pieces = list(edge.pieces if left or right else accumulated(edge.pieces))
        if left:
            pieces.insert(0, call("diag", product(ONE, left)))
        if right:
            pieces.append(call("diag", product(ONE, right)))
        return scaled_chain(coefficient, self.scalars, pieces)

    def _between(self, row: int, column: int) -> Edge | None:
        if not self.edges:
            return None
        (edge,) = self.edges
        return edge if edge.row == row and edge.column == column else self.turned(edge)

    def _outer(self, left: list[Item], right: list[Item]) -> Syntax:
        row, column = (size_tree(self.extents[label]) for label in self.out)
        if not left and not right:
            return call("ones", row, column)
        u = product(ONE, left) if left else call("ones", row)
        v = product(ONE, right) if right else call("ones", column)
        return call("outer", u, v)

    def _einsum(self, coefficient: Fraction) -> Syntax:
        """The fallback: what is left as one einsum over named indices."""
        operands: list[tuple[Syntax, tuple[int, ...]]] = list(self.blocks)
        operands += [(chain(edge.pieces), (edge.row, edge.column)) for edge in self.edges]
        operands += [(product(ONE, items), (label,)) for label, items in sorted(self.vectors.items())]
        out: list[int] = []
        fresh = len(self.extents)
        for label in self.out:
            if label in out:
                operands.insert(0, (call("eye", size_tree(self.extents[label])), (label, fresh)))
                out.append(fresh)
                fresh += 1
            else:
                out.append(label)
        named = {label for _, labels in operands for label in labels}
        operands += [(call("ones", size_tree(self.extents[k])), (k,)) for k in out if k not in named]
        letters = {label: "ijklpqrstuvwabcdefgh"[k] for k, label in enumerate(dict.fromkeys((*out, *sorted(named))))}
        terms = ",".join("".join(letters[label] for label in labels) for _, labels in operands)
        text = Text(f"{terms}->{''.join(letters[label] for label in out)}")
        plain = len(operands) == 1 and operands[0][1] == tuple(out)
        body = operands[0][0] if plain else Call("einsum", (text, *(tree for tree, _ in operands)))
        return product(coefficient, [*self.scalars, Item((body,))])


def _mean(tree: Syntax) -> Syntax:
    assert isinstance(tree, Call)
    return Call("mean", tree.arguments, tree.axis)


def _divides(item: Item, name: str, exponent: int) -> bool:
    """Whether the item is a power of the named size that divides at least so often."""
    return isinstance(item.tree, Name) and item.tree.name == name and item.exponent <= -exponent


def _is_entrywise(tree: Syntax) -> bool:
    match tree:
        case Binary(operator=operator):
            return operator != "@"
        case Call(function=function):
            return isinstance(FUNCTIONS.get(function), Elementwise)
        case _:
            return False


def _entrywise(left: Syntax, right: Syntax) -> Syntax:
    """The product entry by entry; with a mask it is a triangle."""
    if is_mask(left):
        return masked(left, right)
    return masked(right, left) if is_mask(right) else join("*", [left, right])


def _vector_pieces(items: list[Item]) -> tuple[Syntax, ...]:
    if len(items) == 1 and items[0].exponent == 1:
        return items[0].pieces
    return (product(ONE, items),)


def _dot(items: list[Item]) -> Item:
    """The sum of an elementwise product, as a dot product or a squared norm where it is one."""
    if len(items) == 1:
        (item,) = items
        if item.exponent == 2:
            return _square_of(item.tree)
        if item.exponent == 1:
            trace = _trace(item.tree)
            return Item((trace or call("sum", item.tree),))
    if len(items) == 2 and all(item.exponent == 1 for item in items):
        first, second = sorted(items, key=lambda item: len(item.pieces))
        if len(first.pieces) > 1 and alike(first.tree, second.tree):
            return Item((call("norm", first.tree),), Fraction(2))
        return Item((chain((first.tree, *second.pieces)),))
    return Item((call("sum", product(ONE, items)),))


def _square_of(tree: Syntax) -> Item:
    if isinstance(tree, (Name, Index)):
        return Item((Binary("@", tree, tree),))
    return Item((call("norm", tree),), Fraction(2))


def _trace(tree: Syntax) -> Syntax | None:
    match tree:
        case Call(function="diagpart", arguments=(matrix,)):
            return call("trace", matrix)
        case _:
            return None


def _squared(tree: Syntax) -> Syntax | None:
    match tree:
        case Binary(operator="**", left=base, right=exponent) if getattr(exponent, "value", None) == 2:
            return base
        case _:
            return None


def _is_square(edge: Edge) -> bool:
    return len(edge.pieces) == 1 and _squared(edge.pieces[0]) is not None


def _square(edge: Edge) -> Item:
    base = _squared(edge.pieces[0])
    assert base is not None
    return Item((call("norm", base.operand if isinstance(base, Transpose) else base),), Fraction(2))


def _total(pieces: tuple[Syntax, ...]) -> Syntax:
    tree = chain(pieces)
    return call("sum", tree.operand if isinstance(tree, Transpose) else tree)


def _axis_sum(tree: Syntax) -> Syntax:
    """The sum over the columns of a matrix."""
    if isinstance(tree, Transpose):
        return Call("sum", (tree.operand,), 0)
    return Call("sum", (tree,), 1)
