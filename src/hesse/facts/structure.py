"""All that is proved about a node as an array, fact by fact, each with its reason; and the parts that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

from hesse.core.algebra import add, is_zero, scale
from hesse.core.nodes import Call, Node, Variable
from hesse.core.sizes import Size, equal
from hesse.core.traverse import postorder
from hesse.facts.covers import scaled
from hesse.facts.definite import definiteness, names
from hesse.facts.symmetry import invariant
from hesse.facts.terms import Term, spread
from hesse.facts.zeros import bands, blocks, diagonal, repeated, split

MAX_OUTER = 4
"""How many outer products still count as few."""
_ORDER = (
    "zero",
    "constant",
    "symmetric",
    "partially",
    "diagonal",
    "tridiagonal",
    "banded",
    "block",
    "kronecker",
    "low",
)
_IMPLIED = {
    "positive-definite": ("positive-semidefinite",),
    "negative-definite": ("negative-semidefinite",),
    "zero": ("constant", "diagonal", "negative-semidefinite", "positive-semidefinite", "symmetric"),
}
SCHWARZ = "second derivatives do not depend on their order, where they are continuous (Schwarz)"


@dataclass(frozen=True, slots=True)
class Fact:
    """A property and whether it holds: proved true, proved false, or None for unknown; with the reason."""

    name: str
    holds: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Of what the node is a derivative: the number of axes of the function's value and of the variable, and the order;
    the names of the variables, and whether they are several scalars that make up a vector.
    """

    outputs: int
    inputs: int
    order: int
    names: tuple[str, ...] = ()
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Outer:
    """A diagonal (None for none) and vectors whose outer products are added to it."""

    diagonal: Node | None
    pairs: tuple[tuple[Node, Node], ...]


