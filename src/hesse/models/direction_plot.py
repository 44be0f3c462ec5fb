"""The picture of directions, on request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hesse.models.taylor import Model
from hesse.pictures.compose import directions_picture
from hesse.pictures.picture import Picture


class PlottedDirections:
    """What shows itself in sentences, and draws itself as a direction from a point, or as several by name."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return f"```text\n{self}\n```"

    def plot(self, **options: Any) -> Picture:
        """A picture of what f does along the directions; where two entries move, beside the contours.

        The options are those of `hesse.plot.direction`: ranges, resolution, title, and those of the looks.

        >>> import hesse as hs
        >>> hs.direction(hs.parse("x1^2 - x2^2"), at=[1, 1], along=[1, -1]).plot()
        <Picture: direction of f(x₁, x₂)>
        """
        named: Mapping[str, Any] = self if isinstance(self, Mapping) else {getattr(self, "name", "d"): self}
        first = next(iter(named.values()))
        return directions_picture(Model(first.f, 1, first.at.wrt, first.at, None), named, **options)
