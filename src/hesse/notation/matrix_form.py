"""From index notation back to matrix notation: a contraction becomes a product of matrices and vectors.

Labels are vertices and matrices are edges. Parallel edges merge into elementwise products, leaves become
matrix-vector products, vertices of degree two join their matrices into a chain, closed chains are traces, and
vectors at an inner vertex become a `diag`. What cannot be eliminated so is left to `einsum`, the stated fallback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hesse.core.nodes import Elementwise
from hesse.core.sizes import Size
from hesse.core.syntax import Binary, Call, Index, Name, Syntax, Text, Transpose, call
from hesse.functions import FUNCTIONS
from hesse.notation.trees import Item, alike, chain, flat, join, product, raised, scaled_chain, size_tree, transposed

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Edge:
    """A matrix between two labels, as a chain of pieces from `row` to `column`."""

    row: int
    column: int
    pieces: tuple[Syntax, ...]


class Assembly:
    """The parts of one contraction, reduced step by step to its result."""

    def __init__(self, out: tuple[int, ...], extents: Sequence[Size]) -> None:
        self.out = out
        self.extents = extents
        self.symmetric: list[Syntax] = []
        self.counts: list[tuple[Syntax, Size]] = []
        self.scalars: list[Item] = []
        self.vectors: dict[int, list[Item]] = {}
        self.edges: list[Edge] = []
        self.blocks: list[tuple[Syntax, tuple[int, ...]]] = []

    def place(self, tree: Syntax, exponent: Fraction, labels: tuple[int, ...], *, symmetric: bool = False) -> None:
        """Add a factor with plain labels; a `symmetric` matrix is never written with a transpose."""
        if not labels:
            self.scalars.append(Item((tree,), exponent))
        elif len(labels) == 1:
            self.vectors.setdefault(labels[0], []).append(Item(pieces_of(tree, exponent), exponent))
        elif len(labels) == 2 and labels[0] == labels[1]:
            self.vectors.setdefault(labels[0], []).append(Item((call("diagpart", raised(tree, exponent)),)))
        elif len(labels) == 2:
            matrix = raised(tree, exponent)
            if symmetric:
                self.symmetric.append(matrix)
            self.edges.append(Edge(labels[0], labels[1], (matrix,) if symmetric else pieces_of(matrix, ONE)))
        else:
            self.blocks.append((raised(tree, exponent), labels))

    def result(self, coefficient: Fraction) -> Syntax:
        """coefficient times the contraction."""
        self._weigh()
        while self._merge() or self._eliminate():
            pass
        self._average()
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
            joined = all(label in self.vectors and (label in self.out or self._degree(label) > 1) for label in ends)
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

    def _summed(self, label: int) -> bool:
        in_block = any(label in labels for _, labels in self.blocks)
        return label not in self.out and not in_block

    def _merge(self) -> bool:
        """Join two parallel edges: elementwise, or as a trace when they close a longer chain."""
        for k, first in enumerate(self.edges):
            for second in self.edges[k + 1 :]:
                if {first.row, first.column} == {second.row, second.column}:
                    rest = [edge for edge in self.edges if edge is not first and edge is not second]
                    self.edges = rest
                    same = first.row == second.row
                    if self._closes(first, second, same):
                        pieces = second.pieces if not same else self._turned(second).pieces
                        self.scalars.append(Item((call("trace", chain((*first.pieces, *pieces))),)))
                    else:
                        other = second if same else self._turned(second)
                        tree = join("*", [chain(first.pieces), chain(other.pieces)])
                        self.edges.append(Edge(first.row, first.column, (tree,)))
                    return True
        return False

    def _closes(self, first: Edge, second: Edge, same: bool) -> bool:
        ends = (first.row, first.column)
        alone = all(self._summed(label) and label not in self.vectors and self._degree(label) == 0 for label in ends)
        return alone and (not same or len(first.pieces) + len(second.pieces) > 2)

    def _degree(self, label: int) -> int:
        return sum(label in (edge.row, edge.column) for edge in self.edges)

    def _eliminate(self) -> bool:
        """Sum over one label, leaves first."""
        labels = {label for edge in self.edges for label in (edge.row, edge.column)} | set(self.vectors)
        summed = sorted(label for label in labels if self._summed(label))
        for degree in (0, 1, 2):
            for label in sorted(summed, key=self._awkwardness):
                if self._degree(label) == degree:
                    (self._close, self._leaf, self._pass)[degree](label)
                    return True
        return False

    def _awkwardness(self, label: int) -> tuple[bool, int]:
        """A leaf with a vector gives a product, a bare one a sum along an axis, which reads worse; so do transposes."""
        touching = [edge for edge in self.edges if label in (edge.row, edge.column)]
        transposes = 0
        for edge in touching:
            pieces = edge.pieces if edge.column == label else self._turned(edge).pieces
            transposes += sum(isinstance(piece, Transpose) for piece in pieces)
        return (label not in self.vectors, transposes)

    def _close(self, label: int) -> None:
        """Sum a product of vectors to a scalar."""
        self.scalars.append(_dot(self.vectors.pop(label)))

    def _leaf(self, label: int) -> None:
        """Multiply the only matrix at the label with the vectors there."""
        (edge,) = [edge for edge in self.edges if label in (edge.row, edge.column)]
        self.edges.remove(edge)
        items = self.vectors.pop(label, [])
        other = edge.row if edge.column == label else edge.column
        if not items and self._summed(other) and self._degree(other) == 0 and other not in self.vectors:
            self.scalars.append(_square(edge) if _is_square(edge) else Item((_total(edge.pieces),)))
            return
        edge = edge if edge.column == label else self._turned(edge)
        if items:
            pieces = (*edge.pieces, *_vector_pieces(items))
        elif len(edge.pieces) == 1:
            pieces = (self.counted(_axis_sum(edge.pieces[0]), self.extents[label]),)
        else:
            pieces = (*edge.pieces, call("ones", size_tree(self.extents[label])))
        self.vectors.setdefault(edge.row, []).append(Item(pieces))

    def _pass(self, label: int) -> None:
        """Join the two matrices at the label into a chain, with the vectors there as a diagonal."""
        first, second = [edge for edge in self.edges if label in (edge.row, edge.column)]
        self.edges = [edge for edge in self.edges if edge is not first and edge is not second]
        first = first if first.column == label else self._turned(first)
        second = second if second.row == label else self._turned(second)
        items = self.vectors.pop(label, [])
        middle = (call("diag", product(ONE, items)),) if items else ()
        self.edges.append(Edge(first.row, second.column, (*first.pieces, *middle, *second.pieces)))

    def _turned(self, edge: Edge) -> Edge:
        pieces = tuple(
            piece if any(piece is each for each in self.symmetric) else transposed(piece)
            for piece in reversed(edge.pieces)
        )
        return Edge(edge.column, edge.row, pieces)

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
        pieces = list(edge.pieces)
        if left:
            pieces.insert(0, call("diag", product(ONE, left)))
        if right:
            pieces.append(call("diag", product(ONE, right)))
        return scaled_chain(coefficient, self.scalars, pieces)

    def _between(self, row: int, column: int) -> Edge | None:
        if not self.edges:
            return None
        (edge,) = self.edges
        return edge if edge.row == row and edge.column == column else self._turned(edge)

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
        body = Call("einsum", (text, *(tree for tree, _ in operands)))
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


def pieces_of(tree: Syntax, exponent: Fraction) -> tuple[Syntax, ...]:
    """The matrices of a chain, and at its end perhaps a vector."""
    return tuple(flat(tree)) if exponent == 1 else (tree,)


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
