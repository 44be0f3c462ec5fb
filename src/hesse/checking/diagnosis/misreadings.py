"""Answers that are right for something else: another function, rules that do not exist, a factor left out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import TypeAlias

from hesse.calculus.differentiate import dependents
from hesse.calculus.differentiate import derivative as plain_derivative
from hesse.calculus.rules import rule_for
from hesse.checking.diagnosis.evidence import Evidence, Explanation, of_node, of_tree
from hesse.checking.diagnosis.spelling import Spelling
from hesse.checking.diagnosis.whole import ONE
from hesse.checking.edits import Edit, edits, fits, replaced
from hesse.checking.expansion import terms
from hesse.core.algebra import add, contract, power, scale
from hesse.core.build import apply, broadcast, divide, index, times, total
from hesse.core.indices import axis_labels
from hesse.core.nodes import Apply, Contract, Node, Power, Sum, Variable
from hesse.core.rebuild import substitute
from hesse.core.sizes import Size
from hesse.core.syntax import Binary, Call, Negative, Syntax, number, postorder
from hesse.core.traverse import postorder as nodes_below
from hesse.errors import HesseError
from hesse.frontends.elaborate import elaborate
from hesse.functions.elementwise import EXP, LOG
from hesse.service.derivatives import differentiated

MAX_EDITS = 120
MAX_PARTS = 80
EVERYWHERE = ": that counts for every entry, also off the diagonal"


def no_such_rules(evidence: Evidence, spelling: Spelling) -> Iterator[Explanation]:
    """Terms left as they are, a derivative taken inside of a function, products and quotients of derivatives."""
    question = evidence.question
    root = question.f.elaboration.root
    if question.order == 1 and not root.shape and question.entry is None:
        yield from _undifferentiated(evidence, root, spelling)
        invented = (
            *_of_one(evidence, root, spelling),
            *_of_two(evidence, root),
            *_of_quotient(evidence, root, spelling),
        )
        for codes, words, node in invented:
            if evidence.multiple(evidence.answer, of_node(node)) == ONE:
                yield Explanation(codes, words, rule_for(root).id, 2)


def _undifferentiated(evidence: Evidence, root: Node, spelling: Spelling) -> Iterator[Explanation]:
    """A term of the function that stands in the answer as it is."""
    target = evidence.question.target
    truth = differentiated(root, target)
    for term in terms(root):
        if term is root or not nodes_of(term, target.variables):
            continue
        kept = add([(1, truth), (-1, differentiated(term, target)), (1, broadcast(term, truth.shape))], truth.shape)
        if evidence.multiple(evidence.answer, of_node(kept)) == ONE:
            words = f"the term `{spelling.node(term)}` was not differentiated"
            yield Explanation(("wrong-derivative", "product-term"), words, "linearity", 3)


_Claim: TypeAlias = tuple[tuple[str, ...], str, Node]


def _of_one(evidence: Evidence, root: Node, spelling: Spelling) -> Iterator[_Claim]:
    """Rules that people invent for a function of a function, of one scalar variable."""
    (variable, *others) = evidence.question.target.variables
    if others or variable.shape:
        return
    match root:
        case Power(base=inner) | Apply(arguments=(inner,)) if not isinstance(inner, Variable):
            slope = plain_derivative(inner, variable)
            for partial in rule_for(root).partials(root):
                outer = times(partial.coefficient, *(factor for factor, _ in partial.factors))
                words = (
                    f"the derivative of `{spelling.node(inner)}` stands inside of the outer derivative, not beside it"
                )
                yield ("chain-outer", "chain-inner"), words, substitute(outer, {inner: slope})
                words = f"the outer derivative is taken at the derivative of `{spelling.node(inner)}`, not at it"
                yield ("chain-outer", "wrong-derivative"), words, times(substitute(outer, {inner: slope}), slope)
            words = f"only the inner function `{spelling.node(inner)}` was differentiated, in its place"
            yield ("chain-outer", "chain-inner"), words, substitute(root, {inner: slope})


def _of_two(evidence: Evidence, root: Node) -> Iterator[_Claim]:
    """The product of the derivatives for the derivative of a product, and the same for a quotient."""
    target = evidence.question.target
    factors = [factor for factor, _ in root.factors] if isinstance(root, Contract) else []
    varying = [factor for factor in factors if nodes_of(factor, target.variables)]
    if len(varying) != 2 or any(factor.shape for factor in factors):
        return
    rest = [factor for factor in factors if factor not in varying]
    slopes = [differentiated(factor, target) for factor in varying]
    yield ("product-term",), "the derivatives of the factors were multiplied: that is no rule", times(*slopes, *rest)
    for over, under in (varying, varying[::-1]):
        if isinstance(under, Power) and under.exponent < 0:
            below = differentiated(power(under, Fraction(-1)), target)
            words = "the derivatives of numerator and denominator were divided: that is no rule"
            yield ("quotient", "chain-outer"), words, times(divide(differentiated(over, target), below), *rest)


def _of_quotient(evidence: Evidence, root: Node, spelling: Spelling) -> Iterator[_Claim]:
    """The quotient rule without its denominator, or with one that is not squared."""
    truth = evidence.question.truth.node
    for factor, _ in root.factors if isinstance(root, Contract) else ():
        if isinstance(factor, Power) and factor.exponent == -1 and nodes_of(factor, evidence.question.target.variables):
            below = spelling.node(factor.base)
            words = f"the denominator of the quotient rule, `{below}` squared, is missing"
            yield ("quotient", "missing-factor"), words, times(truth, power(factor.base, Fraction(2)))
            yield (
                ("quotient",),
                f"the denominator `{below}` is not squared in the quotient rule",
                times(truth, factor.base),
            )


def nodes_of(node: Node, variables: tuple[Variable, ...]) -> bool:
    """Whether the node depends on one of the variables."""
    return bool(dependents(nodes_below(node), frozenset(variables)))


def other_functions(evidence: Evidence, spelling: Spelling) -> Iterator[Explanation]:
    """The derivative of a function that is slightly another one: misread, or copied wrongly."""
    question = evidence.question
    f = question.f
    for node, words in _compositions(f.node):
        if is_derivative(evidence, node):
            yield Explanation(("wrong-derivative",), words, cost=3)
            return
    for edit in islice(edits(f.exact_tree, f._declarations), MAX_EDITS):
        if evidence.over:
            return
        tree = edit.applied(f.exact_tree)
        if not fits(tree, f._declarations):
            continue
        node, _ = elaborate(tree, f._declarations)
        node = total(node) if node.shape and not f._shape else node
        if len(node.shape) == len(f._shape) and is_derivative(evidence, node):
            old, new = spelling.tree(edit.old), spelling.tree(edit.new)
            words = f"this is the derivative of `{spelling.tree(tree)}`, where `{new}` stands in the place of `{old}`"
            yield Explanation((*edit.codes[:1], "wrong-derivative"), words, cost=3)
            return


def not_differentiated(evidence: Evidence, spelling: Spelling) -> Iterator[Explanation]:
    """A part of the function that is the answer as it stands."""
    f = evidence.question.f
    for tree, node in f.elaboration.trees():
        if evidence.over:
            return
        plain = isinstance(node, Variable) or node is f.elaboration.root
        if not plain and nodes_of(node, evidence.question.target.variables) and evidence.answers(of_node(node)):
            words = f"this is `{spelling.tree(tree)}`, a part of the function itself: it was not differentiated"
            yield Explanation(("wrong-derivative", "chain-outer"), words, cost=3)
            return


def _compositions(node: Node) -> Iterator[tuple[Node, str]]:
    if node.shape:
        return
    yield power(node, Fraction(2)), "this is the derivative of the square of the function"
    yield power(node, Fraction(1, 2)), "this is the derivative of the square root of the function"
    yield apply(LOG, node), "this is the derivative of the logarithm of the function"
    yield apply(EXP, node), "this is the derivative of the exponential of the function"


def is_derivative(evidence: Evidence, node: Node) -> bool:
    """Whether the answer is the derivative that is asked for, but of this function."""
    question = evidence.question
    try:
        for _ in range(question.order):
            node = differentiated(node, question.target)
        if question.entry is not None:
            node = index(node, [Size.of(position) for position in question.entry])
        return evidence.multiple(evidence.answer, of_node(node)) == ONE
    except HesseError:
        return False


def omissions(evidence: Evidence, spelling: Spelling) -> Iterator[Explanation]:
    """A factor of the truth, as hesse writes it, that is missing in the answer."""
    truth = evidence.question.truth.tree
    for edit in islice(_omitted(truth), MAX_PARTS):
        if evidence.over:
            return
        tree = replaced(truth, {id(edit.old): edit.new})
        if not fits(tree, evidence.question.f._declarations):
            continue
        if evidence.multiple(evidence.answer, of_tree(tree)) == ONE:
            rest = next((each for each in _sides(edit.old) if each is not edit.new), edit.new)
            words = edit.words.format(spelling.tree(edit.new), spelling.tree(rest))
            yield Explanation(edit.codes, words, cost=3)
            return


def _sides(part: Syntax) -> tuple[Syntax, ...]:
    return (part.left, part.right) if isinstance(part, Binary) else ()


def lost_factors(evidence: Evidence, spelling: Spelling) -> Iterator[Explanation]:
    """A factor of the truth, as a product over indices, without which it is the answer: with it go axes of its own."""
    for product in terms(evidence.question.truth.node)[:2]:
        match product:
            case Contract() | Sum(terms=((_, Contract()),)):
                yield from _lost(evidence, product, spelling)


def _lost(evidence: Evidence, product: Contract | Sum, spelling: Spelling) -> Iterator[Explanation]:
    ((coefficient, node),) = product.terms if isinstance(product, Sum) else ((Fraction(1), product),)
    assert isinstance(node, Contract)
    for k, (factor, _) in enumerate(node.factors):
        rest = node.factors[:k] + node.factors[k + 1 :]
        kept = {label for _, axes in rest for axis in axes for label in axis_labels(axis)}
        places = [place for place, axis in enumerate(node.out) if kept.issuperset(axis_labels(axis))]
        summed = set(range(len(node.extents))).difference(*(axis_labels(axis) for axis in node.out))
        if not rest or not summed <= kept or evidence.over:
            continue
        shape = tuple(node.shape[place] for place in places)
        without = contract(
            rest, tuple(node.out[place] for place in places), {label: node.extents[label] for label in kept}, shape
        )
        if evidence.answers(of_node(scale(coefficient, without))):
            words = f"the factor `{spelling.node(factor)}` is missing"
            yield Explanation(("missing-factor", "chain-inner"), words, cost=3)
            return


def _omitted(root: Syntax) -> Iterator[Edit]:
    """The parts of products, quotients and functions that may have been left out."""
    for part in postorder(root):
        match part:
            case Binary(operator="*" | "@", left=left, right=right):
                where = EVERYWHERE if _is_unit(right) else ""
                yield Edit(part, left, _factor_codes(right), "the factor `{1}` is missing beside `{0}`" + where)
                yield Edit(part, right, _factor_codes(left), "the factor `{1}` is missing beside `{0}`")
            case Binary(operator="/", left=left, right=right):
                if _is_unit(left):
                    words = "the factor `{1}` is missing beside `{0}`" + EVERYWHERE
                    yield Edit(part, Binary("/", number(1), right), _factor_codes(left), words)
                yield Edit(part, left, _factor_codes(right), "the denominator `{1}` is missing below `{0}`")
            case Binary(operator="**", left=left):
                yield Edit(part, left, ("wrong-derivative", "missing-factor"), "`{0}` should be raised to a power")
            case Binary(operator="+" | "-", left=left, right=right):
                yield Edit(part, left, ("product-term",), "the term `{1}` is missing beside `{0}`")
                yield Edit(part, right, ("product-term",), "the term `{1}` is missing beside `{0}`")
            case Negative(operand=operand):
                yield Edit(part, operand, ("sign",), "the minus sign in front of `{0}` is missing")
            case Call(arguments=(argument,), function=function):
                words = f"the function `{function}` is missing around `{{0}}`"
                yield Edit(part, argument, ("wrong-derivative",), words)
            case _:
                continue


def _is_unit(tree: Syntax) -> bool:
    """Whether the tree is the identity matrix."""
    return isinstance(tree, Call) and tree.function == "eye"


def _factor_codes(factor: Syntax) -> tuple[str, ...]:
    """The codes for a factor that was left out."""
    if _is_unit(factor):
        return ("off-diagonal", "missing-factor", "chain-inner")
    inverse = any(isinstance(part, Call) and part.function == "inv" for part in postorder(factor))
    return ("inverse", "missing-factor") if inverse else ("missing-factor", "chain-inner")
