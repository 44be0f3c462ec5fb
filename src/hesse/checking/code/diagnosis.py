"""What the wrong entries have in common: a factor, a sign, the other layout, a term that is missing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

BARELY = 0.02
"""What differs by more is not the same, with however few bits it was computed."""
ALIKE = 1e-4
"""Ratios and differences this close to each other, relatively, are taken for the same."""
KNOWN = 0.1
"""How well, relatively, entries must be known before a factor is told of them."""
FEW = 3
"""So many wrong entries are named one by one."""


@dataclass(frozen=True)
class Compared:
    """Claim and truth with axes (output, input), which entries are wrong, and what they are differentiated by.

    `error` bounds that of the truth. `point` has the values of the inputs, `counts` the sizes of axes that a mean
    could divide by, `names` the wrong entries in words; `square` says that the inputs are a square matrix.
    """

    claim: Any
    truth: Any
    error: Any
    wrong: Any
    point: Any
    counts: tuple[int, ...]
    precision: float
    names: tuple[str, ...]
    square: bool = False

    @property
    def alike(self) -> float:
        """How close is the same."""
        return max(ALIKE, min(100 * self.precision, BARELY))


@dataclass(frozen=True)
class Finding:
    """A mistake in words, with its code if it has one."""

    text: str
    mistakes: tuple[str, ...] = ()


def diagnose(found: Compared) -> Finding | None:
    """The mistake that explains all wrong entries, or None."""
    finite = np.isfinite(found.claim)
    if not np.all(finite):
        return _not_finite(found, finite)
    for explain in (_transposed, _one_triangle, _off_diagonal, _common_factor, _additive, _reordered):
        finding = explain(found)
        if finding is not None:
            return finding
    return None


def factor_text(factor: float, *, one: bool = True, slack: float = 0.0) -> str:
    """What an entry (or several) is that is `factor` times the right one, in words.

    `slack` bounds the relative error of the factor: no more digits are said than it leaves.
    """
    be = "is" if one else "are"
    if factor == 0:
        return f"{be} zero"
    about = ""
    if slack > ALIKE:
        factor, about = _rounded(factor, slack), "about "
    size, signed = abs(factor), f", and {'has' if one else 'have'} the wrong sign" if factor < 0 else ""
    if math.isclose(size, 1, rel_tol=ALIKE) and signed:
        return f"{'has' if one else 'have'} the wrong sign"
    if abs(size - 1) < 0.01:
        return f"{be} {about}{100 * abs(size - 1):.2g} % too {'large' if size > 1 else 'small'}{signed}"
    if size > 1:
        return f"{be} {about}{_number(size)} times too large{signed}"
    return f"{be} {about}{_number(1 / size)} times too small{signed}"


def _rounded(factor: float, slack: float) -> float:
    """The factor, or the whole number (or the inverse of one) that it may be within the bound, other than 1."""
    size, sign = abs(factor), math.copysign(1.0, factor)
    for near in (float(round(size)), 1 / (round(1 / size) or 1)):
        if near and (near != 1 or sign < 0) and abs(size - near) <= slack * size:
            return sign * near
    return factor if abs(size - 1) < 0.01 else float(f"{factor:.2g}")


def common(factors: Any, slack: Any) -> tuple[float, float] | None:
    """A factor that all of them may be within their relative bounds, with a bound of its own; None for none."""
    reach = slack * np.abs(factors)
    low, high = float(np.max(factors - reach)), float(np.min(factors + reach))
    if not low <= high:
        return None
    factor = float(np.clip(np.median(factors), low, high))
    return factor, max(high - factor, factor - low) / abs(factor) if factor else math.inf


def _number(value: float) -> str:
    near = round(value)
    return str(near) if near and math.isclose(value, near, rel_tol=ALIKE) else f"{value:.4g}"


def _not_finite(found: Compared, finite: Any) -> Finding:
    kinds = [name for name, test in (("NaN", np.isnan), ("infinite", np.isinf)) if np.any(test(found.claim))]
    count = int(np.count_nonzero(~finite))
    return Finding(
        f"{count} of {finite.size} entries {_are(count)} {' or '.join(kinds)} where the derivative is finite"
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _same(one: Any, two: Any, found: Compared) -> bool:
    """Whether two arrays agree, each entry in proportion to it or to the rounding of the largest one."""
    size = np.maximum(np.abs(one), np.abs(two))
    return bool(
        np.all(np.abs(one - two) <= found.alike * size + min(1e3 * found.precision, BARELY) * np.max(size, initial=0.0))
    )


def _transposed(found: Compared) -> Finding | None:
    rows, columns = found.claim.shape
    if rows == columns > 1 and _same(found.claim, found.truth.T, found):
        return Finding("jac is the transpose of the Jacobian: row i must be the gradient of output i", ("layout",))
    if rows == 1 and found.square:
        side = math.isqrt(columns)
        if _same(found.claim.reshape(side, side), found.truth.reshape(side, side).T, found):
            return Finding("jac is the transpose of the gradient", ("layout",))
    return None


def _one_triangle(found: Compared) -> Finding | None:
    """A symmetric gradient of code that reads one triangle of its argument: an entry there stands for two."""
    if not found.square or found.claim.shape[0] != 1:
        return None
    side = math.isqrt(found.claim.size)
    claim, truth, error = (each.reshape(side, side) for each in (found.claim, found.truth, found.error))
    point = found.point.reshape(side, side)
    below = np.tri(side, k=-1, dtype=bool)
    for word, read, unread in (("lower", below, below.T), ("upper", below.T, below)):
        zero = np.abs(truth) <= error
        # Where the argument itself has zeros, those of the derivative say nothing about what is read.
        if not np.all(zero[unread]) or np.all(zero[read]) or not np.all(point[unread]):
            continue
        reads = f"fun seems to read the {word} triangle of its argument alone, as eigvalsh and cholesky do"
        folded = np.where(read, claim + claim.T, np.where(unread, 0, claim))
        if _same(claim, claim.T, found) and _same(folded, truth, found):
            right = "jac is right where an entry and its mirror image change together"
            return Finding(f"{reads}, and {right}: compare with fun of (A + A.T)/2", ("assumption",))
        if np.all(claim[unread]):
            return Finding(f"{reads}: the derivative by the entries of the other one is 0")
    return None


def _common_factor(found: Compared) -> Finding | None:
    """One factor for all wrong entries."""
    claim, truth = found.claim[found.wrong], found.truth[found.wrong]
    if np.any(truth == 0) or not np.all(np.isfinite(truth)):
        return None
    slack = found.error[found.wrong] / np.abs(truth)
    shared = common(claim / truth, slack + found.alike) if np.all(slack <= KNOWN) else None
    if shared is None or not shared[0]:
        return None if np.any(claim) else _all_zero(found)
    factor, reach = shared
    if reach <= 2 * found.alike:
        reach = 0.0  # known as well as factors are told apart
    whole = np.count_nonzero(found.wrong) == np.count_nonzero(found.truth)
    who, one = _who(found, whole), np.count_nonzero(found.wrong) == 1
    near = max(reach, found.alike)
    if math.isclose(factor, -1, rel_tol=near):
        return Finding(f"{who} {'has' if one else 'have'} the wrong sign", ("sign",))
    text = f"{who} {factor_text(factor, one=bool(one), slack=reach)}"
    for count in found.counts if whole else ():
        if count == 2:
            continue  # a factor of 2 has likelier reasons
        if math.isclose(max(abs(factor), 1 / abs(factor)), count, rel_tol=near):
            hint = "a sum in the place of a mean" if abs(factor) > 1 else "a mean in the place of a sum"
            return Finding(f"{text}: {count} is the length of an axis, so perhaps {hint}", ("mean-or-sum",))
    return Finding(text, ("missing-factor", *(("sign",) if factor < 0 else ())))


def _who(found: Compared, whole: bool) -> str:
    count = int(np.count_nonzero(found.wrong))
    if whole and count > 1:
        every = "both entries" if count == 2 else f"all {count} entries"
        return every if count == found.wrong.size else f"{every} that are not zero"
    return f"{count} of {found.wrong.size} entries" if count > FEW else " and ".join(found.names[:count])


def _all_zero(found: Compared) -> Finding:
    count = int(np.count_nonzero(found.wrong))
    whole = count == np.count_nonzero(found.truth)
    return Finding(f"{_who(found, whole)} {_are(count)} zero where the derivative is not")


def _off_diagonal(found: Compared) -> Finding | None:
    rows, columns = found.claim.shape
    if rows != columns or rows == 1:
        return None
    apart = ~np.eye(rows, dtype=bool)
    if np.any(found.claim[apart]) or np.any(found.wrong & ~apart):
        return None
    return Finding("only the diagonal is filled: the entries beside it are not zero", ("off-diagonal",))


def _additive(found: Compared) -> Finding | None:
    """A multiple of the point that is missing or too much, or one constant: of a gradient with several entries."""
    if found.claim.shape[0] != 1 or np.count_nonzero(found.wrong) < 2:
        return None
    difference = (found.claim - found.truth)[0]
    for shape, word in ((found.point, "x"), (np.ones_like(found.point), "")):
        scale = float(shape @ shape)
        if not scale or np.count_nonzero(shape) < 2:
            continue
        factor = float(difference @ shape) / scale
        if factor and np.max(np.abs(difference - factor * shape)) <= found.alike * np.max(np.abs(difference)):
            what = "missing" if factor < 0 else "too much"
            named = "times the argument (as of a squared norm)" if word else "(a constant)"
            return Finding(f"a term is {what}: in every entry, {abs(factor):.4g} {named}")
    return None


def _reordered(found: Compared) -> Finding | None:
    claim, truth = found.claim.ravel(), found.truth.ravel()
    if np.count_nonzero(found.wrong) < 2 or not np.all(np.isfinite(truth)):
        return None
    if not _same(np.sort(claim), np.sort(truth), found):
        return None
    how = "in reverse order" if _same(claim[::-1], truth, found) else "in another order"
    return Finding(f"the entries are the right ones {how}")


def counts(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The lengths of axes, and the numbers of entries, that are more than 1."""
    found = {size for shape in shapes for size in (*shape, math.prod(shape))}
    return tuple(sorted(size for size in found if size > 1))
