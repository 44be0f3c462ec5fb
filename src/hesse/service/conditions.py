"""Where an expression has a value and where its derivative exists: as text, without what always holds."""

from __future__ import annotations

from collections.abc import Iterator

from hesse.calculus.differentiate import dependents
from hesse.core.declarations import Declarations
from hesse.core.nodes import Apply, Node, Operation, Power, Variable
from hesse.core.signs import sign
from hesse.core.syntax import Definitions, Syntax
from hesse.core.traverse import postorder
from hesse.frontends.elaborate import Elaboration
from hesse.notation.back import to_syntax
from hesse.render.sharing import printable
from hesse.render.text import to_text


def value_conditions(elaboration: Elaboration) -> tuple[str, ...]:
    """What must hold for the written expression to have a value; nothing that simplification removed is lost."""
    declarations = elaboration.declarations
    texts: dict[str, None] = {}
    for requirement in elaboration.domain:
        node = elaboration.nodes[id(requirement.tree)]
        if not _always(node, requirement.relation):
            texts[_entrywise(requirement.tree, node, requirement.relation, declarations)] = None
    return tuple(texts)


def smoothness_conditions(root: Node, variables: tuple[Variable, ...], declarations: Declarations) -> tuple[str, ...]:
    """What must hold beyond that for the derivative to exist: the kinks in which a variable takes part."""
    order = postorder(root)
    depending = dependents(order, frozenset(variables))
    texts = dict.fromkeys(
        text for node in order if node in depending for text in _kinks(node, depending, declarations)
    )
    return tuple(texts)


def _kinks(node: Node, depending: set[Node], declarations: Declarations) -> Iterator[str]:
    match node:
        case Apply(row=row, arguments=arguments):
            for argument, relation in zip(arguments, row.smooth, strict=False):
                if relation is not None and argument in depending and not _always(argument, relation):
                    yield _entrywise(to_syntax(argument), argument, relation, declarations)
            if row.distinct and not row.truth:
                left, right = (_text(to_syntax(argument), declarations) for argument in arguments)
                yield f"{left} != {right}"
        case Power(base=base, exponent=exponent):
            if exponent.denominator != 1 and not _always(base, "> 0"):
                yield _entrywise(to_syntax(base), base, "> 0", declarations)
        case Operation(row=row, arguments=(argument, *_)) if row.smooth:
            text = _text(to_syntax(argument), declarations)
            yield f"every entry of {text} != 0" if row.smooth.startswith("entries") else f"{text} != 0"
        case _:
            return


def _always(node: Node, relation: str) -> bool:
    known = sign(node)
    return known == "positive" or (known == "nonnegative" and relation in (">= 0", "> -1"))


def _entrywise(tree: Syntax, node: Node, relation: str, declarations: Declarations) -> str:
    text = f"{_text(tree, declarations)} {relation}"
    return f"every entry of {text}" if node.shape else text


def _text(tree: Syntax, declarations: Declarations) -> str:
    tree = printable(tree, declarations)
    # The user's names are known to the reader of the expression; a condition does not define them again.
    return to_text(tree.body if isinstance(tree, Definitions) else tree, declarations)
