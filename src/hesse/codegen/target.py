"""What a target is: how it spells the operations of a program, and how programs of it are run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from hesse.codegen.plan import Plan
from hesse.codegen.row_loops import Loop, in_place
from hesse.codegen.terms import Term
from hesse.core.declarations import VariableDeclaration

Spelling: TypeAlias = Callable[[Term, Sequence[ast.expr]], ast.expr]
"""The expression of a term, given those of its arguments."""

Block: TypeAlias = Callable[[Term, Sequence[ast.expr], str], list[ast.stmt]]
"""The statements that leave a term's value in the variable named, given the expressions of its arguments."""

Convert: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The source of a function, and what a caller has to know.

    `functions` are the undefined functions it needs, as pairs of a name and an order of derivative; they follow the
    variables. `buffers` are the outputs whose values are left in arrays that follow behind. `threads` is how many
    entries there must be before several threads are started, where that is not the rule of the target.
    """

    source: str
    name: str
    plan: Plan
    functions: tuple[tuple[str, int], ...]
    buffers: tuple[str, ...] = ()
    threads: int = 0


class Runtime(Protocol):
    """How programs of a target are run: what they take, what they give, what can go wrong.

    `failures` are errors of the library that mean a singular matrix. `direct` says that single numbers need no
    conversion, and `finishes` that results do all the same.
    """

    failures: tuple[type[Exception], ...]
    direct: bool
    finishes: bool

    def convert(self, entry: VariableDeclaration) -> Convert:
        """The conversion of one argument; its result has a `shape`. Raises ArgumentError for what is no array."""

    def own(self, value: Any) -> Any:
        """A converted value in memory that nobody else writes to."""

    def settled(self, value: Any) -> bool:
        """Whether what is computed of a converted value can be used again, however often."""

    def match(self, arguments: list[Any]) -> list[Any]:
        """The converted arguments, brought to one type of numbers where the library asks for that."""

    def check_table(self, entry: VariableDeclaration, value: Any, sizes: Mapping[str, int]) -> None:
        """Raises ArgumentError where an index array leaves its bound."""

    def place(self, source: str) -> tuple[str, str]:
        """The name of the module that the source makes, and of the file that it is in; twice the same for no file."""

    def prepare(self, load: Callable[[str], Callable[..., Any]], code: Program) -> Callable[..., Any]:
        """The generated function as it will be called: compiled further, or shielded from warnings.

        `load` makes the function that a source defines.
        """

    def caches(self, arguments: Sequence[Any]) -> bool:
        """Whether the arguments lie where blocks of rows pay: a processor with its caches, not a device."""

    def fitted(self, run: Callable[..., Any], arguments: Sequence[Any]) -> Callable[..., Any]:
        """A function that was prepared, or what does the same faster for arguments of these shapes."""

    def buffer(self, name: str, value: Any) -> Any:
        """The array that results are to be left in. Raises ArgumentError where it cannot take them."""

    def overlap(self, buffer: Any, argument: Any) -> bool:
        """Whether a buffer may share memory with an argument."""

    def finish(self, root: Term, copy: bool) -> Convert:
        """What makes the result of an output's value: a copy where its memory may belong to something else."""


def lists(values: ast.expr, integers: bool) -> ast.expr:
    """Nested lists as they are."""
    return values


class Writer(Protocol):
    """Writes the program of a plan under a name; the values of outputs in `buffers` go into arrays that are given."""

    def __call__(self, plan: Plan, target: Target, name: str, buffers: Sequence[str] = ()) -> Program:
        """The program."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A language of programs.

    An operation is looked up in `blocks`, then in `expressions`; functions found in neither are lowered by their rows.
    `helpers` are functions that a program carries along when it calls them by name; they may call one another.
    `named` lists, by operation, the arguments whose spelling occurs more than once, so that they must have names.
    `binds` says that programs are made anew for large sizes (see `bound.py`); `loop` writes their loops over rows, in
    blocks of so many bytes as `cached` says: more where every operation costs time of its own.
    `fill` gives the statements that leave a term's value in a buffer; without it there are no buffers. For operations
    that are `chained` that buffer may also be one of the arguments.
    `literal` is the array of numbers in nested lists, or of integers, and `test_setup` what a test does beforehand.
    `like` is an array of the usual type of numbers, for programs without a variable of real numbers.
    `runtime` brings the library in, and raises MissingExtraError where it is not installed.
    """

    name: str
    meaning: str = ""
    imports: tuple[ast.Import | ast.ImportFrom, ...]
    expressions: Mapping[str, Spelling]
    blocks: Mapping[str, Block] = field(default_factory=dict)
    helpers: Mapping[str, ast.stmt] = field(default_factory=dict)
    binds: bool = False
    loop: Loop = in_place
    cached: int = 2**20
    fill: Block | None = None
    chained: frozenset[str] = frozenset()
    literal: Callable[[ast.expr, bool], ast.expr] = lists
    test_setup: str = ""
    named: Mapping[str, Sequence[int]] = field(default_factory=dict)
    like: ast.expr | None = None
    write: Writer | None = None
    runtime: Callable[[], Runtime] | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names that the imports bind."""
        return frozenset(alias.asname or alias.name for statement in self.imports for alias in statement.names)

    def spells(self, head: str) -> bool:
        """Whether the operation can be written as it is."""
        return head in self.expressions or head in self.blocks
