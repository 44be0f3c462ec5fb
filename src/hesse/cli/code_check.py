"""`check --code`: the verdict on a hand-written gradient, from the command line."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

import hesse
from hesse.checking.code.loading import function_named, read_point
from hesse.checking.code.result import SHOWN, CodeCheck
from hesse.cli.answers import Answer
from hesse.cli.blocks import Block, Heading, Note, Terms
from hesse.errors import ArgumentError

Code = Annotated[
    str | None, typer.Option("--code", metavar="FUNCTION", help="a Python function: module:name or file.py:name")
]
ItsDerivative = Annotated[
    str | None,
    typer.Option(
        "--jac", metavar="FUNCTION", help="its gradient or Jacobian; left out, the backward of PyTorch or JAX"
    ),
]
WithLibrary = Annotated[
    str | None, typer.Option("--library", metavar="NAME", help="whose arrays are passed: numpy, jax or torch")
]


def check_code(
    code: str, jac: str | None, at: str | None, wrt: str | list[str] | None, library: str | None, *, json: bool
) -> Answer:
    """The verdict on the function that `jac` names as the derivative of the one that `code` names."""
    if at is None:
        raise ArgumentError("--code needs a point at which to compare", hint='add --at 1,2 or --at "w=[1,2],y=[0,1]"')
    # The code runs hundreds of times, and what it prints is no part of the answer.
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        fun = function_named(code, "--code")
        derivative = None if jac is None else function_named(jac, "--jac")
        try:
            found = hesse.check_gradient(fun, derivative, read_point(at, wrt), wrt=wrt, library=library)
        except ArgumentError as error:
            error.hint = error.hint.replace("differentiates by: wrt=", "differentiates by: --wrt ").replace("'", "")
            raise
    if json:
        return Answer(record={"code": code, "jac": jac, **found.to_dict()}, status=found.status)
    return Answer(tuple(_blocks(code, jac, found)), status=found.status)


def _blocks(code: str, jac: str | None, found: CodeCheck) -> Iterator[Block]:
    yield Heading(found.verdict, f"{jac or 'its own backward'} as the derivative of {code}")
    yield Note(found.diagnosis, "good" if found.right else "caution")
    if found.wrong:
        yield Terms(tuple((entry.name, entry.said) for entry in found.wrong[:SHOWN]))
    if len(found.wrong) > SHOWN:
        yield Note(f"and {len(found.wrong) - SHOWN} more")
    yield from (Note(line) for line in found.remarks())
