"""From the surface language to nodes: names are looked up, shapes are checked, misreadings are refused.

Every front end ends here. An error carries the span of the smallest part in which the shapes do not fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from hesse.core import build, deadline
from hesse.core.algebra import add, number, number_value, size_value
from hesse.core.build import broadcast, common_shape
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.function import Construction, split_arguments
from hesse.core.nodes import Elementwise, Node, Operator, Shape, SizeValue
from hesse.core.running import Access, Range, running, symbols, symbols_in
from hesse.core.sizes import Size
from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Running,
    Stack,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
    postorder,
)
from hesse.errors import HesseError, ParseError, ShapeError, UnknownNameError
from hesse.frontends.indexing import Indexer, extra_sizes, size_of
from hesse.frontends.misreadings import refuse_misreadings, refuse_scaling
from hesse.frontends.relations import holds
from hesse.frontends.running import Requirement, Whole, running_indices
from hesse.functions import FUNCTIONS

CONSTANTS = ("pi", "e")


class Nodes(dict[int, Node]):
    """Nodes by the identity of their trees. Sums are built when they are asked for, all terms of a chain in one go."""

    def __init__(self) -> None:
        super().__init__()
        self.pending: dict[int, tuple[Binary, Shape]] = {}

    def defer(self, tree: Binary) -> None:
        """Note a sum or difference; raises ShapeError when the shapes do not fit."""
        self.pending[id(tree)] = (tree, common_shape(self.shape(tree.left), self.shape(tree.right)))

    def shape(self, tree: Syntax) -> Shape:
        """The shape of a tree's node, also of one that is not built yet."""
        return self.pending[id(tree)][1] if id(tree) in self.pending else dict.__getitem__(self, id(tree)).shape

    def known(self, tree: Syntax) -> bool:
        """Whether the tree has a node already, or one that is still to be built."""
        return id(tree) in self or id(tree) in self.pending

    def __missing__(self, key: int) -> Node:
        tree, shape = self.pending[key]
        terms: list[tuple[int, Node]] = []
        stack: list[tuple[int, Syntax]] = [(1, tree)]
        while stack:
            sign, part = stack.pop()
            deferred = self.pending.get(id(part))
            if deferred is None or id(part) in self or (deferred[1] != shape):
                terms.append((sign, broadcast(self[id(part)], shape)))
            else:
                binary = deferred[0]
                stack += [(sign, binary.left), (sign if binary.operator == "+" else -sign, binary.right)]
        node = self[key] = add(terms, shape)
        return node


@dataclass(slots=True)
class Elaboration:
    """Nodes of a tree and of its parts, and what must hold for it to have a value."""

    declarations: Declarations
    sizes: dict[str, Size]
    names: dict[str, Node]
    nodes: Nodes = field(default_factory=lambda: Nodes())
    tree: Syntax = field(init=False)
    root: Node = field(init=False)
    domain: list[Requirement] = field(default_factory=list)
    required: list[Size] = field(default_factory=list)
    accesses: dict[int, list[Access]] = field(default_factory=dict)
    ranges: dict[int, Range] = field(default_factory=dict)
    strict: bool = False
    source: str = ""

    def trees(self) -> Iterator[tuple[Syntax, Node]]:
        """Every part of the written tree with its node."""
        for part in postorder(self.tree):
            if id(part) in self.nodes:
                yield part, self.nodes[id(part)]


def elaborate(
    tree: Syntax, declarations: Declarations, *, strict: bool = False, source: str = ""
) -> tuple[Node, Elaboration]:
    """The node of a tree.

    `source` is the text, for suggestions. `strict` is for inference: it refuses a reduction of a scalar, which is
    not to be proposed, and leaves questions about readings for later, when the shapes are known.
    """
    indices = running_indices(tree, declarations)
    state = begun(declarations, indices, strict=strict, source=source)
    if isinstance(tree, Definitions):
        for name, value in tree.bindings:
            _check_binding(name, state)
            node = _elaborate(value, state)
            if name in state.names:
                state.nodes = Nodes()
            state.names[name] = build.let(name, node)
        tree = tree.body
    state.tree = tree
    state.root = _elaborate(tree, state)
    if indices:
        # A condition on a part of a running sum has been replaced by one on all its values.
        state.domain = [each for each in state.domain if not symbols_in(each.node)]
    return state.root, state


def begun(
    declarations: Declarations, indices: frozenset[str] = frozenset(), *, strict: bool = False, source: str = ""
) -> Elaboration:
    """The state in which nothing but the declared names and the running indices is known."""
    return Elaboration(
        declarations,
        {name: Size.of(name) for name in declarations.size_names} | {name: running(name) for name in indices},
        {name: variable_node(entry) for name, entry in declarations.variables.items()},
        required=list(declarations.required),
        strict=strict,
        source=source,
    )


