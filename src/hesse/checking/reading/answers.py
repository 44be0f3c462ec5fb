"""Reading an answer: its names are those of the function, and its errors show the place in the answer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hesse.checking.edits import replaced
from hesse.checking.reading.components import are_places, component
from hesse.checking.reading.equations import Equation, equation
from hesse.checking.reading.left_names import LeftSide
from hesse.checking.reading.left_sides import read_left_side
from hesse.checking.reading.lists import Error, Listed, listed
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.nodes import Shape
from hesse.core.sizes import equal
from hesse.core.syntax import Binary, Definitions, Name, Running, Syntax, call, postorder
from hesse.errors import ArgumentError, HesseError, LimitError, ParseError, ShapeError, Span, UnknownNameError
from hesse.frontends.elaborate import elaborate
from hesse.frontends.infer import undeclared
from hesse.frontends.latex import ROW, misfitting, parse_latex
from hesse.frontends.text import parse_text
from hesse.service.expression import Expr
from hesse.service.reading import NOTATIONS
from hesse.service.scopes import merged

MAX_LENGTH = 8_000
MAX_PRODUCTS = 12
_SUBSCRIPT = re.compile(r"_\{?([a-z]{1,2})\b")
ONE_INDEX = (
    "an index that is left free stands for the place in a vector, as in `sum(j, A[k,j]*x[j])`, one at most; "
    "write other arrays as a whole, as in `A.T @ A`, or check a single entry"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read. Where shapes inside the answer do not fit there is at most the tree, and the error says why."""

    text: str
    tree: Syntax | None
    expression: Expr | None = None
    misfit: ShapeError | None = None
    broadcast: Expr | None = None
    """The answer with products of a matrix and a vector by the rules of broadcasting, where that is all that did not
    fit."""
    left: LeftSide | None = None
    """What stands before its equals sign."""
    index: str = ""
    """The free index of the component that was written."""
    row: bool = False
    """Whether it was written as a row, which the expression does not say."""


def read_answer(answer: str | Expr, f: Expr, notation: str, due: Shape = ()) -> Answer:
    """The answer with the declarations, and the definitions, of f; `due` is the shape that it should have. Raises
    HesseError, with the place in the answer."""
    if isinstance(answer, Expr):
        return _of_expression(answer, f)
    if not isinstance(answer, str):
        raise ArgumentError(f"the answer is text or an expression, not {type(answer).__name__}")
    if notation not in NOTATIONS:
        raise ArgumentError(
            f"the notation {notation!r} is not available", hint=f"the notations are: {', '.join(NOTATIONS)}"
        )
    if len(answer) > MAX_LENGTH:
        raise LimitError(f"the answer has {len(answer)} characters, the limit is {MAX_LENGTH}")
    try:
        return _of_text(answer, f, notation, due)
    except HesseError as error:
        if error.source is None or len(error.source) == len(answer):
            # What is left out of the answer before it is read has spaces in its place.
            error.source = answer
        raise


def _of_expression(answer: Expr, f: Expr) -> Answer:
    declarations = merged(f._declarations, answer._declarations)
    _refuse_unknown([entry.name for entry in declarations], [entry.name for entry in f._declarations], f, {})
    expression = Expr(answer.exact_tree, f._declarations, answer._shape, answer.readings)
    return Answer(str(answer), answer.exact_tree, expression)


