"""Products with a vector, J v, uᵀ J and H v, and the conventions for symmetric matrices: read off the differential."""

from __future__ import annotations

from typing import Literal

from hesse.calculus.differentiate import forward, identity, side_by_side
from hesse.core.build import index, variable
from hesse.core.derivation import Rewriting
from hesse.core.nodes import Node
from hesse.core.sizes import Size
from hesse.core.syntax import Binary, Definitions, Name, Syntax, call
from hesse.explain.differentials import finished
from hesse.explain.drafts import Bench, Draft, by_arrays, rewritten, simplified
from hesse.explain.literal import put
from hesse.explain.naming import Named
from hesse.explain.spelling import Operator, Statement
from hesse.explain.stages import Part, Stage
from hesse.explain.statements import stated
from hesse.explain.symbols import Symbols, differential_of
from hesse.simplify.engine import apply_facts
from hesse.verify.derivative import verify_product
from hesse.verify.verdict import Verification

PUT_IN = Named("direction", "putting the vector in the place of the differential", Statement())


def product_part(stage: Stage, bench: Bench, symbols: Symbols) -> Part:
    """d of the function, and the vector in the place of dx; for uᵀ J of the product uᵀ g."""
    return _pulled(stage, bench, symbols) if stage.operator == "vjp" else _pushed(stage, bench, symbols)


def _pushed(stage: Stage, bench: Bench, symbols: Symbols) -> Part:
    """J v and H v: dx = v."""
    function, scribe = stage.function, bench.scribe
    name = stage.name(symbols)
    drafts, _, _ = by_arrays(
        bench, function, stage.variables, identity(function.shape), differential_of(name), function.exact_tree
    )
    direction = variable(stage.vector, (Size.of(len(stage.variables)),) if stage.stacked else stage.variables[0].shape)
    tangents = {
        each: index(direction, [Size.of(k)]) if stage.stacked else direction for k, each in enumerate(stage.variables)
    }
    raw = forward(function.node, tangents)
    left = symbols.product("H" if stage.operator == "hvp" else "J", stage.vector)
    after = scribe.node(raw)
    before = drafts[-1].after if drafts else after
    said = put(before, {scribe.differentials.name(each): scribe.node(tangent) for each, tangent in tangents.items()})
    applied = ((PUT_IN, None), *((law, None) for law in bench.laws(said, after)))
    drafts.append(Draft(applied, left, before, after, Operator(), _claim(stage, bench, raw)))
    drafts += finished(stage, bench, left, raw)
    given = [(name, scribe.node(function.node))] if stage.operator == "hvp" else []
    return Part(stage.heading, given, drafts)


def _pulled(stage: Stage, bench: Bench, symbols: Symbols) -> Part:
    """uᵀ J: the gradient of uᵀ g for a constant u."""
    function, scribe = stage.function, bench.scribe
    seed = variable(stage.vector, function.shape)
    drafts, adjoints, _ = by_arrays(
        bench,
        function,
        stage.variables,
        seed,
        symbols.paired(stage.vector),
        weighted(function.exact_tree, stage.vector),
    )
    ordered = [adjoints[each] for each in stage.variables]
    raw = side_by_side(ordered, ()) if stage.stacked else ordered[0]
    left = symbols.product("J", stage.vector, before=True)
    reading = Named("reading", "reading off the product", stated("uᵀ dg = (uᵀ J) dx for every dx"))
    after = scribe.node(raw)
    before = drafts[-1].after if drafts else after
    applied = [(reading, None)]
    if drafts and raw.rank == 1 and not stage.stacked:
        change = scribe.node(scribe.differentials.of(stage.variables[0]))
        applied += [(law, None) for law in bench.laws(before, Binary("@", after, change))]
    drafts.append(Draft(tuple(applied), left, before, after, Operator(), _claim(stage, bench, raw)))
    return Part(stage.heading, [], [*drafts, *finished(stage, bench, left, raw)])


def _claim(stage: Stage, bench: Bench, raw: Node) -> Verification:
    """Whether the node is the Jacobian of the function times the vector, or the vector times it."""
    tree = bench.scribe.closed(bench.scribe.node(raw))
    kind: Literal["jvp", "vjp"] = "vjp" if stage.operator == "vjp" else "jvp"
    function, declarations = stage.function, stage.result.declarations
    return verify_product(kind, function.exact_tree, tree, stage.names, stage.vector, declarations, stage.stacked)


def weighted(tree: Syntax, weight: str) -> Syntax:
    """The sum of the entries of the tree times a weight."""
    body = tree.body if isinstance(tree, Definitions) else tree
    summed = call("sum", Binary("*", body, Name(weight)))
    return Definitions(tree.bindings, summed) if isinstance(tree, Definitions) else summed


def convention_part(stage: Stage, bench: Bench, symbols: Symbols) -> Part:
    """From the gradient whose entries vary apart from each other to that of the convention."""
    scribe, left = bench.scribe, symbols.kind("gradient")
    _, record = simplified(stage.result.raw)
    facts: list[Rewriting] = []
    apply_facts(stage.result.node, facts)
    before = scribe.node(stage.function.node)
    named = Named("convention", "the convention for a symmetric matrix", stated(stage.vector))
    first = Draft(((named, None),), left, before, scribe.node(stage.result.raw), Operator(), stage.verification)
    more = rewritten(bench, [*record, *facts], left, stage.result.declarations)
    return Part(stage.heading, [(symbols.kind("gradient"), before)], [first, *more])
