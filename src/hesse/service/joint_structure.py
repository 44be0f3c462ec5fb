"""Several expressions at once, of which linear maps come with their proved structure kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from hesse.codegen.filling import require_shape
from hesse.codegen.target import Target
from hesse.core.declarations import Declarations
from hesse.core.nodes import Node
from hesse.core.syntax import Syntax
from hesse.errors import ArgumentError
from hesse.notation.back import to_syntax
from hesse.service.assembly import Buffers, Read
from hesse.service.calls import Calls
from hesse.service.computing import Computing
from hesse.service.expression import Expr
from hesse.service.portions import FilledPart, entry_buffers, require_separate
from hesse.service.scopes import taken_names
from hesse.service.sites import NumberSite, Programs
from hesse.service.structured import StructuredFunction, structured_function
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
        self._names, self._programs = tuple(expressions), programs
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

    def into(self, buffers: Mapping[str, Any]) -> FillingJoint:
        """The function that leaves results, some or all, in the caller's arrays, which are given by their names.

        A value or a plain array takes an array of its shape, a linear map what `into` of its own function takes: the
        array of its entries, or diagonals by offset. Raises ArgumentError for what is no buffer.

        >>> import hesse as hs, numpy as np
        >>> f = hs.parse("sum((x[1:] - x[:-1])**4)", "x:n")
        >>> both = hs.compile({"gradient": hs.gradient(f), "hessian": hs.hessian(f)}, structure="keep")
        >>> slope, main, below = np.empty(3), np.empty(3), np.empty(2)
        >>> fill = both.into({"gradient": slope, "hessian": {0: main, -1: below}})
        >>> fill(x=[1.0, 2.0, 4.0])["hessian"]
        <banded, 3 × 3, 40 bytes; dense 72 bytes>
        >>> slope, main
        (array([ -4., -28.,  32.]), array([12., 60., 48.]))
        """
        return FillingJoint(self, self._plain, self._programs, self._calls, buffers)

    @property
    def fixed(self) -> Mapping[str, Any]:
        """The values that are fixed."""
        return self._calls.fixed

    def __call__(self, /, **values: Any) -> dict[str, Any]:
        given, arguments, bound = self._calls.bind(values)
        return bound(given, arguments)

    def _at(self, site: NumberSite) -> _Bound:
        return self.bound(site, {}, {})

    def bound(self, site: NumberSite, entries: Mapping[str, Mapping[Any, Any]], arrays: Mapping[str, Any]) -> _Bound:
        """The function for certain sizes, with the entries of some linear maps, and other results, left in buffers."""
        self._programs.require_meaning(self._plain.values(), site.sizes)
        finders: dict[str, Read] = {}
        parts: dict[int, Buffers] = {}
        lent: dict[int, Any] = {}
        for name, kept in self.kept.items():
            finders[name] = part = kept.part(site)
            if name in entries:
                finders[name] = filled = FilledPart(part, entries[name], f" of {name}")
                parts[part.number] = filled.buffers
        for name, node in self._plain.items():
            if name not in arrays:
                finders[name] = site.read(node)
                continue
            require_shape(name, arrays[name], node.shape, site.sizes)
            if site.fixed(node):
                finders[name] = _copying(site.read(node), arrays[name])
            else:
                finders[name] = _always(arrays[name])
                lent[site.alone(node)] = arrays[name]
        return _Bound({name: finders[name] for name in self._names}, Computing(site), parts, lent)


class FillingJoint:
    """Like the function it comes from, but some of the results are left in arrays of the caller's.

    These are the same objects at every call for the same sizes. One that fills a buffer has that buffer to itself.
    """

    def __init__(
        self,
        joint: JointStructure,
        plain: Mapping[str, Node],
        programs: Programs,
        calls: Calls[_Bound],
        buffers: Mapping[str, Any],
    ) -> None:
        names = (*plain, *joint.kept)
        if not isinstance(buffers, Mapping) or not buffers or not buffers.keys() <= {*names}:
            raise ArgumentError(
                f"into takes arrays by the names of results, such as {{{names[0]!r}: array}}; "
                f"the names are {', '.join(map(repr, names))}"
            )
        self._joint, self._programs = joint, programs
        self._entries = {
            name: entry_buffers(programs, kept.recipe, buffers[name])
            for name, kept in joint.kept.items()
            if name in buffers
        }
        self._arrays = {name: programs.guard.runtime.buffer(name, buffers[name]) for name in plain if name in buffers}
        for name, array in self._arrays.items():
            require_shape(name, array, plain[name].shape, {})
        self._every = [*self._arrays.values(), *(array for each in self._entries.values() for array in each.values())]
        require_separate(programs, self._every)
        self._calls = calls.prepared(self._at)

    def _at(self, site: NumberSite) -> _Bound:
        return self._joint.bound(site, self._entries, self._arrays)

    def __call__(self, /, **values: Any) -> dict[str, Any]:
        given, arguments, bound = self._calls.bind(values)
        self._programs.require_apart(self._every, self._calls.checked(arguments))
        return bound(given, arguments)


class _Bound:
    """The function for certain sizes."""

    def __init__(
        self, finders: Mapping[str, Read], compute: Computing, parts: Mapping[int, Buffers], lent: Mapping[int, Any]
    ) -> None:
        self._finders = [*finders.items()]
        self._compute, self._parts, self._lent = compute, parts, lent
        self._filled = Buffers([*lent.values()])

    def __call__(self, values: Mapping[str, Any], arguments: list[Any]) -> dict[str, Any]:
        self._filled.take()
        computed = self._compute(values, arguments, self._parts, self._lent)
        return {name: find(computed) for name, find in self._finders}


def _always(array: Any) -> Read:
    """The array, in which the program leaves the result."""
    return lambda values: array


def _copying(read: Read, array: Any) -> Read:
    """The array with a value that is fixed: others may have written to it since."""

    def copied(values: Sequence[Any]) -> Any:
        array[...] = read(values)
        return array

    return copied
