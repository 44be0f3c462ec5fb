"""Source code of an expression, or of several together: a function of the declared variables."""

from __future__ import annotations

from collections.abc import Mapping

from hesse.codegen.arrays import write_arrays
from hesse.codegen.names import identifier
from hesse.codegen.numpy import NUMPY
from hesse.codegen.plan import make_plan
from hesse.codegen.target import Program, Target
from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.errors import ArgumentError


def emit(
    trees: Syntax | Mapping[str, Syntax], declarations: Declarations, target: Target = NUMPY, name: str = "f"
) -> str:
    """The source of `def name(variables...)` for the target, with everything it needs."""
    return program(trees, declarations, target, name).source


def program(
    trees: Syntax | Mapping[str, Syntax], declarations: Declarations, target: Target = NUMPY, name: str = "f"
) -> Program:
    """The source together with what a caller has to know."""
    if identifier(name) != name or name in target.names | target.helpers.keys():
        raise ArgumentError(f"{name!r} cannot be the name of the function")
    plan = make_plan(trees, declarations, target.spells, target.name)
    return (target.write or write_arrays)(plan, target, name)
