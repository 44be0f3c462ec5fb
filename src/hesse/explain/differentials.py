"""The style of differentials: dF step by step, and what is read off it."""

from __future__ import annotations

from hesse.calculus.differentiate import identity, side_by_side
from hesse.core.algebra import is_zero
from hesse.core.derivation import Rewriting
from hesse.core.nodes import Node
from hesse.core.syntax import Binary, Negative, Syntax, Transpose, call
from hesse.explain.drafts import Bench, Check, Draft, by_arrays, rewritten, simplified
from hesse.explain.naming import Named
from hesse.explain.spelling import Operator, Statement
from hesse.explain.stages import Part, Stage, require
from hesse.explain.statements import filled
from hesse.explain.symbols import Symbols, differential_of
from hesse.notation.trees import transposed
from hesse.simplify.engine import apply_facts
from hesse.verify.derivative import verify_derivative

PAIRING = Named("pairing", "writing the differential at the end", Statement())
FUNCTION, INPUT = "\ue000", "\ue001"
READING = {
    "gradient": ("gradient", "df = gᵀ dx for every dx, so ∇f = g"),
    "matrix": ("gradient", "df = tr(Gᵀ dx) for every dx, so ∇f = G"),
    "jacobian": ("Jacobian", "df = J dx for every dx, so J is the Jacobian"),
    "entries": ("Jacobian", "the entries of df are linear in those of dx, with the entries of J as coefficients"),
    "hessian": ("Hessian", "d(∇f) = H dx for every dx, so H is the Hessian"),
    "higher": (
        "derivative",
        "its entries are linear in those of dx, and the coefficients are read off",
    ),
    "scalar": ("derivative", "df = a dx for every dx, so a is the derivative"),
    "derivative": ("derivative", "the coefficients of dx are the derivative"),
}
"""What is read off, and why, for a function f of x."""


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
        drafts.append(_as_pairing(stage, symbols, bench, last, paired, check))
        last = paired
    granted = () if paired is None or bench.level != "outline" else bench.laws(last, paired)
    drafts.append(_read(stage, symbols, bench, last, raw, granted))
    drafts += finished(stage, bench, left, raw)
    given = [] if stage.order == 1 else [(name, bench.scribe.node(function.node))]
    return Part(stage.heading, given, drafts)


def _paired(stage: Stage, bench: Bench, raw: Node) -> Syntax | None:
    """gᵀ dx, tr(Gᵀ dX) or J dx for the derivative; None where it cannot be written so, or is zero."""
    if stage.stacked or is_zero(raw) or stage.inputs not in (1, 2) or raw.rank > 2:
        return None
    found, change = bench.scribe.node(raw), bench.scribe.node(bench.scribe.differentials.of(stage.variables[0]))
    if stage.inputs == 1:
        return Binary("@", found, change)
    negative = isinstance(found, Negative) and isinstance(found.operand, Transpose)
    # −tr(M dX) rather than tr((−Mᵀ)ᵀ dX)
    turned = transposed(found.operand if negative and isinstance(found, Negative) else found)
    trace = call("trace", Binary("@", turned, change))
    return Negative(trace) if negative else trace


def _as_pairing(stage: Stage, symbols: Symbols, bench: Bench, before: Syntax, after: Syntax, check: Check) -> Draft:
    """The last line with the differential behind everything else."""
    name = stage.name(symbols)
    applied = ((PAIRING, None), *((law, None) for law in bench.laws(before, after)))
    return Draft(applied, differential_of(name), before, after, Operator(), check(after))


def _read(stage: Stage, symbols: Symbols, bench: Bench, before: Syntax, raw: Node, granted: tuple[Named, ...]) -> Draft:
    """What is read off the last line."""
    title, text = READING[_form(stage, raw)]
    places = text.replace("∇f", f"∇{FUNCTION}").replace("df", f"d{FUNCTION}").replace("dx", f"d{INPUT}")
    statement = filled(places, {FUNCTION: symbols.value(), INPUT: symbols.variable(stage.names[0])})
    after = bench.scribe.node(raw)
    function = stage.function
    claim = verify_derivative(
        function.exact_tree, bench.scribe.closed(after), stage.names, 1, function.declarations, stage.stacked
    )
    applied = ((Named("reading", f"reading off the {title}", statement), None), *((law, None) for law in granted))
    return Draft(applied, symbols.kind(stage.kind), before, after, Operator(), claim)


def _form(stage: Stage, raw: Node) -> str:
    if stage.stacked:
        return "derivative"
    if not stage.inputs:
        return "scalar"
    if stage.kind == "gradient" and stage.inputs == 2:
        return "matrix"
    if raw.rank > 2:
        return "entries" if stage.kind == "jacobian" else "higher"
    return stage.kind


def finished(stage: Stage, bench: Bench, left: Statement, raw: Node) -> list[Draft]:
    """The simplifications after the differentiation, and those by facts about the variables."""
    node, record = simplified(raw)
    require(node is stage.result.node, "the steps lead to another form than the result's")
    facts: list[Rewriting] = []
    apply_facts(node, facts)
    return rewritten(bench, [*record, *facts], left, stage.result.declarations)
