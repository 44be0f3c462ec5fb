"""The style of differentials: dF step by step, and what is read off it."""

from __future__ import annotations

from hesse.calculus.differentiate import identity, side_by_side
from hesse.core.algebra import is_zero
from hesse.core.derivation import Rewriting
from hesse.core.nodes import Node
from hesse.core.syntax import Binary, Syntax, call
from hesse.explain.drafts import Bench, Check, Draft, by_arrays, rewritten, simplified
from hesse.explain.naming import Named, plain_statement
from hesse.explain.spelling import Operator, Statement
from hesse.explain.stages import Part, Stage, require
from hesse.explain.symbols import Symbols, differential_of
from hesse.notation.trees import transposed
from hesse.simplify.engine import apply_facts
from hesse.verify.derivative import verify_derivative

READING = {
    "gradient": ("gradient", "writing d{name} at the end", "d{f} = gᵀ d{x} for every d{x}, so ∇{f} = g"),
    "matrix": ("gradient", "writing d{name} at the end", "d{f} = tr(Gᵀ d{x}) for every d{x}, so ∇{f} = G"),
    "jacobian": ("Jacobian", "writing d{name} at the end", "d{f} = J d{x} for every d{x}, so J is the Jacobian"),
    "hessian": ("Hessian", "writing d{name} at the end", "d(∇{f}) = H d{x} for every d{x}, so H is the Hessian"),
    "scalar": ("derivative", "", "d{f} = a d{x} for every d{x}, so a is the derivative"),
    "derivative": ("derivative", "", "the coefficients of d{x} are the derivative"),
}


def differential_part(stage: Stage, bench: Bench, symbols: Symbols) -> Part:
    """d of the function, and what is read off."""
    function = stage.function
    name = stage.name(symbols)
    drafts, adjoints, check = by_arrays(
        bench, function, stage.variables, identity(function.shape), differential_of(name), function.exact_tree
    )
    ordered = [adjoints[each] for each in stage.variables]
    raw = side_by_side(ordered, function.shape) if stage.stacked else ordered[0]
    left = symbols.kind(stage.kind)
    last = drafts[-1].after if drafts else bench.scribe.node(bench.scribe.differentials.of(function.node))
    paired = _paired(stage, bench, raw)
    if paired is not None and bench.level != "outline":
        drafts.append(_as_pairing(stage, symbols, last, paired, check))
        last = paired
    drafts.append(_read(stage, symbols, bench, last, raw))
    drafts += finished(stage, bench, left, raw)
    given = [] if stage.order == 1 else [(name, bench.scribe.node(function.node))]
    return Part(stage.heading, given, drafts)


def _paired(stage: Stage, bench: Bench, raw: Node) -> Syntax | None:
    """gᵀ dx, tr(Gᵀ dX) or J dx for the derivative; None where it cannot be written so, or is zero."""
    if stage.stacked or is_zero(raw) or stage.inputs not in (1, 2) or raw.rank > 2:
        return None
    found, change = bench.scribe.node(raw), bench.scribe.node(bench.scribe.differentials.of(stage.variables[0]))
    if stage.inputs == 2:
        return call("trace", Binary("@", transposed(found), change))
    return Binary("@", found, change)


def _as_pairing(stage: Stage, symbols: Symbols, before: Syntax, after: Syntax, check: Check) -> Draft:
    """The last line with the differential behind everything else."""
    name = stage.name(symbols)
    pairing = Named("pairing", _reading(stage, symbols)[1], plain_statement(""))
    return Draft(((pairing, None),), differential_of(name), before, after, Operator(), check(after))


def _read(stage: Stage, symbols: Symbols, bench: Bench, before: Syntax, raw: Node) -> Draft:
    """What is read off the last line."""
    title, _, statement = _reading(stage, symbols)
    reading = Named("reading", f"reading off the {title}", plain_statement(statement))
    after = bench.scribe.node(raw)
    function = stage.function
    claim = verify_derivative(
        function.exact_tree, bench.scribe.closed(after), stage.names, 1, function.declarations, stage.stacked
    )
    return Draft(((reading, None),), symbols.kind(stage.kind), before, after, Operator(), claim)


def _reading(stage: Stage, symbols: Symbols) -> tuple[str, ...]:
    form = "matrix" if stage.kind == "gradient" and stage.inputs == 2 else stage.kind
    if stage.stacked:
        form = "derivative"
    elif not stage.inputs:
        form = "scalar"
    function, name = symbols.value().unicode, symbols.variable(stage.names[0]).unicode
    plain = symbols.variable(stage.names[0]).text
    return tuple(text.format(f=function, x=name, name=plain) for text in READING[form])


def finished(stage: Stage, bench: Bench, left: Statement, raw: Node) -> list[Draft]:
    """The simplifications after the differentiation, and those by facts about the variables."""
    node, record = simplified(raw)
    require(node is stage.result.node, "the steps lead to another form than the result's")
    facts: list[Rewriting] = []
    apply_facts(node, facts)
    return rewritten(bench, [*record, *facts], left, stage.result.declarations)
