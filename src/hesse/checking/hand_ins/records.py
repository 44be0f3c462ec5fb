"""Records of texts from CSV, JSON, TOML and YAML files: each with its line, as far as the format knows lines.

Values stay the texts that they are in the file: an answer `0.10`, or `y`, is no number and no truth value.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from hesse.errors import ArgumentError, LimitError, MissingExtraError

MAX_BYTES = 50_000_000
MAX_FIELD = 100_000
SEPARATORS = ",;\t"
FORMATS = ".csv, .tsv, .json, .toml, .yaml and .yml"
Fields = Mapping[str, str]


@dataclass(frozen=True)
class Record:
    """The fields of one row, and the line where it starts, or its place in the file in words.

    `problem` says why the row cannot be used.
    """

    place: str
    fields: Fields
    problem: str = ""


@dataclass(frozen=True)
class Content:
    """What a file holds: rows, and for formats that nest, the problems by name."""

    rows: tuple[Record, ...]
    problems: tuple[Record, ...] = ()


def load(path: Path) -> Content:
    """The content of a file. Raises ArgumentError, with the line where there is one, for a file that cannot be used."""
    text = _text(path)
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv", ".txt", ""):
        return Content(tuple(_rows(text, path)))
    if suffix == ".json":
        return _nested(_json(text, path), path)
    if suffix == ".toml":
        return _nested(_toml(text, path), path)
    if suffix in (".yaml", ".yml"):
        return _nested(_yaml(text, path), path)
    raise ArgumentError(f"{path}: files ending in {suffix} are not read", hint=f"read are {FORMATS}")


def _text(path: Path) -> str:
    """The text, in UTF-8, or in UTF-16 with a mark."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LimitError(f"{path} is larger than {MAX_BYTES} bytes, the limit")
        data = path.read_bytes()
    except OSError as error:
        raise ArgumentError(f"{path} cannot be read: {error.strerror or error}") from None
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        hint = "save the file in UTF-8 (in Excel: CSV UTF-8)"
        raise ArgumentError(f"{path}, line {line}: this is no text in {encoding[:6].upper()}", hint=hint) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ArgumentError(f"{path}, line {line}: there is a zero byte, so this is no text file")
    return text


def _rows(text: str, path: Path) -> Iterator[Record]:
    """The rows of a table whose first line has the names of the columns; empty rows are left out."""
    separator, skipped = _separator(text, path)
    body = text.split("\n", skipped)[-1] if skipped else text
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
    names: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            place, line = line + skipped, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _names(cells, path, place)
                continue
            yield _record(names, cells, place, separator)
    except csv.Error as error:
        hint = "a field with quotes in it is written in quotes, with each quote inside doubled"
        raise ArgumentError(f"{path}, line {line + skipped}: {error}", hint=hint) from None
    if names is None:
        raise ArgumentError(f"{path} is empty", hint="the first line has the names of the columns")


def _separator(text: str, path: Path) -> tuple[str, int]:
    """The separator, and how many lines come before the names: Excel may say `sep=;` first."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], text.splitlines().index(first) + 1
    found = max(SEPARATORS, key=first.count)
    return (found if first.count(found) else ","), 0


def _names(cells: list[str], path: Path, line: int) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    for name in names:
        if not name or names.count(name) > 1:
            what = f"the column `{name}` stands twice" if name else "a column has no name"
            raise ArgumentError(f"{path}, line {line}: {what}")
    return names


def _record(names: list[str], cells: list[str], line: int, separator: str) -> Record:
    fields = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
    problem = ""
    if any(cell.strip() for cell in cells[len(names) :]):
        problem = (
            f"the row has {len(cells)} fields, the first line {len(names)}: put answers with `{separator}` in quotes"
        )
    return Record(f"line {line}", fields, problem)


def _json(text: str, path: Path) -> Any:
    def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise ArgumentError(f"{path}: the key `{twice}` stands twice in an object")
        return found

    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=distinct)
    except json.JSONDecodeError as error:
        raise ArgumentError(f"{path}, line {error.lineno}: this is not JSON: {error.msg}") from None
    except RecursionError:
        raise LimitError(f"{path} is nested too deeply") from None


def _toml(text: str, path: Path) -> Any:
    try:
        return tomllib.loads(text, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ArgumentError(f"{path} is not TOML: {error}") from None


def _yaml(text: str, path: Path) -> Any:
    """All scalars as texts: the base loader makes no numbers, no truth values, and no objects."""
    try:
        yaml = import_module("yaml")
    except ImportError:
        hint = 'install it with the extra: `pip install "hesse[yaml]"`, or write JSON or TOML'
        raise MissingExtraError("PyYAML is not installed", hint=hint) from None
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise ArgumentError(f"{path}{where}: this is not YAML: {getattr(error, 'problem', None) or error}") from None
    except RecursionError:
        raise LimitError(f"{path} is nested too deeply") from None


def _nested(value: Any, path: Path) -> Content:
    """A list of rows, or an object with `answers` and `problems`."""
    if isinstance(value, list):
        return Content(tuple(_entries(value, path, "answers")))
    if not isinstance(value, Mapping) or not value.keys() & {"answers", "problems"}:
        hint = "write a list of rows, or an object with the keys problems and answers"
        raise ArgumentError(f"{path} holds neither answers nor problems", hint=hint)
    for name in value.keys() - {"answers", "problems"}:
        raise ArgumentError(f"{path}: the key `{name}` has no meaning here", hint="there are problems and answers")
    rows = tuple(_entries(value.get("answers") or [], path, "answers"))
    return Content(rows, tuple(_entries(value.get("problems") or [], path, "problems")))


def _entries(value: Any, path: Path, what: str) -> Iterator[Record]:
    """The records of a list, or of an object whose keys are the names of problems."""
    listed = value.items() if isinstance(value, Mapping) else enumerate(value, 1) if isinstance(value, list) else None
    if listed is None:
        raise ArgumentError(f"{path}: `{what}` must be a list")
    for key, each in listed:
        place = f"{what[:-1]} {key}"
        if not isinstance(each, Mapping):
            yield Record(place, {}, "it must be an object with fields")
            continue
        fields = {str(name).strip().lower(): _scalar(field) for name, field in each.items() if field is not None}
        if isinstance(value, Mapping):
            fields.setdefault("problem", str(key))
        wrong = next((name for name, field in fields.items() if field is None), None)
        yield Record(
            place,
            {name: field for name, field in fields.items() if field},
            f"`{wrong}` must be a text" if wrong else "",
        )


def _scalar(value: Any) -> str | None:
    """The text of a value; of a list of texts, joined by commas; None for anything else."""
    if isinstance(value, list) and all(isinstance(each, (str, int)) for each in value):
        return ", ".join(map(str, value))
    return str(value).strip() if isinstance(value, (str, int, float)) else None
