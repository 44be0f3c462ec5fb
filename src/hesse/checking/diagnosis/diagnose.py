"""The mistake behind a wrong answer: the simplest explanation that leads to the very same values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, islice, zip_longest

from hesse.checking.assumptions import LEAST, assumptions
from hesse.checking.diagnosis.branches import by_branches, on_one_side
from hesse.checking.diagnosis.derivations import derivations
from hesse.checking.diagnosis.evidence import Evidence, Explanation, Factor, factor_of, lacking, of_tree
from hesse.checking.diagnosis.misreadings import (
    lost_factors,
    no_such_rules,
    not_differentiated,
    omissions,
    other_functions,
)
from hesse.checking.diagnosis.mutants import Mutants, factor_codes, joined
from hesse.checking.diagnosis.parts import by_parts
from hesse.checking.diagnosis.places import entry_name, located, stacked
from hesse.checking.diagnosis.spelling import Spelling
from hesse.checking.diagnosis.terms import odd_term
from hesse.checking.diagnosis.whole import ONE, whole_answer
from hesse.checking.edits import Edit, edits, fits, replaced, transposes
from hesse.checking.numbers import Kinks
from hesse.checking.question import Question
from hesse.checking.reading.answers import Answer
from hesse.checking.survey import Surveyor
from hesse.core.build import shape_text
from hesse.core.deadline import OutOfTimeError
from hesse.core.declarations import Declarations
from hesse.core.syntax import Call, Definitions, Num, Syntax, number, postorder
from hesse.frontends.elaborate import elaborate
from hesse.service.expression import Expr

MAX_CODES = 4
SINGLE = 2
"""What the explanations cost that need one mistake."""
INVOLVED = 3
"""What the explanations cost that need two, or a look at the right answer."""
MAX_EDITS = 400
MAX_PAIRS = 300
MAX_SIGNS = 4
MAX_CONFIRMED = 4
MAX_ENTRIES = 9
RARE = 10
"""After so many points that agree a difference is one that few points show."""
MAX_TREE = 600
LONG = "the answer is too long for its mistake to be sought"
SLOW = "the time was up before a mistake was found that leads to this answer"
TINY = (
    "at all points that were tried floats are too coarse or too small for the difference: "
    "it is there, but no mistake can be told from it"
)
FEW = "there are too few points at which both have a value for a mistake to be told from the difference"
LOCAL = "no mistake can be told from the difference: at the points that were tried it is seen only near"
UNEXPLAINED = "no single mistake, and no pair of them, was found that leads to this answer"


class Diagnosis:
    """The search for an explanation, from the simple to the involved."""

    def __init__(
        self,
        question: Question,
        answer: Syntax,
        given: Expr | None,
        surveyor: Surveyor | None = None,
        declarations: Declarations | None = None,
        listed: bool = False,
    ) -> None:
        """With declarations that say more than the question's, the answer is held against what they admit only;
        `listed` says that it is one entry of a list."""
        self.listed = listed
        self.surveyor = surveyor
        self.question = question
        self.answer = answer
        self.given = given
        first = [] if surveyor is None else surveyor.across
        truth = question.truth
        tree = None if given is None else given.exact_tree
        nodes = [question.f.node, truth.node] + ([] if given is None else [given.elaboration.root])
        kinks = Kinks(nodes, question.sampler(declarations or question.f._declarations).nearby)
        self.evidence = Evidence(question, truth.exact_tree, tree, first, declarations, kinks)
        self.same_shape = self.evidence.same_shape
        self.spelling = Spelling(question.f)
        self.rare = surveyor is not None and len(surveyor.found.agreeing) >= RARE
        self.confirmed = 0

    def explanations(self) -> list[Explanation]:
        """The explanations of least cost; none where nothing explains the answer."""
        found: list[Explanation] = []
        mutants: list[Mutants] = []
        if self.given is not None:
            found += whole_answer(self.evidence, self.given, self.same_shape, self.listed)
            found += by_branches(self.evidence, self.spelling)
            for derivation in derivations(self.question):
                # What explains the answer as a whole may be a slip of one rule as well: then both are told.
                if self.evidence.over or (mutants and cheapest(found, 1)):
                    break
                each = Mutants(derivation, self.evidence, self.spelling)
                each.search()
                mutants.append(each)
                found += each.single
            found += by_parts(self.evidence, self.spelling)
            found += [] if cheapest(found, 1) else no_such_rules(self.evidence, self.spelling)
        found += self._edits(wrong_signs if cheapest(found, 2) else lambda edit: True)
        for mutant in mutants if not found else ():
            found += mutant.scaled
        if not found and self.same_shape and self.given is not None:
            found += odd_term(self.evidence, self.question.truth.node, self.given.node, self.spelling)
        for mutant in mutants if not cheapest(found, 2) else ():
            found += islice(mutant.pairs(), 3)
        if not cheapest(found, 3) and self.given is not None:
            found += omissions(self.evidence, self.spelling)
            found += other_functions(self.evidence, self.spelling)
        if not found and self.given is not None:
            found += lost_factors(self.evidence, self.spelling)
            found += not_differentiated(self.evidence, self.spelling)
        if not found:
            found += self._edit_pairs()
        if not found:
            found += self._beside_signs()
        if not found and self.same_shape and self.given is not None:
            found += on_one_side(self.evidence, self.given.elaboration.root, self.spelling)
        return sorted(found, key=lambda each: each.cost)

    def single(self) -> Iterator[Explanation]:
        """What one slip leads to: in the answer as a whole, or of one rule."""
        if self.given is None or not self.same_shape or len(self.evidence.points) < LEAST:
            return
        yield from whole_answer(self.evidence, self.given, self.same_shape, self.listed)
        for derivation in derivations(self.question)[:1]:
            mutants = Mutants(derivation, self.evidence, self.spelling)
            mutants.search()
            yield from mutants.single

    def _edits(self, admitted: Callable[[Edit], bool]) -> Iterable[Explanation]:
        found = filter(admitted, edits(self.answer, self.question.f._declarations))
        for edit in islice(found, MAX_EDITS):
            if self.evidence.over:
                return
            yield from self._corrected(edit, edit.applied(self.answer))

    def _edit_pairs(self) -> Iterable[Explanation]:
        pairs = combinations(transposes(self.answer, self.question.f._declarations), 2)
        for one, other in islice(pairs, MAX_PAIRS):
            if self.evidence.over:
                return
            if one.old is other.old:
                continue
            both = replaced(self.answer, {id(one.old): one.new, id(other.old): other.new})
            codes = (*one.codes[:1], *other.codes[:1])
            words = f"{self._words(one)}; and {self._words(other)}"
            yield from self._corrected(Edit(one.old, one.new, codes, ""), both, words, 4)

    def _beside_signs(self) -> Iterable[Explanation]:
        """One slip of a rule, and besides a sign that is wrong within an argument."""
        declarations = self.question.f._declarations
        for edit in islice(filter(wrong_signs, edits(self.answer, declarations)), MAX_SIGNS):
            tree = edit.applied(self.answer)
            if self.evidence.over or not fits(tree, declarations):
                continue
            node, state = elaborate(tree, declarations)
            corrected = Expr(tree, declarations.requiring(*state.required), node.shape)
            slips = Diagnosis(self.question, tree, corrected, self.surveyor).single()
            best = min(slips, key=lambda each: each.cost, default=None)
            if best is not None and best.cost <= SINGLE:
                yield joined(Explanation(edit.codes, self._words(edit)), best)
                return

    def _corrected(self, edit: Edit, tree: Syntax, words: str = "", cost: int = 2) -> Iterable[Explanation]:
        """That an answer with the correction, which `words` describe, would be right, perhaps but for a factor."""
        if not fits(tree, self.question.f._declarations):
            return
        ratios = self.evidence.ratios(self.evidence.truth, of_tree(tree))
        factor = None if ratios is None else factor_of(ratios)
        if factor is None or not factor.number:
            return
        words = words or self._words(edit)
        if factor == ONE:
            if not (self.rare or self.evidence.faint) or self._holds_everywhere(tree):
                yield Explanation(edit.codes, words, cost=cost)
        else:
            number = self._number(edit, factor)
            if number is not None:
                yield number
                return
            codes = tuple(dict.fromkeys((*edit.codes[:1], *factor_codes(factor))))
            yield Explanation(codes, f"{words}; besides, {lacking(factor)}", cost=cost + 1)

    def _number(self, edit: Edit, factor: Factor) -> Explanation | None:
        """That a number of the answer should be another one, where with 1 in its place a factor is missing."""
        if not isinstance(edit.old, Num) or factor.power or factor.number <= 0:
            return None
        tree = replaced(self.answer, {id(edit.old): number(factor.number)})
        if not self.evidence.is_truth(of_tree(tree)):
            return None
        old = self.spelling.tree(edit.old)
        return Explanation(("missing-factor",), f"the number `{old}` should be {factor}", cost=2)

    def _holds_everywhere(self, tree: Syntax) -> bool:
        """Whether no difference is found in a corrected answer: what is wrong may have moved to other points."""
        question = self.question
        self.confirmed += 1
        if self.confirmed > MAX_CONFIRMED:
            return False
        node, state = elaborate(tree, question.f._declarations)
        corrected = Expr(tree, question.f._declarations.requiring(*state.required), node.shape)
        return question.compare(question.truth, corrected).agrees

    def _words(self, edit: Edit) -> str:
        old, new = self.spelling.tree(edit.old), self.spelling.tree(edit.new)
        right = self.spelling.tree(edit.old.right) if hasattr(edit.old, "right") else ""
        words = edit.words.format(old, new, right)
        return located(words, edit.old, self.answer, self.spelling, self.question.target.names)


def wrong_signs(edit: Edit) -> bool:
    """Whether a sign is corrected that stands within an argument: that is told beside a slip that leads to the same."""
    return edit.codes[0] == "sign" and isinstance(edit.old, Call)


def cheapest(found: Sequence[Explanation], cost: int) -> bool:
    """Whether there is an explanation of at most that cost."""
    return any(each.cost <= cost for each in found)


def told(explanations: Sequence[Explanation]) -> Explanation:
    """One explanation for several that are as simple: the words of the first, and the codes of all."""
    first, *others = explanations
    as_simple = [each for each in others if each.cost <= max(first.cost, SINGLE)]
    codes = dict.fromkeys((*first.codes, *(each.codes[0] for each in as_simple)))
    sign = next((each for each in as_simple if each.codes == ("sign",)), None)
    also = "" if sign is None or "sign" in first.codes else f"; or {sign.words}"
    return Explanation(tuple(codes)[:MAX_CODES], first.words + also, first.rule)


def of_answer(question: Question, given: Expr, surveyor: Surveyor) -> Explanation:
    """What is wrong with an answer of the right shape."""
    if len(postorder(given.exact_tree)) > MAX_TREE:
        return Explanation((), LONG)
    try:
        diagnosis = Diagnosis(question, given.exact_tree, given, surveyor)
        if diagnosis.evidence.hidden:
            return Explanation((), TINY)
        if not diagnosis.evidence.solid:
            return Explanation((), FEW)
        found = diagnosis.explanations() or _under_assumptions(question, given)
    except OutOfTimeError:
        return Explanation((), SLOW)
    entries = None if cheapest(found, SINGLE) else _by_entries(question, given, surveyor)
    if entries is not None or found:
        return entries or told(found)
    point = diagnosis.evidence.only
    return Explanation((), f"{LOCAL} {point.near}" if point is not None else UNEXPLAINED + _wrong_entries(diagnosis))


def _wrong_entries(diagnosis: Diagnosis) -> str:
    """Which entries of a list are wrong, where some are right."""
    wrong = diagnosis.evidence.wrong
    answer = diagnosis.answer.body if isinstance(diagnosis.answer, Definitions) else diagnosis.answer
    entries = stacked(answer, len(diagnosis.question.truth._shape))
    if not wrong or not entries or len(wrong) == len(entries):
        return ""
    names = diagnosis.question.target.names
    listed = " and ".join(entry_name(place, len(entries), names) for place in wrong)
    return f"; the other entries are right, what is wrong is {listed}"


def _by_entries(question: Question, given: Expr, surveyor: Surveyor) -> Explanation | None:
    """The mistakes in the entries of an answer that is a list, each by itself; None where one is not explained."""
    tree = given.exact_tree
    body = tree.body if isinstance(tree, Definitions) else tree
    entries = None if question.entry is not None else stacked(body, len(question.truth._shape))
    if entries is None or not 1 < len(entries) <= MAX_ENTRIES:
        return None
    found: list[tuple[tuple[int, ...], Explanation]] = []
    for place, entry in entries.items():
        if question.over:
            return None
        written = replace(tree, body=entry) if isinstance(tree, Definitions) else entry
        node, state = elaborate(written, given._declarations)
        alone = Expr(written, given._declarations.requiring(*state.required), node.shape)
        left = question.deadline - time.monotonic()
        diagnosis = Diagnosis(replace(question, entry=place, time_limit=left), written, alone, surveyor, listed=True)
        if diagnosis.evidence.points and not diagnosis.evidence.hidden:
            explanations = diagnosis.explanations()
            if not cheapest(explanations, INVOLVED):
                return None
            found.append((place, told(explanations)))
    codes = dict.fromkeys(code for codes in zip_longest(*(each.codes for _, each in found)) for code in codes if code)
    names = question.target.names
    parts = (f"in {entry_name(place, len(entries), names)}: {each.words}" for place, each in found)
    return Explanation(tuple(codes)[:MAX_CODES], "; ".join(parts)) if found else None


def _under_assumptions(question: Question, given: Expr) -> list[Explanation]:
    """One mistake that leads to the answer where something is assumed of given data that is not given.

    What is assumed of the variable itself only leaves out points, so that no mistake can be told from it; and where the
    answer is right under the assumption there is no mistake.
    """
    for assumption in assumptions(question):
        if assumption.names & {*question.target.names}:
            continue
        diagnosis = Diagnosis(question, given.exact_tree, given, declarations=assumption.declarations)
        if diagnosis.evidence.hidden:
            continue
        single = [each for each in diagnosis.single() if each.cost <= SINGLE]
        if single:
            best = told(sorted(single, key=lambda each: each.cost))
            codes = (*best.codes[: MAX_CODES - 1], "assumption")
            return [Explanation(codes, f"if {assumption.text}, which is not given: {best.words}", best.rule)]
    return []


def of_shape(question: Question, given: Expr) -> Explanation:
    """What is wrong with an answer of another shape."""
    due = question.title if question.entry is None else f"entry of the {question.title}"
    head = f"the answer is {shape_text(given._shape)}, the {due} is {shape_text(question.truth._shape)}"
    return _of_shapes(head, _found(question, given.exact_tree, given))


def of_misfit(question: Question, answer: Answer) -> Explanation:
    """What is wrong with an answer in which shapes do not fit."""
    assert answer.misfit is not None
    found = [] if answer.tree is None else _found(question, answer.tree, None)
    return _of_shapes(f"shapes do not fit in the answer: {answer.misfit.message}", found)


def _found(question: Question, answer: Syntax, given: Expr | None) -> list[Explanation]:
    """The explanations of an answer of another shape; none where the time is up before."""
    try:
        return Diagnosis(question, answer, given).explanations()
    except OutOfTimeError:
        return []


def _of_shapes(head: str, found: Sequence[Explanation]) -> Explanation:
    if not found:
        return Explanation(("shape",), head)
    best = told(found)
    codes = tuple(dict.fromkeys(("shape", *best.codes)))
    return Explanation(codes, f"{head}; {best.words}", best.rule)
