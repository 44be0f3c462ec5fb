"""From an answer that was read to its verdict."""

from __future__ import annotations

from hesse.checking.assumptions import Assumption, assumption_of
from hesse.checking.diagnosis.diagnose import of_answer, of_misfit, of_shape
from hesse.checking.diagnosis.evidence import Explanation
from hesse.checking.layouts import ROW, as_vector, other_layouts
from hesse.checking.proof import proved_equal
from hesse.checking.question import Question
from hesse.checking.reading.answers import Answer
from hesse.checking.survey import Survey, Surveyor
from hesse.checking.verdict import (
    DIFFERENT,
    DOMAINS_DIFFER,
    EQUAL,
    NO_DIFFERENCE,
    ONLY_IF,
    OTHER_LAYOUT,
    UNDECIDED,
    Counterexample,
    Verdict,
)
from hesse.core.sizes import equal
from hesse.core.syntax import Text
from hesse.service.derivatives import CONVENTIONS, gradient
from hesse.service.expression import Expr

TOGETHER = "an entry and its mirror image vary together"
NOWHERE = "no point was found at which both have a value that can be compared"
IDLE = "both are zero, or nearly, at all points that were tried: that says nothing about others"
UNREAD = "the time was up before the answer was read"
LATE = "the time was up before the values of both were known at a point"
BEYOND = "the answer was not evaluated: "
UNDEFINED = "no point was found at which the function and its derivative have a value"


def judged(question: Question, answer: Answer) -> Verdict:
    """The verdict on the answer."""
    return _Judge(question, answer).verdict()


def unread(question: Question, text: str) -> Verdict:
    """That the time was up before the answer was read."""
    return _Judge(question, Answer(text, Text(text))).undecided(UNREAD)


