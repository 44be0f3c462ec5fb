"""Where an expression has a value and where its derivative exists: as text, without what always holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hesse.calculus.differentiate import dependents
from hesse.core.algebra import add
from hesse.core.declarations import Declarations, natural_key
from hesse.core.nodes import Apply, Node, Operation, Power, Variable
from hesse.core.ranges import JUST_ONE
from hesse.core.sizes import Size
from hesse.core.syntax import Definitions, Syntax
from hesse.core.traverse import postorder
from hesse.facts.definite import definiteness
from hesse.facts.values import values
from hesse.frontends.elaborate import Elaboration
from hesse.functions.linear_algebra import DET
from hesse.notation.back import to_syntax
from hesse.render.sharing import printable
from hesse.render.text import to_text

MAX_CONDITIONS = 40
_OF_MATRICES = ("is invertible", "det > 0")


@dataclass(frozen=True, slots=True)
class Condition:
    """A relation that the subject must satisfy, each of its entries when `entrywise`."""

    subject: str
    relation: str
    entrywise: bool = False

    def __str__(self) -> str:
        function, _, relation = self.relation.partition(" ")
        if function in ("cos", "det"):
            text = f"{function}({self.subject}) {relation}"
        else:
            text = f"{self.subject} {self.relation}"
        return f"every entry of {text}" if self.entrywise else text


def value_conditions(elaboration: Elaboration) -> tuple[Condition, ...]:
    """What must hold for the written expression to have a value; nothing that simplification removed is lost."""
    declarations = elaboration.declarations
    found = [_size_condition(size) for size in elaboration.required]
    for requirement in elaboration.domain:
        node = requirement.node
        if not _always(node, requirement.relation):
            whole = requirement.relation in _OF_MATRICES or not node.shape
            tree = to_syntax(node) if requirement.tree is None else requirement.tree
            found.append(Condition(_text(tree, declarations), requirement.relation, not whole))
    return tuple(dict.fromkeys(found))


def smoothness_conditions(
    root: Node, variables: tuple[Variable, ...], elaboration: Elaboration, earlier: Node | None = None
) -> tuple[Condition, ...]:
    """What must hold beyond that for the derivative to exist: the kinks in which a variable takes part.

    `earlier` is the derivative that is differentiated again, if there is one. Of it only functions of whole arrays are
    looked at: where functions applied entry by entry have kinks, so has the function itself.
    """
    order = postorder(root)
    again = [] if earlier is None else postorder(earlier)
    kinks = _Kinks(elaboration, dependents([*order, *again], frozenset(variables)))
    candidates = [*order, *(node for node in again if isinstance(node, Operation))]
    return tuple(dict.fromkeys(found for node in candidates if node in kinks.depending for found in kinks.of(node)))


def kinks_at(
    root: Node, variables: tuple[Variable, ...], elaboration: Elaboration
) -> Callable[[Node], tuple[str, ...]]:
    """Of parts of the root, what must hold for the derivative of the part to exist."""
    kinks = _Kinks(elaboration, dependents(postorder(root), frozenset(variables)))
    return lambda node: texts(kinks.of(node))


def texts(conditions: Iterable[Condition]) -> tuple[str, ...]:
    """The conditions as text, each subject with its strictest relations only."""
    found = list(dict.fromkeys(conditions))
    strict = {(each.subject, each.entrywise) for each in found if each.relation == "> 0"}
    invertible = {each.subject for each in found if each.relation == "det > 0"}
    kept = [
        each
        for each in found
        if (each.relation not in (">= 0", "!= 0") or (each.subject, each.entrywise) not in strict)
        and (each.relation != "is invertible" or each.subject not in invertible)
    ]
    listed = tuple(map(str, kept[:MAX_CONDITIONS]))
    rest = len(kept) - len(listed)
    return listed if not rest else (*listed, f"{rest} more conditions of the same kinds")


class _Kinks:
    """Where nodes have a value and no derivative. Subjects are spelled as the user wrote them, where he wrote them."""

    def __init__(self, elaboration: Elaboration, depending: set[Node]) -> None:
        self.declarations = elaboration.declarations
        self.written = {node: tree for tree, node in elaboration.trees()}
        self.depending = depending

    def of(self, node: Node) -> Iterator[Condition]:
        """The conditions of one node."""
        match node:
            case Apply(row=row, arguments=arguments):
                for argument, relation in zip(arguments, row.smooth, strict=False):
                    if relation is not None and argument in self.depending and not _always(argument, relation):
                        yield self._condition(argument, relation)
                if row.distinct:
                    yield from self._apart(*arguments)
            case Power(base=base, exponent=exponent):
                if exponent.denominator != 1 and not _always(base, "> 0"):
                    yield self._condition(base, "> 0")
            case Operation() if node.row.smooth:
                yield from self._of_arrays(node)
            case _:
                return

    def _of_arrays(self, node: Operation) -> Iterator[Condition]:
        smooth, argument, axis = node.row.smooth, node.arguments[0], node.axis
        if smooth == "is attained once":
            yield Condition(self._spelled(node), smooth, bool(node.shape))
        elif smooth == "is invertible":
            if not _always(argument, smooth):
                yield Condition(self._spelled(argument), smooth)
        elif smooth.startswith("entries"):
            yield Condition(self._spelled(argument), "!= 0", True)
        elif axis is None:
            yield Condition(self._spelled(argument), "!= 0")
        else:
            line = "row" if axis == argument.rank - 1 else "column" if axis == 0 else f"slice along axis {axis}"
            yield Condition(f"every {line} of {self._spelled(argument)}", "!= 0")

    def _apart(self, left: Node, right: Node) -> Iterator[Condition]:
        if left is right:
            return
        if not left.shape:
            yield Condition(self._spelled(left), f"!= {self._spelled(right)}")
            return
        difference = add([(1, left), (-1, right)], left.shape)
        yield Condition(self._spelled(difference), "!= 0", True)

    def _condition(self, node: Node, relation: str) -> Condition:
        return Condition(self._spelled(node), relation, bool(node.shape))

    def _spelled(self, node: Node) -> str:
        tree = self.written.get(node)
        return _text(to_syntax(node) if tree is None else tree, self.declarations)


def _size_condition(size: Size) -> Condition:
    """The condition that a size is at least 1."""
    (first, *_) = sorted(size.names, key=natural_key)
    bound = Size.of(first) - size + 1
    value = bound.as_int()
    return Condition(first, f">= {value}") if value is not None else Condition(str(size), ">= 1")


def _always(node: Node, relation: str) -> bool:
    if relation in _OF_MATRICES:
        return _is_definite(node)
    known = values(node)
    match relation:
        case "> 0":
            return known.positive or _is_determinant_of_definite(node)
        case ">= 0":
            return known.nonnegative
        case "!= 0":
            return known.positive or known.negative
        case "> -1":
            return (known + JUST_ONE).positive
        case "in [-1, 1]":
            return (JUST_ONE + known).nonnegative and (JUST_ONE + -known).nonnegative
        case "in (-1, 1)":
            return (JUST_ONE + known).positive and (JUST_ONE + -known).positive
        case _:
            return False


def _is_definite(node: Node) -> bool:
    proof = definiteness(node).above
    return proof is not None and proof.strict


def _is_determinant_of_definite(node: Node) -> bool:
    return isinstance(node, Operation) and node.row is DET and _is_definite(node.arguments[0])


def _text(tree: Syntax, declarations: Declarations) -> str:
    tree = printable(tree, declarations)
    # The user's names are known to the reader of the expression; a condition does not define them again.
    return to_text(tree.body if isinstance(tree, Definitions) else tree, declarations)
