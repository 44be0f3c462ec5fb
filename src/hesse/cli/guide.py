"""The help texts, from the commands and their options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hesse.cli.app import EXAMPLES
from hesse.cli.blocks import Block, Document, Heading, Lines, Note, Terms

_STATUS = (
    ("0", "done"),
    ("2", "the input, or an option, cannot be read or used"),
    ("70", "a defect of hesse"),
)
_MORE_STATUS = {
    "check": (("1", "the answer is not right"), ("3", "nothing can be said")),
    "convexity": (("3", "nothing is proved"),),
}
_NOTATION = (
    ("x^2  x**2  5x  2(x+1)", "powers, and products without a sign"),
    ("A @ x  A'  A.T", "matrix product and transpose, as in NumPy"),
    ("x[0]  x[1:]", "entries count from 0"),
    ("r = A @ x - b; sum(r**2)", "definitions stand before the expression"),
    ('"A:m,n x:n c:"', "A is m by n, x has n entries, c is a scalar; m and n stay symbols"),
    ('"u:n-> g:n->m phi:->"', "undefined functions: u(x) is a scalar, g(x) a vector, phi acts entry by entry"),
)


def overview(commands: Mapping[str, Any]) -> Document:
    """What `hesse` says by itself."""
    blocks: list[Block] = [
        Heading("hesse", "vector calculus for machine learning: verified gradients, Jacobians and Hessians"),
        Lines(("hesse COMMAND EXPRESSION [DECLARATIONS] [options]",)),
        Heading("Commands"),
        Terms(tuple((name, command.help) for name, command in commands.items())),
        Heading("Examples"),
        Lines(EXAMPLES["derive"]),
        Heading("Notation"),
        Terms(_NOTATION),
        Heading("Options"),
        Terms((("--help", "this text; hesse COMMAND --help for a command"), ("--version", "the version of hesse"))),
    ]
    return tuple(blocks)


def command_guide(name: str, command: Any) -> Document:
    """What `hesse NAME --help` says."""
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and each.opts != ["--help"]]
    usage = " ".join(each.metavar if each.required else f"[{each.metavar}]" for each in arguments)
    blocks: list[Block] = [
        Heading(f"hesse {name}"),
        Note(command.help),
        Lines((f"hesse {name} {usage} [options]",)),
        Heading("Arguments"),
        Terms(tuple((each.metavar, each.help) for each in arguments)),
        Heading("Options"),
        Terms((*map(_option, options), ("--help", "this text"))),
        Heading("Examples"),
        Lines(EXAMPLES[name]),
        Heading("Exit status"),
        Terms(tuple(sorted((*_STATUS, *_MORE_STATUS.get(name, ())), key=lambda status: int(status[0])))),
    ]
    return tuple(blocks)


def _option(option: Any) -> tuple[str, str]:
    return f"{option.opts[0]} {option.metavar}" if _takes_value(option) else option.opts[0], option.help


def options_of(command: Any) -> dict[str, bool]:
    """The options of the command, and whether each takes a value."""
    return {
        name: _takes_value(option)
        for option in command.params
        if option.param_type_name == "option"
        for name in option.opts
    }


def _takes_value(option: Any) -> bool:
    return not option.is_flag
