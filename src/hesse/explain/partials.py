"""The style of partial derivatives, for scalar variables: entry by entry, and the entries as an array."""

from __future__ import annotations

from itertools import product

from hesse.calculus.differentiate import derivative
from hesse.core.build import index
from hesse.core.derivation import Rewriting
from hesse.core.nodes import Node, Variable
from hesse.core.rebuild import unfold
from hesse.core.sizes import Size
from hesse.core.syntax import Stack, Syntax
from hesse.explain.drafts import Bench, Draft, by_scalar, rewritten, simplified
from hesse.explain.naming import Named
from hesse.explain.spelling import Operator, Statement
from hesse.explain.stages import Part, Stage
from hesse.explain.statements import stated
from hesse.explain.symbols import Symbols, equated
from hesse.simplify.engine import apply_facts, simplify
from hesse.verify.derivative import verify_derivative
from hesse.verify.equality import verify_equal

MAX_ENTRIES, SEVERAL, FEW = 144, 16, 5
"""So many entries of a derivative by several scalars are derived one by one; of more than several a few are told."""
STACKS = {
    "gradient": ("the partial derivatives side by side", "∇f = [∂f/∂x₁, ∂f/∂x₂, ...]"),
    "jacobian": ("the gradients of the components as rows", "J_g = [∇g₁, ∇g₂, ...]"),
    "hessian": ("the second partial derivatives as a matrix", "row i holds the derivatives of ∂f/∂xᵢ"),
    "derivative": ("the derivatives side by side", ""),
}


def partial_parts(stage: Stage, bench: Bench, symbols: Symbols) -> list[Part] | None:
    """The partial derivatives one by one, and their array. None where that does not lead to the very result."""
    function = stage.function
    sizes = [size.as_int() for size in function.shape]
    counts = [size for size in sizes if size is not None]
    places: list[tuple[int, ...]] = [()]
    split = len(counts) == len(sizes) and bool(counts)
    if split:
        places = list(product(*(range(count) for count in counts)))
    total = len(places) * len(stage.variables)
    if total > MAX_ENTRIES:
        return None
    told = total if bench.limit is None or total <= SEVERAL else FEW
    plain = unfold(function.node) if split else function.node
    entries = {place: index(plain, [Size.of(k) for k in place]) if place else function.node for place in places}
    if stage.stacked and function.shape and not split:
        return None
    parts: list[Part] = []
    done: dict[tuple[tuple[int, ...], int], Node] = {}
    for place in places:
        for k, by in enumerate(stage.variables):
            if len(done) >= told:
                done[place, k] = _mirrored(stage, place, k, done) or simplify(derivative(entries[place], by))
                continue
            part, node = _entry(stage, bench, symbols, entries[place], place, k, by, done)
            done[place, k] = node
            if stage.order == 1 and place and k and parts:
                # The gradient of a component is a section.
                parts[-1].drafts += part.drafts
            else:
                parts.append(part)
        if stage.order == 1 and place and stage.stacked and (place, len(stage.variables) - 1) in done and told == total:
            parts[-1].drafts.append(_gradient_of(stage, bench, symbols, entries[place], place, done))
    if told < total:
        parts[
            -1
        ].remark = f"the other {total - told} are found in the same way: explain(limit=None), or --limit 0, shows them"
    return _assembled(stage, bench, symbols, parts, done)


def _gradient_of(
    stage: Stage,
    bench: Bench,
    symbols: Symbols,
    root: Node,
    place: tuple[int, ...],
    done: dict[tuple[tuple[int, ...], int], Node],
) -> Draft:
    """The gradient of a component: its partial derivatives side by side."""
    listed = Stack(tuple(bench.scribe.node(node) for (at, _), node in done.items() if at == place))
    tree, found = (bench.scribe.closed(each) for each in (bench.scribe.node(root), listed))
    claim = verify_derivative(tree, found, stage.names, 1, stage.function.declarations, stage.stacked)
    component = Named("component", "the partial derivatives side by side", Statement())
    return Draft(((component, None),), symbols.gradient(place), listed, listed, Operator(), claim)


