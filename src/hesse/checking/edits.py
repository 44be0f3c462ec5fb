"""Small corrections of an answer: a transpose, a sign, an exchanged product. One that makes it right is the mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from hesse.core.declarations import Declarations
from hesse.core.nodes import Apply, Elementwise, Operator
from hesse.core.syntax import (
    Binary,
    Call,
    Index,
    Name,
    Negative,
    Num,
    Running,
    Syntax,
    Transpose,
    fold,
    number,
    postorder,
)
from hesse.core.syntax import call as called
from hesse.errors import HesseError
from hesse.frontends.elaborate import elaborate
from hesse.functions import FUNCTIONS
from hesse.notation.back import to_syntax
from hesse.render.structure import rebuilt

MAX_CHAIN = 4
MAX_PARTS = 120
_SWAPPED = {
    "sin": ("cos",),
    "cos": ("sin",),
    "sinh": ("cosh",),
    "cosh": ("sinh",),
    "sum": ("mean",),
    "mean": ("sum",),
    "sigmoid": ("tanh", "softplus"),
    "tanh": ("sigmoid",),
    "step": ("relu", "sign"),
    "sign": ("step", "abs"),
    "relu": ("step",),
    "abs": ("sign",),
    "exp": ("log",),
    "log": ("exp",),
    "softmax": ("log_softmax", "sigmoid"),
    "norm": ("norm1",),
    "det": ("logdet",),
    "logdet": ("det",),
}
"""Functions that are taken for one another."""


_IN_PAIRS = ("transpose", "commuted", "inverse", "sign", "wrong-variable")


@dataclass(frozen=True, slots=True)
class Edit:
    """Another tree in the place of one part of the answer, the codes of the mistake that it corrects, and its words."""

    old: Syntax
    new: Syntax
    codes: tuple[str, ...]
    words: str

    def applied(self, root: Syntax) -> Syntax:
        """The answer with the correction."""
        return replaced(root, {id(self.old): self.new})


def replaced(root: Syntax, new: Mapping[int, Syntax]) -> Syntax:
    """The tree with parts, known by their identity, replaced."""
    return fold(root, lambda part, parts: new.get(id(part)) or rebuilt(part, parts))


def edits(root: Syntax, declarations: Declarations) -> Iterator[Edit]:
    """The corrections of the answer, those of single parts in the order in which they are written."""
    parts = postorder(root)[:MAX_PARTS]
    transposed = {id(part.operand) for part in parts if isinstance(part, Transpose)}
    operands = {
        id(side) for part in parts if isinstance(part, Binary) and part.operator == "@" for side in _sides(part)
    }
    inner = {id(part.left) for part in parts if isinstance(part, Binary) and part.operator == "@"}
    running = sorted({part.index for part in parts if isinstance(part, Running)})
    for part in parts:
        match part:
            case Name(name=name):
                rank = len(declarations.variables[name].shape) if name in declarations.variables else 0
                if (rank == 2 or id(part) in operands) and id(part) not in transposed:
                    yield Edit(part, Transpose(part), ("transpose",), "`{0}` must be transposed")
                if rank == 2:
                    yield Edit(part, called("inv", part), ("inverse",), "`{0}` must be inverted")
                yield from _renamed(part, declarations)
            case Transpose(operand=operand):
                yield Edit(part, operand, ("transpose",), "`{1}` must not be transposed")
            case Binary():
                yield from _binary(part, id(part) in operands, id(part) in inner)
                yield from _inverted(part, declarations)
            case Negative(operand=operand):
                yield Edit(part, operand, ("sign",), "the sign of `{1}` is wrong")
            case Call():
                yield from _call(part, id(part) in operands and id(part) not in transposed)
                yield from _derived(part, declarations)
            case Index():
                yield from _reindexed(part, running)
            case Num(value=value) if value not in (0, 1):
                yield Edit(part, number(1), ("missing-factor", "wrong-derivative"), "the number `{0}` should be 1")
            case _:
                continue


def _inverted(part: Binary, declarations: Declarations) -> Iterator[Edit]:
    """The inverse of a matrix in the place of a division by its entries."""
    right = part.right.operand if isinstance(part.right, Transpose) else part.right
    entry = declarations.variables.get(right.name) if part.operator == "/" and isinstance(right, Name) else None
    if entry is None or len(entry.shape) != 2:
        return
    inverse = called("inv", right)
    for other in (inverse, Transpose(inverse)):
        codes = ("elementwise-or-matrix", "inverse")
        yield Edit(part, Binary("*", part.left, other), codes, "`{0}` divides by every entry, and the inverse is meant")


def fits(tree: Syntax, declarations: Declarations) -> bool:
    """Whether the shapes in a tree fit: an edited one may call functions with what they do not take."""
    try:
        elaborate(tree, declarations)
    except (HesseError, IndexError, KeyError):
        return False
    return True


def transposes(root: Syntax, declarations: Declarations) -> list[Edit]:
    """The corrections that transpose, exchange, or invert: they come in pairs."""
    return [edit for edit in edits(root, declarations) if edit.codes[0] in _IN_PAIRS]


def _sides(part: Binary) -> tuple[Syntax, Syntax]:
    return part.left, part.right


def _renamed(part: Name, declarations: Declarations) -> Iterator[Edit]:
    variables = declarations.variables
    own = variables.get(part.name)
    if own is None:
        return
    for name, entry in variables.items():
        if name != part.name and len(entry.shape) == len(own.shape) and entry.index is None:
            yield Edit(part, Name(name), ("wrong-variable",), "`{1}` should stand where `{0}` stands")


def _binary(part: Binary, operand: bool, inner: bool) -> Iterator[Edit]:
    left, right = part.left, part.right
    match part.operator:
        case "+" | "-":
            other = Binary("-" if part.operator == "+" else "+", left, right)
            text = "the sign in front of `{1}` is wrong"
            yield Edit(part, other, ("sign",), text.replace("{1}", "{2}"))
            if operand:
                yield Edit(part, Binary("-", right, left), ("sign",), "`{0}` has the wrong sign")
        case "@":
            yield Edit(
                part,
                Binary("*", left, right),
                ("elementwise-or-matrix",),
                "`{0}` must be the product entry by entry",
            )
            yield Edit(part, Binary("@", right, left), ("commuted",), "the factors of `{0}` must be exchanged")
            yield Edit(
                part,
                called("outer", left, right),
                ("elementwise-or-matrix", "shape"),
                "`{0}` must be the outer product",
            )
            yield Edit(
                part,
                called("outer", right, left),
                ("elementwise-or-matrix", "shape"),
                "`{0}` must be the outer product",
            )
            if operand:
                yield Edit(part, Transpose(part), ("transpose",), "`{0}` must be transposed")
            if not inner:
                yield from _chain(part)
        case "*":
            yield Edit(
                part,
                Binary("@", left, right),
                ("elementwise-or-matrix",),
                "`{0}` must be the product of matrices",
            )
            yield Edit(
                part,
                Binary("@", right, left),
                ("elementwise-or-matrix",),
                "`{0}` must be the product of matrices",
            )
            yield Edit(
                part,
                called("outer", left, right),
                ("elementwise-or-matrix", "shape"),
                "`{0}` must be the outer product",
            )
            yield Edit(
                part,
                called("outer", right, left),
                ("elementwise-or-matrix", "shape"),
                "`{0}` must be the outer product",
            )
            for scaled in (Binary("@", called("diag", left), right), Binary("@", left, called("diag", right))):
                words = "`{0}` must be a product of matrices, one of them `diag` of the vector"
                yield Edit(part, scaled, ("elementwise-or-matrix",), words)
            yield Edit(
                part,
                Binary("/", left, right),
                ("wrong-derivative", "quotient"),
                "`{2}` stands above the fraction line in `{0}` and belongs below it",
            )
        case "/":
            yield Edit(
                part,
                Binary("*", left, right),
                ("wrong-derivative", "missing-factor"),
                "`{2}` stands below the fraction line in `{0}` and belongs above it",
            )
            yield Edit(
                part,
                Binary("/", part, right),
                ("quotient", "missing-factor"),
                "`{2}` must be squared in the denominator of `{0}`",
            )
        case "**":
            yield from _power(part)
        case _:
            return


def _power(part: Binary) -> Iterator[Edit]:
    exponent = part.right.value if isinstance(part.right, Num) else None
    if exponent is None:
        return
    yield Edit(part, part.left, ("wrong-derivative", "missing-factor"), "`{0}` must not be raised to a power")
    for by in (1, -1, 2):
        other = Binary("**", part.left, number(exponent + by))
        yield Edit(part, other, ("wrong-derivative", "missing-factor"), "the exponent of `{0}` is wrong")


def _chain(part: Binary) -> Iterator[Edit]:
    """The products of the same matrices in another order."""
    factors = _factors(part)
    if not 2 < len(factors) <= MAX_CHAIN:
        return
    for order in permutations(range(len(factors))):
        if order != tuple(range(len(factors))):
            product = factors[order[0]]
            for k in order[1:]:
                product = Binary("@", product, factors[k])
            yield Edit(part, product, ("commuted",), "the factors of `{0}` stand in the wrong order")


def _factors(part: Syntax) -> list[Syntax]:
    found: list[Syntax] = []
    while isinstance(part, Binary) and part.operator == "@":
        found.append(part.right)
        part = part.left
    return [part, *reversed(found)]


def _reindexed(part: Index, running: Sequence[str]) -> Iterator[Edit]:
    """The running indices of an entry exchanged, or one of them in another's place."""
    names = [item.name if isinstance(item, Name) and item.name in running else "" for item in part.items]
    if len(names) == 2 and all(names) and names[0] != names[1]:
        exchanged = Index(part.operand, part.items[::-1])
        yield Edit(part, exchanged, ("transpose",), "the indices of `{0}` must be exchanged")
    for position, name in enumerate(names):
        for other in running if name else ():
            if other != name:
                items = (*part.items[:position], Name(other), *part.items[position + 1 :])
                words = f"`{name}` is the wrong index in `{{0}}`"
                yield Edit(part, Index(part.operand, items), ("wrong-variable",), words)