def _of_text(text: str, f: Expr, notation: str, due: Shape) -> Answer:
    found = equation(text, notation)
    if found is None:
        answer = _read(text, f, notation, due)
        for name, _ in _unused(answer, f):
            if answer.expression is not None:
                note = f"`{name}` is defined and not used"
                answer = replace(answer, expression=answer.expression.with_reading(note))
        return answer
    left = read_left_side(text, found.start, found.left, f._declarations.extended(*_definitions(f)))
    if left.operand is not None:
        _check_operand(text, found, left.operand, f, notation)
    note = " ".join(text[found.start : found.behind].split())
    answer = _read(found.without_left(text), f, notation, due, (f"`{note}` left out: the right side is read",))
    if isinstance(answer.tree, Definitions) and left.text in dict(answer.tree.bindings):
        raise ParseError(f"`{left.text}` is defined before", span=left.span, hint="write the right side alone")
    for name, value in _unused(answer, f):
        # Before `fy = ...` it may be meant as a part of the answer.
        raise ParseError(
            f"`{name}` is defined and not used",
            span=value.span,
            hint="leave it out, or write all entries together, as in `[a, b]`",
        )
    indices = {by.index for by in left.by if by.index}
    if indices - {answer.index}:
        raise ParseError(
            f"the index of `{left.text}` is no free index of the right side",
            span=left.span,
            hint="write the component at that index, as in `∂f/∂x_k = 2*x[k]`, or leave the left side out",
        )
    return replace(answer, text=text, left=left)


def _check_operand(text: str, found: Equation, operand: Span, f: Expr, notation: str) -> None:
    """Raises ParseError where the left side differentiates another function."""
    differentiated = _read(found.alone(text, operand.start, operand.end), f, notation, ()).expression
    if differentiated is None or differentiated != f:
        raise ParseError("the left side is the derivative of another function", span=operand)


def _read(text: str, f: Expr, notation: str, due: Shape, notes: tuple[str, ...] = ()) -> Answer:
    """The answer without a left side."""
    defined = _definitions(f)
    try:
        parsed = _parsed(text, f._declarations.extended(*defined), notation, due)
    except HesseError:
        if not defined:
            raise
        # The answer may define such a name itself.
        defined = ()
        parsed = _parsed(text, f._declarations, notation, due)
    names = [entry.name for entry in (*f._declarations, *defined)]
    try:
        return _understood(text, parsed, f, names, due, notes)
    except HesseError as error:
        raise parsed.located(error) from None


def _understood(
    text: str, parsed: _Parsed, f: Expr, names: Sequence[str], due: Shape, notes: tuple[str, ...]
) -> Answer:
    """The answer that the tree is, in the names of the function."""
    tree = parsed.tree
    if tree is None:
        _refuse_unknown(parsed.unknown, names, f, {})
        return Answer(text, None, misfit=parsed.misfit)
    places = {part.name: part for part in reversed(postorder(tree)) if isinstance(part, Name)}
    unknown = [name for name in undeclared(tree, f._declarations) if name not in names]
    one = component(tree, unknown, due, f._declarations.extended(*_definitions(f)))
    if one is None:
        _refuse_unknown(unknown, names, f, places, ONE_INDEX if unknown and are_places(unknown, tree) else "")
    else:
        tree, notes = one.tree, (one.reading, *notes)
    tree = _with_definitions(tree, f)
    try:
        node, state = elaborate(tree, f._declarations)
    except ShapeError as error:
        broadcast = _broadcast(tree, f._declarations, error)
        return Answer(text, tree, misfit=parsed.located(error), broadcast=broadcast)
    expression = Expr(tree, f._declarations.requiring(*state.required), node.shape, (*parsed.readings, *notes))
    return Answer(text, tree, expression, index="" if one is None else one.index, row=ROW in parsed.readings)


