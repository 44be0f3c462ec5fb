"""hesse: vector calculus for machine learning, from a formula to its verified gradient, Jacobian and Hessian.

The front door is lazy: a name brings its module in when it is first used, so that `import hesse` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hesse import plot
    from hesse.checking.check import check
    from hesse.checking.code.check import check_gradient
    from hesse.checking.verdict import Verdict
    from hesse.errors import (
        AmbiguousError,
        ArgumentError,
        DeclarationError,
        HesseError,
        LimitError,
        MissingExtraError,
        ParseError,
        ShapeError,
        SingularMatrixError,
        TraceError,
        UnknownNameError,
        VerificationError,
    )
    from hesse.models.convexity import convexity
    from hesse.models.curvature import curvature
    from hesse.models.direction import direction
    from hesse.models.domain import domain
    from hesse.models.effects import effects
    from hesse.models.taylor import taylor
    from hesse.service.derivatives import derivative, gradient, hessian, hvp, jacobian, jvp, vjp
    from hesse.service.differential import Differential, differential
    from hesse.service.expression import Expr
    from hesse.service.functions import from_function, from_jax
    from hesse.service.interchange import from_sympy
    from hesse.service.newton import NewtonStep, newton_step
    from hesse.service.programs import compile
    from hesse.service.reading import parse
    from hesse.service.views import views

__version__ = "0.1.0"

__all__ = [
    "AmbiguousError",
    "ArgumentError",
    "DeclarationError",
    "Differential",
    "Expr",
    "HesseError",
    "LimitError",
    "MissingExtraError",
    "NewtonStep",
    "ParseError",
    "ShapeError",
    "SingularMatrixError",
    "TraceError",
    "UnknownNameError",
    "Verdict",
    "VerificationError",
    "check",
    "check_gradient",
    "compile",
    "convexity",
    "curvature",
    "derivative",
    "differential",
    "direction",
    "domain",
    "effects",
    "from_function",
    "from_jax",
    "from_sympy",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "newton_step",
    "parse",
    "plot",
    "taylor",
    "views",
    "vjp",
]

_OPERATORS = ("derivative", "gradient", "hessian", "hvp", "jacobian", "jvp", "vjp")
_HOMES = {
    **{name: "hesse.errors" for name in __all__ if name.endswith("Error")},
    **dict.fromkeys(_OPERATORS, "hesse.service.derivatives"),
    "Verdict": "hesse.checking.verdict",
    "check": "hesse.checking.check",
    "Differential": "hesse.service.differential",
    "Expr": "hesse.service.expression",
    "from_function": "hesse.service.functions",
    "from_jax": "hesse.service.functions",
    "check_gradient": "hesse.checking.code.check",
    "curvature": "hesse.models.curvature",
    "convexity": "hesse.models.convexity",
    "direction": "hesse.models.direction",
    "domain": "hesse.models.domain",
    "effects": "hesse.models.effects",
    "differential": "hesse.service.differential",
    "from_sympy": "hesse.service.interchange",
    "NewtonStep": "hesse.service.newton",
    "newton_step": "hesse.service.newton",
    "compile": "hesse.service.programs",
    "parse": "hesse.service.reading",
    "plot": "hesse.plot",
    "taylor": "hesse.models.taylor",
    "views": "hesse.service.views",
}


def __getattr__(name: str) -> Any:
    if name == "errors":
        return import_module("hesse.errors")
    if name not in _HOMES:
        raise AttributeError(f"module 'hesse' has no attribute {name!r}")
    home = import_module(_HOMES[name])
    # `plot` is a module, and its own home.
    value = home if home.__name__ == f"hesse.{name}" else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