def _entry(
    stage: Stage,
    bench: Bench,
    symbols: Symbols,
    root: Node,
    place: tuple[int, ...],
    k: int,
    by: Variable,
    done: dict[tuple[tuple[int, ...], int], Node],
) -> tuple[Part, Node]:
    """One partial derivative."""
    outputs = stage.function.node.rank - (stage.order - 1)
    output, inputs = place[:outputs], place[outputs:]
    if not stage.stacked:
        output, inputs = place, ()
    before = [stage.names[j] for j in inputs] if stage.stacked else [stage.names[0]] * (stage.order - 1)
    left = symbols.partial(output, [*before, by.name])
    own = symbols.partial(output, before) if before else symbols.value(output)
    node = _mirrored(stage, place, k, done)
    if node is not None:
        other = symbols.partial(output, [*before[:-1], by.name, before[-1]])
        same = Named("schwarz", "the order of differentiation does not matter", stated("∂²f/∂x∂y = ∂²f/∂y∂x"))
        line = bench.scribe.node(node)
        claim = verify_derivative(
            bench.scribe.closed(bench.scribe.node(root)),
            bench.scribe.closed(line),
            (by.name,),
            1,
            stage.function.declarations,
        )
        return Part(equated(left, other), [], [Draft(((same, None),), left, line, line, Operator(), claim)]), node
    tree = bench.scribe.node(root)
    chain = by_scalar(bench, stage.function, root, bench.scribe.closed(tree), by, left)
    node, record = simplified(chain.raw)
    drafts = [*chain.drafts, *rewritten(bench, record, left, stage.function.declarations)]
    given = [(own, tree)] if place else []
    title = symbols.gradient(output) if stage.order == 1 and place else left
    return Part(title, given, drafts), node


def _mirrored(
    stage: Stage, place: tuple[int, ...], k: int, done: dict[tuple[tuple[int, ...], int], Node]
) -> Node | None:
    """The entry of a Hessian above the diagonal that stands below it too, at this place: it is not derived again."""
    if stage.kind != "hessian" or not stage.stacked or k >= place[-1]:
        return None
    return done[(k,), place[-1]]


def _assembled(
    stage: Stage,
    bench: Bench,
    symbols: Symbols,
    parts: list[Part],
    done: dict[tuple[tuple[int, ...], int], Node],
) -> list[Part] | None:
    """The array of the entries: the result itself."""
    if len(done) == 1 and not stage.stacked:
        ((node),) = done.values()
        return parts if node is stage.result.node else None
    left = symbols.kind(stage.kind)
    listed = _table(
        {((*place, k) if stage.stacked else place): bench.scribe.node(node) for (place, k), node in done.items()}
    )
    final = bench.scribe.node(stage.result.node)
    claim = verify_equal(bench.scribe.closed(listed), bench.scribe.closed(final), stage.function.declarations)
    title, statement = STACKS[stage.kind]
    stack = Named("stack", title, stated(statement))
    applied = ((stack, None), *((law, None) for law in bench.laws(listed, final)))
    draft = Draft(applied, left, listed, final, Operator(), claim)
    facts: list[Rewriting] = []
    apply_facts(stage.result.node, facts)
    drafts = [draft, *rewritten(bench, facts, left, stage.result.declarations)]
    return [*parts, Part(stage.heading, [], drafts)]


def _table(entries: dict[tuple[int, ...], Syntax]) -> Syntax:
    """The entries as nested lists."""
    while () not in entries:
        rows: dict[tuple[int, ...], list[Syntax]] = {}
        for place, tree in entries.items():
            rows.setdefault(place[:-1], []).append(tree)
        entries = {place: Stack(tuple(items)) for place, items in rows.items()}
    return entries[()]
