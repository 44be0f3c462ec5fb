"""hesse: vector calculus for machine learning, from a formula to its verified gradient, Jacobian and Hessian."""

from hesse.errors import (
    AmbiguousError,
    ArgumentError,
    DeclarationError,
    HesseError,
    LimitError,
    ParseError,
    ShapeError,
    UnknownNameError,
    VerificationError,
)
from hesse.service.derivatives import derivative, gradient, hessian, hvp, jacobian, jvp, vjp
from hesse.service.expression import Expr
from hesse.service.reading import parse

__version__ = "0.1.0"

__all__ = [
    "AmbiguousError",
    "ArgumentError",
    "DeclarationError",
    "Expr",
    "HesseError",
    "LimitError",
    "ParseError",
    "ShapeError",
    "UnknownNameError",
    "VerificationError",
    "derivative",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "parse",
    "vjp",
]
