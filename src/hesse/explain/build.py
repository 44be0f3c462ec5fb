"""From a result and how it came about to its derivation, stage by stage: the gradient, then the Hessian from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from hesse.core.nodes import Let, Node
from hesse.core.rebuild import transform
from hesse.core.syntax import Definitions, Name, Syntax
from hesse.core.traverse import postorder
from hesse.explain.differentials import differential_part
from hesse.explain.drafts import Bench, Draft, rewritten, simplified
from hesse.explain.indexed import bridge, indexed_part
from hesse.explain.laws import COLLECTING, LAWS
from hesse.explain.page import Explanation
from hesse.explain.partials import partial_parts
from hesse.explain.products import convention_part, product_part
from hesse.explain.record import Applied, Level, Section, Step, StyleName
from hesse.explain.spelling import Formula, Operator, Statement
from hesse.explain.stages import Part, Stage, require, worded
from hesse.explain.symbols import Symbols
from hesse.explain.writing import Pen, Scribe, abbreviated, same_written_out, written_out

T = TypeVar("T")
DIFFERENTIALS = "the partial derivatives of it would be too long to read: it is told by differentials"
KEPT = ("schwarz", "entry", "closed-form", "component", "reading", "direction", "convention")
"""The rules of lines that are shown even where both sides are written alike."""


def explain(
    stages: Sequence[Stage],
    result: T,
    *,
    style: StyleName | None,
    level: Level,
    limit: int | None,
    conditions: tuple[str, ...],
    notes: tuple[str, ...],
    again: Callable[..., Any],
    spelled: Callable[[str], Statement],
) -> Explanation[T]:
    """The derivation that leads through the stages to the result.

    Raises VerificationError when a line is refuted, or when the last one is not the result itself.
    """
    last = stages[-1]
    scribe = Scribe(last.result.declarations, last.result.known)
    scribe.body(last.result.tree)
    for stage in stages:
        # The names that the lines will need stand for what they do there.
        for node in (*postorder(stage.result.node), *postorder(stage.function.node)):
            if isinstance(node, Let):
                scribe.node(node)
    bench = Bench(scribe, level, limit, last.conditions)
    first = stages[0]
    symbols = Symbols(last.result.declarations, first.function.node.rank)
    scalars = not first.variables[0].shape
    chosen: StyleName = style or ("partials" if scalars else "differentials")
    parts: list[Part] = []
    for stage in stages:
        bench.conditions = stage.conditions
        parts += _stage(stage, bench, symbols, chosen, last=stage is last)
    notes = (*notes, *dict.fromkeys(bench.remarks))
    return _written(stages, parts, bench, symbols, chosen, result, conditions, notes, again, spelled)


def _stage(stage: Stage, bench: Bench, symbols: Symbols, style: StyleName, *, last: bool) -> list[Part]:
    """The sections of one differentiation."""
    parts: list[Part] = []
    if stage.operator == "convention":
        return [convention_part(stage, bench, symbols)]
    if stage.order == 1 and stage.operator != "hvp":
        parts.append(_recognised(stage, bench, symbols))
    if stage.operator != "derivative":
        return _merged([*parts, product_part(stage, bench, symbols)])
    if style == "partials" and (stage.stacked or not stage.variables[0].shape):
        entries = partial_parts(stage, bench, symbols)
        if entries is not None:
            parts += entries
            return _merged(parts)
    elif style == "partials":
        indexed = indexed_part(stage, bench, symbols)
        if indexed is not None:
            return _merged([*parts, indexed])
    if style == "partials":
        bench.remarks.append(DIFFERENTIALS)
    parts.append(differential_part(stage, bench, symbols))
    components = bridge(stage, bench, symbols) if stage.order == 1 and last and bench.level != "outline" else None
    return _merged([*parts, components] if components is not None else parts)


def _merged(parts: list[Part]) -> list[Part]:
    """What is given stands in front without a title, unless steps were needed for it."""
    if len(parts) > 1 and not parts[0].drafts:
        parts[0].title = Statement()
    return parts


def _recognised(stage: Stage, bench: Bench, symbols: Symbols) -> Part:
    """The function as it was written, and the simplifications before it is differentiated."""
    function, left = stage.function, symbols.value()
    tree = bench.scribe.body(function.tree)
    node, record = simplified(function.raw)
    require(node is function.node, "the function is simplified in another way than before")
    kept = {part for part in postorder(node) if isinstance(part, Let)}

    def dissolved(whole: Node) -> Node:
        """The node without names for what is then simplified."""
        return transform(whole, lambda part: part.node if isinstance(part, Let) and part not in kept else part)

    steps = [replace(each, before=dissolved(each.before), after=dissolved(each.after)) for each in record]
    drafts = rewritten(bench, steps, left, function.declarations)
    while drafts and all(rule.id in LAWS and rule.id != COLLECTING.id for rule, _ in drafts[0].applied):
        # No more than another way to read what is given.
        drafts.pop(0)
    if drafts:
        first = drafts[0]
        laws = tuple((law, None) for law in bench.laws(tree, first.before))
        drafts[0] = replace(first, applied=(*first.applied, *laws))
    else:
        bench.read[node] = tree
    return Part(worded("The function"), [(left, tree)], drafts)


def _written(
    stages: Sequence[Stage],
    parts: list[Part],
    bench: Bench,
    symbols: Symbols,
    style: StyleName,
    result: T,
    conditions: tuple[str, ...],
    notes: tuple[str, ...],
    again: Callable[..., Any],
    spelled: Callable[[str], Statement],
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
    given = written_out(bindings)
    where, short = abbreviated(trees, given, scribe.declarations, scribe.known.names)
    pen = Pen.of(where, scribe)
    require(same_written_out(where, short, given, trees), "a line would be shown in another form than it was checked")
    ready = iter(short)
    sections: list[Section] = []
    shown: set[tuple[str, str]] = set()
    written: list[tuple[Part, list[Line]]] = []
    for part in parts:
        for draft in part.drafts:
            require(draft.verification.status != "refuted", f"a line is refuted ({draft.verification})")
        found = [(left, pen.formula(next(ready), Operator())) for left, _ in part.given]
        # A function that has no other form in index notation is not given twice.
        stated = tuple(each for each in found if (each[0].unicode, each[1].unicode) not in shown)
        shown = shown or {(left.unicode, formula.unicode) for left, formula in stated}
        sections.append(Section(part.title, stated, (), part.remark))
        lines = [(d, pen.formula(next(ready), d.operator), pen.formula(next(ready), d.operator)) for d in part.drafts]
        single = part is parts[-1] and len(lines) == 1
        written.append((part, lines if single else _saying_something(lines, exact=bench.level == "every step")))
    # The result is written as it is shown elsewhere, also where its entries are told after it.
    ends = [lines[-1][0] for _, lines in written if lines]
    results = [d for d in ends if d is ends[-1] or (d.left == ends[-1].left and d.applied[0][0].id not in KEPT)]
    number = 0
    for k, (_, lines) in enumerate(written):
        steps: list[Step] = []
        for draft, before, after in lines:
            number += 1
            ending = pen.formula(final, draft.operator) if any(draft is each for each in results) else after
            steps.append(_step(draft, number, (before, ending), scribe, pen))
        sections[k] = replace(sections[k], steps=tuple(steps))
    sections = [section for section in sections if section.steps or section.given]
    left = parts[-1].drafts[-1].left
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
        spelled=spelled,
        notes=notes,
    )


Line: TypeAlias = tuple[Draft, Formula, Formula]


def _saying_something(lines: Sequence[Line], *, exact: bool) -> list[Line]:
    """The lines that differ from the ones before them as they are read, or are shown nevertheless.

    Where it is to be `exact`, also those that differ in the brackets of the text alone.
    """
    kept: list[Line] = []
    for draft, before, after in lines:
        differs = before.unicode != after.unicode or (exact and before.text != after.text)
        if draft.applied[0][0].id in KEPT or differs:
            kept.append((draft, before, after))
        elif kept and not exact:
            # What is left out may differ in the brackets of the text.
            kept[-1] = (*kept[-1][:2], after)
    return kept


def _name(name: str) -> Syntax:
    return Name(name)


def _step(draft: Draft, number: int, formulas: tuple[Formula, Formula], scribe: Scribe, pen: Pen) -> Step:
    applied = tuple(
        Applied(
            rule.id,
            rule.title,
            rule.statement,
            None if site is None else pen.formula(scribe.node(site), Operator()),
            rule.used,
        )
        for rule, site in draft.applied
    )
    return Step(number, applied, draft.left, *formulas, draft.verification, draft.conditions, draft.lines)
