"""Functions that give a result with its proved structure kept, instead of a dense array."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from hesse.codegen.binding import Binding
from hesse.core.declarations import Declarations
from hesse.core.nodes import Node, Variable
from hesse.core.sizes import Size
from hesse.core.syntax import Syntax, number
from hesse.core.traverse import postorder
from hesse.errors import ArgumentError
from hesse.facts.structure import Structure
from hesse.service.layout import recipe
from hesse.service.recipes import Recipe
from hesse.structured.base import Structured
from hesse.structured.folded import Folded
from hesse.structured.places import copied, same, shape_of

T = TypeVar("T")
Program: TypeAlias = Callable[..., Any]
Sizes: TypeAlias = tuple[tuple[str, int], ...]
_REMEMBERED = 16
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
        self._kept: dict[Sizes, dict[object, Any]] = {}
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
        again = self._fixed.keys() & values.keys()
        if again:
            raise ArgumentError(f"{min(again)} is fixed")
        values = {**self._fixed, **values}
        sizes = self._programs.sizes(values)
        kept = self._kept.get(sizes)
        if kept is None:
            if len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            kept = self._kept.setdefault(sizes, {})
        at = _Call(self._programs, values, dict(sizes), kept, frozenset(self._fixed))
        if self._fixed.keys() >= set(self.depends_on):
            self._programs.check(values)
            return at.once(self, (), lambda: self._made(at))
        return self._made(at)

    def _made(self, at: _Call) -> Structured | Folded:
        matrix = self._recipe.build(at)
        if self._outputs == 1 and len(self._shape) == 2:
            return matrix
        outputs, inputs = self._shape[: self._outputs], self._shape[self._outputs :]
        return Folded(matrix, tuple(map(at.size, outputs)), tuple(map(at.size, inputs)))


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


class _Call:
    """The values at one call."""

    def __init__(
        self,
        programs: Programs,
        values: Mapping[str, Any],
        sizes: Mapping[str, int],
        kept: dict[object, Any],
        fixed: frozenset[str],
    ) -> None:
        self._programs, self._values, self._sizes = programs, values, sizes
        self._kept, self._fixed = kept, fixed
        self._found: dict[Node, Any] = {}

    def value(self, node: Node) -> Any:
        """The value of a node, computed once for a call, and once for all where it is fixed."""
        if node not in self._found:
            known = self._kept if self.fixed(node) else self._found
            if node not in known:
                known[node] = self._programs.program(node)(**self._values)
            self._found[node] = known[node]
        return self._found[node]

    def fixed(self, node: Node) -> bool:
        """Whether no variable occurs in the node but those that are fixed."""
        return self._programs.variables(node) <= self._fixed

    def size(self, size: Size) -> int:
        """The value of a size."""
        return size.evaluate(self._sizes)

    def once(self, owner: object, tables: Sequence[Node], make: Callable[[], T]) -> T:
        """What `make` gave for the same entries of the tables, or gives now."""
        entries = [self.value(table) for table in tables]
        known = self._kept.get(owner)
        if known is not None and all(same(one, two) for one, two in zip(known[0], entries, strict=True)):
            return known[1]  # type: ignore[no-any-return]
        found = make()
        self._kept[owner] = (entries, found)
        return found


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
    symmetric = bool(structure.fact("symmetric").holds)
    return StructuredFunction(recipe(node, outputs, symmetric=symmetric), outputs, node.shape, programs)
