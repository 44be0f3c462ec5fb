"""Results that keep their structure, held to their dense values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

import hesse as hs
from hesse.structured.banded import Banded
from hesse.structured.base import Structured
from hesse.structured.diagonal import Diagonal
from hesse.structured.folded import Folded
from hesse.structured.sparse import Sparse

from .cases import Case, points

TOLERANCE = 1e-9
DUST = 1e-12
LEGITIMATE = ("leaves its axis", "singular at these", "no variable fixes it")
"""What the dense value is refused for too."""
REGULAR = 1e9
"""Up to this condition number a matrix must have a solution."""


def disagreements(result: hs.Expr, values: Mapping[str, Any], tally: Counter[str]) -> Iterator[str]:
    """What is wrong with the structured result at a point; `tally` counts the structures that were compared."""
    with np.errstate(all="ignore"):
        dense = np.asarray(result.evaluate(**values))
    if not np.isfinite(dense).all():
        return
    function = result.compile(structure="keep")
    with np.errstate(all="ignore"):
        kept = function(**values)
        again = function(**values)
    if not isinstance(kept, (Structured, Folded)):
        yield from () if np.allclose(kept, dense, equal_nan=True) else (f"{kept} is not {dense}",)
        return
    tally[kept.kind] += 1
    if not (function.kind and function.method):
        yield "the structure has no name, or no method"
    if kept.shape != dense.shape:
        yield f"shape {kept.shape}, not {dense.shape}"
        return
    with np.errstate(all="ignore"):
        filled = [function.into(buffers_of(kept))(**values)] if function.recipe.fills else []
    for each in (kept, again, *filled):
        matrix = each.matrix if isinstance(each, Folded) else each
        # What the parts have in common may cancel: their size is what rounding is measured by.
        yield from _far(f"{each.kind}.todense()", each.todense(), dense, matrix.norm_bound)
    yield from _matrix(matrix, dense.reshape(matrix.shape))
    if isinstance(kept, Folded):
        rank = len(kept.outputs)
        turned = np.moveaxis(dense, range(rank), range(-rank, 0))
        yield from _far(f"{kept.kind}.T", kept.T.todense(), turned, matrix.norm_bound)
        step = np.cos(np.arange(np.prod(kept.inputs))).reshape(kept.inputs)
        yield from _far(f"{kept.kind} @ array", kept @ step, np.tensordot(dense, step, step.ndim), matrix.norm_bound)


def buffers_of(kept: Structured | Folded) -> dict[int, Any] | Any:
    """Arrays that take the entries of a result; nothing in them is right."""
    matrix = kept.matrix if isinstance(kept, Folded) else kept
    if isinstance(matrix, Banded):
        made = [offset for offset in matrix.bands if offset <= 0 or not matrix.symmetric]
        return {offset: np.full(len(matrix.bands[offset]), np.nan) for offset in made}
    assert isinstance(matrix, (Diagonal, Sparse))
    return np.full(len(matrix.entries if isinstance(matrix, Diagonal) else matrix.data), np.nan)


def examined(case: Case, tally: Counter[str]) -> Iterator[str]:
    """What is wrong with the structured results of a case: its derivatives of order 1 and 2, at all its sizes."""
    for order in (1, 2):
        try:
            result = hs.derivative(hs.parse(case.text, str(case.declarations)), case.target, order=order)
        except hs.HesseError:
            continue
        for tries in points(case):
            values = {name: value for name, value in tries[0].values.items() if name in result.variables}
            functions = {name: waves.numpy(7) for name, waves in tries[0].functions.items()}
            try:
                yield from disagreements(result, {**values, **functions}, tally)
            except hs.HesseError as error:
                if not any(legitimate in error.message for legitimate in LEGITIMATE):
                    raise


def _matrix(matrix: Structured, dense: Any) -> Iterator[str]:
    rows, columns = matrix.shape
    random = np.random.default_rng(rows + 7 * columns)
    x, y = random.normal(size=(columns, 2)), random.normal(size=(rows, 3))
    kind, bound = matrix.kind, matrix.norm_bound
    yield from _far(f"{kind} @ x", matrix @ x, dense @ x, bound * np.abs(x).max())
    yield from _far(f"x @ {kind}", y.T @ matrix, y.T @ dense, rows * bound * np.abs(y).max())
    yield from _far(f"{kind}.T", matrix.T.todense(), dense.T, bound)
    yield from _far(f"{kind}.tosparse()", matrix.tosparse().toarray(), dense, bound)
    yield from _far(f"{kind}.diagonal()", matrix.diagonal(), dense.diagonal(), bound)
    if matrix.symmetric:
        yield from _far(f"{kind}, symmetric", dense, dense.T, bound)
    if rows != columns or np.abs(dense).max(initial=0.0) <= DUST:
        return
    # Parts that cancel leave rounding: a matrix made of large parts is as good as singular where the rest is small.
    condition = np.linalg.cond(dense, 1) * bound / np.linalg.norm(dense, 1) if np.any(dense) else np.inf
    try:
        solution = matrix.solve(y)
    except hs.SingularMatrixError as error:
        if condition < REGULAR:
            yield f"{kind}.solve: {error.message}, with a condition number of {condition:.1g}"
        return
    size = bound * np.abs(solution).max() + np.abs(y).max()
    if not np.abs(dense @ solution - y).max() <= TOLERANCE * size:
        yield f"{kind}.solve is off by {np.abs(dense @ solution - y).max() / size:.1g}, condition {condition:.1g}"
    if condition < REGULAR:
        sign, logarithm = matrix.slogdet()
        expected = np.linalg.slogdet(dense)
        if sign != expected[0] or not np.isclose(logarithm, expected[1], rtol=1e-6, atol=1e-6):
            yield f"{kind}.slogdet() = {(sign, logarithm)}, not {expected}"


def _far(what: str, found: Any, expected: Any, largest: float) -> Iterator[str]:
    if found.shape != expected.shape:
        yield f"{what} has shape {found.shape}, not {expected.shape}"
    elif not np.abs(found - expected).max(initial=0.0) <= TOLERANCE * largest + DUST:
        yield f"{what} is off by {np.abs(found - expected).max(initial=0.0) / (largest or 1):.1g}"
