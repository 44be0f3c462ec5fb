"""Which variable a derivative is taken by: one name, several scalar names, or the only sensible choice."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from hesse.core.build import variable
from hesse.core.declarations import ATTRIBUTES, Declarations, VariableDeclaration, natural_key
from hesse.core.nodes import Shape, Variable
from hesse.core.sizes import Size
from hesse.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class Target:
    """The variables of a derivative; `stacked` says that they are scalars read as the entries of one vector."""

    variables: tuple[Variable, ...]
    stacked: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order."""
        return tuple(each.name for each in self.variables)

    @property
    def shape(self) -> Shape:
        """The shape of what is varied."""
        return (Size.of(len(self.variables)),) if self.stacked else self.variables[0].shape


def resolve(wrt: str | Sequence[str] | None, declarations: Declarations) -> Target:
    """The target that `wrt` names. Raises ArgumentError with the choices."""
    declared = {name: entry for name, entry in declarations.variables.items() if entry.index is None}
    if wrt is None:
        return _default(declared)
    if isinstance(wrt, str):
        return Target((_find(wrt, declared, declarations),), False)
    if not isinstance(wrt, Sequence):
        raise ArgumentError(f"variables are named by text or a list of texts, not by {wrt!r}", hint=_choices(declared))
    names = list(wrt)
    if not names:
        raise ArgumentError("the list of variables is empty", hint=_choices(declared))
    if len(set(names)) < len(names):
        raise ArgumentError(f"a variable stands twice in {names}")
    found = tuple(_find(name, declared, declarations) for name in names)
    for each in found:
        if each.shape:
            raise ArgumentError(
                f"only scalars can be stacked into a vector, `{each.name}` is not one", hint="name one variable alone"
            )
    return Target(found, True)


def _default(declared: dict[str, VariableDeclaration]) -> Target:
    if len(declared) == 1:
        (entry,) = declared.values()
        return Target((_variable(entry),), False)
    if declared and not any(entry.shape for entry in declared.values()):
        names = sorted(declared, key=natural_key)
        return Target(tuple(_variable(declared[name]) for name in names), True)
    if not declared:
        raise ArgumentError("there is no variable to differentiate by", hint='declare one, for example "x:n"')
    raise ArgumentError("by which variable? Several are declared and not all are scalars", hint=_choices(declared))


def _find(name: str, declared: dict[str, VariableDeclaration], declarations: Declarations) -> Variable:
    if name in declared:
        return _variable(declared[name])
    if not isinstance(name, str):
        raise ArgumentError(f"a variable is named by text, not by {name!r}", hint=_choices(declared))
    if name in declarations.functions:
        raise ArgumentError(f"`{name}` is a function and not a variable", hint=_choices(declared))
    if name in declarations.variables:
        raise ArgumentError(f"`{name}` holds integers; there is no derivative by it", hint=_choices(declared))
    if name in declarations.size_names:
        raise ArgumentError(f"`{name}` is a size; there is no derivative by it", hint=_choices(declared))
    near = difflib.get_close_matches(name, declared, n=1)
    suggestion = f"did you mean `{near[0]}`?" if near else _choices(declared)
    raise ArgumentError(f"`{name}` is not a declared variable", hint=suggestion)


def _choices(declared: dict[str, VariableDeclaration]) -> str:
    return "name a variable: " + ", ".join(declared) if declared else "no variable is declared"


def _variable(entry: VariableDeclaration) -> Variable:
    return variable(entry.name, entry.shape, entry.attributes)


def conventions(entry: VariableDeclaration) -> tuple[str, ...]:
    """What a reader should know about how the entries of a variable are varied."""
    if entry.attributes & {"sym", "spd"}:
        return (f"{entry.name} is symmetric; its entries are varied one by one (the unconstrained derivative)",)
    if entry.attributes & {"simplex", "pm1"}:
        (fact,) = (ATTRIBUTES[name] for name in ("simplex", "pm1") if name in entry.attributes)
        return (f"{entry.name} has {fact}; its entries are varied freely (the derivative in the space around)",)
    return ()
