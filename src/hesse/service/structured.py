"""Functions that give a result with its proved structure kept, instead of a dense array."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from hesse.codegen.binding import Binding
from hesse.core.declarations import Declarations
from hesse.core.nodes import Node, Variable
from hesse.core.sizes import Size
from hesse.core.syntax import Syntax, number
from hesse.core.traverse import postorder
from hesse.errors import ArgumentError, DeclarationError
from hesse.facts.structure import Structure
from hesse.service.layout import recipe, rests_on_declarations
from hesse.service.recipes import Build, Read, Recipe, shaped
from hesse.structured.base import Structured
from hesse.structured.folded import Folded
from hesse.structured.places import copied, shape_of

Program: TypeAlias = Callable[..., Any]
Sizes: TypeAlias = tuple[tuple[str, int], ...]
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
        self._bound: dict[Sizes, _Bound] = {}
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
        other._fixed = {**self._fixed, **{name: copied(value) for name, value in values.items()}}
        return other

    def __call__(self, /, **values: Any) -> Structured | Folded:
        if self._fixed:
            again = self._fixed.keys() & values.keys()
            if again:
                raise ArgumentError(f"{min(again)} is fixed")
            values = {**self._fixed, **values}
        sizes = self._programs.sizes(values)
        bound = self._bound.get(sizes)
        if bound is None:
            if len(self._bound) >= _REMEMBERED:
                self._bound.clear()
            site = _Site(self._programs, values, dict(sizes), frozenset(self._fixed))
            bound = self._bound.setdefault(sizes, _Bound(self._recipe.bind(site), site, self._fold(site)))
        return bound(values)

    def _fold(self, site: _Site) -> Callable[[Structured], Structured | Folded]:
        """What makes of the matrix a map of arrays, where they have other than one axis."""
        if self._outputs == 1 and len(self._shape) == 2:
            return lambda matrix: matrix
        outputs, inputs = shaped(self._shape[: self._outputs], site), shaped(self._shape[self._outputs :], site)
        return lambda matrix: Folded(matrix, outputs, inputs)


class Programs:
    """The programs of nodes, each made when it is first needed."""

    def __init__(
        self, declarations: Declarations, write: Callable[[Node], Syntax], make: Callable[[Syntax], Program]
    ) -> None:
        self.declarations = declarations
        self._write, self._make = write, make
        self._programs: dict[Node, Program] = {}
        self._variables: dict[Node, frozenset[str]] = {}
        self._binding = Binding(declarations)
        self._guard: Program | None = None
        self._known: dict[tuple[tuple[int, ...], ...], Sizes] = {}

    def program(self, node: Node) -> Program:
        """The function of the declared variables that gives the value of the node."""
        if node not in self._programs:
            self._programs[node] = self._make(self._write(node))
        return self._programs[node]

    def joint(self, nodes: Sequence[Node]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
        """The function of the values of all declared variables that gives those of the nodes."""
        programs = [self.program(node) for node in nodes]
        return lambda values: [program(**values) for program in programs]

    def variables(self, node: Node) -> frozenset[str]:
        """The names of the variables that occur in the node."""
        if node not in self._variables:
            found = {part.name for part in postorder(node) if isinstance(part, Variable)}
            self._variables[node] = frozenset(found)
        return self._variables[node]

    def check(self, values: Mapping[str, Any]) -> None:
        """Raise HesseError where the values do not fit the declarations."""
        if self._guard is None:
            self._guard = self._make(number(0))
        self._guard(**values)

    def sizes(self, values: Mapping[str, Any]) -> Sizes:
        """The size names and their values. Raises HesseError where the values do not fit the declarations."""
        names = self.declarations.variables
        if any(name not in values for name in names):
            self.check(values)
        shapes = tuple([shape_of(values[name]) for name in names])
        if shapes not in self._known:
            self.check(values)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[shapes] = tuple(self._binding.sizes(dict(zip(names, shapes, strict=True))).items())
        return self._known[shapes]


class _Site:
    """Sizes, and values that are fixed; it notes which nodes have to be computed at every call."""

    def __init__(
        self, programs: Programs, values: Mapping[str, Any], sizes: Mapping[str, int], fixed: frozenset[str]
    ) -> None:
        self.programs = programs
        self.changing: list[Node] = []
        self._sizes, self._names = sizes, fixed
        self._values = values
        self._known: dict[Node, Any] = {}

    def size(self, size: Size) -> int:
        """The value of a size. Raises DeclarationError where the shapes of the variables do not tell it."""
        unknown = sorted(size.names - self._sizes.keys())
        if unknown:
            raise DeclarationError(
                f"the size {unknown[0]} is used, but no variable fixes it",
                hint=f"declare a variable of this size, such as `v:{unknown[0]}`",
            )
        return size.evaluate(self._sizes)

    def forget(self) -> None:
        """Let go of the values of the call that everything was prepared at."""
        self._values = {}

    def fixed(self, node: Node) -> bool:
        """Whether no variable occurs in the node but those that are fixed."""
        return self.programs.variables(node) <= self._names

    def read(self, node: Node) -> Read:
        """What picks the value of a node out of those that are computed at a call."""
        if self.fixed(node):
            if node not in self._known:
                self._known[node] = self.programs.program(node)(**self._values)
            value = self._known[node]
            return lambda values: value
        if node not in self.changing:
            self.changing.append(node)
        return itemgetter(self.changing.index(node))


class _Bound:
    """The function for certain sizes."""

    def __init__(self, build: Build, site: _Site, fold: Callable[[Structured], Structured | Folded]) -> None:
        self._build, self._fold = build, fold
        self._run = site.programs.joint(site.changing)
        self._check = site.programs.check
        self._always = None if site.changing else fold(build(()))
        site.forget()

    def __call__(self, values: Mapping[str, Any]) -> Structured | Folded:
        if self._always is not None:
            self._check(values)
            return self._always
        return self._fold(self._build(self._run(values)))


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
    return StructuredFunction(recipe(node, outputs, symmetric=symmetric), outputs, node.shape, programs)
