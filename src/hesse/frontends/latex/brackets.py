r"""Brackets, bars, norms, angle brackets, and environments: matrices and cases."""

from __future__ import annotations

from hesse.errors import ParseError
from hesse.frontends.latex.commands import MATRICES
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tokens import Token
from hesse.frontends.latex.tree import Bars, Cases, Grid, Group, Inner, Latex, Listed

_WRITTEN = {"(": ")", "[": "]", "set": "\\}", "⟨": "\\rangle", "⌊": "\\rfloor", "|": "|", "‖": "\\|"}


def read_bracket(cursor: Cursor) -> Step[Latex]:
    """What stands in brackets: one thing, or several with commas."""
    token = cursor.token
    if token.value in ("|", "‖"):
        bars: Latex = yield "bars"
        return bars
    items: tuple[Latex, ...] = yield "items"
    span = cursor.since(token.start)
    if token.value == "⟨":
        if len(items) == 1:
            hint = r"write `\langle a, b \rangle`"
            raise ParseError("angle brackets hold two things, or the entries of a vector", span=span, hint=hint)
        return Inner(span, items[0], items[1]) if len(items) == 2 else Listed(span, token.value, items)
    mark = "(" if token.value == "set" else token.value
    alone = len(items) == 1 and cursor.ahead(-2).value != ","
    return Group(span, mark, items[0]) if alone else Listed(span, token.value, items)


def read_items(cursor: Cursor) -> Step[tuple[Latex, ...]]:
    """The things between a bracket and its partner, which are passed. `[A, ]` is the list of one thing."""
    opening = cursor.next()
    cursor.open(opening.value, opening)
    if cursor.token.kind == "close":
        raise ParseError("the brackets are empty", span=opening.span.join(cursor.token.span))
    items: list[Latex] = []
    while not items or cursor.at_sign(",", ";"):
        if items:
            cursor.next()
        if len(items) == 1 and opening.value == "[" and cursor.at("close"):
            break
        item: Latex = yield "relation"
        items.append(item)
    close_bracket(cursor, opening)
    return tuple(items)


def close_bracket(cursor: Cursor, opening: Token) -> None:
    """Passes the closing bracket, or raises the error for what stands there."""
    token = cursor.token
    if token.kind == "close" and token.value == opening.value:
        cursor.opened.pop()
        cursor.next()
        return
    shown = cursor.text(opening.span)
    if token.kind == "end":
        raise ParseError(f"`{shown}` is not closed", span=opening.span)
    if token.kind == "close":
        raise cursor.error(
            f"{cursor.found()} cannot close `{shown}`", hint=f"`{_WRITTEN[opening.value]}` is expected here, or earlier"
        )
    raise cursor.error(f"expected an operator or `{_WRITTEN[opening.value]}`, found {cursor.found()}")


def read_bars(cursor: Cursor) -> Step[Latex]:
    """|x|, or the norm ‖x‖."""
    opening = cursor.next()
    mark = "‖" if opening.value == "||" else opening.value
    cursor.open(mark, opening)
    body: Latex = yield "sum"
    token = cursor.token
    if token.kind in ("bar", "close") and token.value == "||" and mark == "|":
        cursor.split(1)
    elif token.kind in ("bar", "close") and (token.value == mark or (token.value == "||" and mark == "‖")):
        cursor.next()
    elif token.kind == "end":
        raise ParseError(f"`{cursor.text(opening.span)}` is not closed", span=opening.span)
    else:
        raise cursor.error(f"expected an operator or `{_WRITTEN[mark]}`, found {cursor.found()}")
    cursor.opened.pop()
    return Bars(cursor.since(opening.start), mark == "‖", body)


