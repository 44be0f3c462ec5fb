"""Functions that give a result with its proved structure kept, instead of a dense array."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

from hesse.codegen.fixing import shapes_of
from hesse.codegen.repeating import Repeat, RepeatingFunction, repeats
from hesse.core.declarations import Declarations
from hesse.core.nodes import Node, Variable
from hesse.core.traverse import postorder
from hesse.errors import ArgumentError
from hesse.facts.structure import Structure
from hesse.service.assembly import shaped
from hesse.service.calls import Calls
from hesse.service.computing import Computing
from hesse.service.layout import recipe, rests_on_declarations
from hesse.service.portions import FilledPart, Fold, Part, entry_buffers, require_separate
from hesse.service.recipes import Recipe
from hesse.service.sites import KEEPING, NumberSite, Programs
from hesse.structured.base import Structured
from hesse.structured.folded import Folded


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

    def into(self, buffers: Any) -> Callable[..., Structured | Folded]:
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
        filling, declarations = FillingStructure(self, self._programs, buffers), self._programs.declarations
        return filling.quick(declarations) if self._programs.loops and repeats(declarations) else filling

    def __call__(self, /, **values: Any) -> Structured | Folded:
        given, arguments, bound = self.calls.bind(values)
        return bound(given, arguments)

    def _at(self, site: NumberSite) -> _Bound:
        return _Bound(self.part(site), site)

    def part(self, site: NumberSite) -> Part:
        """The result for certain sizes, as a part of what is computed at a call. Raises ShapeError for some of zero."""
        self._programs.require_meaning((self._node,), site.sizes)
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
        self._given = entry_buffers(programs, function.recipe, buffers)
        require_separate(programs, [*self._given.values()])
        self._calls = function.calls.prepared(self._at)
        self._repeating: RepeatingFunction | None = None

    def __call__(self, /, **values: Any) -> Structured | Folded:
        if self._repeating is not None:
            self._repeating.prepare(None)
        given, arguments, bound = self._calls.bind(values)
        self._programs.require_apart(bound.arrays, self._calls.checked(arguments))
        result = bound(given, arguments)
        if self._repeating is not None:
            named = dict(zip(self._programs.declarations.variables, arguments, strict=True))
            self._repeating.prepare(bound.repeat(shapes_of(named)))
        return result

    def quick(self, declarations: Declarations) -> Callable[..., Structured | Folded]:
        """The function itself, with a short way for calls like the last one."""
        runtime, fixed = self._programs.guard.runtime, self._calls.fixed
        self._repeating = RepeatingFunction(self.__call__, declarations, fixed, runtime, len(self._given))
        return self._repeating.call

    def _at(self, site: NumberSite) -> _Filled:
        return _Filled(FilledPart(self._function.part(site), self._given), site)


class _Filled:
    """The function for certain sizes that fills buffers."""

    def __init__(self, part: FilledPart, site: NumberSite) -> None:
        self._part, self._compute = part, Computing(site)
        self.arrays = part.buffers.arrays
        self._by_loops = site.loops and self._compute.by_loops

    def __call__(self, values: Mapping[str, Any], arguments: list[Any]) -> Structured | Folded:
        return self._part(self._compute(values, arguments, {0: self._part.buffers}))

    def repeat(self, shapes: Mapping[str, tuple[int, ...]]) -> Repeat | None:
        """What a call like the last one takes, where loops do all of it."""
        return self._part.repeat(shapes) if self._by_loops else None


class _Bound:
    """The function for certain sizes."""

    def __init__(self, part: Part, site: NumberSite) -> None:
        self._part, self._compute = part, Computing(site)

    def __call__(self, values: Mapping[str, Any], arguments: list[Any]) -> Structured | Folded:
        always = self._part.always
        return self._part(self._compute(values, arguments)) if always is None else always


def require_structure(structure: str, backend: str, batch: Any = None) -> None:
    """Raise ArgumentError for what is no way of giving structure, or none of the backend, or of a batch."""
    if structure not in ("dense", "keep"):
        raise ArgumentError(f"structure is 'dense' or 'keep', not {structure!r}")
    if structure == "keep" and backend not in KEEPING:
        raise ArgumentError(f"structure is kept by programs for {' and '.join(KEEPING)}, not for {backend}")
    if structure == "keep" and batch is not None:
        raise ArgumentError(
            "structure is kept at one point, not along a batch: its results are objects, not arrays with one more axis",
            hint="make it without a batch, and call it for each point: [function(x=point) for point in points]",
        )


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
