"""Block-diagonal matrices of arrays with several axes: the blocks stand along one of the axes."""

from __future__ import annotations

from math import prod
from typing import Any

from hesse.errors import SingularMatrixError
from hesse.structured.base import Structured, kept
from hesse.structured.factorisation import Factorisation, parity, require_finite, threshold
from hesse.structured.library import Array, Integers, np, sparse


class BlockDiagonal(Structured):
    """A matrix between flattened arrays that is zero where they differ in the position along one axis.

    `blocks[b]` is the matrix for position b, between the other axes of the outputs and of the inputs, in C order.
    `outputs` and `inputs` are the shapes of the arrays, `axes` the axis of each along which the blocks stand.
    """

    def __init__(
        self,
        blocks: Array,
        outputs: tuple[int, ...],
        inputs: tuple[int, ...],
        axes: tuple[int, int],
        *,
        symmetric: bool = False,
    ) -> None:
        self.blocks = kept(blocks)
        self.outputs, self.inputs, self.axes = outputs, inputs, axes
        super().__init__((prod(outputs), prod(inputs)), symmetric=symmetric)

    @property
    def kind(self) -> str:
        return "block-diagonal"

    @property
    def nbytes(self) -> int:
        return int(self.blocks.nbytes)

    @property
    def norm_bound(self) -> float:
        return float(np.abs(self.blocks).sum(axis=1).max(initial=0))

    def times(self, columns: Array) -> Array:
        return self._joined(self.blocks @ self._apart(columns, self.inputs, self.axes[1]), self.outputs, self.axes[0])

    def _apart(self, columns: Array, shape: tuple[int, ...], axis: int) -> Array:
        """The columns with the axis of the blocks in front, the others counted together."""
        count = columns.shape[1]
        moved = np.moveaxis(columns.reshape(*shape, count), axis, 0)
        return moved.reshape(shape[axis], prod(shape[:axis] + shape[axis + 1 :]), count)

    def _joined(self, parts: Array, shape: tuple[int, ...], axis: int) -> Array:
        rest = shape[:axis] + shape[axis + 1 :]
        count = parts.shape[-1]
        return np.moveaxis(parts.reshape(shape[axis], *rest, count), 0, axis).reshape(prod(shape), count)

    @property
    def T(self) -> BlockDiagonal:
        if self.symmetric:
            return self
        return BlockDiagonal(self.blocks.transpose(0, 2, 1), self.inputs, self.outputs, self.axes[::-1])

    def _places(self) -> tuple[Integers, Integers]:
        """The rows and columns of the entries of the blocks."""
        rows = self._apart(np.arange(self.shape[0])[:, None], self.outputs, self.axes[0])
        columns = self._apart(np.arange(self.shape[1])[:, None], self.inputs, self.axes[1])
        shape = self.blocks.shape
        return np.broadcast_to(rows, shape).reshape(-1), np.broadcast_to(columns.mT, shape).reshape(-1)

    def diagonal(self) -> Array:
        if self.outputs == self.inputs and self.axes[0] == self.axes[1]:
            entries = self.blocks.diagonal(axis1=1, axis2=2)
            return self._joined(entries[:, :, None], self.outputs, self.axes[0])[:, 0]
        return self.tosparse().diagonal()

    def _dense(self) -> Array:
        dense = np.zeros(self.shape)
        dense[self._places()] = self.blocks.reshape(-1)
        return dense

    def tosparse(self) -> Any:
        return sparse.csr_array((self.blocks.reshape(-1), self._places()), shape=self.shape)

    def _factorise(self) -> Factorisation:
        require_finite(self.blocks)
        size = self.blocks.shape[1]
        if size != self.blocks.shape[2]:
            raise SingularMatrixError("the matrix is singular: its blocks are not square")
        try:
            inverses = np.linalg.inv(self.blocks)
        except np.linalg.LinAlgError:
            raise SingularMatrixError("the matrix is singular: one of its blocks is") from None
        norms = np.abs(self.blocks).sum(axis=1).max(axis=1, initial=0)
        conditions = norms * np.abs(inverses).sum(axis=1).max(axis=1, initial=0)
        if size and not (conditions < 1 / threshold(size)).all():
            worst = int(np.nan_to_num(conditions, nan=np.inf).argmax())
            raise SingularMatrixError(f"the matrix is singular to working precision: its block {worst} is")

        def solve(columns: Array) -> Array:
            right = self._apart(columns, self.outputs, self.axes[0])
            return self._joined(_solved(self.blocks, inverses, right), self.inputs, self.axes[1])

        def solve_transposed(columns: Array) -> Array:
            right = self._apart(columns, self.inputs, self.axes[1])
            return self._joined(_solved(self.blocks.mT, inverses.mT, right), self.outputs, self.axes[0])

        return Factorisation(solve, solve_transposed, self._slogdet, "inverses of the blocks")

    def _slogdet(self) -> tuple[float, float]:
        signs, logarithms = np.linalg.slogdet(self.blocks)
        order = 1.0 if self.outputs == self.inputs and self.axes[0] == self.axes[1] else self._order()
        return float(np.prod(signs)) * order, float(logarithms.sum())

    def _order(self) -> float:
        """The sign of the permutations that bring rows and columns into blocks."""
        rows = self._apart(np.arange(self.shape[0])[:, None], self.outputs, self.axes[0]).reshape(-1)
        columns = self._apart(np.arange(self.shape[1])[:, None], self.inputs, self.axes[1]).reshape(-1)
        places = np.empty_like(rows)
        places[rows] = columns
        return parity(places)


def _solved(blocks: Array, inverses: Array, right: Array) -> Array:
    """The solutions by inverses, with a step of refinement, which makes them as good as those by elimination."""
    solution = inverses @ right
    return solution + inverses @ (right - blocks @ solution)
