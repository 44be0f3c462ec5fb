"""The derivative by a part of the function, as it was written, in place of the variable: what is left without the
inner derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hesse.calculus.differentiate import dependents
from hesse.calculus.differentiate import derivative as plain_derivative
from hesse.checking.diagnosis.evidence import Evidence, Explanation, factor_of, of_node
from hesse.checking.diagnosis.mutants import times
from hesse.checking.diagnosis.spelling import Spelling
from hesse.checking.diagnosis.whole import ONE
from hesse.checking.edits import replaced
from hesse.checking.numbers import Values
from hesse.checking.points import Point
from hesse.core.build import variable
from hesse.core.declarations import VariableDeclaration
from hesse.core.nodes import Node, Operation, Variable
from hesse.core.rebuild import substitute
from hesse.core.running import symbols_in
from hesse.core.syntax import Name, Syntax
from hesse.core.tensor import Tensor, positions
from hesse.core.traverse import postorder
from hesse.errors import HesseError
from hesse.frontends.elaborate import elaborate

MAX_PARTS = 30
_STAND_IN = "part_"


def by_parts(evidence: Evidence, spelling: Spelling) -> Iterator[Explanation]:
    """The parts of the function the derivative by which is the answer, but for a constant."""
    question = evidence.question
    if question.entry is not None:
        return
    names = ", ".join(question.target.names)
    for tree, part in _parts(evidence):
        if evidence.over:
            return
        try:
            result = _by_part(evidence, part)
        except HesseError:
            continue
        if result is None:
            continue
        ratios = evidence.ratios(evidence.answer, _spread(evidence, result))
        factor = None if ratios is None else factor_of(ratios)
        if factor is not None and factor.number:
            words = f"the inner derivative, that of `{spelling.tree(tree)}` by {names}, is missing"
            inverse = isinstance(part, Operation) and part.row.kind == "matrix"
            found = Explanation(("chain-inner", "inverse") if inverse else ("chain-inner",), words, "chain")
            yield found if factor == ONE else times(found, factor)


def _parts(evidence: Evidence) -> list[tuple[Syntax, Node]]:
    """The parts that are not constant, less the whole and the variables."""
    f = evidence.question.f
    written = {node: tree for tree, node in reversed(list(f.elaboration.trees()))}
    variables = frozenset(evidence.question.target.variables)
    found: list[tuple[Syntax, Node]] = []
    for node, tree in written.items():
        depends = bool(dependents(postorder(node), variables))
        if depends and not symbols_in(node) and not isinstance(node, Variable) and node is not f.elaboration.root:
            found.append((tree, node))
    return found[:MAX_PARTS]


def _by_part(evidence: Evidence, part: Node) -> Node | None:
    """The derivative by the part, at its value; None where the function depends on the variable otherwise too."""
    question = evidence.question
    f = question.f
    new: dict[int, Syntax] = {id(tree): Name(_STAND_IN) for tree, node in f.elaboration.trees() if node is part}
    declared = f._declarations.extended(VariableDeclaration(_STAND_IN, part.shape))
    node, _ = elaborate(replaced(f.exact_tree, new), declared)
    if dependents(postorder(node), frozenset(question.target.variables)):
        # The derivative by the part alone leaves out more than an inner derivative.
        return None
    by = variable(_STAND_IN, part.shape)
    for _ in range(question.order):
        node = plain_derivative(node, by)
    return substitute(node, {by: part})


def _spread(evidence: Evidence, node: Node) -> Callable[[Point], Values | None]:
    """The values of a node; of a scalar, or a multiple of the identity, the same for the shape of the answer."""
    answers = {id(point): answer for point, answer in zip(evidence.points, evidence.answer, strict=True)}
    value = of_node(node)

    def spread(point: Point) -> Values | None:
        found = value(point)
        shape = answers[id(point)].shape
        if found is None or found.shape == shape or not evidence.same_shape:
            return found
        number = _of_identity(found) if found.shape else found.item
        if number is not None and _of_identity(answers[id(point)]) is not None:
            return Tensor.build(shape, lambda place: number if len({*place}) == 1 else 0.0)
        return found if found.shape else found.broadcast(shape)

    return spread


def _of_identity(matrix: Values) -> float | None:
    """The number times which the matrix is the identity, or None."""
    shape = matrix.shape
    if len(shape) != 2 or shape[0] != shape[1]:
        return None
    on = {matrix[place] for place in positions(shape) if place[0] == place[1]}
    off = {matrix[place] for place in positions(shape) if place[0] != place[1]}
    return on.pop() if len(on) == 1 and off <= {0.0} else None
