"""The picture of a model, on request."""

from __future__ import annotations

from typing import Any, cast

from hesse.pictures.compose import Model, model_picture
from hesse.pictures.picture import Picture


class PlottedModel:
    """What draws itself as a model at a point."""

    def plot(self, **options: Any) -> Picture:
        """A picture of the model: over one variable or along a line with its errors, else the surface at the point.

        The options are those of `hesse.plot.taylor` (ranges, orders, radius, tolerance) and `hesse.plot.surface` (axes,
        ranges, resolution, view), and those of the looks. Raises ArgumentError for a model without a point.

        >>> import hesse as hs
        >>> hs.taylor(hs.parse("sin(x)", "x:"), at=0, order=3).plot()
        <Picture: taylor of f(x)>
        """
        return model_picture(cast(Model, self), **options)
