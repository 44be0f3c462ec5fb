r"""The verdict of `check` in LaTeX: one `align*` with all that the text says, words in `\text`, code in `\texttt`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from hesse.cli.align import entries
from hesse.cli.blocks import Block, Equation, Formula, Heading, Note, Rule, Terms
from hesse.core.syntax import Name
from hesse.notation.letters import COMMANDS
from hesse.render.latex import to_latex
from hesse.service.expression import Expr

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "…": r"\dots{}",
    "×": r"$\times$",
    "−": "$-$",
    "·": r"$\cdot$",
} | {letter: f"\\{letter}" for letter in "{}$&#_%"}
_CODE = re.compile("`([^`]*)`")
_EXPONENT = re.compile(r"e([+-]?)0*(\d+)")


def latex_blocks(blocks: Iterable[Block], found: Any) -> Iterator[Block]:
    """The blocks of a verdict, their words as rows and the values of the counterexample as equations."""
    for block in blocks:
        match block:
            case Heading(text=text, remark=remark):
                yield Rule(words(f"{text} ({remark})" if remark else text))
            case Note(text=text):
                yield Rule(words(text))
            case Equation(label=label, sign=sign, formula=formula):
                # A formula that could not be read is the text of the answer.
                read = rf"\text{{{words(formula.line)}}}" if formula.line.startswith("`") else formula.line
                yield Equation(rf"\text{{{words(label)}}}", sign, Formula(read, formula.where))
            case Terms():
                yield from _example(found.counterexample, found.correct, block)
            case _:
                yield block


def words(text: str) -> str:
    r"""The text for `\text`, with what is between backticks as code."""
    return _CODE.sub(lambda code: rf"\texttt{{{code[1]}}}", "".join(map(_letter, text)))


def _letter(letter: str) -> str:
    command = COMMANDS.get(letter)
    return _SPECIAL.get(letter) or (f"${command}$" if command else letter)


def _example(example: Any, correct: Expr, terms: Terms) -> Iterator[Block]:
    for name, value in example.values.items():
        label = to_latex(Name(name), correct._declarations)
        yield Equation(label, "=", Formula(entries(value.map(_exact))))
    for label, number in terms.rows[len(example.values) :]:
        value = r"\text{none}" if number == "none" else _number(number)
        yield Equation(rf"\text{{{words(label)}}}", "=", Formula(value))


def _exact(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value)
    sign = "-" if value < 0 else ""
    return rf"{sign}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def _number(text: str) -> str:
    return _EXPONENT.sub(lambda power: rf" \cdot 10^{{{power[1].strip('+')}{power[2]}}}", text)
