"""SymPy, brought in when it is first needed: deriving does without."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from hesse.errors import MissingExtraError

_EXPRESSIONS = "sympy.matrices.expressions"
_HOMES = {
    "AppliedUndef": "sympy.core.function",
    "DiagMatrix": f"{_EXPRESSIONS}.diagonal",
    "DiagonalMatrix": f"{_EXPRESSIONS}.diagonal",
    "DiagonalOf": f"{_EXPRESSIONS}.diagonal",
    "ElementwiseApplyFunction": f"{_EXPRESSIONS}.applyfunc",
    "MatrixElement": f"{_EXPRESSIONS}.matexpr",
    "NumberSymbol": "sympy.core.numbers",
}


def sympy() -> Any:
    """The module. Raises MissingExtraError where it is not installed."""
    try:
        return import_module("sympy")
    except ImportError:
        raise MissingExtraError(
            "SymPy is not installed", hint='install it with the extra: `pip install "hesse[sympy]"`'
        ) from None


def sympy_class(name: str) -> Any:
    """The class of SymPy of this name, also of those that its front door does not show."""
    if name in ("true", "false"):
        return type(getattr(sympy(), name))
    return getattr(import_module(_HOMES[name]) if name in _HOMES else sympy(), name)
