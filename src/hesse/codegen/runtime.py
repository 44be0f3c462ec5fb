"""How programs are run with NumPy's arrays; other libraries start from here. NumPy is imported when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from numbers import Real
from typing import Any

from hesse.codegen.target import Convert, Program
from hesse.codegen.terms import Term
from hesse.core.declarations import VariableDeclaration
from hesse.errors import ArgumentError, MissingExtraError


def library(module: str, name: str, extra: str) -> Any:
    """A module of an optional library. Raises MissingExtraError where that is not installed."""
    try:
        return import_module(module)
    except ImportError:
        hint = f'install it with the extra: `pip install "hesse[{extra}]"`'
        raise MissingExtraError(f"{name} is not installed", hint=hint) from None


class NumpyRuntime:
    """float64 arrays in and out."""

    direct = False
    finishes = True

    def __init__(self) -> None:
        import numpy as np

        self.numpy = np
        self.failures: tuple[type[Exception], ...] = (np.linalg.LinAlgError,)
        self.overlap: Callable[[Any, Any], bool] = np.may_share_memory

    def convert(self, entry: VariableDeclaration) -> Convert:
        """The conversion of one argument to float64, or to integers for an index array."""
        array_type, plain, float64 = self.numpy.ndarray, self.numpy.dtype(self.numpy.float64), self.numpy.float64

        def real(value: Any) -> Any:
            if type(value) is array_type and value.dtype is plain:
                return value
            return number(value)

        def number(value: Any) -> Any:
            if type(value) is float:
                return float64(value)
            if type(value) is float64:
                return value
            return self.numeric(entry.name, value, "biuf").astype(plain)[()]

        def integer(value: Any) -> Any:
            return self.numeric(entry.name, value, "iu").astype(self.numpy.intp)[()]

        # An array without axes is read at once: it might be a part of a buffer.
        return integer if entry.index is not None else real if entry.shape else number

    def own(self, value: Any) -> Any:
        """A copy of an array; a single number as it is."""
        return self.numpy.array(value) if getattr(value, "shape", ()) else value

    def settled(self, value: Any) -> bool:
        """Yes: a value is a value."""
        return True

    def match(self, arguments: list[Any]) -> list[Any]:
        """The arguments: all are of one type already."""
        return arguments

    def numeric(self, name: str, value: Any, kinds: str) -> Any:
        """The value as an array of one of these kinds of numbers. Raises ArgumentError where it is none."""
        np = self.numpy
        try:
            array = np.asarray(value)
            if array.dtype.kind == "O" and all(isinstance(entry, Real) for entry in array.flat) and "f" in kinds:
                array = array.astype(np.float64)
        except (ValueError, TypeError, OverflowError, RuntimeError):
            raise ArgumentError(f"the value of {name} is not an array of numbers") from None
        if array.dtype.kind not in kinds:
            what = "numbers" if "f" in kinds else "integers"
            given = "other things" if array.dtype.kind in "OSUV" else array.dtype
            raise ArgumentError(f"the value of {name} must consist of {what}, not of {given}")
        return array

    def native(self, array: Any) -> Any:
        """The array in this machine's order of bytes, and of no more than float64."""
        wanted = array.dtype.newbyteorder("=") if array.dtype.itemsize <= 8 else self.numpy.dtype(self.numpy.float64)
        return array.astype(wanted, copy=False)

    def check_table(self, entry: VariableDeclaration, value: Any, sizes: Mapping[str, int]) -> None:
        """Whether an index array stays within its bound: a negative entry would silently count from the end."""
        assert entry.index is not None
        if entry.index.names <= sizes.keys():
            bound = entry.index.evaluate(sizes)
            if value.size and (value.min() < 0 or value.max() >= bound):
                message = f"the entries of {entry.name} must lie between 0 and {entry.index} - 1 = {bound - 1}"
                raise ArgumentError(message)

    def place(self, source: str) -> tuple[str, str]:
        """No file."""
        return "<hesse>", "<hesse>"

    def prepare(self, load: Callable[[str], Callable[..., Any]], code: Program) -> Callable[..., Any]:
        """Without floating-point warnings where there is a `where`, which computes the side that is not used too."""
        run = load(code.source)
        if "where" not in code.plan.heads:
            return run
        errstate = self.numpy.errstate

        def silenced(*arguments: Any) -> Any:
            with errstate(all="ignore"):
                return run(*arguments)

        return silenced

    def caches(self, arguments: Sequence[Any]) -> bool:
        """Yes: all lies on the processor."""
        return True

    def fitted(self, run: Callable[..., Any], arguments: Sequence[Any]) -> Callable[..., Any]:
        """The function itself: it is the same for all sizes."""
        return run

    def buffer(self, name: str, value: Any) -> Any:
        """The array, which must be of float64 and open to writing."""
        np = self.numpy
        if not isinstance(value, np.ndarray) or value.dtype != np.float64 or not value.flags.writeable:
            raise ArgumentError(f"the buffer for {name} must be a NumPy array of float64 that can be written to")
        return value

    def finish(self, root: Term, copy: bool) -> Convert:
        """A NumPy float for rank 0, else an array of float64."""
        np = self.numpy
        if not root.shape:
            number: Convert = np.float64
            return number
        if copy:
            return lambda result: np.array(result, np.float64)
        return lambda result: np.asarray(result, np.float64)
