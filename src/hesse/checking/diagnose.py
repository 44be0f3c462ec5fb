"""The mistake behind a wrong answer: the simplest explanation that leads to the very same values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice

from hesse.checking.answers import Answer
from hesse.checking.assumptions import LEAST, assumptions
from hesse.checking.derivations import derivations
from hesse.checking.edits import Edit, edits, fits, replaced, transposes
from hesse.checking.evidence import Evidence, Explanation, Factor, factor_of, lacking, of_tree
from hesse.checking.misreadings import no_such_rules, omissions, other_functions
from hesse.checking.mutants import Mutants, factor_codes
from hesse.checking.parts import by_parts
from hesse.checking.question import Question
from hesse.checking.spelling import Spelling
from hesse.checking.survey import Survey
from hesse.checking.terms import odd_term
from hesse.checking.whole import ONE, whole_answer
from hesse.core.build import shape_text
from hesse.core.deadline import OutOfTimeError
from hesse.core.declarations import Declarations
from hesse.core.syntax import Num, Syntax, number, postorder
from hesse.frontends.elaborate import elaborate
from hesse.service.expression import Expr

MAX_CODES = 4
SINGLE = 2
"""What the explanations cost that need one mistake."""
MAX_EDITS = 400
MAX_PAIRS = 300
MAX_CONFIRMED = 4
RARE = 10
"""After so many points that agree a difference is one that few points show."""
MAX_TREE = 600
LONG = "the answer is too long for its mistake to be sought"
SLOW = "the time was up before a mistake was found that leads to this answer"
TINY = "at the points that were tried the difference is too small for a mistake to be told from it"
UNEXPLAINED = "no single mistake, and no pair of them, was found that leads to this answer"


class Diagnosis:
    """The search for an explanation, from the simple to the involved."""

    def __init__(
        self,
        question: Question,
        answer: Syntax,
        given: Expr | None,
        survey: Survey | None = None,
        declarations: Declarations | None = None,
    ) -> None:
        """With declarations that say more than the question's, the answer is held against what they admit only."""
        self.question = question
        self.answer = answer
        self.given = given
        first = [] if survey is None or survey.different is None else [survey.different.point, *survey.across]
        truth = question.truth
        tree = None if given is None else given.exact_tree
        self.evidence = Evidence(question, truth.exact_tree, tree, first, declarations)
        self.same_shape = self.evidence.same_shape
        self.spelling = Spelling(question.f)
        self.rare = survey is not None and len(survey.agreeing) >= RARE
        self.confirmed = 0

    def explanations(self) -> list[Explanation]:
        """The explanations of least cost; none where nothing explains the answer."""
        found: list[Explanation] = []
        mutants: list[Mutants] = []
        if self.given is not None:
            found += whole_answer(self.evidence, self.given, self.same_shape)
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
        if not cheapest(found, 2):
            found += self._edits()
        for mutant in mutants if not found else ():
            found += mutant.scaled
        if not found and self.same_shape and self.given is not None:
            found += odd_term(self.evidence, self.question.truth.node, self.given.node, self.spelling)
        for mutant in mutants if not cheapest(found, 2) else ():
            found += islice(mutant.pairs(), 3)
        if not cheapest(found, 3) and self.given is not None:
            found += other_functions(self.evidence, self.spelling)
            found += omissions(self.evidence, self.spelling)
        if not found:
            found += self._edit_pairs()
        return sorted(found, key=lambda each: each.cost)

    def single(self) -> Iterator[Explanation]:
        """What one slip leads to: in the answer as a whole, or of one rule."""
        if self.given is None or not self.same_shape or len(self.evidence.points) < LEAST:
            return
        yield from whole_answer(self.evidence, self.given, self.same_shape)
        for derivation in derivations(self.question)[:1]:
            mutants = Mutants(derivation, self.evidence, self.spelling)
            mutants.search()
            yield from mutants.single

    def _edits(self) -> Iterable[Explanation]:
        for edit in islice(edits(self.answer, self.question.f._declarations), MAX_EDITS):
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
            yield from self._corrected(Edit(one.old, one.new, codes, words.replace("{", "").replace("}", "")), both, 4)

    def _corrected(self, edit: Edit, tree: Syntax, cost: int = 2) -> Iterable[Explanation]:
        if not fits(tree, self.question.f._declarations):
            return
        ratios = self.evidence.ratios(self.evidence.truth, of_tree(tree))
        factor = None if ratios is None else factor_of(ratios)
        if factor is None or not factor.number:
            return
        words = self._words(edit)
        if factor == ONE:
            if not self.rare or self._holds_everywhere(tree):
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
        return edit.words.format(old, new, right)


def cheapest(found: Sequence[Explanation], cost: int) -> bool:
    """Whether there is an explanation of at most that cost."""
    return any(each.cost <= cost for each in found)


def told(explanations: Sequence[Explanation]) -> Explanation:
    """One explanation for several that are as simple: the words of the first, and the codes of all."""
    first, *others = explanations
    as_simple = [each for each in others if each.cost <= max(first.cost, SINGLE)]
    codes = dict.fromkeys((*first.codes, *(each.codes[0] for each in as_simple)))
    return Explanation(tuple(codes)[:MAX_CODES], first.words, first.rule)


def of_answer(question: Question, given: Expr, survey: Survey) -> Explanation:
    """What is wrong with an answer of the right shape."""
    if len(postorder(given.exact_tree)) > MAX_TREE:
        return Explanation((), LONG)
    try:
        diagnosis = Diagnosis(question, given.exact_tree, given, survey)
        if diagnosis.evidence.hidden:
            return Explanation((), TINY)
        found = diagnosis.explanations() or _under_assumptions(question, given)
    except OutOfTimeError:
        return Explanation((), SLOW)
    return told(found) if found else Explanation((), UNEXPLAINED)


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
