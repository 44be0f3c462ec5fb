"""What a program computes, before anybody says in which language: a fixed list of array operations.

A `Plan` is a value that can be looked at: `plan.steps` are its operations in an order in which they can be carried out,
`str(plan)` writes them down. Equal parts of all outputs are one step. The vocabulary of the steps is small and closed:
what a target spells (see `target.py`). Structure of matrices has been used when a plan is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from hesse.codegen.build import Builder
from hesse.codegen.terms import Term, Terms, postorder
from hesse.core.build import shape_text
from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax

RESULT = "result"
"""The name of the output of a program that has only one."""
_LEAVES = frozenset({"variable", "number", "constant", "size"})


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The outputs by name, as interned operations; `joint` programs return all of them in a dictionary.

    `names` are names that the user gave to parts, `terms` is the table that all operations come from.
    """

    declarations: Declarations
    outputs: Mapping[str, Term]
    names: Mapping[Term, str]
    terms: Terms
    joint: bool = False
    rows: tuple[str, int] | None = None
    """The size whose rows are taken in blocks, and how many at a time."""

    @property
    def roots(self) -> tuple[Term, ...]:
        """The operations that yield the outputs."""
        return tuple(self.outputs.values())

    @property
    def steps(self) -> tuple[Term, ...]:
        """Every operation once, arguments before their users."""
        return tuple(postorder(*self.roots))

    @property
    def heads(self) -> frozenset[str]:
        """The vocabulary in use."""
        return frozenset(term.head for term in self.steps)

    @property
    def undefined(self) -> tuple[tuple[str, int], ...]:
        """The undefined functions in use, with orders of derivatives, in the order of their declarations."""
        functions = [*self.declarations.functions]
        calls = {term.options for term in self.steps if term.head == "undefined"}
        return tuple(sorted(calls, key=lambda call: (functions.index(call[0]), call[1])))

    def __str__(self) -> str:
        labels: dict[Term, str] = {}
        lines: list[str] = []
        for term in self.steps:
            if term.head in _LEAVES:
                labels[term] = str(term.options[0])
                continue
            labels[term] = f"%{len(lines) + 1}"
            arguments = " ".join(labels[argument] for argument in term.arguments)
            options = f" {term.options}" if term.options else ""
            shape = f" : {shape_text(term.shape)}" if term.shape else ""
            lines.append(f"{labels[term]}{shape} = {term.head} {arguments}{options}".rstrip())
        lines += [f"{name} = {labels[term]}" for name, term in self.outputs.items()]
        lines += [f"in blocks of {self.rows[1]} rows of {self.rows[0]}"] if self.rows else []
        return "\n".join(lines)


def make_plan(
    trees: Syntax | Mapping[str, Syntax], declarations: Declarations, spells: Callable[[str], bool], target: str
) -> Plan:
    """The plan of one expression, or of several by name that share their common parts.

    Operations that the target does not spell are lowered to those that it does.
    """
    builder = Builder(declarations, spells, target)
    joint = isinstance(trees, Mapping)
    items = trees.items() if isinstance(trees, Mapping) else [(RESULT, trees)]
    outputs = {name: builder.build(tree) for name, tree in items}
    return Plan(declarations, MappingProxyType(outputs), MappingProxyType(builder.names), builder.terms, joint)


def inputs(plan: Plan) -> Sequence[Term]:
    """The declared variables as terms, in order."""
    entries = plan.declarations.variables.values()
    return [plan.terms.variable(entry.name, entry.shape, entry.index is not None) for entry in entries]


def rebuilt(plan: Plan, change: Mapping[Term, Term], terms: Terms | None = None) -> Plan:
    """The plan with terms replaced by others of the same value, all of them in another table if there is one."""
    table = plan.terms if terms is None else terms
    new: dict[Term, Term] = {}
    waiting = [*plan.roots]
    while waiting:
        term = waiting[-1]
        source = change.get(term, term)
        missing = [argument for argument in source.arguments if argument not in new]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        arguments = [new[argument] for argument in source.arguments]
        new[term] = table.make(source.head, arguments, source.options, source.shape, source.dtype)
    outputs = {name: new[root] for name, root in plan.outputs.items()}
    names = {new[term]: name for term, name in plan.names.items() if term in new}
    return replace(plan, outputs=MappingProxyType(outputs), names=MappingProxyType(names), terms=table)
