"""Functions that give a result with its proved structure kept, instead of a dense array."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from hesse.core.nodes import Variable
from hesse.core.sizes import Size
from hesse.core.traverse import postorder
from hesse.errors import ArgumentError, ShapeError
from hesse.facts.structure import Structure
from hesse.service.assembly import Buffers, shaped
from hesse.service.layout import recipe, rests_on_declarations
from hesse.service.recipes import Recipe
from hesse.service.sites import KEEPING, NumberSite, Programs
from hesse.structured.base import Structured
from hesse.structured.folded import Folded

Fold: TypeAlias = Callable[[Structured], Structured | Folded]
_REMEMBERED = 8
"""For how many sizes patterns and fixed values are kept."""


class StructuredFunction:
    """Callable with the declared names as keywords; gives a `Structured` matrix, or a `Folded` map of arrays.

    `kind` says which structure is proved; `depends_on` names the variables that occur: a Hessian that does not depend
    on its variable is constant in it, and `fix` keeps what depends on fixed values alone.
    """

    def __init__(self, recipe: Recipe, outputs: int, shape: tuple[Size, ...], programs: Programs) -> None:
        self._recipe, self._outputs, self._shape = recipe, outputs, shape
        self._programs = programs
        self._fixed: Mapping[str, Any] = {}
        self._bound: dict[tuple[int, ...], BoundStructure] = {}
        self._last: tuple[object, BoundStructure] | None = None
        self.free: _Free | None = None
        names = {part.name for node in recipe.nodes for part in postorder(node) if isinstance(part, Variable)}
        self.depends_on = tuple(name for name in programs.declarations.variables if name in names)

    @property
    def kind(self) -> str:
        """The structure that is proved; "dense" where none is."""
        return self._recipe.kind

    @property
    def method(self) -> str:
        """How `solve` goes about it."""
        return self._recipe.method

    @property
    def fixed(self) -> Mapping[str, Any]:
        """The values that are fixed."""
        return self._fixed

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
        known = self._programs.declarations.variables
        for name in values:
            if name not in known:
                raise ArgumentError(f"there is no variable {name}", hint=f"the names are {', '.join(known)}")
        other = StructuredFunction(self._recipe, self._outputs, self._shape, self._programs)
        other._fixed = {
            **self._fixed,
            **{name: self._programs.converted(name, value) for name, value in values.items()},
        }
        other.free = None if self._programs.declarations.functions else _Free(self._programs, other._fixed)
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

    def bind(self, given: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Any], BoundStructure]:
        """All values by name, those of variables converted and checked, and the function for their sizes."""
        values = given
        if self.free is not None and (known := self.free.bind(given)) is not None:
            return given, *known
        if self._fixed:
            count = len(self._fixed) + len(given)
            values = {**self._fixed, **given}
            if len(values) < count:
                raise ArgumentError(f"{min(self._fixed.keys() & given.keys())} is fixed")
        arguments, shapes = self._programs.guard.bind(values)
        last = self._last
        if last is not None and last[0] is shapes:
            return values, arguments, last[1]
        key = tuple(shapes.sizes.values())
        bound = self._bound.get(key)
        if bound is None:
            if len(self._bound) >= _REMEMBERED:
                self._bound.clear()
            site = NumberSite(self._programs, values, arguments, shapes.sizes, frozenset(self._fixed))
            bound = self._bound.setdefault(key, BoundStructure(self._recipe, site, self._fold(site)))
        self._last = shapes, bound
        if self.free is not None:
            self.free.remember(arguments, bound)
        return values, arguments, bound

    def __call__(self, /, **values: Any) -> Structured | Folded:
        given, arguments, bound = self.bind(values)
        return bound(given, arguments)

    def _fold(self, site: NumberSite) -> Fold:
        """What makes of the matrix a map of arrays, where they have other than one axis."""
        if self._outputs == 1 and len(self._shape) == 2:
            return lambda matrix: matrix
        outputs, inputs = shaped(self._shape[: self._outputs], site), shaped(self._shape[self._outputs :], site)
        return lambda matrix: Folded(matrix, outputs, inputs)


class _Free:
    """The arguments of calls for which others are fixed: only those that are free are converted and looked at.

    What it says nothing about, other names and other shapes, is for the whole check of all arguments.
    """

    def __init__(self, programs: Programs, fixed: Mapping[str, Any]) -> None:
        entries = programs.declarations.variables
        free = [(k, entry) for k, entry in enumerate(entries.values()) if entry.name not in fixed]
        self._tables = any(entry.index is not None for _, entry in free)
        convert = programs.guard.runtime.convert
        self._convert = [(k, entry.name, convert(entry)) for k, entry in free]
        self._names = {entry.name for _, entry in free}
        self._last: tuple[list[tuple[int, ...]], list[Any], BoundStructure] | None = None

    def bind(self, given: Mapping[str, Any]) -> tuple[list[Any], BoundStructure] | None:
        """All arguments, and the function for their sizes, where these are the last ones."""
        last = self._last
        if last is None or given.keys() != self._names:
            return None
        shapes, known, bound = last
        arguments = known.copy()
        for (k, name, convert), shape in zip(self._convert, shapes, strict=True):
            arguments[k] = value = convert(given[name])
            if getattr(value, "shape", ()) != shape:
                return None
        return arguments, bound

    def remember(self, arguments: list[Any], bound: BoundStructure) -> None:
        """Notes the arguments of a call; the values of those that are free are not kept."""
        if self._tables:
            return
        shapes, known = [], arguments.copy()
        for k, _, _ in self._convert:
            shapes.append(getattr(known[k], "shape", ()))
            known[k] = None
        self._last = shapes, known, bound

    def own(self, arguments: list[Any]) -> list[Any]:
        """Those that are free: a fixed value is a copy that nobody else has."""
        return [arguments[k] for k, _, _ in self._convert]


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
        given, arguments, bound = self._function.bind(values)
        if bound is not self._bound:
            self._buffers, self._bound, self._result = Buffers(bound.matched(self._given)), bound, None
        buffers, free = self._buffers, self._function.free
        self._programs.require_apart(buffers.arrays, arguments if free is None else free.own(arguments))
        if buffers.refill is not None and bound.by_loops and self._result is not None and buffers.untouched:
            buffers.refill(arguments)
            self._matrix.forget()
            return self._result
        matrix = bound.matrix(given, arguments, buffers)
        if matrix is not self._matrix or self._result is None:
            self._matrix, self._result = matrix, bound.fold(matrix)
        return self._result


class BoundStructure:
    """The function for certain sizes."""

    def __init__(self, recipe: Recipe, site: NumberSite, fold: Fold) -> None:
        self._build, self.fold = recipe.bind(site), fold
        self._lengths = recipe.vectors(site)
        self._kind = recipe.kind
        nodes = site.changing
        self._names = [f"value_{k}" for k in range(len(nodes))]
        self._run = site.programs.joint(nodes).bound_to(site.sizes) if nodes else None
        self._always = fold(self._build(())) if site.constant else None
        self.by_loops = self._run is None and site.loops
        site.forget()

    def __call__(self, values: Mapping[str, Any], arguments: list[Any]) -> Structured | Folded:
        return self.fold(self.matrix(values, arguments)) if self._always is None else self._always

    def matrix(self, values: Mapping[str, Any], arguments: list[Any], buffers: Buffers | None = None) -> Structured:
        """The matrix between flattened arrays, with its entries in the buffers if there are any."""
        computed: list[Any] = [arguments]  # behind the values of the nodes that change
        if self._run is not None:
            found = self._run(arguments, values)
            computed = [*[found[name] for name in self._names], arguments]
        return self._build(computed, buffers)

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
    return StructuredFunction(found, outputs, node.shape, programs)
