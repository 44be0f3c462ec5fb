"""The tree of a formula to the surface language, when the ranks of all names are known or assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hesse.frontends.latex import applied, arrays, entries, positions, powers, products, running
from hesse.frontends.latex import tree as written
from hesse.frontends.latex.steps import Step, run
from hesse.frontends.latex.values import Scope, Value

_LOWER: Mapping[type, Callable[..., Any]] = {
    written.Number: entries.lower_number,
    written.Symbol: entries.lower_symbol,
    written.Script: entries.lower_script,
    written.Power: powers.lower_power,
    written.Transposed: powers.lower_transposed,
    written.Sum: powers.lower_sum,
    written.Relation: powers.lower_relation,
    written.Product: products.lower_product,
    written.Infix: products.lower_infix,
    written.Applied: applied.lower_applied,
    written.Derivative: applied.lower_derivative,
    written.Bars: applied.lower_bars,
    written.Inner: applied.lower_inner,
    written.Group: applied.lower_group,
    written.Filled: applied.lower_filled,
    written.Big: running.lower_big,
    written.Listed: arrays.lower_listed,
    written.Grid: arrays.lower_grid,
    written.Cases: arrays.lower_cases,
}
_REQUESTS: Mapping[str, Callable[..., Any]] = {
    "size": positions.read_size,
    "position": entries.read_position,
    "contraction": entries.read_contraction,
    "einsum": entries.read_einsum,
}


def lower(scope: Scope, formula: written.Latex) -> Value:
    """What the formula is worth. Raises HesseError where it means nothing with these ranks."""
    return run(_whole(formula), lambda request: _begun(scope, request))


def _whole(formula: written.Latex) -> Step[Value]:
    value: Value = yield formula
    return value


def _begun(scope: Scope, request: Any) -> Any:
    if isinstance(request, tuple):
        return _REQUESTS[request[0]](scope, *request[1:])
    return _LOWER[type(request)](scope, request)
