"""What SymPy itself says an expression is worth at a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp


def value(expr: Any, sizes: Mapping[str, int], values: Mapping[str, Any]) -> Any:
    """The value as a complex number or array, by substituting explicit matrices and numbers."""
    expr = sp.sympify(expr).subs({sp.Symbol(name): size for name, size in sizes.items()})
    found: dict[Any, Any] = {}
    for symbol in expr.atoms(sp.MatrixSymbol):
        shape = tuple(int(size) for size in symbol.shape)
        found[symbol] = sp.ImmutableMatrix(np.reshape(values[symbol.name], shape).tolist())
    for symbol in expr.atoms(sp.Symbol):
        if symbol.name in values and np.ndim(values[symbol.name]) == 0:
            found[symbol] = sp.Float(float(values[symbol.name]))
    expr = expr.xreplace(found).doit()
    if getattr(expr, "is_Matrix", False):
        return np.array(sp.ImmutableMatrix(expr).evalf().tolist(), dtype=complex)
    return np.asarray(complex(sp.N(expr)))
