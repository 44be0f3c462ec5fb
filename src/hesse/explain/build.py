"""From a result and how it came about to its derivation, stage by stage: the gradient, then the Hessian from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeVar

from hesse.calculus.differentiate import identity, side_by_side
from hesse.core.algebra import is_zero
from hesse.core.build import index
from hesse.core.derivation import Rewriting
from hesse.core.nodes import Node, Variable
from hesse.core.rebuild import unfold
from hesse.core.sizes import Size
from hesse.core.syntax import Binary, Definitions, Name, Stack, Syntax, call
from hesse.errors import VerificationError
from hesse.explain.drafts import Bench, Check, Draft, by_arrays, by_scalar, rewritten, simplified
from hesse.explain.naming import Named, plain_statement
from hesse.explain.page import Explanation
from hesse.explain.record import Applied, Level, Section, Step, StyleName
from hesse.explain.spelling import Formula, Operator, Statement
from hesse.explain.symbols import Symbols, differential_of, equated
from hesse.explain.writing import Pen, Scribe, Subject, abbreviated
from hesse.notation.trees import transposed
from hesse.simplify.engine import apply_facts
from hesse.verify.equality import verify_equal
from hesse.verify.verdict import Verification

T = TypeVar("T")
MAX_ENTRIES = 9
"""So many entries of a derivative by several scalars are derived one by one."""
STACKS = {
    "gradient": ("the partial derivatives side by side", "∇f = [∂f/∂x₁, ∂f/∂x₂, ...]"),
    "jacobian": ("the gradients of the components as rows", "J_g = [∇g₁, ∇g₂, ...]"),
    "hessian": ("the second partial derivatives as a matrix", "row i holds the derivatives of ∂f/∂xᵢ"),
    "derivative": ("the derivatives side by side", ""),
}
READING = {
    "gradient": ("reading off the gradient", "gᵀ d{x}", "d{f} = gᵀ d{x} for every d{x}, so ∇{f} = g"),
    "matrix": ("reading off the gradient", "tr(Gᵀ d{x})", "d{f} = tr(Gᵀ d{x}) for every d{x}, so ∇{f} = G"),
    "jacobian": ("reading off the Jacobian", "J d{x}", "d{f} = J d{x} for every d{x}, so J is the Jacobian"),
    "hessian": ("reading off the Hessian", "H d{x}", "d(∇{f}) = H d{x} for every d{x}, so H is the Hessian"),
    "derivative": ("reading off the derivative", "", "the coefficients of d{x} are the derivative"),
}


@dataclass(frozen=True)
class Stage:
    """One differentiation: of which function, by which variables, the `order` reached by it; and what came out."""

    function: Subject
    variables: tuple[Variable, ...]
    stacked: bool
    order: int
    result: Subject
    conditions: Callable[[Node], tuple[str, ...]]
    verification: Verification

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the variables."""
        return tuple(each.name for each in self.variables)

    @property
    def kind(self) -> str:
        """What the result is called."""
        outputs = self.function.node.rank - (self.order - 1) * self.inputs
        if self.order == 1:
            return "jacobian" if outputs else "gradient"
        return "hessian" if self.order == 2 and not outputs else "derivative"

    @property
    def inputs(self) -> int:
        """How many axes a differentiation adds."""
        return 1 if self.stacked else self.variables[0].rank


@dataclass
class _Part:
    title: Statement
    given: list[tuple[Statement, Syntax]]
    drafts: list[Draft]
    remark: str = ""


def explain(
    stages: Sequence[Stage],
    result: T,
    *,
    style: StyleName | None,
    level: Level,
    conditions: tuple[str, ...],
    again: Callable[..., Any],
) -> Explanation[T]:
    """The derivation that leads through the stages to the result.

    Raises VerificationError when a line is refuted, or when the last one is not the result itself.
    """
    last = stages[-1]
    scribe = Scribe(last.result.declarations, last.result.known)
    scribe.body(last.result.tree)
    bench = Bench(scribe, level)
    first = stages[0]
    symbols = Symbols(last.result.declarations, first.function.node.rank)
    scalars = not first.variables[0].shape
    chosen: StyleName = style or ("partials" if scalars else "differentials")
    parts: list[_Part] = []
    for stage in stages:
        bench.conditions = stage.conditions
        parts += _stage(stage, bench, symbols, chosen, len(stages) > 1)
    return _written(stages, parts, bench, symbols, chosen, result, conditions, again)


