"""The command line's words put in order before Typer sees them, so that a formula may start with a minus.

`derive -x^2 --at -1,2` becomes `derive --at=-1,2 -- -x^2`: only known options are options.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from hesse.errors import ArgumentError

_LIKE_AN_OPTION = re.compile(r"--[a-z][a-z-]+(=.*)?", re.DOTALL)


def ordered(words: Sequence[str], options: Mapping[str, bool], repeatable: Collection[str] = ()) -> list[str]:
    """The words with options in front and everything else behind `--`; `options` says which take a value, `repeatable`
    which may be given more than once.
    """
    found: list[str] = []
    seen: set[str] = set()
    rest: list[str] = []
    queue = list(reversed(words))
    while queue:
        word = queue.pop()
        name = word.partition("=")[0]
        if word == "--":
            rest += reversed(queue)
            break
        if name not in options:
            rest.append(_checked(word, options))
            continue
        if name in seen and name not in repeatable:
            raise ArgumentError(f"{name} is given twice")
        seen.add(name)
        found.append(_with_value(word, queue, options))
    return [*found, "--", *rest]


def _checked(word: str, options: Mapping[str, bool]) -> str:
    if _LIKE_AN_OPTION.fullmatch(word):
        listed = ", ".join(sorted(options))
        raise ArgumentError(
            f"there is no option {word.partition('=')[0]}",
            hint=f"the options are {listed}; a formula that starts with two minus signs goes behind `--`",
        )
    return word


def _with_value(word: str, queue: list[str], options: Mapping[str, bool]) -> str:
    """The option with its value, which may start with a minus, in one word."""
    name, equals, value = word.partition("=")
    if not options[name]:
        if equals:
            raise ArgumentError(f"{name} takes no value")
        return word
    if not equals and (not queue or queue[-1] in options or queue[-1] == "--"):
        raise ArgumentError(f"{name} needs a value behind it")
    value = value if equals else queue.pop()
    # A short option has its value directly behind it.
    return f"{name}={value}" if name.startswith("--") else f"{name}{value}"
