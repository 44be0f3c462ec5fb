"""What things are called in a picture: the function, its coordinates, what is held; and which axes are meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from hesse.core.declarations import natural_key
from hesse.core.syntax import Index, Name, Syntax, number
from hesse.core.tensor import Tensor, positions
from hesse.errors import ArgumentError, HesseError, LimitError
from hesse.pictures.scenes import Formula, Heading
from hesse.render.latex import to_latex
from hesse.render.unicode import to_unicode
from hesse.service.expression import Expr
from hesse.service.statements import condition

Entry = tuple[str, int]
MAX_HELD = 4


class Place(Protocol):
    """A point: exact values of all variables, and what moves."""

    @property
    def f(self) -> Expr:
        """The function."""
        ...

    @property
    def values(self) -> Mapping[str, Tensor[Any]]:
        """The exact values by name."""
        ...

    @property
    def sizes(self) -> Mapping[str, int]:
        """The sizes by name."""
        ...

    @property
    def moving(self) -> tuple[str, ...]:
        """The names that move."""
        ...

    @property
    def entries(self) -> list[Entry]:
        """What moves, entry by entry."""
        ...

    @property
    def floats(self) -> dict[str, Any]:
        """The values as floats."""
        ...

    def spelled(self, name: str, position: int) -> str:
        """The name of one entry, as it is typed."""
        ...


def entry_formula(place: Place, entry: Entry) -> Formula:
    """The name of one entry of a variable, with 1-based indices."""
    return _typeset(_entry_tree(place, entry), place.f)


def _entry_tree(place: Place, entry: Entry) -> Syntax:
    name, position = entry
    shape = place.values[name].shape
    if not shape:
        return Name(name)
    at = list(positions(shape))[position] if len(shape) > 1 else (position,)
    return Index(Name(name), tuple(map(number, at)))


def _typeset(tree: Syntax, f: Expr) -> Formula:
    return Formula(to_latex(tree, f._declarations), to_unicode(tree, f._declarations))


def heading(place: Place, chosen: Sequence[Entry], title: str = "") -> Heading:
    """The heading of a picture in which the chosen entries vary, and those beside them are held."""
    f = place.f
    declared = f._declarations.variables
    scalars = [name for name, value in place.values.items() if not value.shape and declared[name].index is None]
    shown = dict.fromkeys((*place.moving, *scalars))
    names = [_typeset(Name(name), f) for name in sorted(shown, key=natural_key)]
    letter = "g" if f.shape else "f"
    head = Formula(
        f"{letter}({', '.join(each.latex for each in names)})", f"{letter}({', '.join(each.unicode for each in names)})"
    )
    held = [entry for entry in all_entries(place) if entry[0] in shown and entry not in chosen]
    listed = tuple((entry_formula(place, each), value_of(place, each)) for each in held[:MAX_HELD])
    return Heading(head, Formula(f.latex(), f.unicode()), listed, len(held) - len(listed), title)


def needs(place: Place) -> str:
    """What the function needs to have a value, in Unicode, behind a colon; empty where that is nothing, or long."""
    f = place.f
    if not 0 < len(f.conditions) <= 3:
        return ""
    return ": f needs " + ", ".join(condition(text, f._declarations).unicode for text in f.conditions)


def reason(failure: HesseError, place: Place) -> str:
    """Why there is no derivative, in words for a picture, where no source is to be seen."""
    if isinstance(failure, LimitError):
        return failure.message
    if "kink" in failure.message:
        return "the point is at a kink or a jump, or one is not excluded"
    return f"f is not proved to have a value and derivatives at the point{needs(place)}"


def value_of(place: Place, entry: Entry) -> float:
    """The entry's value at the point."""
    return float(place.values[entry[0]].entries[entry[1]])


def find_entry(place: Place, name: str) -> Entry:
    """The entry that a name such as x1 or x[0] means. Raises ArgumentError with the choices."""
    spelled = {place.spelled(*entry).replace(" ", ""): entry for entry in all_entries(place)}
    wanted = "".join(str(name).split())
    if wanted in spelled:
        return spelled[wanted]
    near = difflib.get_close_matches(wanted, spelled, 1)
    listed = ", ".join([*spelled][:8]) + (", ..." if len(spelled) > 8 else "")
    raise ArgumentError(
        f"`{name}` is no axis here", hint=f"did you mean `{near[0]}`?" if near else f"the axes are {listed}"
    )


def all_entries(place: Place) -> list[Entry]:
    """Every entry of every variable that holds real numbers."""
    declared = place.f._declarations.variables
    return [
        (name, k)
        for name, value in place.values.items()
        if declared[name].index is None
        for k in range(len(value.entries))
    ]


def chosen_axes(place: Place, axes: str | Sequence[str] | None, count: int) -> tuple[Entry, ...]:
    """The entries that the picture varies: those named, else the first of what moves.

    Raises ArgumentError where there are not as many as the picture has axes.
    """
    if axes is None:
        found = tuple(place.entries[:count])
        if len(found) < count:
            raise ArgumentError(
                f"the picture has {count} axes, and only {len(found)} entry varies",
                hint="a function of one variable is drawn by `taylor`",
            )
        return found
    names = names_of(axes)
    if len(names) != count:
        raise ArgumentError(f"the picture has {count} axes, {len(names)} are named: {', '.join(map(str, names))}")
    found = tuple(find_entry(place, name) for name in names)
    if len(set(found)) < len(found):
        raise ArgumentError(f"an axis is named twice: {', '.join(map(str, names))}")
    return found


def names_of(axes: str | Sequence[str]) -> list[str]:
    """The names of axes, as a text or a list. Raises ArgumentError for anything else."""
    if isinstance(axes, str):
        return split_names(axes)
    try:
        return [str(name) for name in axes]
    except TypeError:
        raise ArgumentError(f"axes are named by text, not by {axes!r}", hint='write axes="x1,x2"') from None


def split_names(text: str) -> list[str]:
    """The names in a text such as `x1,x2` or `x[0],X[0,1]`: commas in brackets do not separate."""
    parts, depth = [""], 0
    for char in text:
        depth += (char in "[(") - (char in "])")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]