def _stage(stage: Stage, bench: Bench, symbols: Symbols, style: StyleName, several: bool) -> list[_Part]:
    """The sections of one differentiation."""
    parts: list[_Part] = []
    if stage.order == 1:
        parts.append(_recognised(stage, bench, symbols))
    if style == "partials" and not stage.variables[0].shape:
        entries = _entries(stage, bench, symbols)
        if entries is not None:
            parts += entries
            return _merged(parts)
    parts.append(_differential(stage, bench, symbols, several))
    return _merged(parts)


def _merged(parts: list[_Part]) -> list[_Part]:
    """What is given stands in front without a title, unless steps were needed for it."""
    if len(parts) > 1 and not parts[0].drafts:
        parts[0].title = Statement()
    return parts


def _recognised(stage: Stage, bench: Bench, symbols: Symbols) -> _Part:
    """The function as it was written, and the simplifications before it is differentiated."""
    function, left = stage.function, symbols.value()
    tree = bench.scribe.body(function.tree)
    node, record = simplified(function.raw)
    _require(node is function.node, "the function is simplified in another way than before")
    drafts = rewritten(bench, record, left, function.declarations)
    return _Part(_worded("The function"), [(left, tree)], drafts)


def _differential(stage: Stage, bench: Bench, symbols: Symbols, several: bool) -> _Part:
    """d of the function, and what is read off."""
    function = stage.function
    name = symbols.value() if stage.order == 1 else symbols.kind(_kind_before(stage))
    drafts, adjoints, check = by_arrays(
        bench, function, stage.variables, identity(function.shape), differential_of(name), function.exact_tree
    )
    ordered = [adjoints[each] for each in stage.variables]
    raw = side_by_side(ordered, function.shape) if stage.stacked else ordered[0]
    left = symbols.kind(stage.kind)
    last = drafts[-1].after if drafts else bench.scribe.node(raw)
    paired = _paired(stage, bench, raw)
    if paired is not None and bench.level != "outline":
        drafts.append(_as_pairing(stage, symbols, last, paired, check))
        last = paired
    drafts.append(_read(stage, symbols, bench, last, raw))
    drafts += _finished(stage, bench, left, raw)
    given = [] if stage.order == 1 else [(name, bench.scribe.node(function.node))]
    return _Part(_heading(stage.kind, stage), given, drafts)


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
    name = symbols.value() if stage.order == 1 else symbols.kind(_kind_before(stage))
    pairing = Named("pairing", f"writing it as {_reading(stage, symbols)[1]}", plain_statement(""))
    return Draft(((pairing, None),), differential_of(name), before, after, Operator(), check(after))


def _read(stage: Stage, symbols: Symbols, bench: Bench, before: Syntax, raw: Node) -> Draft:
    """What is read off the last line."""
    title, _, statement = _reading(stage, symbols)
    reading = Named("reading", title, plain_statement(statement))
    left = symbols.kind(stage.kind)
    return Draft(((reading, None),), left, before, bench.scribe.node(raw), Operator(), stage.verification)


def _reading(stage: Stage, symbols: Symbols) -> tuple[str, ...]:
    form = "matrix" if stage.kind == "gradient" and stage.inputs == 2 else stage.kind
    if stage.stacked:
        form = "derivative"
    function, name = symbols.value().unicode, symbols.variable(stage.names[0]).unicode
    return tuple(text.format(f=function, x=name) for text in READING[form])


def _finished(stage: Stage, bench: Bench, left: Statement, raw: Node) -> list[Draft]:
    """The simplifications after the differentiation, and those by facts about the variables."""
    node, record = simplified(raw)
    _require(node is stage.result.node, "the steps lead to another form than the result's")
    facts: list[Rewriting] = []
    apply_facts(node, facts)
    return rewritten(bench, [*record, *facts], left, stage.result.declarations)


