"""Which declared name each parameter of a callable stands for: by name where the names agree, else by position."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hesse.core.declarations import Declarations
from hesse.errors import ArgumentError

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(slots=True)
class Matching:
    """The declared names to pass by position and by keyword, and how that was decided."""

    positional: list[str] = field(default_factory=list)
    keywords: dict[str, str] = field(default_factory=dict)
    readings: list[str] = field(default_factory=list)


def matched(function: Callable[..., Any], declarations: Declarations) -> Matching:
    """The declared names for the parameters. Raises ArgumentError, which shows both, when they do not fit."""
    declared = [entry.name for entry in declarations]
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return Matching(positional=declared)  # a function of C: it says itself how many it takes
    named = [p for p in parameters if p.kind in (*_POSITIONAL, inspect.Parameter.KEYWORD_ONLY)]
    rest = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)
    options = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)
    names = {p.name: p.name for p in named if p.name in declared or p.name in declarations.size_names}
    left = [name for name in declared if name not in names]
    free = [p for p in named if p.name not in names and (p.default is p.empty or len(left) > _required(named, names))]
    if rest and not names:
        return Matching(positional=declared)
    if options and left and not free:
        names.update((name, name) for name in left)
        left = []
    pairs = _by_position(free, left, bool(set(names) & set(declared)))
    if pairs is None:
        raise _mismatch(named, declared)
    names.update(pairs)
    return _arranged(named, names, pairs)


def _required(named: Sequence[inspect.Parameter], names: dict[str, str]) -> int:
    return sum(p.default is p.empty for p in named if p.name not in names)


def _by_position(free: Sequence[inspect.Parameter], left: Sequence[str], some: bool) -> dict[str, str] | None:
    """Parameters and names in order; where `some` others agree by name, one pair at most is left to its position."""
    free = free[: max(len(left), sum(p.default is p.empty for p in free))]
    if len(free) != len(left) or (some and len(free) > 1) or any(p.kind not in _POSITIONAL for p in free):
        return None
    return {p.name: name for p, name in zip(free, left, strict=True)}


def _arranged(named: Sequence[inspect.Parameter], names: dict[str, str], pairs: dict[str, str]) -> Matching:
    matching = Matching()
    by_keyword = False
    for p in named:
        if p.name not in names:
            by_keyword = True
            matching.readings.append(f"the parameter {p.name} keeps its default {p.default!r}")
        elif p.kind is inspect.Parameter.KEYWORD_ONLY or (by_keyword and p.kind in _POSITIONAL):
            matching.keywords[p.name] = names[p.name]
        else:
            matching.positional.append(names[p.name])
    others = {name: name for name in names if name not in {p.name for p in named}}
    matching.keywords.update(others)
    if pairs:
        listed = ", ".join(f"{parameter} is {name}" for parameter, name in pairs.items())
        matching.readings.append(f"parameters by position: {listed}")
    return matching


def _mismatch(named: Sequence[inspect.Parameter], declared: Sequence[str]) -> ArgumentError:
    return ArgumentError(
        f"the function has the parameters {', '.join(p.name for p in named) or '(none)'}, "
        f"and declared are {', '.join(declared) or '(none)'}: they do not fit",
        hint="declare every parameter under its own name, or as many names as there are parameters, in their order",
    )