def read_environment(cursor: Cursor) -> Step[Latex]:
    """A matrix or a distinction of cases."""
    token = cursor.token
    if token.value in ("cases", "dcases", "cases*", "rcases"):
        cases: Latex = yield "cases"
        return cases
    if token.value in ("vmatrix", "Vmatrix"):
        hint = "write `\\det \\begin{bmatrix} ... \\end{bmatrix}`"
        raise cursor.error("a determinant in bars is not read", hint=hint)
    if token.value.rstrip("*") not in MATRICES:
        raise cursor.error(
            f"the environment `{token.value}` is not known", hint="matrices are `bmatrix`, `pmatrix`, ..."
        )
    rows: list[tuple[Latex, ...]] = yield "rows"
    return Grid(cursor.since(token.start), tuple(rows))


def read_rows(cursor: Cursor) -> Step[list[tuple[Latex, ...]]]:
    """The rows of an environment, which is passed."""
    opening = cursor.next()
    cursor.open("grid", opening)
    rows: list[tuple[Latex, ...]] = []
    while not cursor.at("endgrid"):
        cells: list[Latex] = []
        while not cells or cursor.take_sign("&"):
            cell: Latex = yield "relation"
            cells.append(cell)
        rows.append(tuple(cells))
        if cursor.at("row"):
            cursor.next()
        elif not cursor.at("endgrid"):
            raise _grid_error(cursor, opening)
    _end_grid(cursor, opening)
    if not rows:
        raise ParseError("the matrix is empty", span=opening.span)
    if len({len(row) for row in rows}) > 1:
        raise ParseError("the rows of the matrix have different lengths", span=cursor.since(opening.start))
    return rows


def _grid_error(cursor: Cursor, opening: Token) -> ParseError:
    if cursor.token.kind == "end":
        return ParseError(f"`\\begin{{{opening.value}}}` has no `\\end{{{opening.value}}}`", span=opening.span)
    return cursor.error(f"expected `&`, `\\\\` or `\\end{{{opening.value}}}`, found {cursor.found()}")


def _end_grid(cursor: Cursor, opening: Token) -> None:
    if cursor.token.value != opening.value:
        raise cursor.error(f"{cursor.found()} cannot end `\\begin{{{opening.value}}}`")
    cursor.opened.pop()
    cursor.next()


_OTHERWISE = frozenset(("otherwise", "else", "sonst", "other"))
_CONDITIONS = frozenset(("if", "for", "when", "where", "wenn"))


def read_cases(cursor: Cursor) -> Step[Latex]:
    """`a & x > 0 \\\\ b & \\text{otherwise}`."""
    opening = cursor.next()
    cursor.open("grid", opening)
    branches: list[tuple[Latex, Latex | None]] = []
    while not cursor.at("endgrid"):
        value: Latex = yield "relation"
        cursor.take_sign(",")
        cursor.take_sign("&")
        condition: Latex | None = yield "condition"
        branches.append((value, condition))
        if cursor.at("row"):
            cursor.next()
        elif not cursor.at("endgrid"):
            raise _grid_error(cursor, opening)
    _end_grid(cursor, opening)
    _check_branches(cursor, branches, opening)
    return Cases(cursor.since(opening.start), tuple(branches))


def _check_branches(cursor: Cursor, branches: list[tuple[Latex, Latex | None]], opening: Token) -> None:
    span = cursor.since(opening.start)
    if len(branches) < 2:
        raise ParseError("a distinction of cases has at least two", span=span)
    if any(condition is None for _, condition in branches[:-1]):
        raise ParseError("what holds otherwise comes last", span=span)
    if branches[-1][1] is not None:
        raise ParseError(
            "the last case has a condition, so that it is not said what holds otherwise",
            span=span,
            hint="write `& \\text{otherwise}` in the last line",
        )


def read_condition(cursor: Cursor) -> Step[Latex | None]:
    """The condition of a case, None for otherwise."""
    while cursor.token.kind in ("word", "text") and cursor.token.value.lower().rstrip(" :,.") in _CONDITIONS:
        cursor.next()
    if cursor.token.kind in ("word", "text") and cursor.token.value.lower().rstrip(" .") in _OTHERWISE:
        cursor.next()
        return None
    condition: Latex = yield "relation"
    if cursor.at_sign(",", "."):
        cursor.next()
    return condition