def _entries(stage: Stage, bench: Bench, symbols: Symbols) -> list[_Part] | None:
    """The partial derivatives one by one, and their array. None where that does not lead to the very result."""
    function = stage.function
    sizes = [size.as_int() for size in function.shape]
    counts = [size for size in sizes if size is not None]
    places: list[tuple[int, ...]] = [()]
    split = len(counts) == len(sizes) and bool(counts)
    if split:
        places = list(product(*(range(count) for count in counts)))
    if len(places) * len(stage.variables) > MAX_ENTRIES:
        return None
    plain = unfold(function.node) if split else function.node
    entries = {place: index(plain, [Size.of(k) for k in place]) if place else function.node for place in places}
    if split and any(isinstance(entry, Definitions) for entry in (function.exact_tree,)):
        return None
    parts: list[_Part] = []
    done: dict[tuple[tuple[int, ...], int], Node] = {}
    for place in places:
        for k, by in enumerate(stage.variables):
            part, node = _entry(stage, bench, symbols, entries[place], place, k, by, done)
            done[place, k] = node
            if stage.order == 1 and place and k and parts:
                # The gradient of a component is a section.
                parts[-1].drafts += part.drafts
            else:
                parts.append(part)
    return _assembled(stage, bench, symbols, parts, done)


def _entry(
    stage: Stage,
    bench: Bench,
    symbols: Symbols,
    root: Node,
    place: tuple[int, ...],
    k: int,
    by: Variable,
    done: dict[tuple[tuple[int, ...], int], Node],
) -> tuple[_Part, Node]:
    """One partial derivative."""
    outputs = stage.function.node.rank - (stage.order - 1)
    output, inputs = place[:outputs], place[outputs:]
    if not stage.stacked:
        output, inputs = place, ()
    before = [stage.names[j] for j in inputs] if stage.stacked else [stage.names[0]] * (stage.order - 1)
    left = symbols.partial(output, [*before, by.name])
    own = symbols.partial(output, before) if before else symbols.value(output)
    tree = bench.scribe.node(root)
    chain = by_scalar(bench, stage.function, root, bench.scribe.closed(tree), by, left)
    node, record = simplified(chain.raw)
    drafts = [*chain.drafts, *rewritten(bench, record, left, stage.function.declarations)]
    mirrored = (*output, *inputs[:-1], k), inputs[-1] if inputs else -1
    if inputs and done.get(mirrored) is node:
        other = symbols.partial(output, [*before[:-1], by.name, before[-1]])
        same = Named("schwarz", "the order of differentiation does not matter", plain_statement("∂²f/∂x∂y = ∂²f/∂y∂x"))
        line = bench.scribe.node(node)
        draft = Draft(((same, None),), left, line, line, Operator(), drafts[-1].verification)
        return _Part(equated(left, other), [], [draft]), node
    given = [(own, tree)] if place else []
    title = symbols.gradient(output) if stage.order == 1 and place else left
    return _Part(title, given, drafts), node


def _assembled(
    stage: Stage,
    bench: Bench,
    symbols: Symbols,
    parts: list[_Part],
    done: dict[tuple[tuple[int, ...], int], Node],
) -> list[_Part] | None:
    """The array of the entries: the result itself."""
    if len(done) == 1 and not stage.stacked:
        ((node),) = done.values()
        return parts if node is stage.result.node else None
    left = symbols.kind(stage.kind)
    listed = _table({(*place, k): bench.scribe.node(node) for (place, k), node in done.items()})
    final = bench.scribe.node(stage.result.node)
    claim = verify_equal(bench.scribe.closed(listed), bench.scribe.closed(final), stage.function.declarations)
    title, statement = STACKS[stage.kind]
    stack = Named("stack", title, plain_statement(statement))
    draft = Draft(((stack, None),), left, listed, final, Operator(), claim)
    facts: list[Rewriting] = []
    apply_facts(stage.result.node, facts)
    drafts = [draft, *rewritten(bench, facts, left, stage.result.declarations)]
    return [*parts, _Part(_heading(stage.kind, stage), [], drafts)]


