"""The vocabulary of the notation, read off the function tables."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hesse.cli.blocks import Block, Document, Equation, Formula, Heading, Note, Terms
from hesse.cli.records import Record
from hesse.core.function import Construction, Row
from hesse.core.nodes import Elementwise, Operator
from hesse.errors import ArgumentError, HesseError
from hesse.frontends.text.vocabulary import PAIRWISE, nearest_function, replacement
from hesse.functions import ALIASES, FUNCTIONS
from hesse.service.derivatives import derivative
from hesse.service.expression import Expr
from hesse.service.reading import parse

_GROUPS = {
    "elementwise": "Entry by entry",
    "comparison": "Comparisons (1 where they hold, else 0)",
    "reduction": "Of all entries, or along an axis",
    "along": "Along an axis, or over all entries",
    "matrix": "Of matrices",
    "construction": "Sums, products and special arrays",
}


@dataclass(frozen=True)
class Entry:
    """What is known about a function, in words."""

    name: str
    kind: str
    signature: str
    meaning: str
    aliases: tuple[str, ...]
    domain: tuple[str, ...]
    kinks: tuple[str, ...]
    axis: bool


def entries() -> Iterator[Entry]:
    """The functions in the order of the tables."""
    yield from map(_entry, FUNCTIONS.values())


def find(name: str) -> Entry:
    """The entry of a function, also by an alias. Raises ArgumentError with a suggestion."""
    canonical = ALIASES.get(name, name)
    row = FUNCTIONS.get(canonical) or FUNCTIONS.get(PAIRWISE.get(canonical, ""))
    if row is not None:
        return _entry(row)
    instead, near = replacement(name), nearest_function(name, ())
    hint = "`hesse functions` lists all of them"
    if instead:
        hint = f"write {instead}"
    elif near:
        hint = f"did you mean `{near}`?"
    raise ArgumentError(f"there is no function `{name}`", hint=hint)


def vocabulary_document() -> Document:
    """All functions, group by group."""
    listed = list(entries())
    blocks: list[Block] = []
    for kind, title in _GROUPS.items():
        rows = tuple((entry.signature, _summary(entry)) for entry in listed if entry.kind == kind)
        if rows:
            blocks += [Heading(title), Terms(rows)]
    others = tuple((alias, f"the same as {name}") for alias, name in ALIASES.items())
    return (*blocks, Heading("Other names"), Terms(others))


def function_document(name: str) -> Document:
    """The details of one function."""
    entry = find(name)
    rows = [("meaning", entry.meaning), ("kind", _GROUPS[entry.kind].lower())]
    rows += [("domain", " and ".join(entry.domain))] if entry.domain else []
    rows += [("smooth", f"where {' and '.join(entry.kinks)}")] if entry.kinks else []
    rows += [("also", ", ".join(entry.aliases))] if entry.aliases else []
    blocks: list[Block] = [Heading(entry.signature), Terms(tuple(rows))]
    for label, slope in _slopes(entry).items():
        blocks += [Equation(label, " =", Formula(slope.unicode())), Note(str(slope.verification), "good")]
    return tuple(blocks)


def vocabulary_record() -> Record:
    """All functions."""
    return {"functions": [_record(entry) for entry in entries()]}


def function_record(name: str) -> Record:
    """The details of one function."""
    entry = find(name)
    slopes = {label: str(slope) for label, slope in _slopes(entry).items()}
    return {"functions": [{**_record(entry), "derivatives": slopes}]}


def _record(entry: Entry) -> Record:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "signature": entry.signature,
        "meaning": entry.meaning,
        "aliases": list(entry.aliases),
        "domain": list(entry.domain),
        "smooth": list(entry.kinks),
        "axis": entry.axis,
    }


def _summary(entry: Entry) -> str:
    words = [entry.meaning]
    words += [f"for {' and '.join(entry.domain)}"] if entry.domain else []
    words += [f"smooth where {' and '.join(entry.kinks)}"] if entry.kinks != entry.domain and entry.kinks else []
    return "; ".join(words)


def _entry(row: Row) -> Entry:
    aliases = tuple(alias for alias, name in ALIASES.items() if name == row.name)
    if isinstance(row, Elementwise):
        return _elementwise(row, aliases)
    if isinstance(row, Operator):
        return _operator(row, aliases)
    assert isinstance(row, Construction)
    domain = (f"A {row.domain}",) if row.domain else ()
    return Entry(row.name, "construction", row.signature, row.meaning, aliases, domain, (), row.takes_axis)


def _operator(row: Operator, aliases: tuple[str, ...]) -> Entry:
    matrix = row.kind == "matrix"
    subject = "A" if matrix else "x"
    signature = f"{row.name}({subject}{', k' if row.arity > 1 else ''})"
    domain, smooth = row.domain if isinstance(row.domain, str) else "", row.smooth
    if domain.startswith("det"):
        domain = f"det({subject}){domain.removeprefix('det')}"
    elif domain:
        domain = f"{subject} {domain}"
    kinks = ""
    if smooth:
        each = "every entry of " if smooth.startswith("entries ") else ""
        whose = signature if smooth == "is attained once" else subject
        kinks = f"{each}{whose} {smooth.removeprefix('entries ')}"
    listed = [(each,) if each else () for each in (domain, kinks)]
    return Entry(row.name, row.kind, signature, row.meaning, aliases, listed[0], listed[1], not matrix)


def _elementwise(row: Elementwise, aliases: tuple[str, ...]) -> Entry:
    # The derivatives take the value and then the arguments, under the names that the row's author gave them.
    names = list(inspect.signature(row.partials).parameters)[1:]
    called = row.name.isidentifier()
    shown = [*map(str, row.orders), *names[len(row.orders) :]]
    signature = f"{row.name}({', '.join(shown)})" if called else f" {row.name} ".join(names)
    domain = tuple(f"{name} {relation}" for name, relation in zip(names, row.domain, strict=False) if relation)
    kinks = [f"{name} {relation}" for name, relation in zip(names, row.smooth, strict=False) if relation]
    kinks += [f"{names[0]} != {names[1]}"] if row.distinct else []
    kind = "elementwise" if called else "comparison"
    return Entry(row.name, kind, signature, row.meaning, aliases, domain, tuple(kinks), False)


def _slopes(entry: Entry) -> Mapping[str, Expr]:
    """The derivatives of a function of numbers by each of its arguments; of a function of a vector by the vector."""
    if entry.kind not in ("elementwise", "reduction", "along"):
        return {}
    shown = entry.signature.partition("(")[2].rstrip(")").split(", ")
    names = [name for name in shown if not name.isdigit()]
    sizes = "" if entry.kind == "elementwise" else "n"
    found: dict[str, Expr] = {}
    try:
        f = parse(entry.signature, " ".join(f"{name}:{sizes}" for name in names))
        for name in names:
            found[f"d/d{name} {entry.signature}"] = derivative(f, name)
    except HesseError:
        return found
    return found
