"""Blocks on a terminal: headings stand out, matrices are drawn, long formulas are broken at signs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, assert_never

from hesse.cli.blocks import (
    Block,
    Document,
    Equation,
    Equations,
    Formula,
    Heading,
    Holding,
    Lines,
    Note,
    Numbers,
    Rule,
    Terms,
)
from hesse.cli.numbers import is_short, rows, shown
from hesse.cli.wrapping import filled, wrapped

Span: TypeAlias = tuple[str, str]
"""Text and its style."""
Line: TypeAlias = tuple[Span, ...]

_INDENT = 2
_GAP = 3
_STYLES = {"plain": "dim", "good": "green", "caution": "yellow"}
_FORMULA = "bold"
_LABEL = "cyan"
_RULE = "magenta"


def print_document(document: Document) -> None:
    """Print the document on standard output. Rich is imported only here, where it is needed."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in terminal_lines(document, console.width):
        console.print(Text.assemble(*line), soft_wrap=True)


def terminal_lines(document: Document, width: int) -> Iterator[Line]:
    """The lines of the document; what stands below a heading is indented."""
    indent = 0
    for k, block in enumerate(document):
        if isinstance(block, Heading):
            if k:
                yield ()
            indent = _INDENT
            yield from _heading(block, width)
        else:
            yield from (((" " * indent, ""), *line) for line in _lines(block, max(20, width - indent)))


def _lines(block: Block, width: int) -> Iterator[Line]:
    match block:
        case Heading():
            yield from _heading(block, width)
        case Equation():
            yield from _equation(block, width)
        case Equations(rows=equations, sign=sign):
            room = max(len(label) for label, _ in equations)
            for label, line in equations:
                yield from _stated(f"{label.ljust(room)}{sign} ", line, width)
        case Note(text=text, tone=tone):
            mark = "✓ " if tone == "good" else ""
            yield from _hanging((mark, _STYLES[tone]), filled(text, width - len(mark)), _STYLES[tone])
        case Rule():
            yield from _rule(block, width)
        case Holding(text=text):
            head = "holds where "
            yield from _hanging((head, _STYLES["caution"]), wrapped(text, width - len(head)), _STYLES["caution"])
        case Numbers():
            yield from _numbers(block, width)
        case Terms(rows=terms):
            yield from _terms(terms, width)
        case Lines(lines=lines):
            yield from (((line, _LABEL),) for line in lines)
        case _:
            assert_never(block)


def _heading(block: Heading, width: int) -> Iterator[Line]:
    first, *more = wrapped(block.text, width)
    remark = ((f"  {block.remark}", "dim"),) if block.remark else ()
    if more or len(first) + 2 + len(block.remark) <= width:
        yield ((first, "bold"), *(() if more else remark))
    else:
        yield ((first, "bold"),)
        yield from (((f"  {line}", "dim"),) for line in filled(block.remark, width - 2))
    yield from (((f"  {line}", "bold"),) for line in more)


def _rule(block: Rule, width: int) -> Iterator[Line]:
    """The names of the rules, and beside or below them what they say."""
    names = filled(block.text, width)
    *before, last = names
    yield from (((line, _RULE),) for line in before)
    if not block.statement:
        yield ((last, _RULE),)
    elif len(last) + _GAP + len(block.statement) <= width:
        yield ((last, _RULE), (" " * _GAP + block.statement, "dim"))
    else:
        yield ((last, _RULE),)
        yield from (((f"    {line}", "dim"),) for line in wrapped(block.statement, width - 4))


def _equation(block: Equation, width: int) -> Iterator[Line]:
    head = f"{block.label}{block.sign} "
    yield from _drawn(head, block.formula, width) or _stated(head, block.formula.line, width)
    room = max((len(name) for name, _ in block.formula.where), default=0)
    for k, (name, value) in enumerate(block.formula.where):
        yield from _stated(f"{'     ' if k else 'where'} {name.ljust(room)} = ", value, width)


def _stated(head: str, text: str, width: int) -> Iterator[Line]:
    """A label and what belongs to it; below the label where little room is left beside it."""
    if len(head) + len(text) <= width or 2 * len(head) <= width:
        yield from _hanging((head, _LABEL), wrapped(text, width - len(head)), _FORMULA)
        return
    yield ((head.rstrip(), _LABEL),)
    yield from (((f"    {line}", _FORMULA),) for line in wrapped(text, width - 4))


def _hanging(head: Span, lines: Sequence[str], style: str) -> Iterator[Line]:
    for k, line in enumerate(lines):
        yield ((" " * len(head[0]), "") if k else head, (line, style))


def _drawn(head: str, formula: Formula, width: int) -> list[Line]:
    """The formula as a matrix over several lines; empty where it is none, or too wide."""
    table = formula.rows
    if not table or (len(table[0]) == 1 and len(head) + len(formula.line) <= width):
        return []
    room = [max(len(row[k]) for row in table) for k in range(len(table[0]))]
    padded = [[cell.ljust(room[k]) for k, cell in enumerate(row)] for row in table]
    lines = _bracketed(head, padded)
    return lines if sum(room) + _GAP * (len(room) - 1) + len(head) + 4 <= width else []


def _bracketed(head: str, table: Sequence[Sequence[str]]) -> list[Line]:
    """The rows in tall brackets, the head beside the middle one."""
    middle = (len(table) - 1) // 2
    lines: list[Line] = []
    for k, row in enumerate(table):
        left, right = _brackets(k, len(table))
        label = head if k == middle else " " * len(head)
        lines.append(((label, _LABEL), (f"{left} {(' ' * _GAP).join(row)} {right}", _FORMULA)))
    return lines


def _brackets(row: int, count: int) -> tuple[str, str]:
    if count == 1:
        return "[", "]"
    if row == 0:
        return "⎡", "⎤"
    return ("⎣", "⎦") if row == count - 1 else ("⎢", "⎥")


def _numbers(block: Numbers, width: int) -> Iterator[Line]:
    head = block.label + (block.sign if is_short(block.value) else block.about) + " "
    texts = shown(block.value)
    if len(texts.shape) == 2:
        table = texts.nested()
        if len(head) + 4 + sum(map(len, table[0])) + _GAP * (len(table[0]) - 1) <= width:
            yield from _bracketed(head, table)
            return
    lines = rows(texts)
    if len(lines) == 1:
        yield from _stated(head, lines[0], width)
    else:
        yield from _hanging((head, _LABEL), lines, _FORMULA)


def _terms(terms: Sequence[tuple[str, str]], width: int) -> Iterator[Line]:
    room = max(len(term) for term, _ in terms) + 2
    if 2 * room > width:
        for term, meaning in terms:
            yield ((term, _LABEL),)
            yield from (((f"    {line}", ""),) for line in filled(meaning, width - 4))
        return
    for term, meaning in terms:
        yield from _hanging((term.ljust(room), _LABEL), filled(meaning, width - room), "")