class Structure:
    """What is proved about one node; everything is computed when it is asked for."""

    def __init__(self, node: Node, origin: Origin | None = None) -> None:
        self.node = node
        self.origin = origin

    def fact(self, name: str) -> Fact:
        """The fact of that name; unknown where nothing is proved."""
        return self.facts.get(name, Fact(name, None))

    @property
    def proved(self) -> tuple[str, ...]:
        """The names of the facts proved true, in alphabetical order."""
        return tuple(sorted(name for name, fact in self.facts.items() if fact.holds))

    @property
    def phrases(self) -> tuple[str, ...]:
        """The facts proved true in words, without those that another one implies."""
        proved = self.proved
        told = [name for name in proved if not any(name in _IMPLIED.get(other, ()) for other in proved)]
        told.sort(key=lambda name: _ORDER.index(first) if (first := name.split("-")[0]) in _ORDER else len(_ORDER))
        return tuple(f"banded (width {self.width})" if name == "banded" else name.replace("-", " ") for name in told)

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        """The facts that are proved true or false."""
        found: dict[str, Fact] = {}
        for fact in (*self._plain(), *self._zeros(), *self._symmetry(), *self._definite(), *self._factors()):
            found.setdefault(fact.name, fact)
        return found

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The terms of the node, multiplied out as far as its structure needs it; none for zero."""
        return () if is_zero(self.node) else spread(self.node)

    @property
    def square(self) -> bool:
        """Whether the axes are two equal halves."""
        half = self.node.rank // 2
        pairs = zip(self.node.shape[:half], self.node.shape[half:], strict=False)
        return self.node.rank > 0 and self.node.rank % 2 == 0 and all(equal(*sizes) for sizes in pairs)

    @cached_property
    def bands(self) -> Mapping[int, Node] | None:
        """The diagonals of a matrix by offset, each as the vector of its entries, for any size; None when it has more
        than its terms show.

        Entry t of the diagonal at k >= 0 is that at (t, t + k), else that at (t - k, t).
        """
        return bands(self.terms, self.node.shape)

    @cached_property
    def width(self) -> int | None:
        """The largest distance of an entry from the diagonal, where that is bounded for all sizes."""
        return None if self.bands is None else max(map(abs, self.bands), default=0)

    @cached_property
    def repeated(self) -> tuple[int, ...]:
        """The axes that must have the positions of their partners in the second half, for an entry not to be zero."""
        return repeated(self.terms, self.node.rank) if self.square and self.terms else ()

    @cached_property
    def diagonal(self) -> Node | None:
        """The entries on the diagonal of what is diagonal, in the shape of half of the axes."""
        whole = self.node.rank > 0 and len(self.repeated) * 2 == self.node.rank
        return (
            diagonal(self.terms, self.node.shape)
            if whole
            else self.bands[0]
            if self.width == 0 and self.bands
            else None
        )

    @cached_property
    def blocks(self) -> tuple[int, Node] | None:
        """A repeated axis and the blocks along it: that axis first, the others behind in order."""
        if self.node.rank < 4 or not self.repeated or len(self.repeated) * 2 == self.node.rank:
            return None
        return self.repeated[0], blocks(self.terms, self.node.shape, self.repeated[0])

    @cached_property
    def factors(self) -> tuple[tuple[Node, Node], ...] | None:
        """Pairs (A, B) with node[i, j, k, l] the sum of A[i, k] * B[j, l], a Kronecker product each; else None."""
        return kronecker_factors(self.terms) if self.node.rank == 4 and self.terms else None

    @cached_property
    def outer(self) -> Outer | None:
        """A matrix as a diagonal and a few outer products; None where it is no such sum."""
        if self.node.rank != 2 or not self.terms:
            return None
        found = [bands((term,), self.node.shape) for term in self.terms]
        pairs = [split(term, (0,), (1,)) for term, on in zip(self.terms, found, strict=True) if on is None]
        known = [pair for pair in pairs if pair is not None]
        diagonals = [on for on in found if on is not None]
        if not known or len(known) < len(pairs) or len(pairs) > MAX_OUTER or any(on.keys() != {0} for on in diagonals):
            return None
        size = self.node.shape[:1]
        return Outer(add([(1, on[0]) for on in diagonals], size) if diagonals else None, tuple(known))

    def _plain(self) -> Iterator[Fact]:
        if is_zero(self.node):
            yield Fact("zero", True, "every term vanishes")
        if not any(isinstance(part, (Variable, Call)) for part in postorder(self.node)):
            yield Fact("constant", True, "no variable occurs")

    def _zeros(self) -> Iterator[Fact]:
        if not self.square:
            if self.node.rank:
                yield from (Fact(name, False, "its axes are no two equal halves") for name in ("diagonal", "banded"))
            return
        if is_zero(self.node) or len(self.repeated) * 2 == self.node.rank or self.width == 0:
            yield Fact("diagonal", True, "every term lies on the diagonal")
        elif self.width is not None and not _reaches(self.width, self.node.shape[0]):
            reason = f"every term lies on a diagonal, the farthest at distance {self.width}"
            yield Fact("tridiagonal" if self.width == 1 else "banded", True, reason)
        if self.blocks is not None:
            yield Fact("block-diagonal", True, "every term is zero where one axis differs from its partner")

    def _symmetry(self) -> Iterator[Fact]:
        rank, origin = self.node.rank, self.origin
        half = rank // 2
        known = origin is not None and origin.order > 1
        if rank == 2 and not self.square:
            yield Fact("symmetric", False, "it is not square")
        elif rank and rank % 2 == 0 and self.square:
            if known and origin is not None and origin.outputs == 0 and origin.order == 2:
                yield Fact("symmetric", True, SCHWARZ)
            elif self._is_invariant((*range(half, rank), *range(half))):
                yield Fact("symmetric", True, "it is its own transpose")
        elif rank == 3 and all(equal(size, self.node.shape[0]) for size in self.node.shape):
            every = [order for order in permutations(range(3)) if order > (0, 1, 2)]
            if known and origin is not None and origin.outputs == 0:
                yield Fact("symmetric", True, SCHWARZ)
            elif all(map(self._is_invariant, every)):
                yield Fact("symmetric", True, "it is the same for every order of its axes")
        if rank > 2 and equal(self.node.shape[-1], self.node.shape[-2]):
            yield from self._partial_symmetry(known)

    def _partial_symmetry(self, known: bool) -> Iterator[Fact]:
        rank = self.node.rank
        if known and self.origin is not None and self.origin.inputs == 1:
            yield Fact("partially-symmetric", True, SCHWARZ)
        elif self._is_invariant((*range(rank - 2), rank - 1, rank - 2)):
            yield Fact("partially-symmetric", True, "it is the same with the last two axes exchanged")

    def _is_invariant(self, order: tuple[int, ...]) -> bool:
        """Whether the node stays the same when its axes are permuted, as it stands or multiplied out."""
        wider = add([(term.coefficient, term.node) for term in self.terms], self.node.shape)
        return invariant(self.node, order) or (wider is not self.node and invariant(wider, order))

    def _definite(self) -> Iterator[Fact]:
        if not self.square:
            return
        found = definiteness(self.node)
        for name, reason in names(found):
            yield Fact(name, True, reason)
        opposites = {"positive": "negative", "negative": "positive"}
        for name, _ in names(found):
            sign, _, kind = name.partition("-")
            if kind == "definite":
                for weaker in ("definite", "semidefinite"):
                    yield Fact(f"{opposites[sign]}-{weaker}", False, f"it is {sign} definite")

    def _factors(self) -> Iterator[Fact]:
        if self.factors is not None and len(self.factors) == 1:
            yield Fact("kronecker", True, "its labels fall into two parts")
        if self.outer is not None and self.width is None and not _reaches(len(self.outer.pairs), self.node.shape[0]):
            name = "low-rank" if self.outer.diagonal is None else "low-rank-plus-diagonal"
            yield Fact(name, True, f"a sum of {len(self.outer.pairs)} outer products")


def kronecker_factors(terms: Sequence[Term]) -> tuple[tuple[Node, Node], ...] | None:
    """Pairs (A, B) such that the terms at [i, j, k, l] add up to the sum of A[i, k] * B[j, l]; None if they do not."""
    pairs = [split(term, (0, 2), (1, 3)) for term in terms]
    known = [pair for pair in pairs if pair is not None]
    return tuple(_collected(_collected(known, 1), 0)) if len(known) == len(pairs) else None


def _collected(pairs: Sequence[tuple[Node, Node]], kept: int) -> list[tuple[Node, Node]]:
    """The pairs with those added up that agree in one place, up to a number."""
    sums: dict[Node, list[Node]] = {}
    for pair in pairs:
        number, plain = scaled(pair[kept])
        sums.setdefault(plain, []).append(scale(number, pair[1 - kept]))
    added = [(same, add([(1, other) for other in others], others[0].shape)) for same, others in sums.items()]
    return [(other, same) if kept else (same, other) for same, other in added]


def _reaches(width: int, size: Size) -> bool:
    """Whether a size is a number so small that the width says nothing."""
    number = size.as_int()
    return number is not None and width >= number - 1
