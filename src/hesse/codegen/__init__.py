"""Programs: readable source for each target, and compiled functions. Nothing here imports NumPy before it is needed."""

from hesse.codegen import python
from hesse.codegen.arrays import with_needs
from hesse.codegen.compiled import CompiledFunction, compile_function
from hesse.codegen.emit import emit
from hesse.codegen.targets import TARGETS, find_target

__all__ = ["TARGETS", "CompiledFunction", "compile_function", "emit", "find_target", "python", "with_needs"]
