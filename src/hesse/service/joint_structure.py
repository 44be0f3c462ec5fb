"""Several expressions at once, of which linear maps come with their proved structure kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

from hesse.codegen.target import Target
from hesse.core.declarations import Declarations
from hesse.core.nodes import Node
from hesse.core.syntax import Syntax
from hesse.notation.back import to_syntax
from hesse.service.assembly import Read
from hesse.service.calls import Calls
from hesse.service.computing import Computing
from hesse.service.expression import Expr
from hesse.service.scopes import taken_names
from hesse.service.sites import NumberSite, Programs
from hesse.service.structured import Part, StructuredFunction, structured_function
from hesse.simplify.engine import simplify


class JointStructure:
    """Callable with the declared names as keywords; gives all results in a dictionary, by name.

    Arguments are checked once, and one program computes what the results share. `kinds` says which structure is proved
    of each linear map. What is none comes as numbers and plain arrays.
    """

    def __init__(self, expressions: Mapping[str, Expr], declarations: Declarations, target: Target) -> None:
        nodes = {name: each.structured.node for name, each in expressions.items()}
        trees = {nodes[name]: each.program_tree for name, each in expressions.items()}
        known, taken = next(iter(expressions.values())).known, taken_names(declarations)

        def write(node: Node) -> Syntax:
            return trees[node] if node in trees else to_syntax(node, known, simplify, taken)

        programs = Programs(declarations, write, target)
        self.kept: dict[str, StructuredFunction] = {}
        self._plain: dict[str, Node] = {}
        for name, expression in expressions.items():
            found = structured_function(expression.structured, programs)
            if found is None:
                self._plain[name] = nodes[name]
            else:
                self.kept[name] = found
        if self._plain:
            programs.joint([*self._plain.values()])  # what the target cannot compute is refused before there are values
        self._names, self._nodes, self._programs = tuple(expressions), tuple(nodes.values()), programs
        self.kinds = {name: kept.kind for name, kept in self.kept.items()}
        self._calls = Calls(programs, self._at)

    def fix(self, /, **values: Any) -> JointStructure:
        """The function of the other variables, with copies of these values; what depends on them alone is kept.

        >>> import hesse as hs
        >>> f = hs.parse("x @ A @ x", "A:n,n x:n")
        >>> both = hs.compile({"value": f, "hessian": hs.hessian(f, "x")}, structure="keep").fix(A=[[1, 2], [3, 4]])
        >>> both(x=[1, 1])["value"], both(x=[1, 1])["hessian"] is both(x=[0, 2])["hessian"]
        (np.float64(10.0), True)
        """
        other = copy(self)
        other._calls = self._calls.with_fixed(values)
        return other

    @property
    def fixed(self) -> Mapping[str, Any]:
        """The values that are fixed."""
        return self._calls.fixed

    def __call__(self, /, **values: Any) -> dict[str, Any]:
        given, arguments, bound = self._calls.bind(values)
        return bound(given, arguments)

    def _at(self, site: NumberSite) -> _Bound:
        self._programs.require_meaning(self._nodes, site.sizes)
        finders: dict[str, Part | Read] = {name: kept.part(site) for name, kept in self.kept.items()}
        finders |= {name: site.read(node) for name, node in self._plain.items()}
        return _Bound({name: finders[name] for name in self._names}, Computing(site))


class _Bound:
    """The function for certain sizes."""

    def __init__(self, finders: Mapping[str, Callable[[Any], Any]], compute: Computing) -> None:
        self._finders = [*finders.items()]
        self._compute = compute

    def __call__(self, values: Mapping[str, Any], arguments: list[Any]) -> dict[str, Any]:
        computed = self._compute(values, arguments)
        return {name: find(computed) for name, find in self._finders}
