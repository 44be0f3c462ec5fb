"""Functions of single numbers with a signature of their own: floats go in without a detour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from hesse.codegen.names import Names, identifier
from hesse.codegen.plan import Plan
from hesse.codegen.target import Convert


class Checked(Protocol):
    """A function that takes anything, and has an error for what does not fit."""

    run: Callable[..., Any]

    def __call__(self, /, **values: Any) -> Any:
        """The results."""


def takes_numbers(plan: Plan) -> bool:
    """Whether all variables are real numbers, whose names are those of the parameters, and nothing else is needed."""
    entries = plan.declarations.variables.values()
    plain = all(not entry.shape and entry.index is None and identifier(entry.name) == entry.name for entry in entries)
    return plain and bool(entries) and not plan.undefined


def without_missing(function: Callable[..., Any]) -> Callable[[Mapping[str, Any]], Any]:
    """The function of values by name, of which those that are this function itself are missing."""

    def slow(values: Mapping[str, Any]) -> Any:
        return function(**{name: value for name, value in values.items() if value is not slow})

    return slow


def defined(text: str, namespace: dict[str, Any], documentation: str | None) -> Callable[..., Any]:
    """The function `entry` that a text defines among these names."""
    exec(compile(text, "<hesse>", "exec"), namespace)
    made: Callable[..., Any] = namespace["entry"]
    made.__doc__ = documentation
    return made


def direct(
    function: Checked,
    plan: Plan,
    failures: tuple[type[Exception], ...],
    finish: Convert | Mapping[str, Convert] | None,
    attributes: Sequence[str],
    buffers: Sequence[Any] = (),
) -> Callable[..., Any]:
    """The function with its parameters; `finish` makes the result of what the generated function returns.

    By names it makes results of some of the values in a dictionary, and leaves the others as they are.
    Everything but floats (integers, names that are missing or unknown), and whatever fails, takes the way of all
    functions, with its errors.
    """
    names = list(plan.declarations.variables)
    inner = Names(names)
    taken = "run checked missing others type float failures finish results".split()
    run, checked, missing, others, kind, real, failing, finished, kept = map(inner.take, taken)
    arrays = [inner.take(f"buffer_{k}") for k in range(len(buffers))]
    floats = " and ".join([*(f"{kind}({name}) is {real}" for name in names), f"not {others}"])
    called = f"{run}({', '.join([*names, *arrays])})"
    lines = [f"return {called if finish is None else f'{finished}({called})'}"]
    if isinstance(finish, Mapping):
        lines = [f"{kept} = {called}"]
        lines += [f"{kept}[{name!r}] = {finished}[{name!r}]({kept}[{name!r}])" for name in finish]
        lines.append(f"return {kept}")
    text = (
        f"def entry({', '.join(f'{name}={missing}' for name in names)}, **{others}):\n"
        f"    if {floats}:\n"
        f"        try:\n"
        f"            {'; '.join(lines)}\n"
        f"        except {failing}:\n"
        f"            pass\n"
        f"    return {checked}({{{', '.join(f'{name!r}: {name}' for name in names)}, **{others}}})\n"
    )

    slow = without_missing(function)
    namespace: dict[str, Any] = {
        run: function.run, checked: slow, missing: slow, kind: type, real: float, failing: failures, finished: finish,
        **dict(zip(arrays, buffers, strict=True)),
    }  # fmt: skip
    made = defined(text, namespace, function.__doc__)
    for name in attributes:
        setattr(made, name, getattr(function, name))
    return made
