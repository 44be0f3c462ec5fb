"""Recipes made of several parts: Kronecker products, products of low rank over a base, sums of contractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from hesse.core.nodes import Axis, Node, Shape
from hesse.facts.pieces import Thin
from hesse.facts.terms import Term
from hesse.service.assembly import Buffers, Site, shaped
from hesse.service.recipes import Build, DenseRecipe, Recipe
from hesse.structured.base import Structured
from hesse.structured.contracted import Contraction, total
from hesse.structured.dense import Dense
from hesse.structured.diagonal import Diagonal
from hesse.structured.kronecker import Kronecker
from hesse.structured.low_rank import LowRank, repeated, side_by_side


@dataclass(frozen=True, eq=False)
class IdentityRecipe(Recipe):
    """The identity."""

    shape: Shape
    kind = "identity"
    method = "nothing to solve"
    nodes = ()

    @property
    def rows(self) -> Shape:
        return self.shape

    def bind(self, site: Site) -> Build:
        identity = Diagonal(1.0, prod(shaped(self.shape, site)))
        return lambda values, buffers=None: identity


@dataclass(frozen=True, eq=False)
class KroneckerRecipe(Recipe):
    """A sum of Kronecker products."""

    pairs: tuple[tuple[Recipe, Recipe], ...]
    symmetric: bool

    @property
    def kind(self) -> str:
        form = "a sum of Kronecker products" if len(self.pairs) > 1 else "a Kronecker product"
        return f"{form}, {' + '.join(f'{_bracketed(left)} ⊗ {_bracketed(right)}' for left, right in self.pairs)}"

    @property
    def method(self) -> str:
        (left, right), *others = self.pairs
        if others:
            two = f"the equation of Sylvester, {left.size} and {right.size}"
            return two if len(others) == 1 else "a dense system"
        if isinstance(left, IdentityRecipe):
            return f"one {right.size} system for all rows"
        if isinstance(right, IdentityRecipe):
            return f"one {left.size} system for all columns"
        return f"systems {left.size} and {right.size}"

    @property
    def rows(self) -> Shape:
        return self.pairs[0][0].rows + self.pairs[0][1].rows

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(node for pair in self.pairs for factor in pair for node in factor.nodes)

    def bind(self, site: Site) -> Build:
        builds = [(left.bind(site), right.bind(site)) for left, right in self.pairs]
        symmetric = self.symmetric

        def build(values: Sequence[Any], buffers: Buffers | None = None) -> Structured:
            return Kronecker(tuple((left(values), right(values)) for left, right in builds), symmetric=symmetric)

        return build


def _bracketed(factor: Recipe) -> str:
    return f"({factor.kind})" if "," in factor.kind else factor.kind


@dataclass(frozen=True, eq=False)
class LowRankRecipe(Recipe):
    """A base, or none, and products that are thin, or become so for certain sizes; `whole` is what it is else."""

    base: Recipe | None
    products: tuple[Thin, ...]
    outputs: Shape
    inputs: Shape
    symmetric: bool
    whole: Recipe

    @property
    def kind(self) -> str:
        form = "low rank" if self.base is None else f"low rank plus {self.base.kind}"
        inner = [str(each.inner) for each in self.products if each.inner is not None]
        return f"dense, {form} for small {' + '.join(inner)}" if inner else form

    @property
    def method(self) -> str:
        inner = [str(each.inner) for each in self.products if each.inner is not None]
        if self.base is None:
            return self.whole.method if inner else "none: it is singular"
        form = f"the formula of Woodbury over {self.base.method}"
        return f"{self.whole.method}; for small {' + '.join(inner)}, {form}" if inner else form

    @property
    def rows(self) -> Shape:
        return self.outputs

    @property
    def nodes(self) -> tuple[Node, ...]:
        own = tuple(node for each in self.products for node in (each.left, each.right))
        return own + self.whole.nodes + (() if self.base is None else self.base.nodes)

    def bind(self, site: Site) -> Build:
        rows, columns = prod(shaped(self.outputs, site)), prod(shaped(self.inputs, site))
        widths = [1 if each.inner is None else site.size(each.inner) for each in self.products]
        if any(each.inner is not None for each in self.products) and 2 * sum(widths) > min(rows, columns):
            return self.whole.bind(site)
        base = None if self.base is None else self.base.bind(site)
        sides = [(site.read(each.left), site.read(each.right)) for each in self.products]
        same, symmetric = all(each.left is each.right for each in self.products), self.symmetric
        weights = repeated([float(each.coefficient) for each in self.products], widths)

        def build(values: Sequence[Any], buffers: Buffers | None = None) -> Structured:
            left = side_by_side([one(values) for one, _ in sides], rows, widths)
            right = left if same else side_by_side([two(values) for _, two in sides], columns, widths)
            under = None if base is None else base(values)
            return LowRank(under, left, right, weights, symmetric=symmetric)

        return build


@dataclass(frozen=True, eq=False)
class ContractedRecipe(Recipe):
    """All entries, as a sum of contractions that are added up in blocks."""

    terms: tuple[Term, ...]
    shape: Shape
    outputs: int
    symmetric: bool
    kind = "dense"

    @property
    def method(self) -> str:
        return DenseRecipe.method_for(symmetric=self.symmetric)

    @property
    def rows(self) -> Shape:
        return self.shape[: self.outputs]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(dict.fromkeys(node for term in self.terms for node, _ in term.factors))

    def bind(self, site: Site) -> Build:
        shape, symmetric = shaped(self.shape, site), self.symmetric
        matrix = (prod(shape[: self.outputs]), prod(shape[self.outputs :]))
        coefficients = [float(term.coefficient) for term in self.terms]
        outs = [_plain(term.out) for term in self.terms]
        reads = [[(site.read(node), _plain(axes)) for node, axes in term.factors] for term in self.terms]

        def build(values: Sequence[Any], buffers: Buffers | None = None) -> Structured:
            terms = [
                Contraction(coefficient, tuple((read(values), axes) for read, axes in factors), out)
                for coefficient, factors, out in zip(coefficients, reads, outs, strict=True)
            ]
            return Dense(total(terms, shape).reshape(matrix), symmetric=symmetric)

        return build


def _plain(axes: Sequence[Axis]) -> tuple[int, ...]:
    """The labels, of axes that are nothing else."""
    return tuple(axis for axis in axes if isinstance(axis, int))
