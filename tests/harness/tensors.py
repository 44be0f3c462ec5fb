"""The grammar with arrays of three axes, as results, in the middle and as variables."""

from __future__ import annotations

from hesse.core.syntax import Call, Index, Slice, Syntax, Text, Tuple, call

from .grammar import REDUCTIONS, Grammar, Production
from .leaves import Shape

RANK = 3


class TensorGrammar(Grammar):
    """Everything that can be written of a shape of up to three axes."""

    def of_rank(self, shape: Shape) -> list[Production]:
        """What can be written of arrays of this rank only."""
        if len(shape) == RANK:
            found: list[Production] = [*[self._contracted] * 4, self._along, self._window, self._gather, self._reshaped]
            found += [self._turned, self._running_sums, self.filled]
            return found + ([self._stacked] * 3 if shape[0].as_int() is not None else [])
        found = super().of_rank(shape)
        if len(shape) == RANK - 1:
            return [*found, self._slab, self._slab, self._reduced, self._contracted]
        return [*found, self._contracted, *([] if shape else [self._reduced_tensor, self._reduced_tensor])]

    def _slab(self, shape: Shape, fuel: int) -> Syntax:
        """A tensor at a position of one axis."""
        place, size = self.choices.integer(0, len(shape)), self.size()
        items = (*[Slice(None, None, None)] * place, self._position(size))
        return Index(self.expression((*shape[:place], size, *shape[place:]), fuel), items)

    def _reduced_tensor(self, shape: Shape, fuel: int) -> Syntax:
        inner = tuple(self.size() for _ in range(RANK))
        return Call(self.choices.pick(("sum", "mean", "norm", *REDUCTIONS)), (self.expression(inner, fuel),))

    def _reshaped(self, shape: Shape, fuel: int) -> Syntax:
        """A matrix whose rows or columns are cut into shorter ones."""
        first, middle, last = shape
        inner = self.choices.pick(((first * middle, last), (first, middle * last)))
        return call("reshape", self.expression(inner, fuel), Tuple(tuple(self.size_tree(size) for size in shape)))

    def _contracted(self, shape: Shape, fuel: int) -> Syntax:
        """A product over shared letters with a tensor among its factors, or as its result."""
        out = "ijh"[: len(shape)]
        sizes = dict(zip(out, shape, strict=True))
        sizes.update({letter: self.size() for letter in "kl"})
        letters = sorted(sizes)
        terms = ["".join(self.choices.pick(letters) for _ in range(self.choices.integer(1, RANK)))]
        if self.choices.integer(0, 1):
            terms.append("".join(self.choices.pick(letters) for _ in range(self.choices.integer(1, RANK - 1))))
        left = [letter for letter in out if not any(letter in term for term in terms)]
        terms += ["".join(left)] if left else []
        operands = [self.expression(tuple(sizes[c] for c in term), fuel // len(terms)) for term in terms]
        return call("einsum", Text(f"{','.join(terms)}->{out}"), *operands)
