"""Programs for libraries of arrays: a function of the declared variables, its statements in the order of a plan."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hesse.codegen import python
from hesse.codegen.binding import Source, size_sources
from hesse.codegen.chains import uses_of
from hesse.codegen.emitter import Emitter
from hesse.codegen.names import Names
from hesse.codegen.plan import RESULT, Plan, inputs
from hesse.codegen.row_loops import Block, RowLoop
from hesse.codegen.rows import rows_of
from hesse.codegen.target import Program, Target
from hesse.codegen.terms import Term
from hesse.core.build import shape_text
from hesse.core.declarations import ATTRIBUTES, FunctionDeclaration, VariableDeclaration
from hesse.core.nodes import Shape
from hesse.core.sizes import Size
from hesse.errors import DeclarationError


def write_arrays(plan: Plan, target: Target, name: str, buffers: Sequence[str] = ()) -> Program:
    """The program of the plan for a library of arrays."""
    writer = _Writer(plan, target, buffers)
    function = writer.function(name)
    source = python.unparse(with_needs([function], target), writer.like)
    return Program(source=source, name=name, plan=plan, functions=plan.undefined, buffers=tuple(buffers))


class _Writer:
    """Writes the function: parameters, docstring, sizes, statements, result."""

    def __init__(self, plan: Plan, target: Target, buffers: Sequence[str]) -> None:
        self._plan = plan
        self._target = target
        self.like = ""
        self._declarations = plan.declarations
        functions = plan.declarations.functions
        self._names = Names({*target.names, *target.helpers, python.GROUP, python.LIKE})
        self.variables = {name: self._names.take(name) for name in plan.declarations.variables}
        self.calls = {call: self._names.take(call_name(functions[call[0]], call[1])) for call in plan.undefined}
        given = self._given = dict(zip(inputs(plan), self.variables.values(), strict=True))
        self._local: dict[str, str] = {}
        wanted = dict(plan.names)
        if plan.joint:
            wanted |= {root: name for name, root in reversed([*plan.outputs.items()]) if root.arguments}
        self.buffers = {output: self._names.take(f"out_{output}" if plan.joint else "out") for output in buffers}
        filled = {plan.outputs[output]: buffer for output, buffer in reversed([*self.buffers.items()])}
        rows = None if plan.rows is None else rows_of(plan, plan.rows[0])
        sums = rows.sums if rows else ()
        elsewhere = {root for root in filled if not root.arguments or root in sums}
        copied = [(plan.outputs[output], buffer) for output, buffer in self.buffers.items()]
        self._copied = [pair for pair in copied if pair[0] in elsewhere or filled[pair[0]] != pair[1]]
        filled = {root: buffer for root, buffer in filled.items() if root not in elsewhere}
        self._filled = filled
        if plan.rows is None:
            filled = _with_chains(plan, filled, target.chained)
        self._emitter = Emitter(target, self._names, given, wanted, self.calls, filled)

    def function(self, name: str) -> ast.FunctionDef:
        """The definition of the function."""
        sizes = self._sizes()
        if self._plan.rows is not None:
            self._blocks(*self._plan.rows)
        # What is left in buffers comes first: the memory that it takes for a while is free again for the others.
        roots = sorted(self._plan.roots, key=lambda root: root not in self._filled)
        found = dict(zip(roots, self._emitter.expressions(roots), strict=True))
        results = [found[root] for root in self._plan.roots]
        copied = [statement for root, buffer in self._copied for statement in self._copy(root, buffer)]
        names = (*self.variables.values(), *self.calls.values(), *self.buffers.values())
        parameters = [ast.arg(parameter) for parameter in names]
        arguments = ast.arguments(posonlyargs=[], args=parameters, kwonlyargs=[], kw_defaults=[], defaults=[])
        body = [*sizes, *self._emitter.statements, *copied, ast.Return(self._returned(results))]
        body = [
            ast.Expr(ast.Constant(docstring(self._plan, self.variables, self.calls, self.buffers))),
            *self._start(body),
            *body,
        ]
        return ast.FunctionDef(name, arguments, body, [], lineno=0)

    def _blocks(self, size: str, height: int) -> None:
        """One loop over blocks of rows that adds up all sums over them."""
        rows = rows_of(self._plan, size)
        assert rows is not None
        emitter, terms = self._emitter, self._plan.terms
        used = {a for t in (*rows.axis, *rows.sums) for a in t.arguments if a not in rows.axis and a.arguments}
        outside = [term for term in self._plan.steps if term in used and term not in rows.sums]
        given = dict(self._given)
        for term, node in zip(outside, emitter.expressions(outside), strict=True):
            given[term] = self._named(node)
        blocks: list[Block] = []
        for term in (term for term in rows.axis if term.head == "variable"):
            given[term] = self._names.number(f"{self._given[term]}_rows")
            blocks.append(Block(self._given[term], rows.axis[term], given[term]))
        inner = Emitter(self._target, self._names, given, self._plan.names, self.calls)
        for size_name, local in self._local.items():
            inner.know(terms.size(Size.of(size_name)), local)
        values = inner.expressions(rows.sums)
        totals = [self._names.number("total") for _ in rows.sums]
        zeros = [
            emitter.expression(terms.full(term.shape, terms.number(0))) if term.rank else python.constant(0.0)
            for term in rows.sums
        ]
        count = emitter.expression(terms.size(Size.of(size)))
        loop = RowLoop(count, height, blocks, inner.statements, values, totals, zeros, inner.bound)
        emitter.statements += self._target.loop(loop, self._names)
        for term, total in zip(rows.sums, totals, strict=True):
            emitter.know(term, total)

    def _named(self, node: ast.expr) -> str:
        """A variable that holds the value."""
        if isinstance(node, ast.Name):
            return node.id
        name = self._names.temporary()
        self._emitter.statements.append(python.assign(python.name(name), node))
        return name

    def _copy(self, root: Term, buffer: str) -> list[ast.stmt]:
        """A buffer for a value that stands elsewhere: in a variable, or in the buffer of an equal output."""
        assert self._target.fill is not None
        leaf = self._plan.terms.variable("", root.shape) if root.arguments else root
        return self._target.fill(leaf, [self._emitter.expression(root)], buffer)

    def _returned(self, results: Sequence[ast.expr]) -> ast.expr:
        buffers = {name: python.name(buffer) for name, buffer in self.buffers.items()}
        values = {name: buffers.get(name, node) for name, node in zip(self._plan.outputs, results, strict=True)}
        if not self._plan.joint:
            return values[RESULT]
        return ast.Dict([python.constant(name) for name in values], [*values.values()])

    def _start(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statement that makes what new arrays are to be like, where no variable of real numbers is there."""
        real = [entry for entry in self._declarations.variables.values() if entry.index is None]
        arrays = [entry for entry in real if entry.shape] or real
        self.like = self.variables[arrays[0].name] if arrays else self._names.take("like")
        if arrays or self._target.like is None or not any(python.LIKE in names_of(statement) for statement in body):
            return []
        return [python.assign(python.name(self.like), self._target.like)]

    def _sizes(self) -> list[ast.stmt]:
        """Statements that read the sizes in use from the shapes of variables."""
        sources = size_sources(self._declarations)
        used = [term.options[0] for term in self._plan.steps if term.head == "size"]
        if self._plan.rows is not None:
            rows = rows_of(self._plan, self._plan.rows[0])
            shapes = [term.shape for term in rows.sums] if rows else []
            used += [self._plan.rows[0], *sorted({name for shape in shapes for size in shape for name in size.names})]
        needed = _closure(used, sources)
        local = self._local = {name: self._names.take(name) for name in needed}
        for name in needed:
            self._emitter.know(self._plan.terms.size(Size.of(name)), local[name])
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
        variable = self._plan.terms.variable(entry.name, entry.shape, entry.index is not None)
        term = self._plan.terms.make("dimension", (variable,), (source.axis,), dtype="number")
        if source.rest.terms:
            term = self._plan.terms.arithmetic("-", term, self._plan.terms.size(source.rest))
        if source.factor.as_int() == 1:
            return term
        return self._plan.terms.make("//", (term, self._plan.terms.size(source.factor)), dtype="number")


