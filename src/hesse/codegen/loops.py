"""Programs of loops: arrays written entry by entry, with everything over the same positions in one pass.

A term is stored in an array, or in a number of its own, where it must exist. All other terms are written in place, as
functions of the position. Stored terms over the same positions share a loop where each needs the others at its own
position only; those that nobody else needs are numbers inside of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hesse.codegen.kernels import Kernel, Kernels, indented
from hesse.codegen.names import Names, identifier
from hesse.codegen.plan import Plan
from hesse.codegen.stored import stored_terms
from hesse.codegen.terms import Term
from hesse.core.nodes import Shape
from hesse.core.sizes import Size


@dataclass(eq=False)
class Nest:
    """Kernels over the same positions."""

    space: Shape
    kernels: list[Kernel]


class Loops(Kernels):
    """Writes the statements of a plan."""

    def __init__(
        self,
        plan: Plan,
        names: Names,
        given: Mapping[Term, str],
        buffers: Mapping[Term, str],
        spell: Callable[[Term, Sequence[str]], str],
        size: Callable[[Size], str],
    ) -> None:
        super().__init__(names, given, buffers, spell, size)
        self._plan = plan
        self._home: dict[Term, int] = {}
        self._users: Counter[Term] = Counter()
        self.stored = dict.fromkeys(stored_terms(plan, given), "")

    def statements(self) -> list[str]:
        """The statements that leave every output in its variable."""
        lines: list[str] = []
        for nest in self._arranged(self.kernels()):
            lines += self._written(nest)
        return lines

    def kernels(self) -> list[Kernel]:
        """How each stored term is computed, in an order in which they can be."""
        kernels = []
        for term in self._plan.steps:
            if term in self.stored:
                name = self._buffers.get(term) or self._fresh(term)
                self.stored[term] = name
                kernels.append(self.kernel(term, name))
        return kernels

    def result(self, root: Term) -> str:
        """The variable that holds an output."""
        return self.stored.get(root) or self.entry(root, ())

    def _fresh(self, term: Term) -> str:
        wanted = self._plan.names.get(term)
        return self._names.number(identifier(wanted)) if wanted else self._names.temporary()

    def _arranged(self, kernels: Sequence[Kernel]) -> list[Nest]:
        """Each kernel in the first loop over its positions that comes late enough."""
        nests: list[Nest] = []
        home: dict[Term, int] = {}
        for kernel in kernels:
            own = tuple(self._axes[: len(kernel.space)])
            earliest = 0
            for need, positions in kernel.needs.items():
                if need not in home:
                    continue
                other = next(k for k in nests[home[need]].kernels if k.term is need)
                together = kernel.joins(other) and not other.total and positions == {own} and need.shape == other.space
                earliest = max(earliest, home[need] + (not together))
            later = range(earliest, len(nests))
            place = next((k for k in later if kernel.joins(nests[k].kernels[0])), None)
            if place is None:
                nests.append(Nest(kernel.space, [kernel]))
                place = len(nests) - 1
            else:
                nests[place].kernels.append(kernel)
            home[kernel.term] = place
        self._home = home
        for kernel in kernels:
            for need in kernel.needs:
                if home.get(need) != home[kernel.term]:
                    self._users[need] += 1
        return nests

    def _local(self, kernel: Kernel) -> bool:
        """Whether a term is needed nowhere but in its own loop."""
        shared = kernel.term in self._plan.roots or self._users[kernel.term]
        return not (kernel.total or kernel.serial or shared or not kernel.space or kernel.inside is None)

    def _written(self, nest: Nest) -> list[str]:
        position = tuple(self._axes[: len(nest.space)])
        before: list[str] = []
        inner: list[str] = []
        after: list[str] = []
        local = [self.stored[kernel.term] for kernel in nest.kernels if self._local(kernel)]
        for kernel in nest.kernels:
            before += kernel.before if self.stored[kernel.term] not in local else []
            inner += [] if kernel.inside is None else kernel.inside(position)
            after += kernel.after
        for name in local:
            whole = re.compile(rf"\b{name}\[{', '.join(position)}\]")
            inner = [whole.sub(name, line) for line in inner]
        if not inner or not nest.space:
            return [*before, *inner, *after]
        serial = any(kernel.serial for kernel in nest.kernels)
        for level, (axis, size) in enumerate(zip(position, nest.space, strict=True)):
            kind = "range" if level or serial else "prange"
            before.append(f"{'    ' * level}for {axis} in {kind}({self.size(size)}):")
        return [*before, *indented(inner, len(position)), *after]
