"""Index notation of an expression: an equation for one entry, with the sums written out, in each of the notations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hesse.core.declarations import Declarations
from hesse.core.nodes import Node
from hesse.core.rebuild import unfold
from hesse.core.syntax import Index, Name, Syntax
from hesse.errors import ArgumentError
from hesse.facts.structure import Origin
from hesse.notation.back import to_syntax
from hesse.notation.index_form import IndexForm, index_form
from hesse.notation.source import Source
from hesse.render.latex import to_latex
from hesse.render.text import to_text
from hesse.render.unicode import to_unicode
from hesse.service.scopes import taken_names
from hesse.simplify.engine import apply_facts, simplify

NAMES = (("f", "h", "q"), ("g", "h", "q"), ("F", "G", "H"))


@dataclass(frozen=True)
class IndexNotation:
    """One entry of an array: its free indices, the expression in them, and whose derivative it is."""

    form: IndexForm
    declarations: Declarations
    origin: Origin | None
    name: str

    def right(self, notation: str) -> str:
        """The entry itself."""
        return _WRITERS[notation](self.form.body, self.declarations)

    def left(self, notation: str) -> str:
        """What it is the entry of: ∂f/∂xₖ."""
        origin = self.origin
        outputs = self.form.free[: origin.outputs] if origin is not None else self.form.free
        head = self._entry(self.name, outputs, notation)
        if origin is None:
            return head
        inputs = self.form.free[origin.outputs :]
        step = origin.inputs
        groups = [inputs[k * step : (k + 1) * step] for k in range(origin.order)]
        below = [self._entry(origin.names[0], group, notation) for group in groups]
        return _PARTIALS[notation](head, below)

    def _entry(self, name: str, indices: Sequence[str], notation: str) -> str:
        tree: Syntax = Index(Name(name), tuple(map(Name, indices))) if indices else Name(name)
        return _WRITERS[notation](tree, self.declarations)

    def equation(self, notation: str) -> str:
        """left = right."""
        return f"{self.left(notation)} = {self.right(notation)}"


def index_notation(
    root: Node, declarations: Declarations, known: Source, origin: Origin | None, name: str = ""
) -> IndexNotation:
    """One entry of a node in index notation. Raises ArgumentError or LimitError where that says nothing."""
    if origin is not None and origin.stacked:
        raise ArgumentError(
            "several scalars have no common index", hint="the components list the derivatives one by one"
        )
    node = unfold(apply_facts(root))
    taken = frozenset(taken_names(declarations)) | {"e"}
    outputs = origin.outputs if origin is not None else node.rank
    form = index_form(node, outputs, taken, lambda part: to_syntax(part, known, simplify))
    free = (each for each in NAMES[min(outputs, 2)] if each not in taken)
    return IndexNotation(form, declarations, origin, name or next(free, "result"))


def _text_partial(head: str, below: Sequence[str]) -> str:
    power = "" if len(below) == 1 else str(len(below))
    return f"d{power}{head}/" + " ".join(f"d{each}" for each in below)


def _unicode_partial(head: str, below: Sequence[str]) -> str:
    power = "" if len(below) == 1 else {2: "²", 3: "³"}.get(len(below), f"^{len(below)}")
    return f"∂{power}{head}/" + " ".join(f"∂{each}" for each in below)


def _latex_partial(head: str, below: Sequence[str]) -> str:
    power = "" if len(below) == 1 else f"^{len(below)}"
    under = " ".join(rf"\partial {each}" for each in below)
    return rf"\frac{{\partial{power} {head}}}{{{under}}}"


_WRITERS: Mapping[str, Callable[[Syntax, Declarations], str]] = {
    "text": to_text,
    "unicode": to_unicode,
    "latex": to_latex,
}
_PARTIALS: Mapping[str, Callable[[str, Sequence[str]], str]] = {
    "text": _text_partial,
    "unicode": _unicode_partial,
    "latex": _latex_partial,
}
