"""Where a part of an answer stands: in which entry of a list, in which term, and which one of those that read alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hesse.checking.diagnosis.spelling import Spelling, ordinal
from hesse.core.syntax import Binary, Definitions, Negative, Stack, Syntax, postorder


def located(words: str, part: Syntax, answer: Syntax, spelling: Spelling, names: Sequence[str]) -> str:
    """What is said of a part, with its place where the words alone leave it open; `names` are those of the entries."""
    body = answer.body if isinstance(answer, Definitions) else answer
    if not _within(part, body):
        return words
    where: Syntax = body
    place: tuple[int, ...] = ()
    while isinstance(where, Stack) and where is not part:
        entry = next(k for k, item in enumerate(where.items) if _within(part, item))
        where, place = where.items[entry], (*place, entry)
    told = f"in {entry_name(place, len(body.items), names)}: " if isinstance(body, Stack) and place else ""
    text = spelling.tree(part)
    if _count(text, part, where, spelling) < 2:
        return told + words
    term = next((term for term in _terms(where) if _within(part, term)), where)
    if term is not where:
        told += f"in the term `{spelling.tree(term)}`: "
    alike = _alike(text, part, term, spelling)
    which = next(k for k, each in enumerate(alike) if each is part)
    return told + words + (f" (the {ordinal(which)} `{text}`)" if len(alike) > 1 else "")


def entry_name(place: tuple[int, ...], count: int, names: Sequence[str]) -> str:
    """What the entry of a list is called; the entries of one list may go by names."""
    if len(place) > 1:
        return f"the entry {list(place)}"
    (entry,) = place
    by = f", by `{names[entry]}`" if len(names) == count else ""
    return f"the {ordinal(entry)} entry{by}"


def stacked(tree: Syntax, rank: int) -> dict[tuple[int, ...], Syntax] | None:
    """The entries of nested lists by their places; None where the tree is not written as such."""
    if rank == 0:
        return {(): tree}
    if not isinstance(tree, Stack):
        return None
    found: dict[tuple[int, ...], Syntax] = {}
    for k, item in enumerate(tree.items):
        inner = stacked(item, rank - 1)
        if inner is None:
            return None
        found |= {(k, *place): entry for place, entry in inner.items()}
    return found


def _within(part: Syntax, tree: Syntax) -> bool:
    return any(each is part for each in postorder(tree))


def _alike(text: str, part: Syntax, tree: Syntax, spelling: Spelling) -> list[Syntax]:
    return [each for each in postorder(tree) if type(each) is type(part) and spelling.tree(each) == text]


def _count(text: str, part: Syntax, tree: Syntax, spelling: Spelling) -> int:
    return len(_alike(text, part, tree, spelling))


def _terms(tree: Syntax) -> Iterator[Syntax]:
    """The terms of a sum."""
    waiting = [tree]
    while waiting:
        match waiting.pop():
            case Binary(operator="+" | "-", left=left, right=right):
                waiting += [right, left]
            case Negative(operand=operand):
                waiting.append(operand)
            case term:
                yield term
