"""Reading an answer: its names are those of the function, and its errors show the place in the answer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hesse.checking.components import are_places, component
from hesse.checking.edits import replaced
from hesse.checking.left_sides import without_left_side
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.nodes import Shape
from hesse.core.sizes import equal
from hesse.core.syntax import Binary, Definitions, Name, Running, Syntax, call, postorder
from hesse.errors import ArgumentError, HesseError, LimitError, ShapeError, UnknownNameError
from hesse.frontends.elaborate import elaborate
from hesse.frontends.infer import undeclared
from hesse.frontends.latex import parse_latex
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
    """What was read. Where shapes inside the answer do not fit there is only the tree, and the error says why."""

    text: str
    tree: Syntax
    expression: Expr | None = None
    misfit: ShapeError | None = None
    broadcast: Expr | None = None
    """The answer with products of a matrix and a vector by the rules of broadcasting, where that is all that did not
    fit."""
    left: str = ""
    """What stands before its equals sign."""


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
        if error.source is None or error.source.strip() in answer:
            # Where a left side is left out, there are spaces in its place.
            error.source = answer
        raise


def _of_expression(answer: Expr, f: Expr) -> Answer:
    declarations = merged(f._declarations, answer._declarations)
    _refuse_unknown([entry.name for entry in declarations], [entry.name for entry in f._declarations], f, {})
    expression = Expr(answer.exact_tree, f._declarations, answer._shape, answer.readings)
    return Answer(str(answer), answer.exact_tree, expression)


def _of_text(text: str, f: Expr, notation: str, due: Shape) -> Answer:
    defined = _definitions(f)
    written, left = text, text.partition("=")[0].strip()
    if notation == "text":
        text, left = without_left_side(text, [entry.name for entry in f._declarations])
    try:
        tree, readings = _parsed(text, f._declarations.extended(*defined), notation, due)
    except HesseError:
        if not defined:
            raise
        # The answer may define such a name itself.
        defined = ()
        tree, readings = _parsed(text, f._declarations, notation, due)
    places = {part.name: part for part in reversed(postorder(tree)) if isinstance(part, Name)}
    unknown = undeclared(tree, f._declarations.extended(*defined))
    known = [entry.name for entry in (*f._declarations, *defined)]
    free = [name for name in unknown if name not in known]
    one = component(tree, free, due, f._declarations.extended(*defined))
    if one is None:
        _refuse_unknown(unknown, known, f, places, ONE_INDEX if free and are_places(free, tree) else "")
    else:
        tree, readings = one.tree, (*readings, one.reading)
    tree = _with_definitions(tree, f)
    if text is not written:
        readings = (*readings, f"`{f'{left} ='.strip()}` left out: the right side is read")
    try:
        node, state = elaborate(tree, f._declarations, source=text)
    except ShapeError as error:
        return Answer(written, tree, misfit=error, broadcast=_broadcast(tree, f._declarations, error), left=left)
    expression = Expr(tree, f._declarations.requiring(*state.required), node.shape, readings)
    return Answer(written, tree, expression, left=left)


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


def _parsed(text: str, declarations: Declarations, notation: str, due: Shape) -> tuple[Syntax, tuple[str, ...]]:
    if notation == "text":
        return parse_text(text, declarations)
    try:
        tree, _, readings = parse_latex(text, declarations)
    except HesseError:
        component = _latex_component(text, declarations) if len(due) == 1 else None
        if component is None:
            raise
        return component
    return tree, readings


def _latex_component(text: str, declarations: Declarations) -> tuple[Syntax, tuple[str, ...]] | None:
    """A component with one free index, which LaTeX is read with only where a sum runs over it."""
    found: list[tuple[Syntax, tuple[str, ...]]] = []
    left, equals, right = text.partition("=")
    if not equals or left.count("{") != left.count("}"):
        left, equals, right = "", "", text
    for index in dict.fromkeys("".join(_SUBSCRIPT.findall(text))):
        if index in declarations.size_names or index in declarations.variables:
            continue
        try:
            tree, _, readings = parse_latex(rf"{left}{equals} \sum_{{{index}}} \left( {right} \right)", declarations)
        except HesseError:
            continue
        if isinstance(tree, Running) and tree.index == index and set(undeclared(tree.body, declarations)) <= {index}:
            found.append((tree.body, readings))
    return found[0] if len(found) == 1 else None


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
