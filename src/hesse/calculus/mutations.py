"""The slips that people make in applying a rule of differentiation, as data: each alters one application.

`slips(node)` lists those of a node's rule. A slip changes the partials, the linear maps that the rule gives; carrying a
derivation out with it (`overrides` of `differentiate`) gives the wrong derivative that it leads to. A slip that only
multiplies a term by a constant, as a wrong sign does, or a lost factor, or a term that is left out, is not listed: the
derivative is linear in each term, so that all of them follow from the one that leaves the term out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from hesse.calculus.confusions import CONFUSED, CONFUSED_ARRAYS, INTEGRALS
from hesse.calculus.rules import Mutation, Partials, rule_for
from hesse.core.algebra import contract, number, power, scale
from hesse.core.build import apply, minus, times
from hesse.core.indices import axis_labels
from hesse.core.nodes import Apply, Axis, Contract, Node, Operation, Partial, Power, SizeValue, Variable
from hesse.core.rebuild import substitute
from hesse.core.sizes import equal
from hesse.functions import elementwise as rows

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong application of the rule at a site.

    `codes` classify the mistake, the likeliest first; `words` say it, with `{0}`, `{1}` for the site and the further
    nodes in `parts`.
    """

    site: Node
    mutation: Mutation
    codes: tuple[str, ...]
    words: str
    parts: tuple[Node, ...] = ()

    @property
    def rule(self) -> str:
        """The id of the rule that is misapplied."""
        return rule_for(self.site).id


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a derivation a rule is applied: `outermost` at its root, `inside` within an argument of a function;
    `varying` are the nodes that are not constant.

    `variable` is the one that is differentiated by, if there is only one: some slips mistake a part for it.
    """

    variable: Variable | None = None
    outermost: bool = False
    inside: bool = False
    varying: frozenset[Node] = frozenset()


def slips(node: Node, partials: Partials, at: Place) -> Iterator[Slip]:
    """The slips of the rule at the node, beyond those that multiply a term by a constant."""
    if not partials:
        return
    match node:
        case Power():
            yield from _of_power(node)
        case Apply():
            yield from _of_function(node)
    if isinstance(node, (Power, Apply)):
        yield from _of_outer(node, at)
    for place, partial in enumerate(partials):
        if isinstance(node, Contract):
            yield from _of_product(node, place, partial, at)
        yield from _of_factors(node, place, partial, at)
    if isinstance(node, Operation):
        yield from _of_operator(node, partials)


def without(place: int) -> Mutation:
    """The mutation that leaves out one term."""
    return lambda partials: partials[:place] + partials[place + 1 :]


def _replaced(place: int, change: Callable[[Partial], Partial]) -> Mutation:
    return lambda partials: (*partials[:place], change(partials[place]), *partials[place + 1 :])


def _with_derivative(derivatives: Mapping[int, Node]) -> Mutation:
    """The mutation that puts other derivatives into a rule that works entry by entry."""

    def changed(partials: Partials) -> Partials:
        return tuple(
            _elementwise(partial, derivatives[place]) if place in derivatives else partial
            for place, partial in enumerate(partials)
        )

    return changed


def _elementwise(partial: Partial, derivative: Node) -> Partial:
    labels = tuple(range(partial.child.rank))
    return Partial(partial.child, ONE, ((derivative, labels),), labels, labels, partial.child.shape)


def _bare(partial: Partial) -> Partial:
    """The partial without its factors."""
    return Partial(partial.child, ONE, (), partial.hole, partial.out, partial.extents)


def _of_outer(node: Power | Apply, at: Place) -> Iterator[Slip]:
    """The outer derivative left out, the function in its place, or the outer derivative at the wrong argument."""
    arguments = (node.base,) if isinstance(node, Power) else node.arguments
    if len(arguments) != 1:
        return
    (inner,) = arguments
    # The derivative of the innermost function is an inner derivative of all that is around it.
    innermost = isinstance(inner, Variable) and not at.outermost
    codes: tuple[str, ...] = ("chain-outer",)
    if innermost or at.inside:
        codes = ("chain-inner",) if innermost else ("chain-inner", "chain-outer")
    kind = codes[0].removeprefix("chain-")
    yield Slip(
        node, _replaced(0, _bare), codes, f"the {kind} derivative, that of `{{0}}` by `{{1}}`, is missing", (inner,)
    )
    yield Slip(
        node,
        _with_derivative({0: node}),
        ("wrong-derivative", "chain-outer"),
        "`{0}` itself stands where its derivative by `{1}` should",
        (inner,),
    )
    variable = at.variable
    if variable is not None and inner is not variable and inner.shape == variable.shape:
        yield Slip(
            node,
            lambda partials: tuple(_moved(partial, inner, variable) for partial in partials),
            ("chain-outer", "chain-inner"),
            "the outer derivative of `{0}` is taken at `{2}` and not at `{1}`",
            (inner, variable),
        )


def _moved(partial: Partial, inner: Node, variable: Node) -> Partial:
    from_inner = tuple((substitute(factor, {inner: variable}), axes) for factor, axes in partial.factors)
    return Partial(partial.child, partial.coefficient, from_inner, partial.hole, partial.out, partial.extents)


def _of_product(node: Contract, place: int, partial: Partial, at: Place) -> Iterator[Slip]:
    """The factors beside the one that is differentiated left out, or the product itself in their place."""
    beside = [factor for factor, _ in partial.factors]
    if not beside or all(map(_is_size, beside)) or not _covered(partial):
        return
    if any(factor in at.varying for factor in beside):
        codes: tuple[str, ...] = ("product-term", "missing-factor")
        words = (
            "the other factors are missing in the term of the product rule at `{0}` in which `{1}` is differentiated"
        )
    elif at.inside:
        codes = ("chain-inner", "missing-factor")
        words = "the inner derivative, that of `{0}` by `{1}`, is missing"
    else:
        codes = ("missing-factor", "chain-outer") if any(factor.rank for factor in beside) else ("missing-factor",)
        words = "the constant factor of `{1}` in `{0}` is missing"
        words = "the factor `{2}` of `{1}` is missing" if len(beside) == 1 else words
    if at.inside:
        codes = tuple(dict.fromkeys(("chain-inner", *codes)))
    yield Slip(node, _replaced(place, _bare), codes, words, (partial.child, beside[0]))
    if partial.child.shape == node.shape:
        yield Slip(
            node,
            _with_derivative({place: node}),
            ("wrong-derivative", "product-term"),
            "`{0}` itself stands where its derivative by `{1}` should",
            (partial.child,),
        )


def _is_size(node: Node) -> bool:
    """Whether the node is a size, as in a mean."""
    return isinstance(node, SizeValue) or (isinstance(node, Power) and isinstance(node.base, SizeValue))


def _covered(partial: Partial) -> bool:
    """Whether no label stands in the factors alone: without them it would be summed and count as a number."""
    used = {label for axis in (*partial.hole, *partial.out) for label in axis_labels(axis)}
    return used.issuperset(range(len(partial.extents)))


def _of_factors(node: Node, place: int, partial: Partial, at: Place) -> Iterator[Slip]:
    """A factor of a term transposed, or left out."""
    for position, (factor, axes) in enumerate(partial.factors):
        if factor.rank == 2 and equal(*factor.shape) and axes[0] != axes[1]:
            yield Slip(
                node,
                _replaced(place, _factor(position, factor, axes[::-1])),
                ("transpose", "inverse") if isinstance(node, Operation) else ("transpose",),
                "`{2}` is transposed in the term in which `{1}` is differentiated",
                (partial.child, factor),
            )
        beside = len(partial.factors) > 1 or isinstance(node, Operation) or not _covered(partial)
        if factor.rank <= 1 and beside:
            yield Slip(
                node,
                _replaced(place, _factor(position, number(1, factor.shape), axes)),
                _of_lost(factor, node, at),
                "the outer derivative, that of `{0}` by `{1}`, is missing"
                if isinstance(node, Operation) and len(partial.factors) == 1
                else "the factor `{2}` is missing in the term in which `{1}` is differentiated",
                (partial.child, factor),
            )


def _of_lost(factor: Node, node: Node, at: Place) -> tuple[str, ...]:
    """The codes for a factor that is left out of a term."""
    if _is_size(factor):
        return ("mean-or-sum", "missing-factor")
    if isinstance(node, Operation):
        return ("missing-factor", "chain-outer")
    if factor in at.varying:
        return ("missing-factor", "product-term")
    if at.inside:
        return ("missing-factor", "chain-inner")
    return ("missing-factor", "chain-outer") if factor.rank else ("missing-factor",)


def _factor(position: int, factor: Node, axes: tuple[Axis, ...]) -> Callable[[Partial], Partial]:
    """Another factor at that position of a partial."""

    def changed(partial: Partial) -> Partial:
        factors = (*partial.factors[:position], (factor, axes), *partial.factors[position + 1 :])
        return Partial(partial.child, partial.coefficient, factors, partial.hole, partial.out, partial.extents)

    return changed


def _of_power(node: Power) -> Iterator[Slip]:
    """d(u**p) with another exponent, another factor, or the integral."""
    base, p = node.base, node.exponent
    rule = "power rule at `{0}`"
    quotient = ("quotient",) if p < 0 else ()
    wrong = (*quotient, "wrong-derivative")
    forms: list[tuple[Node, tuple[str, ...], str]] = [
        (scale(p, node), wrong, f"the exponent is not lowered by one in the {rule}"),
        (scale(p, power(base, p - 2)), wrong, f"the exponent is lowered by two in the {rule}"),
        (scale(p, power(base, p + 1)), wrong, f"the exponent is raised in the {rule}"),
        (power(base, -p), wrong, f"the exponent has the wrong sign in the {rule}"),
    ]
    if abs(p - 1) != 1:
        lowered = scale(p - 1, power(base, p - 1))
        forms.append((lowered, ("missing-factor", *wrong), f"the factor is {p - 1} and not {p} in the {rule}"))
    if p < 0:
        forms += [
            (scale(-p, node), (*quotient, "sign"), "the denominator is not squared, and the sign is lost, at `{0}`"),
            (node, quotient, "the denominator is not squared in the quotient rule at `{0}`"),
        ]
    if p == Fraction(1, 2):
        forms.append((scale(p, node), wrong, "the derivative of the root `{0}` is 1/(2·root), not root/2"))
    if p != -1:
        forms.append(
            (scale(1 / (p + 1), power(base, p + 1)), ("integrated",), "`{0}` is integrated and not differentiated")
        )
    else:
        forms.append((apply(rows.LOG, base), ("integrated",), "`{0}` is integrated and not differentiated"))
    for derivative, codes, words in forms:
        yield Slip(node, _with_derivative({0: derivative}), codes, words)


def _of_function(node: Apply) -> Iterator[Slip]:
    """The integral of the function, and what is often taken for its derivative."""
    if node.row is rows.POWER:
        base, exponent = node.arguments
        lowered = times(exponent, apply(rows.POWER, base, minus(exponent, 1)))
        words = "the power rule is not for `{0}`, whose exponent varies"
        yield Slip(node, _with_derivative({1: lowered}), ("wrong-derivative",), words)
    if len(node.arguments) != 1:
        return
    (u,) = node.arguments
    integral = INTEGRALS.get(node.row.name)
    if integral is not None:
        yield Slip(
            node, _with_derivative({0: integral(u)}), ("integrated",), "`{0}` is integrated and not differentiated"
        )
    for taken, words in CONFUSED.get(node.row.name, ()):
        yield Slip(
            node,
            _with_derivative({0: taken(node, u)}),
            ("wrong-derivative", "chain-outer"),
            f"the derivative of `{{0}}` is not {words}",
        )


def _of_operator(node: Operation, partials: Partials) -> Iterator[Slip]:
    """The factors of the rule for an inverse transposed, or left out; a map that is not diagonal made so."""
    if node.row.kind == "along" and all(len(partial.out) == partial.child.rank for partial in partials):
        yield Slip(
            node,
            lambda partials: tuple(map(_diagonal, partials)),
            ("off-diagonal",),
            "`{0}` is differentiated as if it worked entry by entry: each entry depends on all entries of `{1}`",
            node.arguments,
        )
    (partial, *others) = partials
    for taken, codes, words in CONFUSED_ARRAYS.get(node.row.name, ()) if not others else ():
        derivative = taken(node, partial.child)
        yield Slip(node, _replaced(0, _entrywise(derivative)), codes, words, (partial.child,))
    for place, partial in enumerate(partials):
        square = [k for k, (factor, _) in enumerate(partial.factors) if factor.rank == 2 and equal(*factor.shape)]
        if len(square) == 2:
            yield Slip(
                node,
                _replaced(place, _turned),
                ("inverse", "transpose"),
                "the inverses are not transposed in the rule for `{0}`",
            )
            for k in square:
                yield Slip(
                    node,
                    _replaced(place, _factor(k, _unit(partial.factors[k][0]), partial.factors[k][1])),
                    ("inverse", "missing-factor"),
                    "one of the two inverses is missing in the rule for `{0}`",
                )
        if len(square) == 1 and partial.factors[square[0]][0] is not partial.child:
            yield Slip(
                node,
                _replaced(place, _factor(square[0], partial.child, partial.factors[square[0]][1][::-1])),
                ("inverse",),
                "the matrix itself stands where its inverse should in the rule for `{0}`",
            )


def _diagonal(partial: Partial) -> Partial:
    """The part of the map that takes each entry to the same entry."""
    labels = tuple(range(partial.child.rank))
    same = dict(zip(partial.hole, labels, strict=True)) | dict(zip(partial.out, labels, strict=True))
    factors = tuple((factor, tuple(same.get(axis, axis) for axis in axes)) for factor, axes in partial.factors)
    return Partial(partial.child, partial.coefficient, factors, labels, labels, partial.child.shape)


def _turned(partial: Partial) -> Partial:
    factors = tuple((factor, axes[::-1] if factor.rank == 2 else axes) for factor, axes in partial.factors)
    return Partial(partial.child, partial.coefficient, factors, partial.hole, partial.out, partial.extents)


def _entrywise(derivative: Node) -> Callable[[Partial], Partial]:
    """The partial of a reduction with another derivative by each entry."""

    def changed(partial: Partial) -> Partial:
        labels = tuple(range(derivative.rank))
        return Partial(partial.child, ONE, ((derivative, labels),), labels, partial.out, partial.child.shape)

    return changed


def _unit(matrix: Node) -> Node:
    """The identity of the size of a square matrix."""
    return contract([], (0, 0), {0: matrix.shape[0]}, matrix.shape)