def _with_chains(plan: Plan, filled: Mapping[Term, str], chained: frozenset[str]) -> dict[Term, str]:
    """The buffers of terms, also of those whose value is needed for the next operation in the same buffer alone.

    One operation after the other is then done in place, and no array is made for what comes in between.
    """
    uses = uses_of(plan)
    found = dict(filled)
    for root, buffer in filled.items():
        term: Term | None = root
        while term is not None and term.head in chained:
            term = next((a for a in term.arguments if _passes(a, root, uses, plan, chained)), None)
            if term is not None:
                found[term] = buffer
    return found


def _passes(term: Term, root: Term, uses: Mapping[Term, int], plan: Plan, chained: frozenset[str]) -> bool:
    """Whether a term may stand where the value of the root will: it has that shape, and is used once."""
    alike = term.shape == root.shape and term.dtype == "real" and term.head in chained
    return alike and uses[term] == 1 and term not in plan.names


def docstring(
    plan: Plan,
    parameters: Mapping[str, str],
    calls: Mapping[tuple[str, int], str] = MappingProxyType({}),
    buffers: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """What the function returns, and what its parameters are."""
    if plan.joint:
        lines = [
            "Return a dictionary:",
            "",
            *(f"    {name}: {kind(root.shape)}" for name, root in plan.outputs.items()),
        ]
        lines += ["", "    from", ""]
    else:
        lines = [f"Return {kind(plan.roots[0].shape)}.", ""]
    count = len(lines)
    for name, entry in plan.declarations.variables.items():
        renamed = "" if parameters[name] == name else f" ({name})"
        lines.append(f"    {parameters[name]}{renamed}: {described(entry)}")
    for (function, order), name in calls.items():
        derivative = "" if order == 0 else f"the derivative of order {order} of "
        lines.append(f"    {name}: {derivative}the function {plan.declarations.functions[function]}")
    lines += [f"    {name}: takes the {output}" for output, name in buffers.items()]
    return "\n".join([*lines, "    "]) if len(lines) > count or plan.joint else lines[0]


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


def with_needs(functions: Sequence[ast.stmt], target: Target) -> list[ast.stmt]:
    """The functions after the imports and the helpers that they use."""
    used: frozenset[str] = frozenset()
    own = {node.name for node in functions if isinstance(node, ast.FunctionDef)}
    waiting = list(functions)
    while waiting:
        new = names_of(waiting.pop()) - used
        used |= new
        waiting += [helper for name, helper in target.helpers.items() if name in new]
    helpers = [helper for name, helper in target.helpers.items() if name in used - own]
    imports = [_narrowed(statement, used) for statement in target.imports]
    return [*(statement for statement in imports if statement.names), *helpers, *functions]


def _narrowed(statement: ast.Import | ast.ImportFrom, used: frozenset[str]) -> ast.Import | ast.ImportFrom:
    """The import without the names that nothing uses."""
    names = [alias for alias in statement.names if (alias.asname or alias.name) in used]
    if isinstance(statement, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(statement.module, names, statement.level)


def names_of(statement: ast.stmt) -> frozenset[str]:
    """The names that a statement reads or binds."""
    return frozenset(node.id for node in ast.walk(statement) if isinstance(node, ast.Name))


def call_name(function: FunctionDeclaration, order: int) -> str:
    """u, grad_u, hess_u, jac_g, diff_phi, diff3_u: as the derivatives are written in text."""
    if order == 0:
        return function.name
    word = "diff" if order == 1 else f"diff{order}"
    if not function.elementwise and order == 1:
        word = "jac" if function.codomain else "grad"
    if not function.elementwise and not function.codomain and order == 2:
        word = "hess"
    return f"{word}_{function.name}"


def kind(shape: Shape) -> str:
    """What an array of the shape is called."""
    return {0: "a scalar", 1: f"a vector of size {shape_text(shape)}", 2: f"a matrix, {shape_text(shape)}"}.get(
        len(shape), f"an array, {shape_text(shape)}"
    )


def described(entry: VariableDeclaration) -> str:
    """What is declared of a variable."""
    attributes = [meaning for attribute, meaning in ATTRIBUTES.items() if attribute in entry.attributes]
    if entry.index is not None:
        attributes.append(f"integers from 0 to {entry.index - 1}")
    return ", ".join([kind(entry.shape), *attributes])
