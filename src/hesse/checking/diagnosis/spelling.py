"""How parts of a derivation are called in a diagnosis: as the user wrote them, where he did."""

from __future__ import annotations

from hesse.core.nodes import Node
from hesse.core.syntax import Binary, Definitions, Name, Stack, Syntax, number_value
from hesse.notation.back import to_syntax
from hesse.render.sharing import printable
from hesse.render.text import to_text
from hesse.service.expression import Expr

LONGEST = 70
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


class Spelling:
    """The texts of nodes for one function."""

    def __init__(self, f: Expr) -> None:
        self._f = f
        self._written = {node: tree for tree, node in f.elaboration.trees()}

    def node(self, node: Node) -> str:
        """The node in the text notation."""
        tree = self._written.get(node)
        return self.tree(_alone(to_syntax(node)) if tree is None else tree)

    def is_form(self, node: Node) -> bool:
        """Whether the node was written as x @ A @ x: only there its factors are surely in the order of the text."""
        match self._written.get(node):
            case Binary("@", Binary("@", Name(), Name()), Name()) | Binary("@", Name(), Binary("@", Name(), Name())):
                return True
            case _:
                return False

    def tree(self, tree: Syntax) -> str:
        """The tree in the text notation, its middle left out where it is long."""
        declarations = self._f._declarations
        shown = printable(tree, declarations)
        text = to_text(shown.body if isinstance(shown, Definitions) else shown, declarations)
        return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 3 :]}"

    def words(self, template: str, *nodes: Node) -> str:
        """The template with the nodes in it."""
        return template.format(*(self.node(node) for node in nodes))


def _alone(tree: Syntax) -> Syntax:
    """The only entry of a list that is not 0, which was written by itself; else the tree."""
    entries = [item for item in tree.items if number_value(item) != 0] if isinstance(tree, Stack) else []
    return entries[0] if len(entries) == 1 else tree


def ordinal(place: int) -> str:
    """first, second, ... for 0, 1, ..."""
    return _ORDINALS[place] if place < len(_ORDINALS) else f"{place + 1}th"
