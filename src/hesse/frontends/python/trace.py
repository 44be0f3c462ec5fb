"""One run of a user's function: the trees it makes, their shapes, what was noted and what was refused on the way."""

from __future__ import annotations

from dataclasses import replace

from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.nodes import Shape
from hesse.core.syntax import COMPARISONS, Binary, Call, Index, Name, Stack, Syntax, Transpose
from hesse.errors import HesseError, LimitError, TraceError
from hesse.frontends.elaborate import begun, extended, variable_node
from hesse.frontends.python.hints import JAX, SCIPY
from hesse.frontends.python.places import located, user_place

OPERATIONS = 50_000
_TRUTH_KEEPING = frozenset({
    "abs", "concat", "diag", "diagpart", "kron", "max", "maximum", "min", "minimum", "outer", "reshape", "roll",
    "where",
})  # fmt: skip


class Trace:
    """What is known of the trees that one run makes. They are kept alive, since they are known by identity."""

    def __init__(self, declarations: Declarations) -> None:
        self.declarations = declarations
        self.readings: dict[str, None] = {}
        self.refusal: TraceError | None = None
        self.sizes = frozenset(declarations.size_names)
        self._state = begun(declarations)
        self._kept: list[Syntax] = []
        self._truths: set[int] = set()

    def add(self, tree: Syntax) -> Syntax:
        """The tree itself, once its shapes are checked. Raises ShapeError and others with the user's line."""
        if self._state.nodes.known(tree):
            return tree
        self._kept.append(tree)
        if len(self._kept) > OPERATIONS:
            message = f"the function makes more than {OPERATIONS} operations, the limit"
            raise located(LimitError(message, hint="use whole arrays in the place of loops over entries"))
        try:
            extended(tree, self._state)
        except HesseError as error:
            error.span = None
            raise located(error) from None
        if self._is_truth(tree):
            self._truths.add(id(tree))
        return tree

    def counted(self, tree: Syntax) -> Syntax:
        """Truth values as the numbers 0 and 1, with which + and * calculate."""
        if not self.is_truth(tree):
            return tree
        copied = self.add(replace(tree))
        self._truths.discard(id(copied))
        return copied

    def declare(self, entry: VariableDeclaration) -> Syntax:
        """The name of one more variable."""
        self._state.names[entry.name] = variable_node(entry)
        return self.add(Name(entry.name))

    def shape(self, tree: Syntax) -> Shape:
        """The shape of a tree that was added."""
        return extended(tree, self._state)

    def rank(self, tree: Syntax) -> int:
        """The number of axes of a tree that was added."""
        return len(self.shape(tree))

    def is_truth(self, tree: Syntax) -> bool:
        """Whether the entries are True and False in NumPy, so that + and * are "or" and "and"."""
        return id(tree) in self._truths

    def is_index(self, tree: Syntax) -> bool:
        """Whether the tree is a declared array of indices."""
        entry = self.declarations.variables.get(tree.name) if isinstance(tree, Name) else None
        return entry is not None and entry.index is not None

    def mark_truth(self, tree: Syntax) -> Syntax:
        """The tree, from now on one of truth values."""
        self._truths.add(id(tree))
        return tree

    def _is_truth(self, tree: Syntax) -> bool:
        match tree:
            case Binary(operator=operator) if operator in COMPARISONS:
                return True
            case Index(operand=operand) | Transpose(operand=operand):
                return self.is_truth(operand)
            case Call(function=function, arguments=arguments) if function in _TRUTH_KEEPING:
                values = arguments[1:] if function == "where" else arguments
                return all(map(self.is_truth, values[:1] if function in ("reshape", "roll") else values))
            case Stack(items=items):
                return all(map(self.is_truth, items))
            case _:
                return False

    def note(self, reading: str) -> None:
        """Keep a sentence on how something was understood."""
        self.readings[reading] = None

    def refuse(self, message: str, hint: str = "") -> TraceError:
        """The error for what no expression can say, with the user's line. Kept, lest the user's code swallow it."""
        place = user_place()
        if place is not None and place.via in SCIPY:
            message = f"`{place.via}` of SciPy needs numbers and cannot be read"
            hint = f"write {SCIPY[place.via]}"
        elif place is not None and place.library in ("jax", "jaxlib"):
            message, hint = "a function of JAX is called", JAX
        error = located(TraceError(message, hint=hint))
        assert isinstance(error, TraceError)
        self.refusal = self.refusal or error
        return error
