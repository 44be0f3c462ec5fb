"""Blocks as plain lines: what a pipe gets. Nothing is wrapped, coloured or drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from hesse.cli.blocks import Block, Document, Equation, Equations, Heading, Holding, Lines, Note, Numbers, Rule, Terms
from hesse.cli.numbers import is_short, rows, shown

_INDENT = "  "


def plain_lines(document: Document) -> Iterator[str]:
    """The lines of the document; what stands below a heading is indented."""
    indent = ""
    for k, block in enumerate(document):
        if isinstance(block, Heading):
            if k:
                yield ""
            indent = _INDENT
            yield block.text + (f" ({block.remark})" if block.remark else "")
        else:
            yield from (indent + line for line in _lines(block))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Equation():
            yield from _equation(block)
        case Equations(rows=equations, sign=sign):
            yield from (f"{label}{sign} {line}" for label, line in equations)
        case Note(text=text):
            yield text
        case Rule(text=text, statement=statement):
            yield f"{text}:  {statement}" if statement else text
        case Holding(text=text):
            yield f"holds where {text}"
        case Numbers():
            yield from numbers(block)
        case Terms(rows=terms):
            width = max((len(term) for term, _ in terms), default=0)
            yield from (f"{term.ljust(width)}  {meaning}".rstrip() for term, meaning in terms)
        case Lines(lines=lines):
            yield from lines
        case Heading():
            yield block.text
        case _:
            assert_never(block)


def _equation(block: Equation) -> Iterator[str]:
    formula = block.formula
    yield formula.line if block.bare else f"{block.label}{block.sign} {formula.line}"
    yield from (f"where {name} = {value}" for name, value in formula.where)


def numbers(block: Numbers) -> Iterator[str]:
    """The value, rows below each other."""
    head = block.label + (block.sign if is_short(block.value) else block.about) + " "
    for k, line in enumerate(rows(shown(block.value))):
        yield (" " * len(head) if k else head) + line.rstrip()
