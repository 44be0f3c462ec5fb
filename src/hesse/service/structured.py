"""Functions that give a result with its proved structure kept, instead of a dense array."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, TypeAlias

from hesse.core.nodes import Node, Variable
from hesse.core.traverse import postorder
from hesse.errors import ArgumentError, ShapeError
from hesse.facts.structure import Structure
from hesse.service.assembly import Buffers, shaped
from hesse.service.calls import Calls
from hesse.service.computing import NO_BUFFERS, Computing
from hesse.service.layout import recipe, rests_on_declarations
from hesse.service.recipes import Recipe
from hesse.service.sites import KEEPING, NumberSite, Programs
from hesse.structured.base import Structured
from hesse.structured.folded import Folded

Fold: TypeAlias = Callable[[Structured], Structured | Folded]


class StructuredFunction:
    """Callable with the declared names as keywords; gives a `Structured` matrix, or a `Folded` map of arrays.

    `kind` says which structure is proved; `depends_on` names the variables that occur: a Hessian that does not depend
    on its variable is constant in it, and `fix` keeps what depends on fixed values alone.
    """

    def __init__(self, recipe: Recipe, outputs: int, node: Node, programs: Programs) -> None:
        self.recipe, self._outputs, self._node = recipe, outputs, node
        self._programs = programs
        self.calls = Calls(programs, self._at)
        names = {part.name for node in recipe.nodes for part in postorder(node) if isinstance(part, Variable)}
        self.depends_on = tuple(name for name in programs.declarations.variables if name in names)

    @property
    def kind(self) -> str:
        """The structure that is proved; "dense" where none is."""
        return self.recipe.kind

    @property
    def method(self) -> str:
        """How `solve` goes about it."""
        return self.recipe.method

    @property
    def fixed(self) -> Mapping[str, Any]:
        """The values that are fixed."""
        return self.calls.fixed

    @property
    def source(self) -> str:
        """The program of the values that the result is put together of; loops for Numba write these where they stand.

        >>> import hesse as hs
        >>> H = hs.hessian(hs.parse("sum((x[1:] - x[:-1])**4)", "x:n"), "x").compile(structure="keep")
        >>> print(H.source.splitlines()[-2].strip())
        value_1 = 12 * t1
        """
        nodes = tuple(dict.fromkeys(self.recipe.nodes))
        return self._programs.joint(nodes).source if nodes else ""

    def fix(self, /, **values: Any) -> StructuredFunction:
        """The function of the other variables, with copies of these values; what depends on them alone is kept.

        >>> import hesse as hs
        >>> H = hs.hessian(hs.parse("x @ A @ x", "A:n,n x:n"), "x").compile(structure="keep")
        >>> H.depends_on
        ('A',)
        >>> fixed = H.fix(A=[[1, 2], [3, 4]])
        >>> fixed(x=[0, 0]) is fixed(x=[1, 1])
        True
        """
        other = copy(self)
        other.calls = self.calls.with_fixed(values)
        return other

    def into(self, buffers: Any) -> FillingStructure:
        """The function that leaves the entries in the caller's arrays, and gives the same object at every call.

        A sparse matrix takes the array of its entries, in the order of `tosparse().data`, a banded one its diagonals
        by offset (of a symmetric one 0 and those below), a diagonal one its diagonal. Raises ArgumentError for what is
        no buffer, and for other kinds.

        >>> import hesse as hs, numpy as np
        >>> H = hs.hessian(hs.parse("sum((x[1:] - x[:-1])**4)", "x:n"), "x").compile(structure="keep")
        >>> main, below = np.empty(3), np.empty(2)
        >>> H.into({0: main, -1: below})(x=[1.0, 2.0, 4.0])
        <banded, 3 × 3, 40 bytes; dense 72 bytes>
        >>> main, below
        (array([12., 60., 48.]), array([-12., -48.]))
        """
        return FillingStructure(self, self._programs, buffers)

    def __call__(self, /, **values: Any) -> Structured | Folded:
        given, arguments, bound = self.calls.bind(values)
        return bound(given, arguments)

    def _at(self, site: NumberSite) -> BoundStructure:
        self._programs.require_meaning((self._node,), site.sizes)
        return BoundStructure(self.part(site), self.recipe, site)

    def part(self, site: NumberSite) -> Part:
        """The result for certain sizes, as a part of what is computed at a call."""
        return Part(self.recipe, site, self._fold(site))

    def _fold(self, site: NumberSite) -> Fold:
        """What makes of the matrix a map of arrays, where they have other than one axis."""
        shape = self._node.shape
        if self._outputs == 1 and len(shape) == 2:
            return lambda matrix: matrix
        outputs, inputs = shaped(shape[: self._outputs], site), shaped(shape[self._outputs :], site)
        return lambda matrix: Folded(matrix, outputs, inputs)


class FillingStructure:
    """Like the function it comes from, but the entries are left in arrays of the caller's.

    It gives the same object at every call for the same sizes. One that fills a buffer has that buffer to itself.
    """

    def __init__(self, function: StructuredFunction, programs: Programs, buffers: Any) -> None:
        self._function, self._programs = function, programs
        self._given = dict(buffers) if isinstance(buffers, Mapping) else {None: buffers}
        for name, buffer in self._given.items():
            programs.guard.runtime.buffer("the entries" if name is None else f"diagonal {name}", buffer)
            if buffer.ndim != 1 or not buffer.flags.c_contiguous:
                raise ArgumentError("the entries are left in vectors that are contiguous")
        arrays = [*self._given.values()]
        for k, buffer in enumerate(arrays):
            programs.require_apart(arrays[:k], [buffer], "another")
        self._bound: BoundStructure | None = None
        self._buffers = Buffers(())
        self._matrix: Any = None
        self._result: Structured | Folded | None = None

    def __call__(self, /, **values: Any) -> Structured | Folded:
        given, arguments, bound = self._function.calls.bind(values)
        if bound is not self._bound:
            self._buffers, self._bound, self._result = Buffers(bound.matched(self._given)), bound, None
        buffers, free = self._buffers, self._function.calls.free
        self._programs.require_apart(buffers.arrays, arguments if free is None else free.own(arguments))
        if buffers.refill is not None and bound.by_loops and self._result is not None and buffers.untouched:
            buffers.refill(arguments)
            self._matrix.forget()
            return self._result
        matrix = bound.matrix(given, arguments, buffers)
        if matrix is not self._matrix or self._result is None:
            self._matrix, self._result = matrix, bound.fold(matrix)
        return self._result


class Part:
    """One of the results of a call for certain sizes: made of the values of all that is computed at the call."""

    def __init__(self, recipe: Recipe, site: NumberSite, fold: Fold) -> None:
        site.begin()
        self.build, self.fold = recipe.bind(site), fold
        self.always = fold(self.build(())) if site.constant else None
        """The result, where it is the same at every call."""

    def __call__(self, computed: Sequence[Any]) -> Structured | Folded:
        return self.fold(self.build(computed)) if self.always is None else self.always


class BoundStructure:
    """The function for certain sizes."""

    def __init__(self, part: Part, recipe: Recipe, site: NumberSite) -> None:
        self._part, self.fold = part, part.fold
        self._lengths = recipe.vectors(site)
        self._kind = recipe.kind
        self._compute = Computing(site)
        self.by_loops = self._compute.by_loops and site.loops

    def __call__(self, values: Mapping[str, Any], arguments: list[Any]) -> Structured | Folded:
        always = self._part.always
        return self._part(self._compute(values, arguments)) if always is None else always

    def matrix(self, values: Mapping[str, Any], arguments: list[Any], buffers: Buffers | None = None) -> Structured:
        """The matrix between flattened arrays, with its entries in the buffers if there are any."""
        given = NO_BUFFERS if buffers is None else {0: buffers}
        return self._part.build(self._compute(values, arguments, given), buffers)

    def matched(self, buffers: Mapping[Any, Any]) -> list[Any]:
        """The buffers in the order of the vectors. Raises HesseError where they do not fit."""
        wanted = self._lengths
        if wanted is None:
            raise ArgumentError(f"a result that is {self._kind} has no buffers", hint="call the function itself")
        named = {next(iter(wanted)): buffers[None]} if None in buffers and len(wanted) == 1 else buffers
        if named.keys() != wanted.keys():
            raise ArgumentError(f"into takes arrays by the names {', '.join(map(repr, wanted))}")
        for name, length in wanted.items():
            if length not in (-1, len(named[name])):
                raise ShapeError(f"the buffer {name!r} has {len(named[name])} entries, and the result has {length}")
        return [named[name] for name in wanted]


def require_structure(structure: str, backend: str) -> None:
    """Raise ArgumentError for what is no way of giving structure, or none of the backend."""
    if structure not in ("dense", "keep"):
        raise ArgumentError(f"structure is 'dense' or 'keep', not {structure!r}")
    if structure == "keep" and backend not in KEEPING:
        raise ArgumentError(f"structure is kept by programs for {' and '.join(KEEPING)}, not for {backend}")


def structured_function(
    structure: Structure,
    programs: Programs,
) -> StructuredFunction | None:
    """The function that keeps the structure of a matrix or of a derivative; None for what is no linear map."""
    node, origin = structure.node, structure.origin
    if origin is None:
        outputs = node.rank // 2 if node.rank % 2 == 0 else 0
    elif origin.order == 1:
        outputs = origin.outputs
    else:
        outputs = origin.inputs if origin.order == 2 and origin.outputs == 0 else 0
    if not 0 < outputs < node.rank:
        return None
    symmetric = structure.square and 2 * outputs == node.rank and bool(structure.fact("symmetric").holds)
    symmetric = symmetric and not rests_on_declarations(node)
    found = recipe(node, outputs, symmetric=symmetric)
    if programs.loops and found.nodes:
        programs.joint(found.nodes)  # what loops cannot compute is refused before there are values
    return StructuredFunction(found, outputs, node, programs)
