"""Names before an opening bracket: functions of the vocabulary, undefined functions and their derivatives."""

from __future__ import annotations

from hesse.core.declarations import FunctionDeclaration
from hesse.core.function import reduces
from hesse.core.syntax import (
    Call,
    Index,
    Name,
    Running,
    Slice,
    Stack,
    Syntax,
    Undefined,
    children,
    free_names,
    postorder,
)
from hesse.errors import LimitError, ParseError, Span, UnknownNameError
from hesse.frontends.text.frames import Frame
from hesse.frontends.text.new_axes import with_kept_axis
from hesse.frontends.text.norms import is_order, of_order
from hesse.frontends.text.products import question
from hesse.frontends.text.state import State
from hesse.frontends.text.tokens import Token
from hesse.frontends.text.vocabulary import DERIVATIVES, LISTED, PAIRWISE, canonical, nearest_function, replacement
from hesse.functions import FUNCTIONS

ORDER = 100


def open_call(state: State) -> None:
    """Opens the call whose name stands at the place."""
    token, bracket = state.token, state.ahead(1)
    name = token.value
    if name in DERIVATIVES:
        _open_derivative(state)
    elif name in state.scope.functions:
        state.enter(Frame("undefined", bracket, token.start, head=name), 2)
    elif canonical(name) is not None or name in PAIRWISE:
        state.enter(Frame("call", bracket, token.start, head=name), 2)
    else:
        raise _not_a_function(state, token)


def _open_derivative(state: State) -> None:
    """Opens `hess(u)(`: the derivative's name and function, then the bracket of the argument."""
    token = state.token
    close = state.partners[state.position + 1]
    inner = state.tokens[state.position + 2 : close]
    function, order = _derivative(state, token, inner)
    bracket = state.tokens[close + 1]
    if bracket.kind != "open" or bracket.value != "(":
        raise ParseError(
            f"`{state.text(Span(token.start, state.tokens[close].end))}` is a function and needs an argument",
            span=Span(token.start, state.tokens[close].end),
            hint=f"write `{token.value}({function})(x)`",
        )
    frame = Frame("undefined", bracket, token.start, head=function, order=order)
    state.enter(frame, close + 2 - state.position)


def _derivative(state: State, token: Token, inner: list[Token]) -> tuple[str, int]:
    """The function that is differentiated, and how often."""
    kinds = [word.kind for word in inner]
    function = inner[0].value if kinds and kinds[0] == "name" else ""
    with_order = kinds == ["name", "comma", "number"] and token.value == "diff"
    if kinds != ["name"] and not with_order:
        hint = "write `grad(u)(x)`, `jac(g)(x)`, `hess(u)(x)`, `diff(phi)(z)` or `diff(phi, 3)(z)`"
        raise ParseError(f"`{token.value}` takes the name of an undefined function", span=token.span, hint=hint)
    declaration = state.scope.functions.get(function)
    if declaration is None:
        raise UnknownNameError(
            f"`{function}` is not declared as an undefined function",
            span=inner[0].span,
            hint=f"declare it, as in `{function}:n->`; the derivative of an expression is asked for outside of it",
        )
    _check_kind(token, declaration)
    return function, _order(inner[2]) if with_order else DERIVATIVES[token.value]


def _check_kind(token: Token, declaration: FunctionDeclaration) -> None:
    """Raises when a gradient is asked of a vector function, or a Jacobian of a scalar one."""
    name, span = declaration.name, token.span
    if token.value == "grad" and declaration.codomain:
        raise ParseError(f"`{name}` is not scalar-valued: it has no gradient", span=span, hint=f"write `jac({name})`")
    if token.value == "jac" and not declaration.codomain and declaration.domain:
        raise ParseError(f"`{name}` is scalar-valued: it has a gradient", span=span, hint=f"write `grad({name})`")


def _order(token: Token) -> int:
    digits = token.value.lstrip("0")
    if not token.value.isdigit() or not digits:
        raise ParseError("the order of a derivative is an integer of at least 1", span=token.span)
    if len(digits) > len(str(ORDER)) or int(digits) > ORDER:
        raise LimitError(f"the order of a derivative is above {ORDER}, which is the limit", span=token.span)
    return int(digits)


def _not_a_function(state: State, token: Token) -> ParseError:
    """The error, or the question, for a name before a bracket that is no function."""
    name, scope = token.value, state.scope
    known = scope.is_value(name) or bool(scope.constant(name))
    bracket = state.source[state.ahead(1).start : state.tokens[state.partners[state.position + 1]].end]
    argument = bracket if len(bracket) < 30 else "(…)"
    suggestion = None if known else nearest_function(name, scope.functions)
    tight = state.frame.tight()
    if tight and tight.symbol == "/" and not suggestion and not replacement(name):
        return question(state, tight, token.end, argument)
    if state.tokens[state.partners[state.position + 1] + 1].kind == "equals":
        hint = "a definition names a value: `r = A @ x - b; sum(r**2)`"
    elif replacement(name) and not known:
        hint = f"write `{replacement(name)}`"
    elif suggestion:
        hint = f"did you mean `{suggestion}`?"
    else:
        hint = f"write {name}*{argument} for a product"
        hint += "" if known else f"; an undefined function is declared, as in `{name}:n->`"
    message = f"`{name}` is not a function, and a name directly before a bracket is a call"
    return UnknownNameError(message, span=token.span, hint=hint)


