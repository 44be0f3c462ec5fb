"""Records of a derivation: which rule was applied where, as an equation between nodes."""

from __future__ import annotations

from dataclasses import dataclass

from hesse.core.nodes import Node


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a rule at a site: `left = right` is a true equation.

    For a rule of differentiation the left side is the unevaluated derivative of the site, the right side what
    the rule makes of it, with the derivatives of the site's parts unevaluated.
    """

    rule: str
    site: Node
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Derivation:
    """The steps in order; the last right side is the result."""

    steps: tuple[Step, ...]
    result: Node