def extended(tree: Syntax, state: Elaboration) -> Shape:
    """The shape of a tree that grows from trees which the state knows; it then knows this one too.

    The state knows trees by identity: whoever extends it keeps every tree alive as long as the state.
    """
    _extend(tree, state)
    return state.nodes.shape(tree)


def variable_node(entry: VariableDeclaration) -> Node:
    """The node of a declared variable."""
    return build.variable(entry.name, entry.shape, entry.attributes, entry.index is not None)


def _check_binding(name: str, state: Elaboration) -> None:
    if state.declarations.find(name) is not None or name in state.sizes:
        raise ParseError(f"`{name}` is declared and cannot be defined again", hint="choose another name")


def _elaborate(root: Syntax, state: Elaboration) -> Node:
    _extend(root, state)
    return state.nodes[id(root)]


def _extend(root: Syntax, state: Elaboration) -> None:
    for tree in postorder(root, state.nodes.known):
        if isinstance(tree, (Text, Tuple)):
            continue
        deadline.check()
        try:
            node = _node(tree, state)
        except HesseError as error:
            if error.span is None:
                error.span = tree.span
            raise
        if node is not None:
            state.nodes[id(tree)] = node


def _node(tree: Syntax, state: Elaboration) -> Node | None:
    match tree:
        case Num(value=value):
            return number(value)
        case Name(name=name):
            return _name(name, state)
        case Negative(operand=operand):
            return build.negative(state.nodes[id(operand)])
        case Binary():
            return _binary(tree, state)
        case Transpose(operand=operand):
            return build.transpose(state.nodes[id(operand)])
        case Call():
            return _call(tree, state)
        case Undefined():
            return _undefined(tree, state)
        case Index(operand=operand, items=items):
            indexer = Indexer(state.sizes, state.nodes, state.declarations.variables)
            node = indexer.index(state.nodes[id(operand)], items)
            state.required += indexer.required
            state.accesses[id(tree)] = indexer.accesses
            return node
        case _:
            return _collected(tree, state)


def _collected(tree: Stack | Text | Tuple | Running | Definitions, state: Elaboration) -> Node | None:
    match tree:
        case Stack(items=items):
            return build.stack([state.nodes[id(item)] for item in items])
        case Text() | Tuple():
            return None
        case Running():
            return _running(tree, state)
        case Definitions():
            raise ParseError("definitions stand at the front of the whole expression only")
        case _:
            assert_never(tree)


def _name(name: str, state: Elaboration) -> Node:
    if name in state.names:
        return state.names[name]
    if name in state.sizes:
        return size_value(state.sizes[name])
    if name in CONSTANTS:
        return build.constant(name)
    raise UnknownNameError(f"`{name}` is not declared", hint=f"declare it, for example `{name}:n` for a vector")


def _running(tree: Running, state: Elaboration) -> Node:
    whole = Whole(tree, state.sizes, state.accesses)
    state.required += whole.range.required
    state.ranges[id(tree)] = whole.range
    node = whole.node(state.nodes)
    state.domain += whole.requirements(state.domain)
    return node


def _binary(tree: Binary, state: Elaboration) -> Node | None:
    if tree.operator in ("+", "-"):
        state.nodes.defer(tree)
        return None
    left, right = state.nodes[id(tree.left)], state.nodes[id(tree.right)]
    if not state.strict:
        refuse_misreadings(tree, left.shape, right.shape, state.source)
    refuse_scaling(tree.operator, left.shape, right.shape)
    match tree.operator:
        case "*":
            return build.times(left, right)
        case "/":
            _require(state, tree, tree.right, "!= 0", right)
            return build.divide(left, right)
        case "//":
            return size_value(size_of(tree, state.sizes))
        case "**":
            return _power(tree, left, right, state)
        case "@":
            return build.matmul(left, right)
        case "<" | "<=" | ">" | ">=" | "==" | "!=":
            row = FUNCTIONS[tree.operator]
            assert isinstance(row, Elementwise)
            return build.apply(row, left, right)
        case _:
            raise AssertionError(f"unexpected operator {tree.operator}")


def _power(tree: Binary, base: Node, exponent: Node, state: Elaboration) -> Node:
    row = FUNCTIONS["power"]
    assert isinstance(row, Elementwise)
    value = number_value(exponent)
    if value is None:
        counts = isinstance(exponent, SizeValue)  # a size is a positive integer
        if not counts and not (isinstance(tree.left, Name) and tree.left.name == "e"):
            _require(state, tree, tree.left, "> 0", base)
    elif value.denominator != 1:
        _require(state, tree, tree.left, ">= 0" if value > 0 else "> 0", base)
    elif value < 0:
        _require(state, tree, tree.left, "!= 0", base)
    return build.apply(row, base, exponent)


