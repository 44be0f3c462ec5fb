"""The Taylor polynomial as an expression: in a step with the point left symbolic, and in the lecture's x - a."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import factorial

from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.sizes import Size
from hesse.core.syntax import Name, Stack, Syntax
from hesse.errors import ArgumentError
from hesse.service.derivatives import Wrt, jvp
from hesse.service.expression import Expr, substituted
from hesse.service.variables import Target, resolve

STEP = "epsilon"


def in_steps(f: Expr, order: int, wrt: Wrt) -> Expr:
    """f + J ε + ½ D²f[ε, ε] + ... up to the order: each derivative along ε is a verified result."""
    target = resolve(wrt, f._declarations)
    names = list(target.names) if target.stacked else target.names[0]
    total, along = f, f
    for k in range(1, order + 1):
        along = jvp(along, names, STEP)
        total = total + along * Fraction(1, factorial(k))
    return total


def around(model: Expr, f: Expr, wrt: Wrt) -> Expr:
    """The model with x written as a and the step as x - a."""
    target = resolve(wrt, f._declarations)
    names = _centers(f, target)
    points = {name: _variable(center, f, name) for name, center in names.items()}
    moved = [_variable(name, f, name) - point for name, point in points.items()]
    values: dict[str, Expr | Fraction] = dict(points)
    if STEP in model._declarations.variables:
        values[STEP] = _stacked(moved) if target.stacked else moved[0]
    return substituted(model, values)


def _centers(f: Expr, target: Target) -> dict[str, str]:
    """The name of the centre of each variable: a, or a1, a2, ..."""
    taken = {entry.name for entry in f._declarations} | set(f._declarations.size_names)
    names = target.names
    found: dict[str, str] = {}
    for k, name in enumerate(names):
        center = "a" if len(names) == 1 else f"a{k + 1}"
        while center in taken:
            center += "_"
        taken.add(center)
        found[name] = center
    return found


def _variable(name: str, f: Expr, like: str) -> Expr:
    entry = f._declarations.variables[like]
    declarations = Declarations((VariableDeclaration(name, entry.shape),))
    tree: Syntax = Name(name)
    return Expr(tree, declarations, entry.shape)


def _stacked(parts: Sequence[Expr]) -> Expr:
    from_parts = [part.exact_tree for part in parts]
    declarations = parts[0]._declarations
    for part in parts[1:]:
        declarations = declarations.extended(*part._declarations)
    if any(part._shape for part in parts):
        raise ArgumentError("only scalars can be stacked")
    return Expr(Stack(tuple(from_parts)), declarations, (Size.of(len(parts)),))
