r"""LaTeX and declarations to the surface tree: the formula is read once, and lowered for the ranks that are tried."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hesse.core.declarations import Declarations
from hesse.core.nodes import Shape
from hesse.core.sizes import UNWRITTEN, Size
from hesse.core.syntax import Definitions, Name, Syntax, postorder
from hesse.errors import HesseError, ParseError, ShapeError, Span, UnknownNameError
from hesse.frontends.infer import Unknown, infer_shapes
from hesse.frontends.latex.applied import hidden_name
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.lowering import lower
from hesse.frontends.latex.names import Names, new_name
from hesse.frontends.latex.parser import read_formula
from hesse.frontends.latex.resolve import Resolver
from hesse.frontends.latex.statements import Statement, sides, statements, unwrapped
from hesse.frontends.latex.tokens import Token, tokenise
from hesse.frontends.latex.tree import Filled, Latex, Script, Symbol
from hesse.frontends.latex.values import Scope, Value
from hesse.frontends.text.vocabulary import reserved

ROW = "the result is a row; hesse's vectors are neither rows nor columns"
"""The reading of a formula that is a row."""
_COMMENT = re.compile(r"(?<!\\)%")
_SHOWN = {"I": "I_n", "1": r"\mathbf{1}_n", "0": r"\mathbf{0}_n"}


def parse_latex(text: str, declarations: Declarations) -> tuple[Syntax, Declarations, tuple[str, ...]]:
    """The tree of a formula, the declarations completed with its undeclared names, and how it was understood."""
    try:
        return _parsed(text, declarations)
    except HesseError as error:
        raise error.at(text) from None


def left_side(text: str) -> tuple[int, int, int, int] | None:
    """Where the left side of a formula begins and ends, where its equals sign ends, and where the right side does."""
    try:
        return sides(unwrapped(tokenise(text)))
    except HesseError as error:
        raise error.at(text) from None


def _parsed(text: str, declarations: Declarations) -> tuple[Syntax, Declarations, tuple[str, ...]]:
    formula = _formula(text, declarations)
    tree, declared, inferred = infer_shapes(formula.read, formula.unknowns(), declarations)
    formula.check(tree, declared)
    return tree, declared, (*formula.cursor.readings, *inferred)


def misfitting(text: str, declarations: Declarations) -> tuple[Syntax | None, tuple[str, ...]]:
    """The tree of a formula whose shapes do not fit, None where there is none, and its undeclared names."""
    formula = _formula(text, declarations)
    unknowns = formula.unknowns()
    named = tuple(unknown.name for unknown in unknowns if not unknown.hidden)
    if unknowns:
        return None, named
    try:
        return formula.read({}), named
    except ShapeError:
        return None, named


def _formula(text: str, declarations: Declarations) -> _Formula:
    tokens = unwrapped(tokenise(text))
    if len(tokens) == 1:
        raise ParseError("the formula is empty", span=Span(0, 0))
    cursor = Cursor(text, tokens, Names(declarations))
    if _COMMENT.search(text):
        cursor.note("what stands behind `%` in a line is a comment")
    return _Formula(cursor, *statements(tokens))


class _Formula:
    """A formula with its definitions, read and ready to be lowered."""

    def __init__(self, cursor: Cursor, expression: Statement, definitions: list[Statement]) -> None:
        self.cursor = cursor
        self.definitions: list[tuple[str, Latex]] = []
        names = [self._defined(statement) for statement in definitions]
        for name, statement in zip(names, definitions, strict=True):
            self.definitions.append((name, self._formula(statement.right)))
        self.body = self._formula(expression.right)
        if expression.left:
            written = cursor.text(Span(expression.left[0].start, expression.right[0].start))
            cursor.note(f"`{written}` left out: the right side is read")
        self.listed = {name: statement for name, statement in zip(names, definitions, strict=True) if statement.listed}
        for statement in self.listed.values():
            cursor.note(f"`{cursor.text(_span(statement))}` read as a definition")
        self.resolver = Resolver(cursor)
        self.resolver.run([*(value for _, value in self.definitions), self.body])
        self.notes = tuple(cursor.readings)
        self.assumed = False

    def _formula(self, tokens: list[Token]) -> Latex:
        self.cursor.begin(tokens)
        return read_formula(self.cursor)

    def _defined(self, statement: Statement) -> str:
        """The name that a definition gives."""
        left = self._formula(statement.left)
        span = Span(statement.left[0].start, statement.left[-2].end)
        symbol = left.base if isinstance(left, Script) else left
        label = left.label if isinstance(left, Script) else ""
        if not isinstance(symbol, Symbol) or (isinstance(left, Script) and not label):
            raise ParseError("a definition begins with a name", span=span, hint="write `r = A x - b`")
        self.cursor.symbols.clear()
        name = self.cursor.names.find(symbol.stem, label, upright=symbol.upright)
        if name in self.cursor.names.defined:
            return str(name)
        if name is not None:
            raise ParseError(f"`{name}` is declared and cannot be defined again", span=span)
        name = new_name(symbol.stem, label)
        if reserved(name):
            raise ParseError(f"`{name}` is a function and cannot be defined", span=span)
        self.cursor.names.define(name, upright=symbol.upright and not label)
        return name

    def unknowns(self) -> list[Unknown]:
        """What is not declared: names, and sizes that are not written."""
        named = self.resolver.unknowns()
        self.assumed = bool(named)
        hidden = [
            Unknown(f"size {name}", ((0, 1),), {0: Size.of(name)}, hidden=True) for name in self.resolver.new_sizes
        ]
        for filled in self.cursor.unsized.values():
            hidden.append(_filled(filled))
        return [*named, *hidden]

    def read(self, shapes: Mapping[str, Shape]) -> Syntax:
        """The tree when the unknowns have these shapes."""
        cursor = self.cursor
        cursor.readings.clear()
        cursor.readings.update(dict.fromkeys(self.notes))
        declared = {name: entry.shape for name, entry in cursor.names.declarations.variables.items()}
        scope = Scope(cursor, self.resolver.meanings, {**declared, **shapes}, self.assumed)
        bindings: list[tuple[str, Syntax]] = []
        for name, definition in self.definitions:
            value = lower(scope, definition)
            scope.defined[name] = value
            bindings.append((name, value.tree))
        body = lower(scope, self.body)
        _note_row(scope, body)
        return Definitions(tuple(bindings), body.tree, body.span) if bindings else body.tree

    def check(self, tree: Syntax, declared: Declarations) -> None:
        """Raises where a size does not follow from the formula, and for what is defined behind a comma and not used."""
        used = {part.name for part in postorder(tree) if isinstance(part, Name)}
        for name, statement in self.listed.items():
            if name not in used:
                raise ParseError(
                    f"one expression is expected, and `{name}` is defined behind it and not used",
                    span=_span(statement),
                    hint="write the expression first, behind it what it uses: `r^\\top r, r = A x - b`",
                )
        for part in postorder(tree):
            if isinstance(part, Name) and part.name.startswith(UNWRITTEN):
                kind = part.name.removeprefix(UNWRITTEN)[0]
                raise ParseError(
                    f"the size of `{_SHOWN.get(kind, 'I_n')[:-2]}` does not follow from the formula",
                    span=self._span(kind),
                    hint=f"write it: `{_SHOWN.get(kind, 'I_n')}`",
                )
        for name, span in self.resolver.new_sizes.items():
            if name not in declared.size_names:
                raise UnknownNameError(
                    f"`{name}` is not the size of anything here", span=span, hint="sizes are declared, as in `x:n`"
                )

    def _span(self, kind: str) -> Span | None:
        return next((filled.span for filled in self.cursor.unsized.values() if filled.kind == kind), None)


def _span(statement: Statement) -> Span:
    return Span(statement.left[0].start, statement.right[-2].end)


def _filled(filled: Filled) -> Unknown:
    if filled.kind == "I":
        side = Size.of(f"?{hidden_name(filled)}")
        return Unknown(hidden_name(filled), ((0, 2),), {0: side, 1: side}, hidden=True)
    return Unknown(hidden_name(filled), ((0, 1),), {}, hidden=True)


def _note_row(scope: Scope, value: Value) -> None:
    if value.row:
        scope.note(ROW)