def _require(state: Elaboration, home: Syntax, tree: Syntax, relation: str, node: Node) -> None:
    """Record a condition of `home` on a part, unless an exact number satisfies it; ParseError when one never does."""
    value = number_value(node)
    if value is None:
        state.domain.append(Requirement(tree, relation, node, id(home)))
    elif not holds(value, relation):
        raise ParseError(f"this is {value}, it must be {relation}", span=tree.span)


def _call(tree: Call, state: Elaboration) -> Node:
    row = FUNCTIONS[tree.function]
    if isinstance(row, Construction):
        return _construction(tree, row, state)
    arguments = tuple(state.nodes[id(argument)] for argument in tree.arguments)
    if isinstance(row, Elementwise):
        _check_arity(tree, row.arity)
        _refuse_axis(tree)
        _conditions(tree, row, arguments, state)
        return build.apply(row, *arguments)
    return _operator(tree, row, arguments, state)


def _operator(tree: Call, row: Operator, arguments: tuple[Node, ...], state: Elaboration) -> Node:
    _check_arity(tree, row.arity)
    relation = row.domain if isinstance(row.domain, str) else row.domain(*arguments)
    if relation:
        state.domain.append(Requirement(tree.arguments[0], relation, arguments[0], id(tree)))
    if row.kind == "matrix":
        _refuse_axis(tree)
    elif arguments[0].rank == 0:
        _refuse_scalar(tree, state)
        if row.expansion is not None and tree.axis is None:
            # The norm of a number is that of the vector with this entry, and so on.
            return _alone(row, arguments)
    return build.operate(row, arguments, tree.axis)


def _alone(row: Operator, arguments: tuple[Node, ...]) -> Node:
    assert row.expansion is not None
    entries = row.expansion(arguments)
    assert entries is not None
    return entries[0]


def _refuse_scalar(tree: Call, state: Elaboration) -> None:
    if state.strict:
        raise ShapeError(f"{tree.function} of a scalar")


def _construction(tree: Call, row: Construction, state: Elaboration) -> Node:
    if tree.axis is not None and not row.takes_axis:
        _refuse_axis(tree)
    if row.sizes:
        return _sized(tree, row, state)
    arrays, extra = split_arguments(row, tree.arguments)
    for argument in arrays:
        if isinstance(argument, Tuple):
            raise ParseError(f"{row.name} does not take a tuple", span=argument.span)
    arguments = [a.value if isinstance(a, Text) else state.nodes[id(a)] for a in arrays]
    if row.takes_axis and not row.extra and row.arity == 1 and len(arguments) == 2:
        raise ParseError(f"{row.name} takes one array", hint=f"write the axis by name, as in `{row.signature}`")
    if row.name != "einsum" and row.arity is not None:
        _check_arity(tree, row.arity, len(arguments))
    if row.domain:
        first = tree.arguments[0]
        state.domain.append(Requirement(first, row.domain, state.nodes[id(first)], id(tree)))
    nodes = [argument for argument in arguments if not isinstance(argument, str)]
    if row.takes_axis and nodes and nodes[0].rank == 0:
        _refuse_scalar(tree, state)
    return row.build([*arguments, *extra_sizes(row, extra, state.sizes)], tree.axis)


def _sized(tree: Call, row: Construction, state: Elaboration) -> Node:
    """An array given by its sizes."""
    items = tree.arguments
    if len(items) == 1 and isinstance(items[0], Tuple):
        items = items[0].items
    sizes = [size_of(item, state.sizes) for item in items]
    for item, size in zip(items, sizes, strict=True):
        if symbols(size):
            raise ParseError("the sizes of an array cannot depend on a running index", span=item.span)
        if size.sign() in (0, -1):
            raise ShapeError(f"a size must be at least 1, this is {size}", span=item.span)
    state.required += [size for size in sizes if size.sign() is None]
    return row.build(sizes, None)


def _check_arity(tree: Call, expected: int, found: int | None = None) -> None:
    count = len(tree.arguments) if found is None else found
    if count != expected:
        plural = "argument" if expected == 1 else "arguments"
        raise ParseError(f"{tree.function} takes {expected} {plural}, not {count}")


def _refuse_axis(tree: Call) -> None:
    if tree.axis is not None:
        raise ParseError(f"{tree.function} has no axis", hint="axis belongs to functions such as sum and softmax")


def _conditions(tree: Call, row: Elementwise, arguments: tuple[Node, ...], state: Elaboration) -> None:
    for place, relation in enumerate(row.domain):
        if relation is not None:
            _require(state, tree, tree.arguments[place], relation, arguments[place])


def _undefined(tree: Undefined, state: Elaboration) -> Node:
    declaration = state.declarations.functions.get(tree.function)
    if declaration is None:
        raise UnknownNameError(
            f"`{tree.function}` is not declared as a function",
            hint=f"declare it, for example `{tree.function}:n->` for a scalar function of a vector",
        )
    argument = state.nodes[id(tree.argument)]
    return build.call(tree.function, declaration.domain, declaration.codomain, tree.order, argument)
