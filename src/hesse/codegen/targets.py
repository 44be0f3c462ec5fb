"""The targets by name. A new one is its own file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hesse.codegen.jax import JAX
from hesse.codegen.numba import NUMBA
from hesse.codegen.numpy import NUMPY
from hesse.codegen.plain_math import MATH
from hesse.codegen.target import Target
from hesse.codegen.torch import TORCH
from hesse.errors import ArgumentError

TARGETS: Mapping[str, Target] = MappingProxyType({target.name: target for target in (NUMPY, NUMBA, JAX, TORCH, MATH)})


def find_target(name: str) -> Target:
    """The target of the name. Raises ArgumentError where there is none."""
    if not isinstance(name, str) or name not in TARGETS:
        raise ArgumentError(f"the backend {name!r} is not available", hint=f"the backends are: {', '.join(TARGETS)}")
    return TARGETS[name]
