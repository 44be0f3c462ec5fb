"""How vectors of entries are assembled from the values of pieces: placed by NumPy, or written in place by loops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar
from weakref import finalize

from hesse.codegen.placing import Place, slot_groups
from hesse.codegen.repeating import Repeat
from hesse.core.algebra import add, is_one, number, number_value
from hesse.core.nodes import Affine, Axis, Node, Sum, Variable
from hesse.core.sizes import ZERO, Size
from hesse.core.traverse import postorder
from hesse.errors import ShapeError
from hesse.facts.pieces import Piece
from hesse.service.loops import Loop, Refill
from hesse.structured.base import Structured
from hesse.structured.places import Filling, Remembered, Slots, address, blank, positions, stretch

T = TypeVar("T")
Read: TypeAlias = Callable[[Sequence[Any]], Any]
"""Picks a value, or makes something, of the values of a call."""
Tables: TypeAlias = Callable[[Node], Any]


@dataclass(frozen=True)
class Window:
    """Where values are to be left: from `start` on in the vector of that number, which has `count` entries.

    `whole` says that they are the vector: nothing else stands there.
    """

    vector: int
    count: int
    start: int
    shape: tuple[int, ...]
    whole: bool

    @cached_property
    def _place(self) -> slice:
        return slice(self.start, self.start + prod(self.shape))

    def of(self, vector: Any) -> Any:
        """The part of a vector, as an array of the shape."""
        part = vector[self._place]
        return part if len(self.shape) == 1 else part.reshape(self.shape)


class Site(Protocol):
    """Sizes, and values that are fixed: what is known before the others."""

    loops: bool
    """Whether the target writes values in place."""

    def size(self, size: Size) -> int:
        """The value of a size."""

    def fixed(self, node: Node) -> bool:
        """Whether the value is the same at every call with these sizes."""

    def read(self, node: Node) -> Read:
        """What picks the value of a node: a number or an array."""

    def within(self, node: Node, window: Window) -> Read:
        """What picks a vector in which the program has left the values of a node, in the window."""

    def looping(self, nodes: Sequence[Node]) -> Callable[[Sequence[Place]], Loop]:
        """What writes the values of nodes at places, once those are known; `loops` tells whether there is any."""


class Buffers:
    """Arrays of the caller's for the vectors of a result, with what they hold and the matrix that is made of them.

    What does not change from call to call is written once, and again after another function has filled the memory.
    """

    _last: ClassVar[dict[int, object]] = {}
    """What has filled the memory at an address last."""

    def __init__(self, arrays: Sequence[Any]) -> None:
        self._addresses = [address(array) for array in arrays]
        self._token = object()
        finalize(self, _let_go, self._last, self._addresses, self._token)
        self.arrays = arrays
        self.holds: list[Filling | None] = [None for _ in arrays]
        self.matrix: Structured | None = None
        self.refill: Refill | None = None
        """Once everything stands in its place that does not change: what writes all the rest."""

    def begun(self, k: int, filling: Filling) -> Any:
        """An array in which everything stands that does not change, and zeros where values are added."""
        array = self.arrays[k]
        filling.begin(array, again=self._again(k, filling))
        return array

    def filled(self, k: int, filling: Filling, values: Sequence[Any]) -> Any:
        """An array filled with the values of pieces."""
        array = self.arrays[k]
        filling.into(array, values, again=self._again(k, filling))
        return array

    def lent(self, window: Window) -> Any:
        """The part of an array that a program is going to fill."""
        array, k = self.arrays[window.vector], window.vector
        if len(array) != window.count:
            raise ShapeError(f"the buffer has shape {array.shape}, and there are {window.count} entries")
        self.holds[k], self._last[self._addresses[k]] = None, self._token
        return window.of(array)

    def take(self) -> None:
        """Note that this fills the memory, all of it."""
        for place in self._addresses:
            self._last[place] = self._token

    def repeat(self, shapes: Mapping[str, tuple[int, ...]], done: Callable[[], None], result: Any) -> Repeat | None:
        """What a call like the last one takes, with arguments of these shapes, where a loop writes all that changes."""
        refill = self.refill
        if refill is None or refill.loop.run is None:
            return None
        return Repeat(
            refill.loop.run,
            shapes,
            refill.vectors,
            refill.slots,
            self._last,
            self._addresses,
            self._token,
            done,
            result,
        )

    def _again(self, k: int, filling: Filling) -> bool:
        """Whether nothing but this has filled the array last."""
        before, self.holds[k] = self.holds[k], filling
        place = self._addresses[k]
        last = self._last.get(place)
        self._last[place] = self._token
        return before is filling and last is self._token


def _let_go(last: dict[int, object], addresses: Sequence[int], token: object) -> None:
    """Forget who filled the memory, which may become that of other arrays."""
    for place in addresses:
        if last.get(place) is token:
            last.pop(place, None)


def shaped(shape: Sequence[Size], site: Site) -> tuple[int, ...]:
    """The shape in numbers."""
    return tuple(map(site.size, shape))


Assemble: TypeAlias = Callable[[Sequence[Any], Buffers | None], tuple[T, Any]]
"""Makes a vector of the values of a call, in its buffer if there are any."""


def filled(
    pieces: Sequence[Piece], site: Site, find: Callable[[Tables], tuple[T, Slots]], number: int = 0
) -> Assemble[T]:
    """What assembles the vector of the values of pieces, which is that of a number.

    `find` gives their places, with something that belongs to them, from the values of index arrays. It is asked again
    only where those have changed, and the values that are fixed are placed once.
    """
    fixed = {}
    for k, piece in enumerate(pieces):
        if site.fixed(piece.values):
            fixed[k] = stretch(piece.along, shaped(piece.extents, site))(site.read(piece.values)(()))
    changing = {k: piece for k, piece in enumerate(pieces) if k not in fixed}
    tables = list(dict.fromkeys(table for piece in pieces for table in piece.tables))
    entries = [site.read(table) for table in tables]
    if not (tables or site.loops):
        found, slots = find(dict[Node, Any]().__getitem__)
        writing = _around(changing, site, slots.filled(fixed), number)
        if writing is not None:
            return lambda values, buffers: (found, writing(values, buffers))
    write = (_looped if site.loops and changing else _placed)(changing, site, number)

    def prepared(arrays: Sequence[Any]) -> tuple[T, Writing]:
        found, slots = find(dict(zip(tables, arrays, strict=True)).__getitem__)
        return found, write(slots.filled(fixed))

    remembered = Remembered(prepared)

    def assemble(values: Sequence[Any], buffers: Buffers | None) -> tuple[T, Any]:
        found, writing = remembered([read(values) for read in entries])
        return found, writing(values, buffers)

    return assemble


Writing: TypeAlias = Callable[[Sequence[Any], Buffers | None], Any]


def _around(pieces: Mapping[int, Piece], site: Site, filling: Filling, number: int) -> Writing | None:
    """The values of the longest piece as the program has left them in the vector, and all others put around them.

    None where no array has consecutive places, half of the vector at least.
    """
    count = filling.slots.count
    plain = [k for k, piece in pieces.items() if len(piece.along) == len(piece.extents)]
    windows = {k: place for k in plain if (place := filling.window(k)) is not None}
    lead = max(windows, key=lambda k: windows[k].stop - windows[k].start, default=None)
    if lead is None or 2 * (windows[lead].stop - windows[lead].start) < count:
        return None
    window = Window(number, count, windows[lead].start, shaped(pieces[lead].extents, site), filling.whole)
    vector, complete = site.within(pieces[lead].values, window), filling.around(lead)
    reads = _reads([piece for k, piece in pieces.items() if k != lead], site)

    def write(values: Sequence[Any], buffers: Buffers | None) -> Any:
        result = vector(values)
        complete(result, [spread(read(values)) for read, spread in reads])
        return result

    return write


def _reads(pieces: Iterable[Piece], site: Site) -> list[tuple[Read, Callable[[Any], Any]]]:
    """What picks the values of pieces, and what makes flat arrays of them."""
    return [(site.read(piece.values), stretch(piece.along, shaped(piece.extents, site))) for piece in pieces]


def _placed(pieces: Mapping[int, Piece], site: Site, number: int) -> Callable[[Filling], Writing]:
    """The values of pieces, placed one after the other."""
    reads = _reads(pieces.values(), site)

    def prepared(filling: Filling) -> Writing:
        def write(values: Sequence[Any], buffers: Buffers | None) -> Any:
            given = [spread(read(values)) for read, spread in reads]
            return filling(given) if buffers is None else buffers.filled(number, filling, given)

        return write

    return prepared


def _looped(pieces: Mapping[int, Piece], site: Site, number: int) -> Callable[[Filling], Writing]:
    """The values of pieces, each written at its slot where it is computed."""
    make = site.looping([piece.values for piece in pieces.values()])

    def prepared(filling: Filling) -> Writing:
        alone = [filling.slots.alone[k] for k in pieces]
        places = [
            Place(0, piece.extents, piece.along, None, apart)
            for piece, apart in zip(pieces.values(), alone, strict=True)
        ]
        numbers = tuple(pieces)
        groups = [[numbers[place] for place in group] for group in slot_groups(places)]
        loop, slots = make(places), filling.slots.listed(groups)
        stays = all(alone) and not any(piece.tables for piece in pieces.values())

        def write(values: Sequence[Any], buffers: Buffers | None) -> Any:
            vector = filling.begun() if buffers is None else buffers.begun(number, filling)
            loop(values, (vector,), (slots,))
            if buffers is not None and stays and len(buffers.arrays) == 1:
                buffers.refill = Refill(loop, (vector,), (slots,))
            return vector

        return write

    return prepared


@dataclass(frozen=True, eq=False)
class Vector:
    """A vector that pieces fill, each at the positions that axes give in an array of some shape."""

    pieces: tuple[Piece, ...]
    places: tuple[tuple[Axis, ...], ...]

    def bind(self, shape: tuple[int, ...], site: Site, number: int = 0) -> Assemble[None]:
        """What makes the vector of a number, of as many entries as the shape has."""
        parts = self._with_numbers_apart()

        def find(table: Tables) -> tuple[None, Slots]:
            places = [positions(axes, shape, shaped(piece.extents, site), site.size, table) for piece, axes in parts]
            return None, Slots.of(prod(shape), places)

        return filled([piece for piece, _ in parts], site, find, number)

    def _with_numbers_apart(self) -> list[tuple[Piece, tuple[Axis, ...]]]:
        """The pieces and their places. Where some hold one number everywhere, so that others are added to what does
        not change, the numbers that stand in those are apart too: they are added once."""
        parts = list(zip(self.pieces, self.places, strict=True))
        if all(number_value(piece.values) is None for piece in self.pieces):
            return parts
        return [(part, axes) for piece, axes in parts for part in _number_apart(piece)]

    def windows(self, number: int, site: Site) -> list[tuple[Node, Place]] | None:
        """The pieces as windows of a vector with one axis, where all are, and none of them is kept between calls."""
        found = []
        for piece, axes in zip(self.pieces, self.places, strict=True):
            start = _start(axes)
            if start is None or len(piece.extents) != 1 or (site.fixed(piece.values) and _varies(piece.values)):
                return None
            found.append((piece.values, Place(number, piece.extents, piece.along, start)))
        return found


def _number_apart(piece: Piece) -> list[Piece]:
    """u and c for a piece u + c."""
    node = piece.values
    constant = [c for c, term in node.terms if is_one(term)] if isinstance(node, Sum) and len(node.terms) > 1 else []
    if not constant or not isinstance(node, Sum):
        return [piece]
    rest = add([(c, term) for c, term in node.terms if not is_one(term)], node.shape)
    return [replace(piece, values=rest), replace(piece, values=number(constant[0]), along=())]


def _start(axes: Sequence[Axis]) -> Size | None:
    """Where a window begins that moves with the label."""
    match axes:
        case [int()]:
            return ZERO
        case [Affine(stride=1, offset=offset)]:
            return offset
    return None


def _varies(node: Node) -> bool:
    return any(isinstance(part, Variable) for part in postorder(node))


def together(
    vectors: Sequence[Vector], shapes: Sequence[tuple[int, ...]], site: Site
) -> Callable[[Sequence[Any], Buffers | None], Sequence[Any]]:
    """What makes several vectors at once: one loop for all of them where they consist of windows."""
    windows = [vector.windows(number, site) for number, vector in enumerate(vectors)]
    found = [pair for each in windows if each is not None for pair in each]
    if site.loops and None not in windows and not all(site.fixed(node) for node, _ in found):
        loop = site.looping([node for node, _ in found])([place for _, place in found])
        counts = [prod(shape) for shape in shapes]

        def looped(values: Sequence[Any], buffers: Buffers | None) -> Sequence[Any]:
            if buffers is None:
                arrays: Sequence[Any] = [blank(count) for count in counts]
            else:
                arrays = own = buffers.arrays
                buffers.take()
                buffers.refill = Refill(loop, own, ())
            loop(values, arrays, ())
            return arrays

        return looped
    assemble = [vector.bind(shapes[number], site, number) for number, vector in enumerate(vectors)]
    return lambda values, buffers: [each(values, buffers)[1] for each in assemble]
