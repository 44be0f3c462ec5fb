"""Several expressions at once, of which linear maps come with their proved structure kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hesse.codegen import compile_function
from hesse.codegen.target import Target
from hesse.core.declarations import Declarations
from hesse.service.expression import Expr
from hesse.service.structured import StructuredFunction


class JointStructure:
    """Callable with the declared names as keywords; gives all results in a dictionary, by name.

    `kinds` says which structure is proved of each linear map. What is none comes as numbers and plain arrays, from one
    program that computes once what they share.
    """

    def __init__(self, expressions: Mapping[str, Expr], declarations: Declarations, target: Target) -> None:
        found = {name: expression.keeping(target, declarations) for name, expression in expressions.items()}
        self._kept: dict[str, StructuredFunction] = {name: kept for name, kept in found.items() if kept is not None}
        plain = {name: each.program_tree for name, each in expressions.items() if name not in self._kept}
        self._plain: Callable[..., Any] | None = compile_function(plain, declarations, target) if plain else None
        self._names = tuple(expressions)
        self.kinds = {name: kept.kind for name, kept in self._kept.items()}

    def __call__(self, /, **values: Any) -> dict[str, Any]:
        found = {} if self._plain is None else self._plain(**values)
        for name, function in self._kept.items():
            found[name] = function(**values)
        return {name: found[name] for name in self._names}
