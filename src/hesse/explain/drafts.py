"""The chain of equations of one derivative, from the function to what its differential says, each line checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from hesse.calculus.differentiate import identity, tangents_of
from hesse.calculus.rules import LINEAR
from hesse.core.algebra import add, number
from hesse.core.build import variable
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.derivation import Rewriting
from hesse.core.nodes import Node, Sum, Variable
from hesse.core.syntax import Name, Syntax, fold
from hesse.core.traverse import postorder
from hesse.explain.laws import ARRANGING, COLLECTING, CYCLIC, ENTRIES, LAWS, MULTIPLYING, SYMMETRY, TRANSPOSING
from hesse.explain.literal import literal, reader, signed, taken_for_granted
from hesse.explain.naming import Named, named
from hesse.explain.parts import leaves
from hesse.explain.record import Level
from hesse.explain.spelling import Formula, Operator, Statement
from hesse.explain.statements import stated_in_text
from hesse.explain.unroll import Move, Unrolled, unroll
from hesse.explain.writing import Scribe, Subject
from hesse.notation.trees import alike
from hesse.render.structure import text_length
from hesse.simplify.engine import simplify
from hesse.verify.derivative import verify_derivative, verify_differential
from hesse.verify.equality import verify_equal
from hesse.verify.verdict import Verification

FEWEST, WORK = 4, 1_600
COLLECT = COLLECTING.named
ELEMENTARY = {law.id for law in LAWS.values() if law.elementary}


TURNING = {CYCLIC, TRANSPOSING, SYMMETRY}
"""Laws that a line had better do without, if it can be left as it is."""


@dataclass(frozen=True)
class Draft:
    """A line before it is numbered and written."""

    applied: tuple[tuple[Named, Node | None], ...]
    left: Statement
    before: Syntax
    after: Syntax
    operator: Operator
    verification: Verification
    conditions: tuple[str, ...] = ()
    lines: int = 1


Conditions = Callable[[Node], tuple[str, ...]]
Check = Callable[[Syntax], Verification]


@dataclass
class Bench:
    """What all chains of one derivation share."""

    scribe: Scribe
    level: Level
    limit: int | None
    conditions: Conditions
    remarks: list[str] = field(default_factory=list)
    read: dict[Node, Syntax] = field(default_factory=dict)

    @property
    def declarations(self) -> Declarations:
        """The declarations of the result, and of what the lines need."""
        return self.scribe.declarations

    def laws(self, before: Syntax | None, after: Syntax, *, collecting: bool = False) -> tuple[Named, ...]:
        """The laws of algebra that lead from one way of writing a line to another."""
        return (ENTRIES.named,) if before is None else reader(self.scribe).named(before, after, collecting=collecting)

    def granted(self, moves: Iterable[Move]) -> tuple[Named, ...]:
        """The laws of algebra that the linear rules among the moves need; that a function is read in another form."""
        laws = (taken_for_granted(self.scribe, move, self.read.get(move.site)) for move in moves)
        return tuple(dict.fromkeys(law for each in laws for law in each))

    def collects(self, said: Syntax, after: Syntax) -> bool:
        """Whether terms come together: what only stands in another order is not collected."""
        laws = reader(self.scribe).laws(said, after)
        return laws is None or MULTIPLYING in laws or leaves(after) < leaves(said)

    def from_said(self, said: Syntax, after: Syntax, *, collecting: bool) -> tuple[Syntax, tuple[Named, ...]]:
        """How a line is written that the rules give in some form, and by which laws.

        It is left in that form, signs apart, where it is only turned around otherwise, and no shorter.
        """
        read = reader(self.scribe)
        laws = read.laws(said, after)
        turned = set(laws or ()) & TURNING and set(laws or ()) <= TURNING | {MULTIPLYING}
        if turned and fold(said, text_length) <= fold(after, text_length):
            after = signed(said)
            laws = read.laws(said, after)
        return after, read.names(laws, said, after, collecting=collecting)


@dataclass(frozen=True)
class Chain:
    """The lines of a chain and the derivative that the last one is, before it is simplified."""

    drafts: tuple[Draft, ...]
    raw: Node


def by_scalar(bench: Bench, function: Subject, root: Node, tree: Syntax, by: Variable, left: Statement) -> Chain:
    """∂/∂x of a node whose tree is given, x a scalar: ∂x/∂x is 1, so the last line is the derivative."""
    chain = unroll(root, (by,), identity(root.shape), bench.scribe.order, unit=True)
    tangents = tangents_of(root, {by: number(1)})
    claim = _Claims(bench, function.declarations, tangents)
    operator = Operator(Name(by.name))

    def check(line: Syntax) -> Verification:
        return verify_derivative(tree, claim.carried_out(line), (by.name,), 1, function.declarations)

    drafts = _chain(bench, chain, root, left, operator, check)
    return Chain(tuple(drafts), chain.adjoints[by])


def by_arrays(
    bench: Bench, function: Subject, variables: tuple[Variable, ...], seed: Node, left: Statement, tree: Syntax
) -> tuple[list[Draft], Mapping[Variable, Node], Check]:
    """d of the function in the differentials of the variables, the adjoints of these, and how a line is checked."""
    root = function.node
    chain = unroll(root, variables, seed, bench.scribe.order)
    entries = {each: free_entry(bench.declarations, f"d{each.name}", each) for each in variables}
    steps = {each: variable(entry.name, entry.shape) for each, entry in entries.items()}
    names = tuple(each.name for each in variables)
    vectors = tuple(entry.name for entry in entries.values())
    declarations = bench.declarations.extended(*entries.values())
    tangents: dict[Node, Node] = {}
    for each, step in steps.items():
        for node, tangent in tangents_of(root, {each: step}).items():
            tangents[node] = tangent if node not in tangents else add([(1, tangents[node]), (1, tangent)], node.shape)
    claim = _Claims(bench, declarations, tangents)

    def check(line: Syntax) -> Verification:
        return verify_differential(tree, claim.carried_out(line), names, vectors, declarations)

    drafts = _chain(bench, chain, root, left, Operator(), check)
    return drafts, chain.adjoints, check


def free_entry(declarations: Declarations, name: str, of: Variable) -> VariableDeclaration:
    """The declaration of a new variable of the shape of another."""
    while declarations.find(name) is not None or name in declarations.size_names:
        name += "_"
    return VariableDeclaration(name, of.shape)


@dataclass(frozen=True)
class _Claims:
    bench: Bench
    declarations: Declarations
    tangents: dict[Node, Node]

    def carried_out(self, line: Syntax) -> Syntax:
        return self.bench.scribe.carried_out(line, self.tangents)


def _chain(
    bench: Bench,
    chain: Unrolled,
    root: Node,
    left: Statement,
    operator: Operator,
    check: Check,
) -> list[Draft]:
    drafts: list[Draft] = []
    scribe = bench.scribe
    lead = root.shape if chain.first.terms[0].adjoint.rank > root.rank else ()
    before = scribe.line(chain.first, lead)
    for moves, lines in shortened(grouped(chain.rounds, bench.level), bench.limit, len(postorder(root))):
        after = scribe.line(moves[-1].after, lead)
        conditions = tuple(dict.fromkeys(text for move in moves if move.rule for text in bench.conditions(move.site)))
        rules, laws = rules_of(moves), [(law, None) for law in bench.granted(moves)]
        said = literal(scribe, before, moves, bench.read)
        names: tuple[Named, ...] = (ENTRIES.named,)
        if said is not None:
            if not bench.collects(said, after):
                rules = [(rule, site) for rule, site in rules if rule is not COLLECT]
            after, names = bench.from_said(said, after, collecting=any(rule is COLLECT for rule, _ in rules))
        algebra = [(law, None) for law in names]
        if bench.level == "every step" and said is not None and algebra and any(move.rule for move in moves):
            drafts.append(Draft((*rules, *laws), left, before, said, operator, check(said), conditions, lines))
            drafts.append(Draft(tuple(algebra), left, said, after, operator, check(after)))
        else:
            applied = (*rules, *laws, *algebra) or ((ARRANGING.named, None),)
            draft = Draft(applied, left, before, after, operator, check(after), conditions, lines)
            if drafts and bench.level != "every step" and all(rule.id in ELEMENTARY for rule, _ in applied):
                # Another order is no line of its own.
                last = drafts.pop()
                joined = (*last.applied, *applied)
                known = (*last.conditions, *conditions)
                draft = replace(
                    draft, before=last.before, applied=joined, conditions=known, lines=last.lines + lines - 1
                )
            drafts.append(draft)
        before = after
    return drafts


def rules_of(moves: Iterable[Move]) -> list[tuple[Named, Node | None]]:
    """The rules that the moves apply, and where."""
    return [
        (named(move.rule, move.site) if move.rule else COLLECT, move.site) for move in moves if says_something(move)
    ]


def grouped(rounds: list[list[Move]], level: Level) -> list[list[Move]]:
    """The moves that make up one line each."""
    if level == "outline":
        return [[move for moves in rounds for move in moves]] if rounds else []
    if level == "every step":
        rounds = [[move] for moves in rounds for move in moves]
    found: list[list[Move]] = []
    for moves in rounds:
        joins = level == "normal" and bool(found) and _is_linear(moves) and _is_linear(found[-1])
        if joins or (found and not any(map(says_something, moves))):
            found[-1] = [*found[-1], *moves]
        else:
            found.append(moves)
    return found


def shortened(groups: list[list[Move]], limit: int | None, size: int) -> list[tuple[list[Move], int]]:
    """The groups, and how many lines each stands for: those in the middle of too many are one line.

    Every line of a large expression is long to write and to check, so it is told in fewer.
    """
    if limit is None or len(groups) <= (most := max(FEWEST, min(limit, WORK // size))):
        return [(group, 1) for group in groups]
    half = most // 2
    middle = groups[half : len(groups) - half]
    joined = ([move for moves in middle for move in moves], len(middle))
    return [*((g, 1) for g in groups[:half]), joined, *((g, 1) for g in groups[len(groups) - half :])]


def says_something(move: Move) -> bool:
    """Whether a move says something: collecting terms that only stand in another order then does not."""
    if move.rule is not None or not all(term.unit for term in move.after.terms):
        return True
    counts = [sum(_terms_of(term.adjoint) for term in line.terms) for line in (move.before, move.after)]
    return counts[1] < counts[0]


def _terms_of(node: Node) -> int:
    return len(node.terms) if isinstance(node, Sum) else 1


def _is_linear(moves: Iterable[Move]) -> bool:
    return all(move.rule is not None and move.rule.id in LINEAR for move in moves)


def rewritten(bench: Bench, record: Sequence[Rewriting], left: Statement, declarations: Declarations) -> list[Draft]:
    """The recorded simplifications as lines; at the outline all in one."""
    groups = [list(record)] if bench.level == "outline" and record else [[each] for each in record]
    if bench.level == "normal":
        groups = [list(group) for _, group in groupby(record, key=lambda each: each.title)]
    drafts = []
    for group in groups:
        before, after = bench.scribe.node(group[0].before), bench.scribe.node(group[-1].after)
        applied: list[tuple[Named, Node | None]] = []
        for each in group:
            if _is_seen(bench, each):
                applied.append((_named(bench, each, declarations), each.parts[0][0]))
            applied += [(law, None) for law in _rearranged(bench, each)]
        applied = applied or [(ARRANGING.named, None)]
        claim = verify_equal(bench.scribe.closed(before), bench.scribe.closed(after), declarations)
        drafts.append(Draft(tuple(applied), left, before, after, Operator(), claim))
    return drafts


def _is_seen(bench: Bench, rewriting: Rewriting) -> bool:
    """Whether a rewriting shows: ‖X‖² is written alike, as a square and as a sum of squares."""
    return any(not alike(bench.scribe.node(old), bench.scribe.node(new)) for old, new in rewriting.parts)


def _rearranged(bench: Bench, rewriting: Rewriting) -> tuple[Named, ...]:
    """The laws by which the whole is written as it is after the rewriting, beside the rewriting itself."""
    node = bench.scribe.node
    before, after = node(rewriting.before), node(rewriting.after)
    exchange = [(node(old), node(new)) for old, new in rewriting.parts]
    collecting = "collect" in rewriting.rule
    return reader(bench.scribe).named(before, after, collecting=collecting, exchange=exchange)


def simplified(node: Node) -> tuple[Node, list[Rewriting]]:
    """The node simplified, and what was done."""
    record: list[Rewriting] = []
    return simplify(node, record), record


def _named(bench: Bench, rewriting: Rewriting, declarations: Declarations) -> Named:
    """The simplification; where its statement has several equations, the one that was used, as it was used."""
    used = Statement()
    if rewriting.statement.count(" = ") != 1 and len(rewriting.parts) == 1:
        old, new = (Formula(bench.scribe.node(part), declarations, {}) for part in rewriting.parts[0])
        used = Statement(f"{old.text} = {new.text}", f"{old.unicode} = {new.unicode}", f"{old.latex} = {new.latex}")
    return Named(rewriting.rule, rewriting.title, stated_in_text(rewriting.statement), used)
