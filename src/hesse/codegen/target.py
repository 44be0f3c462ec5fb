"""What a target is: how it spells the operations of a program."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from hesse.codegen.terms import Term

Spelling: TypeAlias = Callable[[Term, Sequence[ast.expr]], ast.expr]
"""The expression of a term, given those of its arguments."""

Block: TypeAlias = Callable[[Term, Sequence[ast.expr], str], list[ast.stmt]]
"""The statements that leave a term's value in the variable named, given the expressions of its arguments."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A language of programs.

    An operation is looked up in `blocks`, then in `expressions`; functions found in neither are lowered by their rows.
    `helpers` are functions that a program carries along when it calls them by name.
    """

    name: str
    imports: tuple[ast.Import | ast.ImportFrom, ...]
    expressions: Mapping[str, Spelling]
    blocks: Mapping[str, Block] = field(default_factory=dict)
    helpers: Mapping[str, ast.stmt] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """The names that the imports bind."""
        return frozenset(alias.asname or alias.name for statement in self.imports for alias in statement.names)

    def spells(self, head: str) -> bool:
        """Whether the operation can be written as it is."""
        return head in self.expressions or head in self.blocks
