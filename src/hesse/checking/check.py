"""`check`: is this answer the derivative? In the order parse, shape, domain, points, proof."""

from __future__ import annotations

from collections.abc import Sequence

from hesse.checking.judge import judged, unread
from hesse.checking.question import ORDERS, Question
from hesse.checking.reading.answers import read_answer
from hesse.checking.reading.named_entries import of_left_side
from hesse.checking.verdict import Verdict
from hesse.core.deadline import OutOfTimeError, due
from hesse.errors import ArgumentError, HesseError
from hesse.service.expression import Expr
from hesse.service.variables import resolve

TIME_LIMIT = 3.0
SEED = 1
GRACE = 0.5
"""For so long after the time limit a step that was begun may go on."""


def check(
    f: Expr,
    answer: str | Expr,
    wrt: str | Sequence[str] | None = None,
    kind: str = "gradient",
    entry: int | Sequence[int] | None = None,
    notation: str = "text",
    time_limit: float = TIME_LIMIT,
    seed: int = SEED,
) -> Verdict:
    """The verdict on an answer: whether it is the gradient, Jacobian or Hessian of f, or one entry of it.

    The answer is text in the notation (or an expression) in the names of f: as a whole, or by its components in
    brackets. `entry` is the 0-based position of the entry that is answered. Equality is proved, or the answer is
    compared at points that `seed` determines; a difference comes with a counterexample, and with the mistake where
    one is found that explains it. After `time_limit` seconds the search ends with what is known. Raises HesseError
    where the answer cannot be read, with the place in it.

    >>> import hesse as hs
    >>> f = hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m")
    >>> hs.check(f, "2*A.T @ A @ x - 2*A.T @ b", "x").verdict
    'equal (proved)'
    >>> hs.check(f, "A.T @ (A @ x - b)", "x").mistakes
    ['missing-factor']
    """
    if not isinstance(f, Expr):
        raise ArgumentError(f"an expression is needed, not {type(f).__name__}", hint="make one with hesse.parse")
    if kind not in ORDERS:
        raise ArgumentError(f"there is no kind {kind!r}", hint=f"the kinds are: {', '.join(ORDERS)}")
    if not isinstance(time_limit, (int, float)) or not time_limit > 0:
        raise ArgumentError(f"the time limit is a number of seconds, not {time_limit!r}")
    question = Question(f, resolve(wrt, f._declarations), kind, _position(entry), seed, time_limit)
    question.derive()
    with due(question.deadline + GRACE):
        try:
            given = read_answer(answer, f, notation, question.truth._shape)
        except OutOfTimeError:
            return unread(question, str(answer))
        if given.left is not None:
            try:
                question = of_left_side(question, given.left, given.expression)
            except HesseError as error:
                raise error.at(given.text) from None
        return judged(question, given)


def _position(entry: int | Sequence[int] | None) -> tuple[int, ...] | None:
    """The entry as a position. Raises ArgumentError for anything but integers."""
    if entry is None:
        return None
    found = (entry,) if isinstance(entry, int) else tuple(entry) if isinstance(entry, Sequence) else ()
    if (not found and entry != ()) or not all(isinstance(k, int) and not isinstance(k, bool) for k in found):
        raise ArgumentError(f"an entry is one position or several, as in (0, 1), not {entry!r}")
    return found
