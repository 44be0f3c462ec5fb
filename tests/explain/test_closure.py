"""No line hides a rule.

A rule of differentiation puts in the place of d(u) what it says, and changes nothing else; what is then rewritten
follows by the laws that are named, and by no others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

import hesse as hs
from hesse.calculus.rules import RULES
from hesse.core.derivation import names_differential
from hesse.core.syntax import Binary, Definitions, Index, Name, Negative, Num, Syntax, Undefined, children, postorder
from hesse.explain.algebra import Reader
from hesse.explain.laws import COLLECTING, ENTRIES, LAWS, MULTIPLYING, Law
from hesse.explain.page import Explanation
from hesse.explain.record import Step
from hesse.notation.trees import alike
from hesse.render.structure import inlined
from tests.explain.cases import CASES
from textbook.identity import identities
from textbook.test_identities import derived

PAIRING = "pairing"
BLOCKS = 3
DIFFERENTIATION = frozenset(RULES)
TEXTBOOK = identities()[::10]


def equation(derivation: Explanation[hs.Expr], step: Step) -> tuple[Syntax, Syntax]:
    """Both sides of a step with the names of long parts written out."""
    where = tuple((own(name.tree), value.tree) for name, value in derivation.where)
    before, after = (
        inlined(Definitions(where, side.tree)) if where else side.tree for side in (step.before, step.after)
    )
    return before, after


def own(tree: Syntax) -> str:
    """The name that a tree is."""
    assert isinstance(tree, Name)
    return tree.name


def only_differentials_replaced(before: Syntax, after: Syntax) -> dict[str, Syntax] | None:
    """What stands after a step in the place of each d(u) before it; None where anything else has changed."""
    found: dict[str, Syntax] = {}
    stack = [(before, after)]
    while stack:
        old, new = stack.pop()
        if isinstance(old, Undefined) and names_differential(old.function):
            if not alike(found.setdefault(old.function, new), new):
                return None
            continue
        parts, others = children(old), children(new)
        if type(old) is not type(new) or len(parts) != len(others) or label(old) != label(new):
            return None
        stack += zip(parts, others, strict=True)
    return found


def label(tree: Syntax) -> object:
    """What distinguishes trees with equal children."""
    match tree:
        case Name(name=name):
            return name
        case Num(value=value):
            return value
        case Binary(operator=operator):
            return operator
        case Index(items=items):
            return len(items)
        case _:
            return getattr(tree, "function", None), getattr(tree, "axis", None)


def problems(derivation: Explanation[hs.Expr]) -> Iterator[str]:
    """The steps that do more than they name."""
    marks: Mapping[str, object] = {}
    for step in derivation.steps:
        named = {each.rule for each in step.applied}
        laws = frozenset(LAWS[each] for each in named if each in LAWS)
        rules = named & DIFFERENTIATION
        before, after = equation(derivation, step)
        marks = {**step.before.marks, **step.after.marks}
        where = f"{step.number}. {step.title}: {step.before.unicode} = {step.after.unicode}"
        if rules:
            replaced = only_differentials_replaced(before, after)
            if replaced is None:
                yield f"the rule changes more than differentials: {where}"
            elif sum(not unchanged(mark, tree) for mark, tree in replaced.items()) != 1:
                yield f"not one differential is replaced: {where}"
        elif (
            laws and named <= {*LAWS, PAIRING} and ENTRIES not in laws and not closed(step, before, after, laws, marks)
        ):
            yield f"the laws do not lead there: {where}"


def unchanged(mark: str, tree: Syntax) -> bool:
    """Whether the differential still stands where it stood."""
    return isinstance(tree, Undefined) and tree.function == mark


def closed(step: Step, before: Syntax, after: Syntax, laws: frozenset[Law], marks: Mapping[str, object]) -> bool:
    """Whether the laws that a step names lead from the one side to the other."""
    read = Reader(step.before.declarations, {}, lambda mark: marks[mark])  # type: ignore[arg-type, return-value]
    allowed = laws | {MULTIPLYING} if COLLECTING in laws else laws
    return alike(before, after) or read.equal(before, after, allowed)


@pytest.mark.parametrize(("kind", "text", "declarations", "wrt"), CASES)
def test_no_step_of_a_case_does_more_than_it_names(
    kind: str, text: str, declarations: str, wrt: str | list[str] | None
) -> None:
    result = getattr(hs, kind)(hs.parse(text, declarations), wrt)
    assert list(problems(result.explain(level="every step"))) == []


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_step_of_a_published_formula_does_more_than_it_names(block: int) -> None:
    found = [
        f"{identity}: {problem}"
        for identity in TEXTBOOK[block::BLOCKS]
        for problem in problems(derived(identity).explain(level="every step", limit=None))
    ]
    assert not found


@pytest.mark.parametrize(
    ("kind", "text", "declarations", "wrt", "titles"),
    [
        ("gradient", "trace(inv(X) @ A)", "X:n,n A:n,n", "X", ["cyclicity of the trace"]),
        ("gradient", "norm(A @ x - b)**2", "A:m,n x:n b:m", "x", ["squared norm as a sum of squares"]),
        ("gradient", "x @ A @ x", "A:n,n x:n", "x", ["transpose of a product"]),
        ("hessian", "sum(softplus(X @ w))", "X:m,n w:n", "w", ["product with a diagonal matrix"]),
        ("gradient", "norm(X - U @ V.T)**2", "X:m,n U:m,k V:n,k", "U", ["trace of a product as a sum"]),
        ("hessian", "norm(x)", "x:n", "x", ["product with an outer product", "product with the identity matrix"]),
        ("gradient", "sum((x - mean(x))**2)/n", "x:n", "x", ["mean as a sum"]),
    ],
)
def test_what_used_to_be_hidden_has_a_name(
    kind: str, text: str, declarations: str, wrt: str, titles: list[str]
) -> None:
    for level in ("outline", "normal", "every step"):
        page = getattr(hs, kind)(hs.parse(text, declarations), wrt).explain(level=level).unicode()
        assert all(title in page for title in titles)


def test_a_test_of_the_test() -> None:
    """A step that says less than it does is found."""
    steps = hs.gradient(hs.parse("trace(inv(X) @ A)", "X:n,n A:n,n"), "X").explain(level="every step").steps
    (step,) = (step for step in steps if step.rule == "pairing+cyclic")
    assert closed(step, step.before.tree, step.after.tree, frozenset({LAWS["cyclic"]}), step.before.marks)
    assert not closed(step, step.before.tree, step.after.tree, frozenset({LAWS["transposing"]}), step.before.marks)
    tree = step.after.tree
    assert isinstance(tree, Negative)
    assert only_differentials_replaced(tree, tree.operand) is None
    assert any(isinstance(part, Undefined) for part in postorder(tree))