def _call(part: Call, transposable: bool) -> Iterator[Edit]:
    arguments = part.arguments
    if part.function == "inv":
        yield Edit(part, Transpose(part), ("transpose", "inverse"), "`{0}` must be transposed")
        yield Edit(part, arguments[0], ("inverse",), "`{1}` must not be inverted")
    elif transposable:
        yield Edit(part, Transpose(part), ("transpose",), "`{0}` must be transposed")
    if part.function in ("outer", "kron") and len(arguments) == 2:
        exchanged = Call(part.function, arguments[::-1], part.axis)
        yield Edit(part, exchanged, ("transpose", "commuted"), "the factors of `{0}` must be exchanged")
    if part.function == "outer" and len(arguments) == 2:
        yield Edit(
            part, Binary("*", *arguments), ("elementwise-or-matrix",), "`{0}` must be the product entry by entry"
        )
    if part.function in ("sum", "mean") and part.axis is None:
        words = f"there should be no `{part.function}` in `{{0}}`"
        yield Edit(part, arguments[0], ("mean-or-sum", "wrong-derivative"), words)
    if part.function == "diag":
        yield Edit(part, arguments[0], ("shape", "off-diagonal"), "there should be no `diag` around `{1}`")
    yield from _split(part)
    for function in _SWAPPED.get(part.function, ()):
        codes = ("mean-or-sum",) if function in ("sum", "mean") else ("wrong-derivative",)
        yield Edit(part, called(function, *arguments, axis=part.axis), codes, "`{1}` should stand where `{0}` stands")
    if len(arguments) == 1 and isinstance(FUNCTIONS[part.function], Elementwise | Operator) and part.function != "inv":
        negated = called(part.function, _negative(arguments[0]), axis=part.axis)
        yield Edit(part, negated, ("sign",), "the sign inside of `{0}` is wrong")
        yield Edit(part, Binary("**", part, number(2)), ("wrong-derivative", "missing-factor"), "`{0}` must be squared")


def _derived(part: Call, declarations: Declarations) -> Iterator[Edit]:
    """The derivative of an elementwise function in its place."""
    row = FUNCTIONS[part.function]
    if not isinstance(row, Elementwise) or row.arity != 1:
        return
    try:
        node, _ = elaborate(part, declarations)
    except HesseError:
        return
    if isinstance(node, Apply) and node.row is row:
        (derivative,) = row.partials(node, *node.arguments)
        words = "`{0}` stands where its derivative should"
        yield Edit(part, to_syntax(derivative), ("wrong-derivative", "chain-outer"), words)


def _split(part: Call) -> Iterator[Edit]:
    """f(u) + f(v) for f(u + v), as if every function were linear."""
    match part.arguments:
        case (Binary(operator="+" | "-" as sign, left=left, right=right),):
            apart = Binary(
                sign, called(part.function, left, axis=part.axis), called(part.function, right, axis=part.axis)
            )
            codes = ("inverse", "wrong-derivative") if part.function in ("inv", "logdet") else ("wrong-derivative",)
            yield Edit(part, apart, codes, "`{1}` should stand where `{0}` stands")


def _negative(tree: Syntax) -> Syntax:
    return tree.operand if isinstance(tree, Negative) else Negative(tree)
