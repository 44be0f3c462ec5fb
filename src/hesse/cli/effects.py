"""What a small step in each input does to the outputs: the Jacobian at a point, read aloud."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import hesse
from hesse.cli.blocks import Block, Heading, Note, Terms
from hesse.cli.records import Record
from hesse.errors import HesseError
from hesse.service.expression import Expr
from hesse.service.points import Point

SHOWN = 8
STEP = "0.01"


def effects_at(f: Expr, wrt: Any, at: Point | None, step: str | None) -> tuple[Sequence[Any], str]:
    """The effects of a step at the point, and the step; none where there are none to be had and nobody asked."""
    if at is None:
        return (), ""
    try:
        return hesse.effects(f, at=at, step=step or STEP, wrt=wrt), step or STEP
    except HesseError:
        if step is not None:
            raise
        # At a kink, or outside of the domain: what is shown beside it says so.
        return (), ""


def effect_blocks(f: Expr, found: Sequence[Any], step: str) -> Iterator[Block]:
    """The largest effects first."""
    if not found:
        return
    yield Heading(f"A step of {step} in one input", "to first order, and the certified range of the change")
    yield Terms(tuple((each.input, _sentence(f, each)) for each in found[:SHOWN]))
    rest = len(found) - SHOWN
    if rest > 0:
        yield Note(f"and {rest} smaller ones")
    missing = next((each.missing for each in found[:SHOWN] if each.missing), "")
    if missing:
        yield Note(f"nothing is certified where {missing}", "caution")


def _sentence(f: Expr, effect: Any) -> str:
    name = "f" if not f.shape else "g" + "".join(f"[{k}]" for k in effect.output)
    change = "up" if effect.first_order > 0 else "down" if effect.first_order < 0 else ""
    if not change:
        about = f"{name} does not change to first order"
    else:
        about = f"{name} goes {change} by about {abs(effect.first_order):.6g}"
    return about if math.isinf(effect.low) else f"{about} (change in [{effect.low:.6g}, {effect.high:.6g}])"


def effect_records(found: Sequence[Any]) -> list[Record]:
    """The effects as JSON values."""
    return [
        {
            "output": list(each.output),
            "input": each.input,
            "step": each.step,
            "derivative": each.derivative,
            "first_order": each.first_order,
            "low": each.low if math.isfinite(each.low) else str(each.low),
            "high": each.high if math.isfinite(each.high) else str(each.high),
            "missing": each.missing,
        }
        for each in found
    ]