def _broadcast(tree: Syntax, declarations: Declarations, error: ShapeError) -> Expr | None:
    """The answer as arrays would be multiplied; None where its shapes do not fit for other reasons."""
    for _ in range(MAX_PRODUCTS):
        products = (part for part in postorder(tree) if isinstance(part, Binary) and part.span == error.span)
        product = next(products, None)
        if product is None or product.operator != "*":
            return None
        try:
            shapes = [elaborate(side, declarations)[0].shape for side in (product.left, product.right)]
            # An array of rank one is broadcast along the last axis of a matrix.
            if {len(shape) for shape in shapes} != {1, 2} or not equal(shapes[0][-1], shapes[1][-1]):
                return None
            matrix, vector = (product.left, product.right)[:: 1 if len(shapes[0]) == 2 else -1]
            tree = replaced(tree, {id(product): Binary("@", matrix, call("diag", vector))})
            node, state = elaborate(tree, declarations)
        except ShapeError as further:
            error = further
        except HesseError:
            return None
        else:
            return Expr(tree, declarations.requiring(*state.required), node.shape)
    return None


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A tree with its readings; None where shapes do not fit, with the error and the names that are not declared."""

    tree: Syntax | None
    readings: tuple[str, ...] = ()
    misfit: ShapeError | None = None
    unknown: tuple[str, ...] = ()
    listed: Listed | None = None

    def located(self, error: Error) -> Error:
        """The error with its place in the answer as it was written."""
        return error if self.listed is None else self.listed.located(error)


def _parsed(text: str, declarations: Declarations, notation: str, due: Shape) -> _Parsed:
    if notation == "text":
        found = listed(text)
        try:
            tree, readings = parse_text(found.text, declarations)
        except HesseError as error:
            raise found.located(error) from None
        return _Parsed(tree, (*found.readings, *readings), listed=found)
    try:
        tree, _, readings = parse_latex(text, declarations)
    except ShapeError as error:
        tree_of_misfit, unknown = misfitting(text, declarations)
        return _Parsed(tree_of_misfit, (), error, unknown)
    except HesseError:
        found_component = _latex_component(text, declarations) if len(due) == 1 else None
        if found_component is None:
            raise
        return found_component
    return _Parsed(tree, readings)


def _latex_component(text: str, declarations: Declarations) -> _Parsed | None:
    """A component with one free index, which LaTeX is read with only where a sum runs over it."""
    found: list[tuple[Syntax, tuple[str, ...]]] = []
    for index in dict.fromkeys("".join(_SUBSCRIPT.findall(text))):
        if index in declarations.size_names or index in declarations.variables:
            continue
        try:
            tree, _, readings = parse_latex(rf"\sum_{{{index}}} \left( {text} \right)", declarations)
        except HesseError:
            continue
        if isinstance(tree, Running) and tree.index == index and set(undeclared(tree.body, declarations)) <= {index}:
            found.append((tree.body, readings))
    return _Parsed(*found[0]) if len(found) == 1 else None


def _definitions(f: Expr) -> tuple[VariableDeclaration, ...]:
    """The names that the function defines, as if they were declared."""
    tree = f.exact_tree
    if not isinstance(tree, Definitions):
        return ()
    names = f.elaboration.names
    return tuple(VariableDeclaration(name, names[name].shape) for name, _ in dict(tree.bindings).items())


def _with_definitions(tree: Syntax, f: Expr) -> Syntax:
    """The answer behind those definitions of the function that it uses, or that these use."""
    if not isinstance(f.exact_tree, Definitions):
        return tree
    own = tree.bindings if isinstance(tree, Definitions) else ()
    used = {part.name for part in postorder(tree) if isinstance(part, Name)}
    bindings = f.exact_tree.bindings
    if not used & {name for name, _ in bindings}:
        return tree
    body = tree.body if isinstance(tree, Definitions) else tree
    return Definitions((*bindings, *own), body, tree.span)


def _unused(answer: Answer, f: Expr) -> list[tuple[str, Syntax]]:
    """The definitions that the answer does not use."""
    if not isinstance(answer.tree, Definitions):
        return []
    used = {part.name for part in postorder(answer.tree) if isinstance(part, Name)}
    used.update(entry.name for entry in _definitions(f))
    return [(name, value) for name, value in answer.tree.bindings if name not in used]


def _refuse_unknown(
    names: Sequence[str], known: Sequence[str], f: Expr, places: Mapping[str, Name], advice: str = ""
) -> None:
    """Raises UnknownNameError for the first name that is not known."""
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, [*known, *f._declarations.size_names], n=1)
            others = f"did you mean `{near[0]}`?" if near else f"the names are {', '.join(known) or 'none'}"
            hint = advice or others
            span = places[name].span if name in places else None
            raise UnknownNameError(f"`{name}` does not occur in the function", span=span, hint=hint)
