"""Text to the surface tree, by operator precedence with an explicit stack: nesting costs no recursion.

From loose to tight: comparison, `+ -`, `* / @ · ⊙` and the product without a sign, a sign in front, `**` (from the
right), and what follows an operand: `.T`, a prime, a superscript, an index, a call. This is Python's order.
"""

from __future__ import annotations

from collections.abc import Callable

from hesse.core.declarations import Declarations
from hesse.core.function import Construction
from hesse.core.syntax import Call, Definitions, Syntax, Text, Tuple, children, postorder
from hesse.errors import HesseError, ParseError, Span
from hesse.frontends.text import closing, operands, operators, statements
from hesse.frontends.text.brackets import pair_brackets
from hesse.frontends.text.frames import Frame
from hesse.frontends.text.products import read_product
from hesse.frontends.text.scope import Scope
from hesse.frontends.text.state import State
from hesse.frontends.text.tokens import Kind, tokenise
from hesse.functions import FUNCTIONS

_Handler = Callable[[State], Syntax | None]

_OPERAND_DUE: dict[Kind, _Handler] = {
    "name": operands.read_name,
    "number": operands.read_number,
    "string": operands.read_string,
    "operator": operands.read_sign,
    "equals": operands.missing,
    "open": operands.open_bracket,
    "close": operands.close_first,
    "comma": operands.comma_first,
    "colon": operands.colon_first,
    "semicolon": operands.missing,
    "newline": operands.skip,
    "transpose": operands.missing,
    "superscript": operands.missing,
    "subscript": operands.missing,
    "norm": operands.open_norm,
    "root": operands.open_root,
    "end": operands.missing,
}
_BEHIND_OPERAND: dict[Kind, _Handler] = {
    "name": read_product,
    "number": read_product,
    "string": read_product,
    "operator": operators.read_infix,
    "equals": statements.read_equals,
    "open": operators.read_bracket,
    "close": closing.read_close,
    "comma": closing.read_comma,
    "colon": closing.read_colon,
    "semicolon": statements.read_end,
    "newline": statements.read_end,
    "transpose": operators.read_transpose,
    "superscript": operators.read_superscript,
    "subscript": operators.read_subscript,
    "norm": closing.read_norm,
    "root": read_product,
    "end": statements.read_end,
}


def parse_text(text: str, declarations: Declarations) -> tuple[Syntax, tuple[str, ...]]:
    """The tree of a text, and sentences on how anything that could surprise was understood.

    Names that are not declared stay names: what they are follows from their use. A line's end separates
    definitions like `;` where no bracket is open and the line is complete.
    """
    try:
        tokens, partners = pair_brackets(tokenise(text))
        state = State(text, tokens, partners, Scope.of(declarations, tokens))
        state.frames.append(Frame("text", tokens[0], 0))
        body = None
        while body is None:
            handlers = _BEHIND_OPERAND if state.last else _OPERAND_DUE
            body = handlers[state.token.kind](state)
        tree = Definitions(tuple(state.bindings), body, Span(0, len(text))) if state.bindings else body
        _check_places(tree)
    except HesseError as error:
        raise error.at(text) from None
    return tree, tuple(state.readings)


def _check_places(root: Syntax) -> None:
    """Raises when a tuple or a string stands anywhere but in the call of a function that may take one."""
    _check_place(root)
    for parent in postorder(root):
        function = parent.function if isinstance(parent, Call) else ""
        constructs = isinstance(FUNCTIONS.get(function), Construction)
        for child in children(parent):
            if not constructs or (isinstance(child, Text) and function != "einsum"):
                _check_place(child)


def _check_place(tree: Syntax) -> None:
    if isinstance(tree, Tuple):
        hint = "a vector is written `[a, b]`"
        raise ParseError("round brackets with a comma are for shapes: `ones((m, n))`", span=tree.span, hint=hint)
    if isinstance(tree, Text):
        raise ParseError("a string stands only as the first argument of `einsum`", span=tree.span)