class _Judge:
    def __init__(self, question: Question, answer: Answer) -> None:
        self.question = question
        self.answer = answer
        self.truth = question.truth
        self.notes: list[str] = []
        if not question.whole.verification.ok:
            self.notes.append(f"the derivative itself is {question.whole.verification}")
        # LaTeX tells rows from columns, and the gradient by a vector is no row.
        self.row = answer.row and question.kind == "gradient" and question.entry is None

    def verdict(self) -> Verdict:
        """The verdict, in the order shape, domain, points, proof."""
        given = self.answer.expression
        if given is None:
            self._ask_what_is_meant()
            return self._verdict(DIFFERENT, of_misfit(self.question, self.answer))
        given = self._as_vector(given)
        if not same_shape(given, self.truth):
            return self._of_other_shape(given)
        surveyor = self.question.surveyor(self.truth, given)
        survey = surveyor.survey()
        proved = survey.without is None and survey.different is None and self._proved(given)
        if not survey.parts and not proved:
            survey = surveyor.extended()
        if survey.misshapen is not None:
            return self._verdict(DIFFERENT, of_shape(self.question, given))
        if survey.different is not None:
            return self._unequal(given, surveyor)
        if survey.without is not None:
            return self._domains(survey)
        return self._equal(survey, proved)

    def undecided(self, reason: str) -> Verdict:
        """No verdict, for a reason."""
        return self._verdict(UNDECIDED, Explanation((), reason))

    def _ask_what_is_meant(self) -> None:
        """Raises ShapeError for an answer that is right as arrays are multiplied, which is not how it is read."""
        misfit, broadcast = self.answer.misfit, self.answer.broadcast
        if misfit is None or broadcast is None or not same_shape(broadcast, self.truth):
            return
        if self.question.compare(self.truth, broadcast).agrees:
            raise misfit.at(self.answer.text)

    def _proved(self, given: Expr) -> bool:
        return proved_equal(self.truth.node, given.elaboration.root, self.question.deadline)

    def _as_vector(self, given: Expr) -> Expr:
        """A row or a column as a vector, where a vector is due."""
        turned = as_vector(given) if len(self.truth._shape) == 1 else None
        if turned is None or not same_shape(turned[0], self.truth):
            return given
        vector, row = turned
        # The Jacobian of a scalar function is a row.
        self.row = row if self.question.kind == "gradient" else not row
        self.notes.append(f"the answer, a matrix with one {'row' if row else 'column'}, was read as a vector")
        return vector

    def _equal(self, survey: Survey, proved: bool) -> Verdict:
        if survey.isolated is not None:
            example = survey.isolated.counterexample
            self.notes.append(f"where both are defined: {example}")
        if not survey.solid and not proved:
            return self._verdict(UNDECIDED, Explanation((), _reason(survey)), survey)
        if survey.outside_only:
            return self._verdict(UNDECIDED, Explanation((), UNDEFINED), survey)
        if survey.doubtful and not proved:
            words = f"at {survey.rough} points the values differ, by no more than rounding on the way may explain"
            return self._verdict(UNDECIDED, Explanation((), words), survey)
        if self.row:
            return self._verdict(OTHER_LAYOUT, Explanation(("layout",), ROW), survey)
        return self._verdict(EQUAL if proved else NO_DIFFERENCE, Explanation((), ""), survey)

    def _domains(self, survey: Survey) -> Verdict:
        assert survey.without is not None
        if survey.agreeing:
            words = "the answer agrees wherever it has a value, but it has none at points where the derivative has one"
        else:
            words = "the answer has no value at any of the points at which the derivative has one"
        return self._verdict(DOMAINS_DIFFER, Explanation((), words), survey, survey.without.counterexample)

    def _unequal(self, given: Expr, surveyor: Surveyor) -> Verdict:
        survey = surveyor.found
        assert survey.different is not None
        example = survey.different.counterexample
        layout = self._other_layout(given)
        if layout is not None:
            return layout
        convention = self._convention(given, example)
        if convention is not None:
            return convention
        assumed = assumption_of(self.question, given, survey.different.point)
        if assumed is not None:
            return self._under(assumed[0], assumed[1], given, surveyor)
        plainer = surveyor.plainer() if survey.different.faint else None
        if plainer is not None:
            survey.different = plainer
        found = of_answer(self.question, given, surveyor)
        return self._verdict(DIFFERENT, found, survey, survey.different.counterexample)

    def _under(self, assumption: Assumption, seen: Survey, given: Expr, surveyor: Surveyor) -> Verdict:
        survey = surveyor.found
        assert survey.different is not None
        found = of_answer(self.question, given, surveyor)
        codes = tuple(dict.fromkeys(("assumption", *found.codes)))
        words = f"no difference was found at {len(seen.telling)} points at which {assumption.text}, which is not given"
        if found.codes:
            words += f"; in general, {found.words}"
        example = survey.different.counterexample
        return self._verdict(ONLY_IF + assumption.text, Explanation(codes, words, found.rule), seen, example)

    def _other_layout(self, given: Expr) -> Verdict | None:
        for other, words in other_layouts(self.question):
            if not same_shape(given, other):
                continue
            survey = self.question.compare(other, given)
            if survey.agrees:
                # A transpose that is forgotten looks the same where the matrix is square.
                square = not self.question.f._shape and same_shape(other, self.truth)
                codes = ("layout", "transpose") if square else ("layout",)
                return self._verdict(OTHER_LAYOUT, Explanation(codes, words), survey)
        return None

    def _convention(self, given: Expr, example: Counterexample) -> Verdict | None:
        """The verdict on a gradient by a symmetric matrix in another convention."""
        question = self.question
        (variable, *others) = question.target.variables
        symmetric = variable.attributes & {"sym", "spd"} and not others and question.entry is None
        if question.kind != "gradient" or not symmetric:
            return None
        for convention, text in CONVENTIONS.items():
            other = gradient(question.f, question.wrt, convention=convention)
            survey = question.compare(other, given)
            if survey.agrees:
                words = f"this is {text}; the gradient asked for varies each entry by itself"
                return self._verdict(ONLY_IF + TOGETHER, Explanation(("assumption",), words), survey, example)
        return None

    def _of_other_shape(self, given: Expr) -> Verdict:
        return self._other_layout(given) or self._verdict(DIFFERENT, of_shape(self.question, given))

    def _verdict(
        self,
        verdict: str,
        explanation: Explanation,
        survey: Survey | None = None,
        counterexample: Counterexample | None = None,
    ) -> Verdict:
        question = self.question
        return Verdict(
            verdict,
            self.truth,
            question.kind,
            question.target.names,
            self.answer.expression,
            self.answer.text,
            question.entry,
            list(explanation.codes),
            explanation.words,
            explanation.rule,
            counterexample,
            0 if survey is None else len(survey.agreeing),
            0 if survey is None else survey.digits,
            question.seed,
            tuple(self.notes),
        )


def _reason(survey: Survey) -> str:
    """Why nothing can be said."""
    if survey.agreeing:
        return IDLE
    if survey.obstacle:
        return BEYOND + survey.obstacle
    return LATE if survey.late else NOWHERE


def same_shape(one: Expr, other: Expr) -> bool:
    """Whether both have the same number of axes, of sizes that may be equal."""
    if len(one._shape) != len(other._shape):
        return False
    return all(equal(a, b) is True for a, b in zip(one._shape, other._shape, strict=True))
