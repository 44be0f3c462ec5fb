"""Source code of an expression: a function of its declared variables."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hesse.codegen import python
from hesse.codegen.binding import Source, size_sources
from hesse.codegen.build import Builder
from hesse.codegen.emitter import Emitter
from hesse.codegen.names import Names, identifier
from hesse.codegen.numpy import NUMPY
from hesse.codegen.target import Target
from hesse.codegen.terms import Term, Terms, postorder
from hesse.core.build import shape_text
from hesse.core.declarations import ATTRIBUTES, Declarations, FunctionDeclaration, VariableDeclaration
from hesse.core.nodes import Shape
from hesse.core.sizes import Size
from hesse.core.syntax import Syntax
from hesse.errors import ArgumentError, DeclarationError


@dataclass(frozen=True, slots=True)
class Program:
    """The source of a function and what a caller has to know: its parameters in order, and its result.

    `functions` are the undefined functions it needs, as pairs of a name and an order of derivative; they follow the
    variables.
    """

    source: str
    name: str
    functions: tuple[tuple[str, int], ...]
    root: Term
    heads: frozenset[str]


def emit(tree: Syntax, declarations: Declarations, target: Target = NUMPY, name: str = "f") -> str:
    """The source of `def name(variables...)` for the target, with everything it needs."""
    return program(tree, declarations, target, name).source


def program(tree: Syntax, declarations: Declarations, target: Target = NUMPY, name: str = "f") -> Program:
    """The source together with what a caller has to know."""
    if identifier(name) != name or name in target.names | target.helpers.keys():
        raise ArgumentError(f"{name!r} cannot be the name of the function")
    builder = Builder(declarations, target.spells, target.name)
    root = builder.build(tree)
    writer = _Writer(builder, target, root)
    function = writer.function(name)
    source = python.unparse(_with_needs(function, target))
    return Program(source, name, writer.undefined, root, frozenset(term.head for term in writer.order))


class _Writer:
    """Writes the function: parameters, docstring, sizes, statements, result."""

    def __init__(self, builder: Builder, target: Target, root: Term) -> None:
        self.root = root
        self.order = postorder(root)
        self._terms: Terms = builder.terms
        self._declarations = builder.declarations
        functions = builder.declarations.functions
        calls = {term.options for term in self.order if term.head == "undefined"}
        self.undefined = tuple(sorted(calls, key=lambda call: ([*functions].index(call[0]), call[1])))
        self._names = Names({*target.names, *target.helpers, python.GROUP})
        self.variables = {name: self._names.take(name) for name in builder.declarations.variables}
        self.calls = {call: self._names.take(_call_name(functions[call[0]], call[1])) for call in self.undefined}
        given = {builder.scope[name]: parameter for name, parameter in self.variables.items()}
        self._emitter = Emitter(target, self._names, given, builder.names, self.calls)

    def function(self, name: str) -> ast.stmt:
        """The definition of the function."""
        sizes = self._sizes()
        result = self._emitter.expression(self.root)
        parameters = [ast.arg(parameter) for parameter in (*self.variables.values(), *self.calls.values())]
        arguments = ast.arguments(posonlyargs=[], args=parameters, kwonlyargs=[], kw_defaults=[], defaults=[])
        docstring = ast.Expr(ast.Constant(self._docstring()))
        body = [docstring, *sizes, *self._emitter.statements, ast.Return(result)]
        return ast.FunctionDef(name, arguments, body, [], lineno=0)

    def _sizes(self) -> list[ast.stmt]:
        """Statements that read the sizes in use from the shapes of variables."""
        sources = size_sources(self._declarations)
        needed = _closure([term.options[0] for term in self.order if term.head == "size"], sources)
        local = {name: self._names.take(name) for name in needed}
        for name in needed:
            self._emitter.know(self._terms.size(Size.of(name)), local[name])
        together = {entry for entry in self._declarations.variables.values() if _all_from(entry, needed, sources)}
        statements: dict[str, ast.stmt] = {}
        for name in needed:
            entry = self._declarations.variables[sources[name].variable]
            if entry in together:
                unpacked = ast.Tuple([python.name(local[str(size)]) for size in entry.shape])
                shape = ast.Attribute(python.name(self.variables[entry.name]), "shape")
                statements[entry.name] = python.assign(unpacked, shape)
            else:
                value = self._emitter.expression(self._source(sources[name], entry))
                statements[f"{entry.name}, {name}"] = python.assign(python.name(local[name]), value)
        return list(statements.values())

    def _source(self, source: Source, entry: VariableDeclaration) -> Term:
        """The term that a size is computed from."""
        variable = self._terms.variable(entry.name, entry.shape, entry.index is not None)
        term = self._terms.make("dimension", (variable,), (source.axis,), dtype="number")
        if source.rest.terms:
            term = self._terms.arithmetic("-", term, self._terms.size(source.rest))
        if source.factor.as_int() == 1:
            return term
        return self._terms.make("//", (term, self._terms.size(source.factor)), dtype="number")

    def _docstring(self) -> str:
        lines = [f"Return {_kind(self.root.shape)}.", ""]
        for name, entry in self._declarations.variables.items():
            renamed = "" if self.variables[name] == name else f" ({name})"
            lines.append(f"    {self.variables[name]}{renamed}: {_described(entry)}")
        for (function, order), name in self.calls.items():
            derivative = "" if order == 0 else f"the derivative of order {order} of "
            lines.append(f"    {name}: {derivative}the function {self._declarations.functions[function]}")
        return "\n".join([*lines, "    "]) if len(lines) > 2 else lines[0]


def _all_from(entry: VariableDeclaration, needed: Sequence[str], sources: Mapping[str, Source]) -> bool:
    """Whether the sizes of a matrix are read in one statement: `m, n = A.shape`."""
    places = [(name, sources[name].variable, sources[name].axis) for name in needed]
    wanted = [(size.as_name(), entry.name, axis) for axis, size in enumerate(entry.shape)]
    return len(wanted) > 1 and all(place in places for place in wanted)


def _closure(names: Sequence[str], sources: Mapping[str, Source]) -> list[str]:
    """The names and all that their sources need, in an order in which they can be computed."""
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in sources:
            hint = f"declare a variable of this size, such as `v:{name}`"
            raise DeclarationError(f"the size {name} is used, but no variable fixes it", hint=hint)
        if name not in needed:
            needed.add(name)
            waiting += sorted(sources[name].rest.names | sources[name].factor.names)
    return [name for name in sources if name in needed]


def _with_needs(function: ast.stmt, target: Target) -> list[ast.stmt]:
    """The function after the imports and the helpers that it uses; helpers do not call each other."""
    used = _names(function)
    helpers = [helper for name, helper in target.helpers.items() if name in used]
    used = used.union(*map(_names, helpers))
    imports = [one for one in target.imports if any((alias.asname or alias.name) in used for alias in one.names)]
    return [*imports, *helpers, function]


def _names(statement: ast.stmt) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(statement) if isinstance(node, ast.Name))


def _call_name(function: FunctionDeclaration, order: int) -> str:
    """u, grad_u, hess_u, jac_g, diff_phi, diff3_u: as the derivatives are written in text."""
    if order == 0:
        return function.name
    word = "diff" if order == 1 else f"diff{order}"
    if not function.elementwise and order == 1:
        word = "jac" if function.codomain else "grad"
    if not function.elementwise and not function.codomain and order == 2:
        word = "hess"
    return f"{word}_{function.name}"


def _kind(shape: Shape) -> str:
    return {0: "a scalar", 1: f"a vector of size {shape_text(shape)}", 2: f"a matrix, {shape_text(shape)}"}.get(
        len(shape), f"an array, {shape_text(shape)}"
    )


def _described(entry: VariableDeclaration) -> str:
    attributes = [meaning for attribute, meaning in ATTRIBUTES.items() if attribute in entry.attributes]
    if entry.index is not None:
        attributes.append(f"integers from 0 to {entry.index - 1}")
    return ", ".join([_kind(entry.shape), *attributes])
