"""Functions that fill buffers, with a short way for calls that are like the last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hesse.codegen.entry import defined, without_missing
from hesse.codegen.names import Names, identifier
from hesse.codegen.target import Runtime
from hesse.core.declarations import Declarations

_OWN = "run checked missing others type float failures array dtype overlap last token slots done result ready".split()


@dataclass(frozen=True, slots=True)
class Repeat:
    """What a call like the last one takes: `run`, of all arguments, the buffers and the slots; and its `result`.

    `last` tells by address what has filled a buffer last: that must have been the `token`. `done` is called once new
    entries stand there.
    """

    run: Callable[..., Any]
    shapes: Mapping[str, tuple[int, ...]]
    buffers: Sequence[Any]
    slots: Sequence[Any]
    last: Mapping[int, object]
    addresses: Sequence[int]
    token: object
    done: Callable[[], None]
    result: Any


class RepeatingFunction:
    """`call` is the function, with the free variables as parameters.

    Contiguous arrays of float64 with the shapes of the last call, and floats, are passed on at once where they share no
    memory with a buffer. Everything else, and whatever fails, takes the way of all calls, which is `checked`.
    """

    def __init__(
        self,
        checked: Callable[..., Any],
        declarations: Declarations,
        fixed: Mapping[str, Any],
        runtime: Runtime,
        buffers: int,
    ) -> None:
        import numpy as np

        variables = declarations.variables
        self._all = list(variables)
        self._names = [name for name in variables if name not in fixed]
        names = Names(variables)
        self._own = {name: names.take(name) for name in _OWN}
        self._shapes = {name: names.take(f"shape_{name}") for name in self._names if variables[name].shape}
        self._buffers = [names.take(f"buffer_{k}") for k in range(buffers)]
        self._places = [names.take(f"place_{k}") for k in range(buffers)]
        slow = without_missing(checked)
        constant = {
            "checked": slow, "missing": slow, "type": type, "float": float, "ready": False, "array": np.ndarray,
            "dtype": np.dtype(np.float64), "overlap": runtime.overlap, "failures": (*runtime.failures, IndexError),
        }  # fmt: skip
        self._globals: dict[str, Any] = {**fixed, **{self._own[name]: value for name, value in constant.items()}}
        self.call = defined(self._text(), self._globals, checked.__doc__)

    def _text(self) -> str:
        own = self._own
        parameters = ", ".join(f"{name}={own['missing']}" for name in self._names)
        given = ", ".join(f"{name!r}: {name}" for name in self._names)
        return (
            f"def entry({parameters}, **{own['others']}):\n"
            f"    if {' and '.join(self._conditions())}:\n"
            f"        try:\n"
            f"            {own['run']}({', '.join([*self._all, *self._buffers])}, *{own['slots']})\n"
            f"        except {own['failures']}:\n"
            f"            pass\n"
            f"        else:\n"
            f"            {own['done']}()\n"
            f"            return {own['result']}\n"
            f"    return {own['checked']}({{{given}, **{own['others']}}})\n"
        )

    def _conditions(self) -> list[str]:
        own = self._own
        found = [own["ready"], f"not {own['others']}"]
        found += [f"{own['type']}({name}) is {own['float']}" for name in self._names if name not in self._shapes]
        for name, shape in self._shapes.items():
            found += [f"{own['type']}({name}) is {own['array']}", f"{name}.dtype is {own['dtype']}"]
            found += [f"{name}.shape == {shape}", f"{name}.flags.c_contiguous"]
            found += [f"not {own['overlap']}({buffer}, {name})" for buffer in self._buffers]
        return found + [f"{own['last']}.get({place}) is {own['token']}" for place in self._places]

    def prepare(self, repeat: Repeat | None) -> None:
        """Tell what the next call can repeat, if anything."""
        held, own = self._globals, self._own
        held[own["ready"]] = False
        if repeat is not None:
            held.update({own[name]: getattr(repeat, name) for name in "run slots last token done result".split()})
            held.update(zip(self._buffers, repeat.buffers, strict=True))
            held.update(zip(self._places, repeat.addresses, strict=True))
            held.update({shape: repeat.shapes[name] for name, shape in self._shapes.items()})
            held[own["ready"]] = True


def repeats(declarations: Declarations) -> bool:
    """Whether the names of all variables can be those of parameters, and nothing depends on the values of indices."""
    variables = declarations.variables.values()
    plain = all(e.index is None and identifier(e.name) == e.name != "entry" for e in variables)
    return plain and not declarations.functions
