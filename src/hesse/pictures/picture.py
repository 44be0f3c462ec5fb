"""A picture: a scene that shows itself. matplotlib is imported when it is drawn."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, assert_never

from hesse.pictures.drawing.canvas import Figure, check_folder, encoded, file_kind, write_file
from hesse.pictures.drawing.contour import draw_contour
from hesse.pictures.drawing.matrix import draw_hessian, draw_jacobian
from hesse.pictures.drawing.profiles import draw_direction, draw_error
from hesse.pictures.drawing.surface import draw_surface
from hesse.pictures.drawing.taylor import draw_taylor
from hesse.pictures.drawing.theme import Style, settings
from hesse.pictures.scenes import (
    ContourScene,
    DirectionScene,
    ErrorScene,
    HessianScene,
    JacobianScene,
    Scene,
    SurfaceScene,
    TaylorScene,
    record,
)


@dataclass(frozen=True)
class Picture:
    """A scene with the style in which it is drawn: `.scene`, `.save("f.png")`, `.figure`; notebooks show it.

    >>> import hesse as hs
    >>> picture = hs.plot.surface(hs.parse("x1^2 + x2^2"), at=[1, 2])
    >>> picture.scene.slopes
    (2.0, 4.0)
    """

    scene: Scene
    style: Style = field(default_factory=Style)
    view: tuple[float, float] | None = None

    @cached_property
    def figure(self) -> Figure:
        """The matplotlib figure. It belongs to no window and to no list of figures of pyplot."""
        with settings(self.style):
            return _drawn(self.scene, self.style, self.view)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file: PNG, SVG or PDF by its ending. Raises ArgumentError where that cannot be done.

        The file is written whole or not at all.
        """
        kind = file_kind(path)
        check_folder(path)
        write_file(path, self.encoded(kind))

    def encoded(self, kind: str = "png") -> bytes:
        """The content of a file of the kind "png", "svg" or "pdf"; the same scene gives the same bytes."""
        return encoded(self.figure, file_kind(f"f.{kind}"), self.style)

    def with_style(self, **options: Any) -> Picture:
        """The same scene in another style: size, dpi, font_size, dark."""
        return replace(self, style=replace(self.style, **options))

    def record(self) -> Any:
        """The scene as dictionaries and lists, for JSON."""
        return {"kind": type(self.scene).__name__.removesuffix("Scene").lower(), **record(self.scene)}

    def _repr_png_(self) -> bytes:
        return self.encoded("png")

    def __repr__(self) -> str:
        kind = type(self.scene).__name__.removesuffix("Scene").lower()
        return f"<Picture: {kind} of {self.scene.heading.name.unicode}>"


def _drawn(scene: Scene, style: Style, view: tuple[float, float] | None) -> Figure:
    match scene:
        case SurfaceScene():
            return draw_surface(scene, style, view)
        case ContourScene():
            return draw_contour(scene, style)
        case TaylorScene():
            return draw_taylor(scene, style)
        case DirectionScene():
            return draw_direction(scene, style)
        case ErrorScene():
            return draw_error(scene, style)
        case JacobianScene():
            return draw_jacobian(scene, style)
        case HessianScene():
            return draw_hessian(scene, style)
        case _:
            assert_never(scene)
