"""The targets by name. A new one is its own file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hesse.codegen.numpy import NUMPY
from hesse.codegen.target import Target

TARGETS: Mapping[str, Target] = MappingProxyType({target.name: target for target in (NUMPY,)})
