"""Which matrices equal their transpose: because of how they are built, or by what is declared of their variables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from hesse.core.algebra import contract
from hesse.core.build import transpose
from hesse.core.canonical import Factor, label_colours
from hesse.core.indices import axis_labels
from hesse.core.nodes import Apply, Axis, Call, Contract, Let, Node, Operation, Power, Sum, Variable
from hesse.core.traverse import children

_DECLARED = frozenset({"sym", "spd"})
_KEEPING = frozenset({"inv", "matpow"})


class Symmetry:
    """Answers for nodes, remembered: they depend on nothing else. Declared facts count only with `facts`: they hold for
    finished results."""

    def __init__(self, *, facts: bool) -> None:
        self.facts = facts
        self.known: WeakKeyDictionary[Node, bool] = WeakKeyDictionary()
        self.forms: WeakKeyDictionary[Node, Node | None] = WeakKeyDictionary()

    def holds(self, root: Node) -> bool:
        """Whether the node is a matrix that equals its transpose."""
        found = self.known.get(root)
        if found is not None:
            return found
        stack = [root]
        while stack:
            node = stack[-1]
            missing = [child for child in children(node) if child not in self.known]
            if missing and node not in self.known:
                stack += missing
                continue
            stack.pop()
            if node not in self.known:
                self.known[node] = node.rank == 2 and self._own(node)
        return self.known[root]

    def _own(self, node: Node) -> bool:
        match node:
            case Variable(attributes=attributes):
                return self.facts and bool(attributes & _DECLARED)
            case Let(node=inner):
                return self.known[inner]
            case Operation(row=row, arguments=arguments):
                return row.name in _KEEPING and self.known[arguments[0]]
            case Apply(arguments=arguments):
                return all(self.known[argument] for argument in arguments)
            case Power(base=base):
                return self.known[base]
            case Call(domain=domain, codomain=codomain, order=order):
                # Second derivatives of an undefined function, which is smooth, do not depend on their order.
                return order == 2 and len(domain) == 1 and not codomain
            case Sum(terms=terms):
                return all(self.known[term] for _, term in terms) or self._closed(node)
            case Contract():
                return _balanced(node) and self.oriented(transpose(node)) is self.oriented(node)
            case _:
                return False

    def _closed(self, node: Sum) -> bool:
        """Whether the transposes of the terms are terms again, with the same coefficients."""
        if not _paired([term for _, term in node.terms]):
            return False
        turned = {self._turned(term): coefficient for coefficient, term in node.terms}
        return turned == {self._plain(term): coefficient for coefficient, term in node.terms}

    def _turned(self, term: Node) -> Node:
        return self._plain(transpose(term))

    def _plain(self, term: Node) -> Node:
        return self.oriented(term) if isinstance(term, Contract) else term

    def oriented(self, node: Node) -> Node:
        """Of all ways to turn the symmetric matrices in a product, which mean the same, always the same one."""
        if not isinstance(node, Contract):
            return node
        places = [k for k, (factor, axes) in enumerate(node.factors) if _is_whole(axes) and self.holds(factor)]
        if not places:
            return node
        if node not in self.forms:
            found = _oriented(node, frozenset(places))
            self.forms[node] = None if found is node else found
        return self.forms[node] or node


def _balanced(node: Contract) -> bool:
    """Whether both axes run along the same factors, as they do where the product is symmetric: a quick first look."""
    if not all(isinstance(axis, int) for axis in node.out):
        return True
    row, column = (
        Counter(factor for factor, axes in node.factors for axis in axes if label in axis_labels(axis))
        for label in node.out
    )
    return row == column


def _paired(terms: Iterable[Node]) -> bool:
    """Whether each product is symmetric or has another one of the same factors, which may be its transpose: a quick
    first look."""
    products = [term for term in terms if isinstance(term, Contract)]
    kinds = Counter(_factors(term) for term in products)
    return all(kinds[_factors(term)] > 1 or len(term.factors) == 1 or _balanced(term) for term in products)


def _factors(product: Contract) -> frozenset[tuple[Node, int]]:
    return frozenset(Counter(factor for factor, _ in product.factors).items())


def _oriented(node: Contract, symmetric: frozenset[int]) -> Node:
    """The product with the axes of these factors in the order of the colours that their labels have when neither of
    the two orders is told from the other."""
    kinds = {factor: k for k, factor in enumerate(dict.fromkeys(factor for factor, _ in node.factors))}
    seen = [(kinds[factor], axes) for factor, axes in node.factors]
    seen += [(kind, axes[::-1]) for k, (kind, axes) in enumerate(seen) if k in symmetric]
    colours = label_colours(seen, node.out, dict(enumerate(node.extents)))
    factors: list[Factor] = []
    for k, (factor, axes) in enumerate(node.factors):
        if k in symmetric:
            axes = tuple(sorted(axes, key=lambda axis: colours[axis] if isinstance(axis, int) else -1))
        factors.append((factor, axes))
    if tuple(factors) == node.factors:
        return node
    return contract(factors, node.out, dict(enumerate(node.extents)), node.shape)


def _is_whole(axes: tuple[Axis, ...]) -> bool:
    return len(axes) == 2 and all(isinstance(axis, int) for axis in axes)


AS_BUILT = Symmetry(facts=False)
AS_DECLARED = Symmetry(facts=True)
