"""Mistakes that concern the answer as a whole: a constant, the derivative of or by something else, an integral."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from hesse.calculus.differentiate import derivative as plain_derivative
from hesse.checking.diagnosis.evidence import Evidence, Explanation, Factor, factor_of, mean_or_sum, of_node
from hesse.checking.numbers import Values
from hesse.checking.points import Point
from hesse.core.algebra import contract
from hesse.core.build import variable
from hesse.core.nodes import Node, Variable
from hesse.core.tensor import Tensor, positions
from hesse.errors import HesseError
from hesse.service.derivatives import differentiated
from hesse.service.expression import Expr

ONE = Factor(Fraction(1))
STEADY = 1e-12
"""Relative difference up to which two ratios of floats are the same."""


def whole_answer(evidence: Evidence, answer: Expr | None, same_shape: bool, listed: bool) -> Iterator[Explanation]:
    """The explanations for the answer as a whole; `listed` says that it is one entry of a list."""
    if not evidence.points:
        return
    if not any(any(value.entries) for value in evidence.answer):
        yield Explanation(("wrong-derivative",), "the answer is zero: the function was treated as a constant")
        return
    if same_shape:
        yield from _constant(evidence)
        yield from _diagonal(evidence)
        yield from () if listed else _entries(evidence)
        if answer is not None:
            yield from _integrated(evidence, answer)
    else:
        yield from _diagonal_alone(evidence)
        yield from _summed(evidence)
    yield from _other_order(evidence)
    yield from _squared_gradient(evidence)
    yield from _other_variable(evidence)


def _constant(evidence: Evidence) -> Iterator[Explanation]:
    """The truth times a constant."""
    truth = evidence.truth
    values = {id(point): value for point, value in zip(evidence.points, truth, strict=True)}
    ratios = evidence.ratios(evidence.answer, lambda point: values[id(point)])
    factor = None if ratios is None else factor_of(ratios)
    if factor is None or factor == ONE or not factor.number:
        yield from _odd_number(ratios or [])
        return
    sign = " and the sign is wrong" if factor.number < 0 else ""
    if factor.power:
        told = mean_or_sum(factor, evidence.question.f)
        codes: tuple[str, ...] = ("mean-or-sum", "missing-factor", *(("sign",) if sign else ()))
        yield Explanation(codes, f"the answer is {factor} times what it should be: {told}", cost=2)
    elif factor.number == -1:
        yield Explanation(("sign",), "the sign of the whole answer is wrong", cost=2)
    elif abs(factor.number) < 1:
        codes = (*(("sign",) if sign else ()), "missing-factor")
        yield Explanation(codes, f"a factor {1 / abs(factor.number)} is missing{sign}", cost=2)
    else:
        codes = (*(("sign",) if sign else ()), "missing-factor")
        yield Explanation(codes, f"there is a factor {abs(factor.number)} too many{sign}", cost=2)


def _odd_number(ratios: Sequence[tuple[float, Mapping[str, int]]]) -> Iterator[Explanation]:
    """The truth times a number that is no simple fraction, such as 1.005."""
    (first, _), *rest = ratios or [(0.0, {})]
    if rest and all(abs(ratio - first) <= STEADY * abs(first) for ratio, _ in rest) and abs(first - 1) > STEADY:
        words = f"the answer is {first:.12g} times what it should be"
        yield Explanation(("missing-factor", *(("sign",) if first < 0 else ())), words, cost=4)


def _diagonal(evidence: Evidence) -> Iterator[Explanation]:
    """Right on the diagonal and zero off it, or the reverse."""
    shape = evidence.answer[0].shape
    if len(shape) != 2 or shape[0] != shape[1]:
        return
    pairs = list(zip(evidence.answer, evidence.truth, strict=True))
    on = all(_near(_parts(a)[0], _parts(t)[0]) for a, t in pairs)
    if on and not any(any(_parts(a)[1]) for a, _ in pairs):
        yield Explanation(("off-diagonal",), "only the diagonal is right: the entries off the diagonal are missing")
    elif on and not any(any(_parts(t)[1]) for _, t in pairs):
        yield Explanation(("off-diagonal",), "the entries off the diagonal should be zero")


def _diagonal_alone(evidence: Evidence) -> Iterator[Explanation]:
    """The diagonal of a matrix as a vector."""
    pairs = list(zip(evidence.answer, evidence.truth, strict=True))
    if all(len(t.shape) == 2 and t.shape[0] == t.shape[1] and a.shape == t.shape[:1] for a, t in pairs) and all(
        _near(a.entries, _parts(t)[0]) for a, t in pairs
    ):
        full = any(any(_parts(t)[1]) for _, t in pairs)
        words = "the entries off the diagonal are missing" if full else "a matrix is due: write `diag(...)`"
        yield Explanation(("off-diagonal",), f"these are the diagonal entries; {words}")


def _summed(evidence: Evidence) -> Iterator[Explanation]:
    """The sum or the mean of all entries."""
    totals = {id(p): Tensor((), [sum(t.entries)]) for p, t in zip(evidence.points, evidence.truth, strict=True)}
    factor = evidence.multiple(evidence.answer, lambda point: totals[id(point)])
    if factor is not None:
        yield Explanation(("mean-or-sum", "chain-inner"), "the entries of the derivative were added up", cost=2)


def _entries(evidence: Evidence) -> Iterator[Explanation]:
    """The right entries in other places."""
    if evidence.question.entry is not None:
        yield from _other_entry(evidence)
        return
    count = len(evidence.answer[0].entries)
    if len({a.shape for a in evidence.answer}) > 1 or not 1 < count <= 6:
        return
    order = []
    for k in range(count):
        place = next(
            (
                j
                for j in range(count)
                if j not in order
                and all(
                    _near([a.entries[k]], [t.entries[j]]) for a, t in zip(evidence.answer, evidence.truth, strict=True)
                )
            ),
            None,
        )
        if place is None:
            return
        order.append(place)
    if sorted(order) == list(range(count)):
        yield Explanation(("wrong-variable",), "the entries are right but stand in another order")


def _other_entry(evidence: Evidence) -> Iterator[Explanation]:
    question = evidence.question
    value = of_node(question.whole.node)
    wholes = [value(point) for point in evidence.points]
    first = wholes[0]
    if first is None:
        return
    for place in positions(first.shape):
        if place != question.entry and all(
            whole is not None and _inside(place, whole.shape) and _near(answer.entries, [whole[place]])
            for whole, answer in zip(wholes, evidence.answer, strict=True)
        ):
            yield Explanation(("wrong-variable",), f"this is the entry {list(place)}, not {list(question.entry or ())}")
            return


def _integrated(evidence: Evidence, answer: Expr) -> Iterator[Explanation]:
    """Entries whose second derivatives, each by its own variable, are the entries of the gradient."""
    question = evidence.question
    if question.order != 1 or question.f.shape or question.entry is not None:
        return
    if not any(any(value.entries) for value in evidence.truth):
        return
    try:
        node = answer.node
        for _ in range(2):
            node = _own(differentiated(node, question.target), len(question.target.shape))
    except HesseError:
        return
    if evidence.is_truth(of_node(node)):
        yield Explanation(("integrated",), "this is an integral of the function, not a derivative")


def _own(node: Node, rank: int) -> Node:
    """The derivative of each entry by the variable in the same place."""
    labels = tuple(range(rank))
    shape = node.shape[:rank]
    return contract([(node, labels + labels)], labels, dict(enumerate(shape)), shape)


def _other_order(evidence: Evidence) -> Iterator[Explanation]:
    """The function itself, or a derivative of another order."""
    question = evidence.question
    if question.entry is not None:
        return
    node = question.f.node
    for order in range(4):
        if order and order != question.order:
            node_name = {1: "the first derivative", 2: "the second derivative", 3: "the third derivative"}[order]
            words = f"this is {node_name}, not the {question.title}"
        else:
            words = "this is the function itself, it was not differentiated"
        if order != question.order and evidence.multiple(evidence.answer, of_node(node)) == ONE:
            yield Explanation(("wrong-derivative",), words, cost=2)
            return
        if order == 3 or node.rank > 2:
            return
        node = differentiated(node, question.target)


def _squared_gradient(evidence: Evidence) -> Iterator[Explanation]:
    """The outer product of the gradient with itself in place of the Hessian."""
    question = evidence.question
    if question.order != 2 or question.f.shape or len(question.target.shape) != 1 or question.entry is not None:
        return
    slope = differentiated(question.f.node, question.target)
    square = contract([(slope, (0,)), (slope, (1,))], (0, 1), dict(enumerate(slope.shape * 2)), slope.shape * 2)
    if evidence.multiple(evidence.answer, of_node(square)) == ONE:
        words = "the gradient was multiplied by itself and not differentiated"
        yield Explanation(("wrong-derivative", "off-diagonal"), words)


def _other_variable(evidence: Evidence) -> Iterator[Explanation]:
    """The derivative by another variable."""
    question = evidence.question
    if question.entry is not None:
        return
    names = ", ".join(question.target.names)
    for name, entry in question.f._declarations.variables.items():
        if entry.index is not None or name in question.target.names:
            continue
        by = variable(entry.name, entry.shape, entry.attributes)
        for words, value in _by_other(evidence, by):
            if evidence.multiple(evidence.answer, value) == ONE:
                yield Explanation(("wrong-variable",), words.format(name, names), cost=2)
                return


def _by_other(evidence: Evidence, by: Variable) -> Iterator[tuple[str, Callable[[Point], Values | None]]]:
    question = evidence.question
    try:
        first = plain_derivative(question.f.node, by)
        yield "this is the derivative by `{0}`, not by `{1}`", of_node(first)
        if question.order == 2:
            yield "this is the second derivative by `{0}`, not by `{1}`", of_node(plain_derivative(first, by))
            mixed = differentiated(first, question.target)
            yield "this is the mixed derivative by `{0}` and `{1}`", of_node(mixed)
    except HesseError:
        return


def _parts(matrix: Values) -> tuple[list[float], list[float]]:
    """The entries on the diagonal, and those off it."""
    on = [matrix[place] for place in positions(matrix.shape) if place[0] == place[1]]
    return on, [matrix[place] for place in positions(matrix.shape) if place[0] != place[1]]


def _near(a: list[float], b: list[float]) -> bool:
    return len(a) == len(b) and all(abs(x - y) <= 1e-9 * max(1e-300, abs(x), abs(y)) for x, y in zip(a, b, strict=True))


def _inside(place: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return all(position < size for position, size in zip(place, shape, strict=True))
