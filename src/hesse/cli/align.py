r"""A report in LaTeX: an `align*` block to be pasted, and what is no mathematics as comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hesse.cli.blocks import Block, Document, Equation, Equations, Formula, Heading, Holding, Lines, Note, Numbers, Rule
from hesse.cli.numbers import exact, is_short, short
from hesse.core.tensor import Tensor

MAX_COLUMNS = 10
"""More columns a `bmatrix` does not take."""


def latex_lines(document: Document) -> Iterator[str]:
    r"""The lines of the document: all equations in one `align*`, between comments."""
    bare = isinstance(document[0], Equation) and document[0].bare
    if bare and isinstance(document[0], Equation):
        yield _with_definitions(document[0].formula)
    rows = [row for block in document[bare:] for row in _rows(block)]
    # A comment belongs to what stands before it.
    if rows:
        yield r"\begin{align*}"
        yield from (row + (r" \\" if k < len(rows) - 1 else "") for k, row in enumerate(rows))
        yield r"\end{align*}"
    yield from (f"% {text}" for text in _comments(document))


def _rows(block: Block) -> Iterator[str]:
    match block:
        case Equation(label=label, sign=sign, formula=formula):
            yield f"{label} &{sign} {formula.line}"
            yield from (rf"&\quad \text{{where }} {name} = {value}" for name, value in formula.where)
        case Equations(rows=equations, sign=sign):
            yield from (f"{label} &{sign} {line}" for label, line in equations)
        case Rule(text=text):
            yield rf"&\text{{{text}}}"
        case Holding(conditions=conditions):
            yield r"&\quad \text{for } " + r" \text{ and } ".join(conditions)
        case Heading(point=point) if point:
            yield r"&\text{at } " + r", \; ".join(f"{name} = {entries(value.map(exact))}" for name, value in point)
        case Numbers(label=label, value=value):
            yield f"{label} &{block.sign if is_short(value) else block.about} {entries(value.map(_number))}"
        case _:
            return


def _with_definitions(formula: Formula) -> str:
    named = r", \; ".join(f"{name} = {value}" for name, value in formula.where)
    return formula.line + (rf", \quad \text{{where }} {named}" if named else "")


def entries(texts: Tensor[str]) -> str:
    """The entries of an array in brackets; those of a number without."""
    if not texts.shape:
        return texts.item
    width = texts.shape[1] if len(texts.shape) == 2 else 1
    if len(texts.shape) <= 2:
        rows: Sequence[str] = [" & ".join(texts.entries[k : k + width]) for k in range(0, len(texts.entries), width)]
    else:
        step = len(texts.entries) // texts.shape[0]
        parts = (texts.entries[k : k + step] for k in range(0, len(texts.entries), step))
        rows = [entries(Tensor(texts.shape[1:], part)) for part in parts]
    if width > MAX_COLUMNS:
        return rf"\left[ \begin{{array}}{{{'c' * width}}} " + r" \\ ".join(rows) + r" \end{array} \right]"
    return r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"


def _number(value: float) -> str:
    mantissa, letter, exponent = short(value).partition("e")
    if letter:
        return rf"{mantissa} \cdot 10^{{{exponent}}}"
    return {"nan": r"\text{undefined}", "inf": r"\infty", "-inf": r"-\infty"}.get(mantissa, mantissa)


def _comments(document: Document) -> Iterator[str]:
    for block in document:
        if isinstance(block, Note):
            yield block.text
        elif isinstance(block, Heading) and not block.point:
            yield block.text + (f": {block.remark}" if block.remark else "")
        elif isinstance(block, Lines):
            yield from block.lines
