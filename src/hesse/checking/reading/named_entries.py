"""What the left side of an answer says about the question: the order, the variables, and which entry is answered."""

from __future__ import annotations

from dataclasses import replace

from hesse.checking.question import Question
from hesse.checking.reading.left_names import By, LeftSide, counted
from hesse.core.build import shape_text
from hesse.errors import ParseError
from hesse.service.expression import Expr

_ORDERS = {1: "a first derivative", 2: "a second derivative"}


def of_left_side(question: Question, left: LeftSide, given: Expr | None) -> Question:
    """The question with the entry that the left side names. Raises ParseError where it names something else."""
    _check_order(question, left)
    _check_variables(question, left)
    entry = _entry(question, left)
    rank = 0 if given is None else len(given._shape)
    if left.loose and (rank or entry is None):
        entry = None
    if entry is None:
        if not left.order and question.entry is None and given is not None and rank < len(question.whole._shape):
            raise _which(question, left, given)
        return question
    if rank and given is not None:
        raise ParseError(
            f"`{left.text}` is one entry of the {question.title}, the answer is {shape_text(given._shape)}",
            span=left.span,
            hint="leave the left side out, or write what stands for the whole, as in `∇f =`",
        )
    if question.entry not in (None, entry):
        raise ParseError(
            f"`{left.text}` is the entry {list(entry)}, the entry {list(question.entry or ())} is asked for",
            span=left.span,
            hint="positions of entries count from 0, subscripts from 1",
        )
    for position, size in zip(entry, question.whole._shape, strict=True):
        known = size.as_int()
        if known is not None and position >= known:
            raise ParseError(
                f"`{left.text}` is no entry of the {question.title}, which is {shape_text(question.whole._shape)}",
                span=left.span,
                hint="subscripts count from 1, positions in brackets from 0",
            )
    return replace(question, entry=entry)


def _check_order(question: Question, left: LeftSide) -> None:
    if left.order not in (0, question.order):
        named = _ORDERS.get(left.order, f"a derivative of order {left.order}")
        raise ParseError(
            f"`{left.text}` is {named}, and the {question.title} is asked for, {_ORDERS[question.order]}",
            span=left.span,
        )


def _check_variables(question: Question, left: LeftSide) -> None:
    names = question.target.names
    for by in left.by:
        if by.name not in names:
            raise ParseError(
                f"`{left.text}` is a derivative by `{by.name}`; the {question.title} is by {', '.join(names)}",
                span=left.span,
            )


def _entry(question: Question, left: LeftSide) -> tuple[int, ...] | None:
    """The entry of the whole derivative; None where that itself is named. Raises ParseError for a part of it."""
    rank, outputs = len(question.whole._shape), len(question.f._shape)
    output = counted(left.output, outputs) if left.output and outputs else ()
    positions = [_positions(question, by) for by in left.by]
    if left.places is not None or left.numbers:
        found = left.places if left.places is not None else counted(left.numbers, rank)
        if found is not None and len(found) == rank and not any(positions):
            return found
        if left.loose:
            return None
        raise _part(question, left)
    if not any(positions) and not output:
        return None
    found = (*(output or ()), *(place for each in positions for place in each))
    if len(found) != rank or len(left.by) != question.order:
        raise _part(question, left)
    return found


def _positions(question: Question, by: By) -> tuple[int, ...]:
    """The positions that a variable gives; none for a whole one."""
    if question.target.stacked:
        return (question.target.names.index(by.name),)
    return by.entry or ()


def _part(question: Question, left: LeftSide) -> ParseError:
    axes = len(question.whole._shape)
    return ParseError(
        f"`{left.text}` is neither the whole {question.title} nor one entry of it",
        span=left.span,
        hint=f"the {question.title} has {axes} ax{'i' if axes == 1 else 'e'}s; an entry is asked for by `entry`",
    )


def _which(question: Question, left: LeftSide, given: Expr) -> ParseError:
    name = question.target.names[0]
    example = f"∂f/∂{name}" if question.target.stacked else f"∂f/∂{name}_1"
    if question.order == 2:
        example = "f_12"
    shown = f"`{left.text}` does not say which entry is meant: " if left.text else "which entry is meant? "
    return ParseError(
        f"{shown}the answer is {shape_text(given._shape)}, the {question.title} is {shape_text(question.whole._shape)}",
        span=left.span,
        hint=f"write `{example} =` before it, or ask for one `entry`",
    )
