"""The page of a derivation in its notations: as text, in LaTeX, and in Markdown for notebooks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hesse.explain.rows import Equality, Remark, Row, Title, Told
from hesse.explain.spelling import Statement

_WORDED = re.compile(r"\\text\{[^{}]*\}")
_ESCAPED = {
    "\\": r"$\backslash$", "{": r"\{", "}": r"\}", "#": r"\#", "$": r"\$", "%": r"\%", "&": r"\&", "_": r"\_",
    "^": r"\^{}", "~": r"\~{}", "<": "$<$", ">": "$>$", "|": "$|$",
}  # fmt: skip
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|$#])")


def as_lines(rows: Sequence[Row], notation: str) -> Iterator[str]:
    """The lines of the page, in text or in mathematical Unicode."""
    for k, row in enumerate(rows):
        match row:
            case Title(text=text):
                yield from ("",) * (k > 0)
                yield getattr(text, notation)
            case Told():
                statement = row.statement(notation)
                yield f"{row.text}" + (f":  {statement}" if statement else "")
            case Equality(left=left, right=right, again=again, where=where):
                head = getattr(left, notation)
                yield f"     {' ' * len(head) if again else head} = {right.spelled(notation)}"
                for j, (name, value) in enumerate(where):
                    lead = "where" if not j else "     "
                    yield f"     {lead} {name.spelled(notation)} = {value.spelled(notation)}"
            case Remark():
                yield row.spelled(notation)


def as_align(rows: Sequence[Row]) -> Iterator[str]:
    r"""One `align*` block that holds all of the page: each rule is a row of words, with its statement in the next."""
    lines = [line for row in rows for line in _aligned(row)]
    yield r"\begin{align*}"
    yield from (line + (r" \\" if k < len(lines) - 1 else "") for k, line in enumerate(lines))
    yield r"\end{align*}"


def _aligned(row: Row) -> Iterator[str]:
    match row:
        case Title(text=text):
            yield rf"&\textbf{{{escaped(text.text)}}}" if is_worded(text) else rf"&\boldsymbol{{{text.latex}}}"
        case Told(stated=stated):
            yield rf"&\text{{{escaped(row.text)}}}"
            yield from (rf"&\qquad {statement.latex}" for statement in stated)
        case Equality(left=left, right=right, again=again, where=where):
            yield f"{'' if again else f'{left.latex} '}&= {right.latex}"
            yield from (rf"&\quad \text{{where }} {name.latex} = {value.latex}" for name, value in where)
        case Remark(text=text, condition=condition):
            formula = "" if condition is None else rf"\ {condition.latex}"
            yield rf"&\text{{{escaped(text.strip())}}}{formula}"


def as_markdown(rows: Sequence[Row]) -> Iterator[str]:
    """The page for notebooks: rules as sentences and not as a list, whose numbers a notebook would change."""
    for row in rows:
        match row:
            case Title(text=text):
                yield (
                    f"**{plain(text.text)}**\n"
                    if is_worded(text)
                    else rf"$\displaystyle \boldsymbol{{{text.latex}}}$" + "\n"
                )
            case Told(step=step, stated=stated):
                statements = "; ".join(f"${each.latex}$" for each in stated)
                yield f"{step.number}\\. {plain(step.title)}" + (f": {statements}" if statements else "") + "\n"
            case Equality(left=left, right=right, where=where):
                yield rf"$$\displaystyle {left.latex} = {right.latex}$$" + "\n"
                named = ", ".join(f"${name.latex} = {value.latex}$" for name, value in where)
                yield from (f"where {named}\n",) if named else ()
            case Remark(text=text, condition=condition):
                formula = "" if condition is None else f" ${condition.latex}$"
                yield f"*{plain(text.strip())}*{formula}\n"


def is_worded(text: Statement) -> bool:
    """Whether a title is words, and no formula."""
    return _WORDED.fullmatch(text.latex) is not None


def escaped(text: str) -> str:
    """Words in LaTeX."""
    return "".join(_ESCAPED.get(char, char) for char in text)


def plain(text: str) -> str:
    """Words in Markdown, with nothing in them that would be markup."""
    return _MARKDOWN.sub(r"\\\1", text)
