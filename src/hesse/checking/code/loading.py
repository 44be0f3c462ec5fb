"""Functions and points for the command line: `module:function`, `file.py:function`, values in text or in a file.

Importing runs the user's code: only what the user names is imported, and only on this request.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

from hesse.checking.code.failures import failure
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError, LimitError
from hesse.service.points import read_values

MAX_BYTES = 200_000_000


def function_named(reference: str, option: str) -> Callable[..., Any]:
    """The function that `module:name` or `file.py:name` names. Raises CodeError, with the line, if importing fails."""
    source, colon, path = reference.rpartition(":")
    if not colon or not source or not path:
        hint = f"write {option} module:function, or {option} file.py:function"
        raise ArgumentError(f"{option}: `{reference}` does not name a function of a module", hint=hint)
    found: Any = _module(source, option)
    for name in path.split("."):
        if not hasattr(found, name):
            listed = sorted(each for each in vars(found) if callable(vars(found)[each]) and not each.startswith("_"))
            near = difflib.get_close_matches(name, listed, 1)
            hint = f"it has {', '.join(listed[:12])}" if listed else "it defines no functions"
            hint = f"did you mean `{near[0]}`?" if near else hint
            raise ArgumentError(f"{option}: `{source}` has no `{name}`", hint=hint)
        found = getattr(found, name)
    if not callable(found):
        raise ArgumentError(f"{option}: `{reference}` is a value of type {type(found).__name__}, not a function")
    function: Callable[..., Any] = found
    return function


def _module(source: str, option: str) -> ModuleType:
    """The module of a name or a file, with the current folder (or the file's) among those that are searched."""
    file = Path(source)
    if source.endswith(".py"):
        if not file.is_file():
            raise ArgumentError(f"{option}: there is no file {source}")
        return _loaded(file, option)
    with _searched(Path.cwd()):
        try:
            return importlib.import_module(source)
        except ModuleNotFoundError as error:
            if error.name and (source == error.name or source.startswith(f"{error.name}.")):
                hint = "a module of the current folder, an installed one, or a path that ends in .py"
                raise ArgumentError(f"{option}: there is no module `{source}`", hint=hint) from None
            raise failure(error, f"importing {source}") from error
        except (Exception, SystemExit) as error:
            raise failure(error, f"importing {source}") from error


def _loaded(file: Path, option: str) -> ModuleType:
    """The module of a file: one for the same file, however often it is named."""
    name = f"hesse_checked_{file.resolve().as_posix()}"
    if name in sys.modules:
        return sys.modules[name]
    specification = importlib.util.spec_from_file_location(name, file)
    if specification is None or specification.loader is None:
        raise ArgumentError(f"{option}: {file} cannot be loaded")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    with _searched(file.resolve().parent):
        try:
            specification.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            raise failure(error, f"importing {file}") from error
    return module


@contextlib.contextmanager
def _searched(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def read_point(text: str, wrt: Any) -> Any:
    """The values in a text, or in the file that it names behind an @: an array, a tuple of numbers, or a dict.

    JSON, .npy and .npz files are read. Whole numbers in a text are integers where the argument does not vary.
    """
    if text.startswith("@"):
        return _in_file(Path(text[1:]))
    values = read_values(text)
    if isinstance(values, Tensor):
        return tuple(map(float, values.entries)) if len(values.shape) == 1 else _array(values, whole=False)
    names = None if wrt is None else {wrt} if isinstance(wrt, str) else set(wrt)
    return {name: _array(value, whole=names is not None and name not in names) for name, value in values.items()}


def _array(value: Tensor[Fraction], *, whole: bool) -> Any:
    import numpy as np

    if whole and all(entry.denominator == 1 for entry in value.entries):
        return np.array(value.map(int).nested()) if value.shape else int(value.item)
    return np.array(value.map(float).nested())


def _in_file(path: Path) -> Any:
    import numpy as np

    try:
        if path.stat().st_size > MAX_BYTES:
            raise LimitError(f"{path} is larger than {MAX_BYTES} bytes, the limit")
        if path.suffix in (".npy", ".npz"):
            found = np.load(path, allow_pickle=False)
            return dict(found) if path.suffix == ".npz" else found
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ArgumentError(f"{path} cannot be read: {error.strerror or error}") from None
    except RecursionError:
        raise LimitError(f"{path} is nested too deeply") from None
    except ValueError as error:
        raise ArgumentError(f"{path} cannot be read: {error}", hint="JSON, .npy and .npz files are read") from None
    if isinstance(value, dict) and value:
        return {name: _of_json(each, path) for name, each in value.items()}
    if isinstance(value, list) and value:
        return _of_json(value, path)
    raise ArgumentError(f"{path} holds neither an object nor a list of values", hint='write {"x": [1, 2]}')


def _of_json(value: Any, path: Path) -> Any:
    """Numbers as they are, integers as integers; lists as arrays."""
    import numpy as np

    if not isinstance(value, list):
        return value
    try:
        array = np.array(value)
    except ValueError:
        raise ArgumentError(f"{path}: the rows of an array differ in length") from None
    if array.dtype.kind not in "iuf":
        raise ArgumentError(f"{path}: an array must consist of numbers")
    return array