def read_axis(state: State) -> None:
    """Reads `axis=k` and `keepdims=True` up to the closing bracket of the call, which the place is then at."""
    frame = state.frame
    while True:
        token = state.token
        known = frame.kind == "call" and bool(frame.items) and state.ahead(1).kind == "equals"
        if known and token.value == "axis":
            if frame.axis is not None:
                raise ParseError("`axis` is given twice", span=token.span, hint="one of them is enough")
            _read_axis_number(state, frame)
        elif known and token.value == "keepdims" and _reduces(frame):
            _read_keepdims(state, frame)
        else:
            hint = "the keywords are `axis` and `keepdims`, after the arguments: `sum(X, axis=0)`"
            hint = hint if frame.kind == "call" else ""
            hint += f"; a range has a colon: `{frame.head}({token.value}=0:n, ...)`" if runs(frame) else ""
            raise ParseError(f"`{token.value}=` is not understood here", span=token.span, hint=hint)
        if state.token.kind == "close":
            return
        if state.token.kind != "comma" or state.ahead(2).kind != "equals":
            raise ParseError("`axis` comes last in a call, with `keepdims`", span=state.token.span)
        state.position += 1


def _read_axis_number(state: State, frame: Frame) -> None:
    negative = state.ahead(2).value == "-"
    number = state.ahead(3 if negative else 2)
    if number.kind != "number" or not number.value.isdigit() or len(number.value) > 3:
        hint = "write `axis=0`, or `axis=-1` for the last one"
        raise ParseError("`axis` takes an integer", span=number.span, hint=hint)
    frame.axis = -int(number.value) if negative else int(number.value)
    state.position += 4 if negative else 3


def _read_keepdims(state: State, frame: Frame) -> None:
    value = state.ahead(2)
    if value.value not in ("True", "False"):
        raise ParseError("`keepdims` is True or False", span=value.span)
    frame.keepdims = value.value == "True"
    state.position += 3


def _reduces(frame: Frame) -> bool:
    row = FUNCTIONS.get(canonical(frame.head) or "")
    return row is not None and reduces(row)


def runs(frame: Frame) -> bool:
    """Whether the call may begin with running indices, and has begun with nothing else so far."""
    row = FUNCTIONS.get(canonical(frame.head) or "")
    return row is not None and reduces(row) and all(isinstance(item, Name) for item in frame.items)


def _is_running(state: State, frame: Frame, arguments: tuple[Syntax, ...]) -> bool:
    """Whether names before the last argument are running indices.

    `max(a, b)` is the larger of two: it runs over a only where a is unknown otherwise and indexes something in b.
    """
    *names, body = arguments
    if not names or not runs(frame) or not all(isinstance(name, Name) for name in names):
        return False
    if frame.head not in PAIRWISE or frame.ranges:
        return True
    (first, *_) = (name.name for name in names if isinstance(name, Name))
    outer = {item.name for each in state.frames[:-1] for item in each.items if isinstance(item, Name)}
    scope = state.scope
    known = first in scope.variables or first in scope.sizes or first in scope.defined or first in outer
    return not known and any(
        first in free_names(position)
        for part in postorder(body)
        if isinstance(part, Index)
        for position in children(part)[1:]
    )


def _running(frame: Frame, arguments: tuple[Syntax, ...], span: Span) -> Syntax:
    """The sum over the first index of the sum over the next, and so on."""
    function = canonical(frame.head)
    assert function is not None
    *indices, tree = arguments
    for place, index in reversed(list(enumerate(indices))):
        assert isinstance(index, Name)
        given = frame.ranges.get(place, Slice(None, None, None))
        tree = Running(function, index.name, tree, given.start, given.stop, span)
    return tree


def built_call(state: State, frame: Frame, arguments: tuple[Syntax, ...], closing: Token) -> Syntax:
    """The tree of a call of the vocabulary or of an undefined function."""
    span = Span(frame.start, closing.end)
    if frame.kind == "undefined":
        if len(arguments) != 1:
            raise ParseError(f"`{frame.head}` takes one argument, not {len(arguments)}", span=span)
        return Undefined(frame.head, frame.order, arguments[0], span)
    name = frame.head
    ordered = canonical(name) == "norm" and len(arguments) == 2 and is_order(arguments[1], state.scope)
    if not ordered and _is_running(state, frame, arguments):
        return _running(frame, arguments, span)
    if name in PAIRWISE and len(arguments) == 2 and frame.axis is None:
        state.note(f"`{name}` of two arguments read as `{PAIRWISE[name]}`")
        name = PAIRWISE[name]
    if name in PAIRWISE and len(arguments) > 2:
        raise UnknownNameError(
            f"`{name}` takes two arguments, or one array",
            span=span,
            hint=f"write `{name}(a, b)`, which is `{PAIRWISE[name]}(a, b)`",
        )
    function = canonical(name)
    assert function is not None
    if function in LISTED and len(arguments) == 1 and isinstance(arguments[0], Stack):
        # concat([a, b]), as NumPy writes it: the list is no array of its own.
        arguments = arguments[0].items
    if ordered:
        tree = of_order(arguments[0], arguments[1], frame.axis, state.scope, span)
    else:
        tree = Call(function, arguments, frame.axis, span)
    return with_kept_axis(tree, frame.axis, span) if frame.keepdims else tree
