"""The Taylor polynomial as an expression: in a step with the point left symbolic, and in the lecture's x - a."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

from hesse.calculus.differentiate import forward
from hesse.core.algebra import scale
from hesse.core.build import variable
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.nodes import Node
from hesse.core.syntax import Name, Syntax
from hesse.service.derivatives import Wrt, jvp
from hesse.service.expression import Expr
from hesse.service.result import Result
from hesse.service.variables import Target, resolve
from hesse.simplify.engine import simplify

STEP = "epsilon"


def in_steps(f: Expr, order: int, wrt: Wrt) -> Expr:
    """f + J ε + ½ D²f[ε, ε] + ... up to the order: each derivative along ε is a verified result.

    Several scalars have a step each: ε1, ε2, ...
    """
    target = resolve(wrt, f._declarations)
    names = list(target.names) if target.stacked else target.names[0]
    steps = step_names(f, target)
    whole = f"{STEP}_" if STEP in _taken(f) else STEP
    total, along, node = f, f, f.node
    for k in range(1, order + 1):
        along = jvp(along, names, whole)
        if target.stacked:
            pairs = zip(target.variables, steps.values(), strict=True)
            node = forward(node, {each: variable(step) for each, step in pairs})
        else:
            node = along.node
        term = _term(
            along, scale(Fraction(1, factorial(k)), node), tuple(steps.values()) if target.stacked else (), whole
        )
        total = total + term
    return total


def step_names(f: Expr, target: Target) -> dict[str, str]:
    """The name of the step of each variable: ε, or ε1, ε2, ... where several scalars vary."""
    return _fresh(f, target, STEP)


def _term(along: Expr, node: Node, steps: tuple[str, ...], whole: str) -> Expr:
    """One term of the model: a multiple of the derivative along the step, with a scalar step for each scalar."""
    declarations = along._declarations
    if steps:
        kept = tuple(entry for entry in declarations if entry.name != whole)
        added = tuple(VariableDeclaration(step, ()) for step in steps)
        declarations = Declarations((*kept, *added), declarations.required)
    result = Result(simplify(node), lambda: along.conditions_found, along.verification, along.known, named=False)
    return Expr(result, declarations, along._shape, along.readings)


def around(model: Expr, f: Expr, wrt: Wrt) -> Expr:
    """The model with x written as a and the step as x - a."""
    target = resolve(wrt, f._declarations)
    points = {name: _variable(center, f, name) for name, center in _fresh(f, target, "a").items()}
    values: dict[str, Expr | Fraction] = dict(points)
    for name, step in step_names(f, target).items():
        if step in model._declarations.variables:
            values[step] = _variable(name, f, name) - points[name]
    return model.substitute(**values)


def _fresh(f: Expr, target: Target, stem: str) -> dict[str, str]:
    """A new name for each variable: the stem, with a number where several scalars vary."""
    taken = _taken(f)
    found: dict[str, str] = {}
    for k, name in enumerate(target.names, start=1):
        fresh = f"{stem}{k}" if target.stacked else stem
        while fresh in taken:
            fresh += "_"
        taken.add(fresh)
        found[name] = fresh
    return found


def _taken(f: Expr) -> set[str]:
    return {entry.name for entry in f._declarations} | set(f._declarations.size_names)


def _variable(name: str, f: Expr, like: str) -> Expr:
    entry = f._declarations.variables[like]
    tree: Syntax = Name(name)
    return Expr(tree, Declarations((VariableDeclaration(name, entry.shape),)), entry.shape)
