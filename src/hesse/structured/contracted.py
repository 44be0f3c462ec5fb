"""Dense arrays as sums of contractions, added up in blocks so that nothing of their size is made beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from hesse.structured.library import Array, np

BLOCK = 2**22
"""How many entries of the result are computed at once: 32 MiB of them."""
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Contraction:
    """coefficient * the product of factors, each with its labels, for all labels of the result; others are summed."""

    coefficient: float
    factors: tuple[tuple[Array, tuple[int, ...]], ...]
    out: tuple[int, ...]


def total(terms: Sequence[Contraction], shape: tuple[int, ...]) -> Array:
    """The sum of the contractions. A label that stands twice in the result is a diagonal."""
    result = np.zeros(shape)
    for term in terms:
        kept = tuple(dict.fromkeys(term.out))
        _add(np.einsum(f"{_word(term.out)}->{_word(kept)}", result), kept, term)
    return result


def _add(part: Array, kept: tuple[int, ...], term: Contraction) -> None:
    """Add the contraction to a part of the result with these labels, block by block along the first of them."""
    first, length = kept[0], part.shape[0]
    step = max(1, BLOCK // max(1, prod(part.shape[1:])))
    # A label that no factor has is one along which the result does not change.
    running = [label for label in kept if any(label in labels for _, labels in term.factors)]
    stretched = tuple(slice(None) if label in running else None for label in kept)
    for start in range(0, length, step):
        rows = slice(start, start + step)
        operands: list[Any] = [np.float64(term.coefficient)]
        words = [""]
        for array, labels in term.factors:
            operands.append(array[tuple(rows if label == first else slice(None) for label in labels)])
            words.append(_word(labels))
        block = np.einsum(f"{','.join(words)}->{_word(running)}", *operands, optimize="greedy")
        part[rows] += block[stretched]


def _word(labels: Sequence[int]) -> str:
    return "".join(_LETTERS[label] for label in labels)
