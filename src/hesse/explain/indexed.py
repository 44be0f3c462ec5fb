"""The style of partial derivatives, for arrays: one entry in index notation, line by line, then all entries together.

    f = ∑ᵢ (∑ⱼ Aᵢⱼ xⱼ − bᵢ)²,   ∂f/∂xₖ = ∑ᵢ ∂/∂xₖ[(∑ⱼ Aᵢⱼ xⱼ − bᵢ)²] = ... = 2 ∑ᵢ Aᵢₖ (∑ⱼ Aᵢⱼ xⱼ − bᵢ)

It is the bridge from a line of components to the closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hesse.calculus.differentiate import identity, tangents_of
from hesse.calculus.rules import VARIABLE
from hesse.core.algebra import zero
from hesse.core.build import variable
from hesse.core.declarations import VariableDeclaration
from hesse.core.nodes import Node, Variable
from hesse.core.rebuild import substitute, unfold
from hesse.core.syntax import Binary, Definitions, Index, Name, Negative, Running, Syntax, Undefined, call, fold
from hesse.core.syntax import postorder as syntax_parts
from hesse.core.traverse import postorder
from hesse.errors import LimitError
from hesse.explain.algebra import Reader
from hesse.explain.differentials import finished
from hesse.explain.drafts import Bench, Draft, grouped, rules_of, shortened
from hesse.explain.laws import ARRANGING, IDENTITY, SUMS, SYMMETRY
from hesse.explain.lines import Line
from hesse.explain.literal import literal
from hesse.explain.naming import Named
from hesse.explain.spelling import Operator, Statement
from hesse.explain.stages import Part, Stage, worded
from hesse.explain.statements import filled, stated
from hesse.explain.symbols import Symbols
from hesse.explain.unroll import Move, unroll
from hesse.explain.writing import oriented
from hesse.notation.index_form import HINT, INPUTS, LETTERS, OUTPUTS, TOO_LONG, index_form
from hesse.notation.trees import alike, join, joined, size_tree
from hesse.render.structure import rebuilt, text_length
from hesse.simplify.engine import apply_facts
from hesse.verify.derivative import verify_derivative, verify_differential
from hesse.verify.verdict import Verification

ENTRY = "(A u)ᵢ = ∑ⱼ Aᵢⱼ uⱼ, (Aᵀ)ᵢⱼ = Aⱼᵢ"
LONGEST = 300
"""The characters that a line in index notation may take; what would be longer is told by differentials."""
BRIDGE = 160
"""The characters that an entry may take to be shown beside the closed form."""


@dataclass(frozen=True)
class _Letters:
    """The free indices: those of the function's entry, and those of the variable's.

    Of a function that is itself a derivative, `values` are those of the value, `before` those of the variables.
    """

    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    values: tuple[str, ...]
    before: tuple[tuple[str, ...], ...]

    @staticmethod
    def of(stage: Stage, bench: Bench) -> _Letters:
        """The letters that index notation uses, as far as they are free."""
        free = [letter for letter in LETTERS if letter not in bench.scribe.taken]
        outputs = _chosen(OUTPUTS, free, stage.function.node.rank)
        inputs = _chosen(INPUTS, [letter for letter in free if letter not in outputs], stage.inputs)
        count = stage.inputs
        values, rest = (
            outputs[: len(outputs) - (stage.order - 1) * count],
            outputs[len(outputs) - (stage.order - 1) * count :],
        )
        return _Letters(outputs, inputs, values, tuple(rest[k : k + count] for k in range(0, len(rest), count)))


def _chosen(preferred: str, free: Sequence[str], count: int) -> tuple[str, ...]:
    choice = dict.fromkeys([*(letter for letter in preferred if letter in free), *free])
    return tuple(choice)[:count]


class _Writer:
    """Writes lines of one stage as entries, and checks them."""

    def __init__(self, stage: Stage, bench: Bench) -> None:
        self.stage = stage
        self.bench = bench
        self.letters = _Letters.of(stage, bench)
        self.by = stage.variables[0]
        self.step = VariableDeclaration(f"d{self.by.name}_", self.by.shape)
        self.weight = VariableDeclaration("weight_", stage.function.shape)
        self.tangents = tangents_of(stage.function.node, {self.by: variable(self.step.name, self.step.shape)})

    def entry(self, node: Node, extra: tuple[str, ...] = ()) -> Syntax:
        """The entry of a node at the free indices. Raises LimitError for what would be too long."""
        taken = self.bench.scribe.taken
        if not extra:
            taken |= set(self.letters.inputs)
        body = index_form(unfold(node), len(self.letters.outputs), taken, self.bench.scribe.node).body
        if fold(body, text_length) > LONGEST:
            raise LimitError(TOO_LONG, hint=HINT)
        return body

    def line(self, line: Line, *, carried_out: bool = False) -> Syntax:
        """The terms as entries; with `carried_out` each differential as an array of its own name."""
        scribe = self.bench.scribe
        nodes = line.nodes(scribe.differentials, self.stage.function.shape)
        if carried_out:
            stand_ins = {
                scribe.differentials.of(u): variable(n, u.shape) for n, u in scribe.differentials.named.items()
            }
            nodes = [substitute(node, stand_ins) for node in nodes]
        trees = [self.entry(node) for node in nodes]
        if not trees:
            return self.entry(zero(self.stage.function.shape))
        return joined([(True, tree.operand) if isinstance(tree, Negative) else (False, tree) for tree in trees])

    def check(self, body: Syntax, inputs: tuple[str, ...] = ()) -> Verification:
        """Whether the entry is that of df, by differences of the function, weighted over all entries."""
        scribe, function = self.bench.scribe, self.stage.function
        step, weight = self.step.name, self.weight.name
        whole: Syntax = function.exact_tree
        if self.letters.outputs:
            body_of = whole.body if isinstance(whole, Definitions) else whole
            bindings = whole.bindings if isinstance(whole, Definitions) else ()
            summed = call("sum", Binary("*", body_of, Name(weight)))
            whole = Definitions(bindings, summed) if bindings else summed
        body = self._summed(body, inputs)
        values = tuple(
            (name, scribe.node(self.tangents.get(node, zero(node.shape))))
            for name, node in scribe.differentials.named.items()
        )
        result = Definitions((*scribe.bindings.items(), *values), body)
        declarations = function.declarations.extended(self.step, self.weight)
        return verify_differential(whole, result, (self.by.name,), (step,), declarations)

    def laws(self, before: Syntax, last: Syntax) -> tuple[Named, ...]:
        """The laws that lead from the last line, with δ in the place of ∂xⱼ/∂xₖ, to the entry of the derivative."""
        scribe, letters = self.bench.scribe, self.letters
        mark = scribe.differentials.name(self.by)

        def visit(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
            if isinstance(part, Undefined) and part.function == mark and isinstance(parts[0], Index):
                pairs = zip(self.by.shape, parts[0].items, letters.inputs, strict=True)
                deltas = [Index(call("eye", size_tree(size)), (item, Name(letter))) for size, item, letter in pairs]
                return join("*", deltas)
            return rebuilt(part, parts)

        said = fold(before, visit)
        if alike(said, last):
            return ()
        declarations = scribe.declarations.extended(self.step, self.weight)
        read = Reader(declarations, scribe.bindings, scribe.differentials.named.__getitem__)
        found = read.laws(self._summed(said, letters.inputs), self._summed(last, letters.inputs))
        # That δ picks one term of a sum is what the rule says.
        return tuple(law.named for law in (found or (SUMS,)) if law not in (ARRANGING, IDENTITY))

    def _summed(self, body: Syntax, inputs: tuple[str, ...]) -> Syntax:
        """The sum of the entries, each with a weight of its own."""
        if inputs:
            body = Binary("*", body, Index(Name(self.step.name), tuple(map(Name, inputs))))
        if self.letters.outputs:
            body = Binary("*", body, Index(Name(self.weight.name), tuple(map(Name, self.letters.outputs))))
        for letter in reversed((*self.letters.outputs, *inputs)):
            body = Running("sum", letter, body)
        return body


def indexed_part(stage: Stage, bench: Bench, symbols: Symbols) -> Part | None:
    """One entry of the derivative, line by line, and all of them together; None where that would be too long."""
    try:
        return _part(stage, bench, symbols)
    except LimitError:
        return None


def bridge(stage: Stage, bench: Bench, symbols: Symbols) -> Part | None:
    """The function and its derivative entry by entry, in index notation, beside the closed form.

    None where there is nothing to see: for scalars, and for what would be long.
    """
    if stage.stacked or not stage.inputs:
        return None
    try:
        writer = _Writer(stage, bench)
        letters, name = writer.letters, writer.by.name
        value, entry = writer.entry(stage.function.node), writer.entry(apply_facts(stage.result.node), letters.inputs)
    except LimitError:
        return None
    if max(fold(tree, text_length) for tree in (value, entry)) > BRIDGE:
        return None
    left = symbols.entry(letters.values, name, [*letters.before, letters.inputs])
    summed = any(isinstance(part, Running) for part in syntax_parts(entry))
    one = Named("entry", "one entry, in index notation", stated(ENTRY) if summed else Statement())
    lines = [
        Draft(((one, None),), left, entry, entry, Operator(), writer.check(entry, letters.inputs)),
        _together(stage, bench, symbols, apply_facts(stage.result.node)),
    ]
    given = [(symbols.entry(letters.values, name, letters.before), value)]
    return Part(worded("By components"), given, lines)


def _part(stage: Stage, bench: Bench, symbols: Symbols) -> Part:
    writer = _Writer(stage, bench)
    letters, function = writer.letters, stage.function
    chain = unroll(function.node, (writer.by,), identity(function.shape), bench.scribe.order)
    name = writer.by.name
    left = symbols.entry(letters.values, name, [*letters.before, letters.inputs])
    operator = Operator(Index(Name(name), tuple(map(Name, letters.inputs))))
    given = [(symbols.entry(letters.values, name, letters.before), writer.entry(function.node))]
    before = writer.line(chain.first)
    drafts: list[Draft] = []
    line = chain.first
    for moves, lines in shortened(grouped(chain.rounds, bench.level), bench.limit, len(postorder(function.node))):
        after = writer.line(moves[-1].after)
        applied = (*rules_of(moves), *((law, None) for law in _sums(bench, line, moves)))
        claim = writer.check(writer.line(moves[-1].after, carried_out=True))
        drafts.append(Draft(applied, left, before, after, operator, claim, (), lines))
        before, line = after, moves[-1].after
    raw = chain.adjoints[writer.by]
    last = writer.entry(raw, letters.inputs)
    same = Named("delta", VARIABLE.title, _unit(writer.by, symbols))
    applied = ((same, None), *((law, None) for law in writer.laws(before, last)))
    drafts.append(Draft(applied, left, before, last, operator, writer.check(last, letters.inputs)))
    drafts.append(_together(stage, bench, symbols, raw))
    return Part(stage.heading, given, [*drafts, *finished(stage, bench, symbols.kind(stage.kind), raw)])


def _sums(bench: Bench, before: Line, moves: Sequence[Move]) -> tuple[Named, ...]:
    """That sums are rearranged, where the terms of a line are not written as the rules give them."""
    lead = before.terms[0].adjoint.shape[: before.terms[0].adjoint.rank - before.terms[0].parts[0][1].rank]
    first, last = (bench.scribe.line(line, lead) for line in (before, moves[-1].after))
    laws = bench.laws(literal(bench.scribe, first, moves), last, collecting=any(move.rule is None for move in moves))
    return (SUMS.named,) if laws else ()


def _unit(by: Variable, symbols: Symbols) -> Statement:
    """∂xⱼ/∂xₖ is 1 for equal indices, else 0, so that of a sum one term is left."""
    entry = "∂\ue000ⱼ/∂\ue000ₖ = δⱼₖ" if by.rank == 1 else "∂\ue000ᵢⱼ/∂\ue000ₖₗ = δᵢₖ δⱼₗ"
    return filled(f"{entry}, ∑ⱼ uⱼ δⱼₖ = uₖ", {"\ue000": symbols.variable(by.name)})


def _together(stage: Stage, bench: Bench, symbols: Symbols, raw: Node) -> Draft:
    """The closed form for all entries."""
    matrix = stage.kind == "jacobian" and raw.rank == 2
    title = "the rows are the gradients of the components" if matrix else "all entries together"
    closed = bench.scribe.node(raw)
    f = stage.function
    claim = verify_derivative(f.exact_tree, bench.scribe.closed(closed), stage.names, 1, f.declarations)
    rows = filled("Jᵢₖ = ∂\ue000ᵢ/∂\ue001ₖ", {"\ue000": symbols.value(), "\ue001": symbols.variable(stage.names[0])})
    step = Named("closed-form", title, rows if matrix else Statement())
    laws = () if oriented(raw) is raw else ((SYMMETRY.named, None),)
    return Draft(((step, None), *laws), symbols.kind(stage.kind), closed, closed, Operator(), claim)
