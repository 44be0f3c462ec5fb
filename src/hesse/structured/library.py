"""NumPy and SciPy, brought in when they are first used: a structure may be planned where no number is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any, TypeAlias


class Library:
    """Stands for a module and imports it at the first use of one of its names."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(import_module(self._name), attribute)
        setattr(self, attribute, value)
        return value


Array: TypeAlias = Any
"""An array of float64."""
Integers: TypeAlias = Any
"""An array of integers."""

np: Any = Library("numpy")
lapack: Any = Library("scipy.linalg.lapack")
linalg: Any = Library("scipy.linalg")
sparse: Any = Library("scipy.sparse")
sparse_linalg: Any = Library("scipy.sparse.linalg")
