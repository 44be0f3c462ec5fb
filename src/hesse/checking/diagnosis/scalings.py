"""What it means when one term of a rule's application comes times a constant: left out, of the wrong sign, ..."""

from __future__ import annotations

from fractions import Fraction

from hesse.calculus.rules import rule_for
from hesse.checking.diagnosis.derivations import Derivation
from hesse.checking.diagnosis.evidence import Explanation, Factor, mean_or_sum
from hesse.checking.diagnosis.spelling import Spelling, ordinal
from hesse.core.nodes import Apply, Contract, Node, Operation, Partial, Power, Sum

ONE = Fraction(1)


def scaled_term(
    derivation: Derivation, node: Node, place: int, factor: Factor, spelling: Spelling
) -> Explanation | None:
    """The mistake by which a term of the rule at a node comes times the factor; None where it is none by itself."""
    term = _Term(derivation, node, place, spelling)
    found = _explained(term, factor)
    if found is None or not derivation.stage:
        return found
    return Explanation(found.codes, f"{derivation.stage}: {found.words}", found.rule, found.cost)


class _Term:
    """One term of a rule's application, and how to call it."""

    def __init__(self, derivation: Derivation, node: Node, place: int, spelling: Spelling) -> None:
        self.node = node
        self.derivation = derivation
        self.partial: Partial = derivation.partials(node)[place]
        places = derivation.terms(node)
        self.alone = len(places) == 1
        self.rank = places.index(place)
        self.inside = node in derivation.inside
        self.site = spelling.node(node)
        self.part = spelling.node(self.partial.child)
        self.rule = rule_for(node)
        self.spelling = spelling
        self.others = [partial for k, partial in enumerate(derivation.partials(node)) if k != place and k in places]

    @property
    def name(self) -> str:
        """The term in words."""
        if isinstance(self.node, Sum):
            return f"the derivative of the term `{self.part}`"
        if self.alone:
            return f"the derivative of `{self.site}` by `{self.part}`"
        if not isinstance(self.node, Contract):
            rule = f"of the rule for `{self.site}`"
            return f"the {ordinal(self.rank)} term {rule}, in which `{self.part}` is differentiated,"
        rule = f"of the product rule at `{self.site}`"
        if all(other.child is not self.partial.child for other in self.others):
            return f"the term {rule} in which `{self.part}` is differentiated"
        which = f"the {ordinal(self.rank)}" if self.spelling.is_form(self.node) else "one"
        return f"{which} term {rule}, in which `{self.part}` is differentiated,"

    @property
    def is_denominator(self) -> bool:
        """Whether the differentiated part is a denominator."""
        child = self.partial.child
        return isinstance(self.node, Contract) and isinstance(child, Power) and child.exponent < 0

    @property
    def quotient(self) -> bool:
        """Whether the node is a quotient."""
        return isinstance(self.node, Contract) and any(
            isinstance(factor, Power) and factor.exponent < 0 for factor, _ in self.node.factors
        )

    def explained(self, codes: tuple[str, ...], words: str, cost: int = 1) -> Explanation:
        """The explanation with this rule."""
        return Explanation(codes, words, self.rule.id, cost)


def _explained(term: _Term, factor: Factor) -> Explanation | None:
    if factor == Factor(ONE):
        return None
    if factor.power:
        return _by_size(term, factor)
    if factor.number == 0:
        return None if term.alone else _left_out(term)
    if factor.number == -1:
        return _sign(term)
    return _constant(term, factor.number)


def _left_out(term: _Term) -> Explanation:
    match term.node:
        case Sum():
            return term.explained(("product-term",), f"{term.name} is missing")
        case Contract() if term.is_denominator:
            child = term.partial.child
            assert isinstance(child, Power)
            base = term.spelling.node(child.base)
            return term.explained(
                ("quotient", "product-term"), f"the denominator `{base}` of `{term.site}` was treated as a constant"
            )
        case Contract() if term.quotient:
            return term.explained(("product-term", "quotient"), f"{term.name} is missing: only the denominator was")
        case Operation() if all(partial.hole == partial.out for partial in term.others):
            return term.explained(
                ("off-diagonal", "quotient", "product-term"),
                f"`{term.site}` was differentiated as if it worked entry by entry: what its entries have in common, "
                "the normaliser, was treated as a constant",
            )
        case Operation():
            return term.explained(("product-term", "quotient"), f"{term.name} is missing")
        case _:
            return term.explained(("product-term", "chain-inner"), f"{term.name} is missing")


def _sign(term: _Term) -> Explanation:
    codes: tuple[str, ...] = ("sign",)
    words = f"{term.name} has the wrong sign"
    cost = 2
    match term.node:
        case Operation() if term.node.row.kind == "matrix":
            return term.explained(("inverse", "sign"), f"the sign in the rule for `{term.site}` is wrong")
        case Power(exponent=exponent) if exponent < 0:
            return term.explained(("sign", "quotient"), f"the minus sign is lost in differentiating `{term.site}`")
        case Contract() if term.is_denominator and not term.alone:
            codes = ("quotient", "sign")
            cost = 1
        case Sum(terms=terms):
            own = next(coefficient for coefficient, node in terms if node is term.partial.child)
            if own < 0 and term.inside:
                codes = ("sign", "chain-inner")
                words = f"the minus sign of `{term.site}` is lost: its inner derivative is missing"
                cost = 1
            elif not term.alone:
                cost = 1
        case Apply():
            words = f"the sign of the derivative of `{term.site}` is wrong" if term.alone else words
            cost = 1
    return term.explained(codes, words, cost)


def _by_size(term: _Term, factor: Factor) -> Explanation | None:
    if not term.alone and not isinstance(term.node, (Sum, Contract)):
        return None
    told = mean_or_sum(factor, term.derivation.question.f)
    sign = ("sign",) if factor.number < 0 else ()
    return term.explained(
        ("mean-or-sum", "missing-factor", *sign), f"{term.name.rstrip(',')} comes {factor} times: {told}"
    )


def _constant(term: _Term, number: Fraction) -> Explanation:
    sign = ("sign",) if number < 0 else ()
    wrong = " and the sign is wrong" if sign else ""
    missing = 1 / abs(number)
    match term.node:
        case Power(exponent=exponent) if missing == abs(exponent):
            return term.explained(
                ("missing-factor", *sign), f"the factor {exponent} of the power rule at `{term.site}` is missing{wrong}"
            )
        case Sum(terms=terms):
            own = next(coefficient for coefficient, node in terms if node is term.partial.child)
            if missing == abs(own):
                inner = ("chain-inner", "missing-factor") if term.inside else ("missing-factor",)
                return term.explained((*inner, *sign), f"the factor {own} of `{term.part}` is missing{wrong}")
            return _plainly(term, number, 2)
        case _:
            return _plainly(term, number, 3)


def _plainly(term: _Term, number: Fraction, cost: int) -> Explanation:
    sign = ("sign",) if number < 0 else ()
    wrong = " and the sign is wrong" if sign else ""
    if abs(number) < 1:
        words = f"the factor {1 / abs(number)} is missing in {term.name.rstrip(',')}{wrong}"
    else:
        words = f"there is a factor {abs(number)} too many in {term.name.rstrip(',')}{wrong}"
    return term.explained(("missing-factor", *sign), words, cost)
