"""An answer that differs from the truth by one term: a term of the truth is missing, or one of the answer too many."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from hesse.checking.diagnosis.evidence import Evidence, Explanation, Factor, factor_of, of_node
from hesse.checking.diagnosis.spelling import Spelling
from hesse.checking.expansion import expanded, terms
from hesse.core.nodes import Node
from hesse.errors import HesseError

MAX_TERMS = 40


def odd_term(evidence: Evidence, truth: Node, answer: Node, spelling: Spelling) -> Iterator[Explanation]:
    """The explanations by one term, first of the truth as it is written, then multiplied out, then of the answer."""
    seen: set[Node] = set()
    for right, node in ((True, truth), (False, answer)):
        for form in _forms(node):
            for term in terms(form)[:MAX_TERMS]:
                if term in seen or evidence.over:
                    continue
                seen.add(term)
                ratios = evidence.ratios(evidence.residual, of_node(term))
                # The answer holds the term of the truth 1 + r times, or its own where 1 - r times would be right.
                factor = None if ratios is None else factor_of([(1 + r if right else 1 - r, s) for r, s in ratios])
                if factor is not None:
                    yield _explained(factor, spelling.node(term), right)


def _forms(node: Node) -> list[Node]:
    try:
        return list(dict.fromkeys((node, expanded(node))))
    except HesseError:
        return [node]


def _explained(factor: Factor, term: str, right: bool) -> Explanation:
    """`factor` is that of the term in the answer for a term of the truth, and the one that would be right otherwise."""
    if factor.number == 0:
        words = f"the term `{term}` is missing" if right else f"the term `{term}` should not be there"
        return Explanation(("product-term",), words, cost=3)
    if factor == Factor(Fraction(-1)):
        return Explanation(("sign",), f"the term `{term}` has the wrong sign", cost=3)
    sign = ("sign",) if factor.number < 0 else ()
    codes = ("mean-or-sum", "missing-factor", *sign) if factor.power else ("missing-factor", *sign)
    times = "comes" if right else "should come"
    return Explanation(codes, f"the term `{term}` {times} {factor} times", cost=3)
