"""Problems: a function, what is asked of it, and which conventions count as right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from hesse.checking.hand_ins.records import Fields, Record
from hesse.checking.question import ORDERS
from hesse.checking.verdict import EQUAL, NO_DIFFERENCE, ONLY_IF, OTHER_LAYOUT, Verdict
from hesse.errors import ArgumentError, HesseError
from hesse.service.expression import Expr
from hesse.service.reading import parse
from hesse.service.variables import resolve

FIELDS = ("problem", "function", "declarations", "wrt", "kind", "entry", "notation", "accept")
NOTATIONS = ("text", "latex")
ACCEPTED = {
    "layout": "the other layout (a transposed Jacobian)",
    "assumption": "an answer that is equal only under an assumption, such as a symmetric A",
}


@dataclass(frozen=True)
class Problem:
    """A problem as it stands in the file. `notation` is that of the function; answers may say another one."""

    name: str
    function: str
    declarations: str = ""
    wrt: str = ""
    kind: str = "gradient"
    entry: str = ""
    notation: str = "text"
    accept: tuple[str, ...] = ()

    @cached_property
    def expression(self) -> Expr:
        """The function. Raises HesseError."""
        return parse(self.function, self.declarations, notation=self.notation)

    @property
    def variables(self) -> str | list[str] | None:
        """By what is differentiated."""
        names = [name.strip() for name in self.wrt.split(",") if name.strip()]
        return None if not names else names[0] if len(names) == 1 else names

    @property
    def position(self) -> tuple[int, ...] | None:
        """The entry that is asked for, if it is only one."""
        return read_position(self.entry)

    def checked(self) -> Problem:
        """The problem itself. Raises HesseError where it cannot be used, with its name."""
        try:
            if self.kind not in ORDERS:
                raise ArgumentError(f"there is no kind {self.kind!r}", hint=f"the kinds are: {', '.join(ORDERS)}")
            for code in self.accept:
                if code not in ACCEPTED:
                    listed = "; ".join(f"{name}: {meaning}" for name, meaning in ACCEPTED.items())
                    raise ArgumentError(f"there is nothing called {code!r} to accept", hint=listed)
            read_notation(self.notation)
            resolve(self.variables, self.expression._declarations)
            self.position  # noqa: B018
        except HesseError as error:
            error.message = f"problem {self.name}: {error.message}"
            error.hint = error.hint.replace("name a variable: ", "write one of these into the field `wrt`: ")
            raise
        return self

    def accepts(self, verdict: Verdict) -> bool:
        """Whether an answer with this verdict counts as right."""
        if verdict.verdict in (EQUAL, NO_DIFFERENCE):
            return True
        if verdict.verdict == OTHER_LAYOUT:
            return "layout" in self.accept
        return verdict.verdict.startswith(ONLY_IF) and "assumption" in self.accept

    @property
    def fingerprint(self) -> str:
        """A text that changes with the problem."""
        return digest(self.function, self.declarations, self.wrt, self.kind, self.entry, self.notation, *self.accept)


def problems(records: Iterable[Record], source: str) -> dict[str, Problem]:
    """The problems by name. Raises HesseError, with the place, for one that cannot be used."""
    found: dict[str, Problem] = {}
    for record in records:
        if record.problem:
            raise ArgumentError(f"{source}, {record.place}: {record.problem}")
        for name in record.fields:
            if name not in FIELDS:
                hint = f"a problem has {', '.join(FIELDS)}"
                raise ArgumentError(f"{source}, {record.place}: `{name}` is no field of a problem", hint=hint)
        problem = problem_of(record.fields)
        if problem is None:
            raise ArgumentError(f"{source}, {record.place}: the function is missing")
        if problem.name in found:
            raise ArgumentError(f"{source}, {record.place}: the problem {problem.name} stands twice")
        found[problem.name] = problem.checked()
    return found


def problem_of(fields: Fields) -> Problem | None:
    """The problem that the fields define; None where there is no function."""
    if "function" not in fields:
        return None
    accepted = tuple(code.strip() for code in fields.get("accept", "").split(",") if code.strip())
    plain = {name: fields[name] for name in FIELDS if name in fields and name not in ("problem", "accept")}
    return Problem(fields.get("problem", "1"), accept=accepted, **plain)


def read_position(text: str) -> tuple[int, ...] | None:
    """The position in a text such as 0,1; None for an empty one. Raises ArgumentError."""
    parts = [part.strip() for part in text.strip("[]() ").split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise ArgumentError(f"the entry `{text}` is not a position", hint="write 0,1: positions count from 0")
    return tuple(map(int, parts)) or None


def read_notation(text: str) -> str:
    """The notation. Raises ArgumentError."""
    if text not in NOTATIONS:
        raise ArgumentError(f"there is no notation {text!r}", hint=f"the notations are: {', '.join(NOTATIONS)}")
    return text


def digest(*parts: str) -> str:
    """A short text that is the same for the same parts only."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
