"""The values that structured results are made of, computed together: some of them where they are to stand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from hesse.codegen.compiled import BoundFunction
from hesse.service.assembly import Buffers
from hesse.service.sites import NumberSite
from hesse.structured.places import blank

NO_BUFFERS: Mapping[int, Buffers] = MappingProxyType({})
NO_ARRAYS: Mapping[int, Any] = MappingProxyType({})


class Computing:
    """What computes the values of the nodes that a site was asked for; the arguments stand behind them."""

    def __init__(self, site: NumberSite) -> None:
        nodes = tuple(site.changing)
        self._names = [f"value_{k}" for k in range(len(nodes))]
        self._program = partial(site.programs.bound, nodes, site.sizes) if nodes else None
        self._windows = site.windows
        self._runs: dict[tuple[int, ...], BoundFunction] = {}
        site.forget()

    @property
    def by_loops(self) -> bool:
        """Whether there is nothing to compute beforehand."""
        return self._program is None

    def __call__(
        self,
        values: Mapping[str, Any],
        arguments: list[Any],
        buffers: Mapping[int, Buffers] = NO_BUFFERS,
        arrays: Mapping[int, Any] = NO_ARRAYS,
    ) -> list[Any]:
        """The values. Those that belong into windows come in their vectors: new ones, or the buffers of their part.

        Values by number are left in `arrays`.
        """
        if self._program is None:
            return [arguments]
        vectors = dict(arrays)
        views = [*arrays.values()]
        for k, (part, window) in self._windows.items():
            if part in buffers:
                vectors[k] = buffers[part].arrays[window.vector]
                views.append(buffers[part].lent(window))
            elif not window.whole:  # values that are the vector need not be left anywhere
                vectors[k] = whole = blank(window.count)
                views.append(window.of(whole))
        found = self._run(tuple(vectors))(arguments, values, views)
        for k in self._windows:
            if k not in vectors:
                vectors[k] = found[self._names[k]].reshape(-1)
        return [*[vectors[k] if k in vectors else found[name] for k, name in enumerate(self._names)], arguments]

    def _run(self, placed: tuple[int, ...]) -> BoundFunction:
        """The program that leaves some of the values in arrays."""
        if placed not in self._runs:
            assert self._program is not None
            self._runs[placed] = self._program(tuple(self._names[k] for k in placed))
        return self._runs[placed]
