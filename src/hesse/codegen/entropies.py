"""Products p*log(p), which are 0 where p is 0: the limit, where floating-point numbers give 0 times minus infinity.

A product with a logarithm is written by `xlogy` where the argument of the logarithm is zero only if the other factor
is: p*log(p), p*log(p/q), w*p*log(c*p). Of y*log(p) the limit depends on the way, and nothing is done.
"""

from __future__ import annotations

from hesse.codegen.terms import Term, Terms

HEAD = "xlogy"


def product(terms: Terms, left: Term, right: Term) -> Term | None:
    """left * right with the limit, or None where there is no such logarithm."""
    for factor, other in ((left, right), (right, left)):
        if factor.rank != other.rank or factor.shape != other.shape:
            continue
        match other:
            case Term(head="log", arguments=(argument,)) if _vanishes(factor, argument):
                return terms.make(HEAD, (factor, argument), (), factor.shape)
            case Term(head="+" | "-" as sign, arguments=(Term(head="log", arguments=(argument,)), rest)):
                if _vanishes(factor, argument) and rest.shape == factor.shape:
                    first = terms.make(HEAD, (factor, argument), (), factor.shape)
                    return terms.arithmetic(sign, first, terms.arithmetic("*", factor, rest))
    return None


def dot(terms: Terms, left: Term, right: Term) -> Term | None:
    """left @ right for two vectors, with the limit; None where there is no such logarithm."""
    found = product(terms, left, right) if left.rank == right.rank == 1 else None
    return None if found is None else terms.reduce("sum", found, None, ())


def _vanishes(factor: Term, argument: Term) -> bool:
    """Whether the factor is zero wherever the argument of the logarithm is."""
    return bool(_roots(argument, numbers=True) & _roots(factor, numbers=False))


def _roots(term: Term, numbers: bool) -> frozenset[Term]:
    """The term and what it is a multiple of; with `numbers`, a multiple by numbers and by reciprocals only."""
    found: set[Term] = set()
    waiting = [term]
    while waiting:
        part = waiting.pop()
        found.add(part)
        match part:
            case Term(head="negative", arguments=(inner,)) | Term(head="/", arguments=(inner, _)):
                waiting.append(inner)
            case Term(head="*", arguments=(one, other)):
                waiting += [each for each, by in ((one, other), (other, one)) if not numbers or by.dtype == "number"]
            case _:
                pass
    return frozenset(each for each in found if each.dtype != "number")
