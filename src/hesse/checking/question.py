"""A question: is this the derivative of that function? Its truth, and the ways in which an answer may be meant."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hesse.checking.comparison import Pair
from hesse.checking.domains import WrittenParts
from hesse.checking.numbers import Kinks
from hesse.checking.points import Sampler
from hesse.checking.survey import Survey, Surveyor
from hesse.core.algebra import contract
from hesse.core.build import index
from hesse.core.declarations import Declarations
from hesse.core.nodes import Node
from hesse.core.sizes import Size
from hesse.errors import ArgumentError
from hesse.service.derivatives import derivative, gradient, result_of
from hesse.service.expression import Expr
from hesse.service.variables import Target
from hesse.verify.sampling import Sizes

ORDERS = {"gradient": 1, "jacobian": 1, "hessian": 2}
TITLES = {"gradient": "gradient", "jacobian": "Jacobian", "hessian": "Hessian"}


@dataclass(frozen=True, eq=False)
class Question:
    """The function, the derivative that is asked for, and how long a verdict on an answer may take."""

    f: Expr
    target: Target
    kind: str
    entry: tuple[int, ...] | None
    seed: int
    time_limit: float

    @property
    def wrt(self) -> str | list[str]:
        """The variable, as the operators of the calculus take it."""
        return list(self.target.names) if self.target.stacked else self.target.names[0]

    @property
    def title(self) -> str:
        """What is asked for, in a sentence."""
        return TITLES[self.kind]

    @property
    def order(self) -> int:
        """The order of the derivative."""
        return ORDERS[self.kind]

    @cached_property
    def deadline(self) -> float:
        """By when an answer is due: the time limit counts from when this is asked for first."""
        return time.monotonic() + self.time_limit

    def derive(self) -> None:
        """Derive what the answer should be. Raises HesseError where there is no such derivative."""
        _ = self.truth.node

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self.deadline

    @cached_property
    def whole(self) -> Expr:
        """The whole derivative. Raises HesseError where there is none to be had."""
        if self.kind == "gradient":
            return gradient(self.f, self.wrt)
        return derivative(self.f, self.wrt, order=self.order)

    @cached_property
    def truth(self) -> Expr:
        """What the answer should be: the derivative, or its entry."""
        if self.entry is None:
            return self.whole
        return self.entry_of(self.whole)

    def entry_of(self, whole: Expr) -> Expr:
        """The entry that is asked for. Raises ArgumentError where there is no such entry."""
        assert self.entry is not None
        if len(self.entry) != len(whole._shape):
            count = len(whole._shape)
            raise ArgumentError(
                f"the entry {list(self.entry)} has {len(self.entry)} positions, the {self.title} has {count} axes",
                hint="positions start at 0: entry=(0, 1)",
            )
        for position, size in zip(self.entry, whole._shape, strict=True):
            known = size.as_int()
            if position < 0 or (known is not None and position >= known):
                raise ArgumentError(
                    f"there is no position {position} on an axis of size {size}", hint="positions start at 0"
                )
        return self.derived(index(whole.node, [Size.of(position) for position in self.entry]))

    def derived(self, node: Node) -> Expr:
        """A node in the variables of the function as an expression that holds where the derivative does."""
        return result_of(self.f, node, self.target.variables, self.f.verification)

    def admits(self, sizes: Sizes) -> bool:
        """Whether the entry that is asked for exists for these sizes."""
        if self.entry is None:
            return True
        pairs = zip(self.entry, self.whole._shape, strict=True)
        return all(position < size.evaluate(sizes) for position, size in pairs)

    def sampler(self, declarations: Declarations) -> Sampler:
        """Points for declarations."""
        return Sampler(declarations, self.seed, self.admits)

    def compare(self, expected: Expr, got: Expr, declarations: Declarations | None = None) -> Survey:
        """What is seen when an answer stands beside an expression of the same shape."""
        surveyor = self.surveyor(expected, got, declarations)
        survey = surveyor.survey()
        return survey if survey.parts else surveyor.extended()

    def surveyor(self, expected: Expr, got: Expr, declarations: Declarations | None = None) -> Surveyor:
        """Who looks at an answer beside an expression of the same shape."""
        declared = declarations or self.f._declarations.requiring(*got._declarations.required)
        sampler = self.sampler(declared)
        kinks = Kinks([self.f.node, expected.node, got.elaboration.root], sampler.nearby)
        answer = (got.exact_tree, got.elaboration.root)
        parts = WrittenParts(got.exact_tree, declared)
        pair = Pair(self.f.exact_tree, (expected.exact_tree, expected.node), answer, kinks, parts)
        return Surveyor(pair, sampler, self.deadline)


def permuted(node: Node, axes: Sequence[int]) -> Node:
    """The node with axis k of the result being its axis `axes[k]`."""
    labels = tuple(range(node.rank))
    shape = tuple(node.shape[axis] for axis in axes)
    return contract([(node, labels)], tuple(axes), dict(enumerate(node.shape)), shape)