def _table(entries: dict[tuple[int, ...], Syntax]) -> Syntax:
    """The entries as nested lists."""
    while () not in entries:
        rows: dict[tuple[int, ...], list[Syntax]] = {}
        for place, tree in entries.items():
            rows.setdefault(place[:-1], []).append(tree)
        entries = {place: Stack(tuple(items)) for place, items in rows.items()}
    return entries[()]


def _kind_before(stage: Stage) -> str:
    outputs = stage.function.node.rank - (stage.order - 1) * stage.inputs
    if stage.order == 2:
        return "jacobian" if outputs else "gradient"
    return "hessian" if stage.order == 3 and not outputs else "derivative"


def _heading(kind: str, stage: Stage) -> Statement:
    names = {"gradient": "Gradient", "jacobian": "Jacobian", "hessian": "Hessian"}
    return _worded(names.get(kind, f"Derivative of order {stage.order}"))


def _worded(text: str) -> Statement:
    return Statement(text, text, rf"\text{{{text}}}")


def _require(holds: bool, what: str) -> None:
    """Raises VerificationError where a derivation would not be that of the result."""
    if not holds:
        raise VerificationError(
            f"the derivation is withheld: {what}. The result itself is not affected.",
            hint="please report the expression with its declarations",
        )


def _written(
    stages: Sequence[Stage],
    parts: list[_Part],
    bench: Bench,
    symbols: Symbols,
    style: StyleName,
    result: T,
    conditions: tuple[str, ...],
    again: Callable[..., Any],
) -> Explanation[T]:
    """The parts as sections of numbered steps, with the long parts that they share under names."""
    last, scribe = stages[-1], bench.scribe
    final = scribe.body(last.result.tree)
    final_bindings = last.result.tree.bindings if isinstance(last.result.tree, Definitions) else ()
    trees: list[Syntax] = []
    for part in parts:
        trees += [tree for _, tree in part.given]
        for draft in part.drafts:
            trees += [draft.before, draft.after]
    bindings = {**dict(final_bindings), **{n: t for n, t in scribe.bindings.items() if n not in dict(final_bindings)}}
    where, short = abbreviated(trees, tuple(bindings.items()), scribe.declarations)
    pen = Pen.of(where, scribe)
    ready = iter(short)
    sections: list[Section] = []
    number = 0
    for part in parts:
        given = tuple((left, pen.formula(next(ready), Operator())) for left, _ in part.given)
        steps: list[Step] = []
        for draft in part.drafts:
            before, after = next(ready), next(ready)
            is_last = part is parts[-1] and draft is part.drafts[-1]
            formulas = (
                pen.formula(before, draft.operator),
                pen.formula(final if is_last else after, draft.operator),
            )
            _require(draft.verification.status != "refuted", f"a line is refuted ({draft.verification})")
            if formulas[0].unicode == formulas[1].unicode and not is_last and draft.applied[0][0].id != "schwarz":
                continue
            number += 1
            steps.append(_step(draft, number, formulas, scribe, pen))
        if steps or given:
            sections.append(Section(part.title, given, tuple(steps), part.remark))
    left = symbols.kind(last.kind)
    used = tuple((pen.formula(_name(name), Operator()), pen.formula(tree, Operator())) for name, tree in where)
    return Explanation(
        kind=last.kind,
        style=style,
        level=bench.level,
        result=result,
        left=left,
        formula=pen.formula(final, Operator()),
        sections=tuple(sections),
        where=used,
        conditions=conditions,
        verification=last.verification,
        again=again,
    )


def _name(name: str) -> Syntax:
    return Name(name)


def _step(draft: Draft, number: int, formulas: tuple[Formula, Formula], scribe: Scribe, pen: Pen) -> Step:
    applied = tuple(
        Applied(
            rule.id, rule.title, rule.statement, None if site is None else pen.formula(scribe.node(site), Operator())
        )
        for rule, site in draft.applied
    )
    return Step(number, applied, draft.left, *formulas, draft.verification, draft.conditions)
