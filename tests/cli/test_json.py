"""The JSON output against its description: every key there and of its type, none besides, all documented."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import hesse as hs

from .support import Command

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
Check = Callable[[Any], bool]


def text(value: Any) -> bool:
    return isinstance(value, str)


def integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def boolean(value: Any) -> bool:
    return isinstance(value, bool)


def number(value: Any) -> bool:
    return (isinstance(value, float | int) and not isinstance(value, bool)) or value in ("nan", "inf", "-inf")


def many(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def nested(check: Check) -> Check:
    return lambda value: all(map(nested(check), value)) if isinstance(value, list) else check(value)


def named(check: Check) -> Check:
    return lambda value: isinstance(value, dict) and all(map(check, value.values()))


def keys(**checks: Check) -> Check:
    """An object with exactly these keys."""

    def check(value: Any) -> bool:
        assert isinstance(value, dict)
        assert value.keys() == checks.keys()
        for key, each in checks.items():
            assert each(value[key]), (key, value[key])
        return True

    return check


SHAPE = many(lambda size: integer(size) or text(size))
FORMULA: Mapping[str, Check] = dict(text=text, unicode=text, latex=text, shape=SHAPE)
CONDITIONS = many(keys(text=text, unicode=text, latex=text))
ERROR: Mapping[str, Check] = dict(
    kind=text, message=text, hint=text, source=maybe(text), span=maybe(many(integer)), readings=many(text)
)
EQUATION = keys(text=text, unicode=text, latex=text)
DERIVATIVE = keys(
    kind=lambda value: value in ("gradient", "jacobian", "hessian"),
    order=lambda value: value in (1, 2),
    **FORMULA,
    index=maybe(EQUATION),
    kronecker=maybe(EQUATION),
    conditions=CONDITIONS,
    structure=many(text),
    facts=many(keys(name=text, holds=boolean, reason=text)),
    verification=keys(
        status=lambda value: value in ("verified", "not verified"),
        points=integer,
        digits=integer,
        sizes=many(named(integer)),
        method=text,
        reason=text,
        text=text,
    ),
    components=maybe(
        keys(sizes=named(integer), shape=many(integer), text=nested(text), unicode=nested(text), latex=nested(text))
    ),
    value=maybe(nested(number)),
    notes=many(text),
)
HEAD: Mapping[str, Check] = dict(schema=lambda value: value == 1, hesse=text, command=text)
REPORT = keys(
    **HEAD,
    function=keys(name=text, **FORMULA),
    declarations=text,
    variables=many(keys(name=text, shape=SHAPE, attributes=many(text), inferred=boolean)),
    functions=many(keys(name=text, domain=SHAPE, codomain=SHAPE, elementwise=boolean)),
    readings=many(text),
    conditions=CONDITIONS,
    wrt=many(text),
    stacked=boolean,
    derivatives=many(DERIVATIVE),
    differential=maybe(EQUATION),
    omitted=many(keys(kind=text, shape=SHAPE)),
    notes=many(text),
    at=maybe(
        keys(
            values=named(nested(text)),
            sizes=named(integer),
            value=nested(number),
            undefined=CONDITIONS,
            kinks=CONDITIONS,
        )
    ),
    effects=many(
        keys(
            input=text,
            output=many(integer),
            step=number,
            derivative=number,
            first_order=number,
            low=number,
            high=number,
            missing=text,
        )
    ),
    problems=many(keys(part=text, **ERROR)),
)
FUNCTION: Mapping[str, Check] = dict(
    name=text,
    kind=text,
    signature=text,
    meaning=text,
    aliases=many(text),
    domain=many(text),
    smooth=many(text),
    axis=boolean,
)


@pytest.mark.parametrize(
    "words",
    [
        ("derive", "x1^2 + exp(x1*x2) + 2*log(x2)"),
        ("derive", "x1^2 + exp(x1*x2) + 2*log(x2)", "--at", "1,-2"),
        ("derive", "norm(A @ x - b)**2", "A:m,n x:n b:m", "--wrt", "x", "--components", "m=1,n=2"),
        ("derive", "norm(A @ x)", "A:m,n x:n", "--wrt", "x", "--at", "A=[[1,0],[0,1],[0,0]],x=[0,0]"),
        ("derive", "inv(X)", "X:n,n"),
        ("derive", "u(x)*v(x)", "u:n-> v:n-> x:n"),
        ("derive", "sum(phi(S @ x))", "phi:-> S:n,n:sym x:n", "--wrt", "S"),
        ("gradient", "-x^2", "--at", "-1"),
        ("jacobian", "x[idx]", "x:n idx:p:index(n)", "--at", "x=[1,2,3],idx=[2,2]"),
        ("hessian", "trace(inv(A))", "A:2,2", "--at", "[[1,2],[2,4]]"),
        ("jacobian", "x", "x:n-1,2*m", "--wrt", "x"),
    ],
)
def test_reports(hesse: Command, words: tuple[str, ...]) -> None:
    outcome = hesse(*words, "--json")
    record = outcome.record
    assert REPORT(record)
    assert record["command"] == words[0]
    assert outcome.status == (2 if record["problems"] else 0)


def test_contents(hesse: Command) -> None:
    """The record says what the library says."""
    words = ("norm(A @ x - b)**2", "A:m,n x:n b:m")
    f = hs.parse(*words)
    record = hesse("derive", *words, "--wrt", "x", "--components", "m=1,n=2", "--json").record
    gradient, hessian = record["derivatives"]
    assert [each["kind"] for each in record["derivatives"]] == ["gradient", "hessian"]
    for found, expected in ((gradient, hs.gradient(f, "x")), (hessian, hs.hessian(f, "x"))):
        assert found["text"] == str(expected)
        assert found["unicode"] == expected.unicode()
        assert found["latex"] == expected.latex()
        assert found["structure"] == sorted(expected.structure)
        assert found["verification"]["text"] == str(expected.verification)
        assert found["components"]["text"] == [
            [str(entry) for entry in row] if isinstance(row, list) else str(row)
            for row in expected.components(m=1, n=2).nested()
        ]
    assert gradient["components"]["sizes"] == {"m": 1, "n": 2}
    assert record["declarations"] == f.declarations
    assert record["wrt"] == ["x"]


def test_inferred_variables(hesse: Command) -> None:
    record = hesse("derive", "A @ x", "x:n", "--wrt", "x", "--json").record
    assert [(each["name"], each["inferred"]) for each in record["variables"]] == [("x", False), ("A", True)]
    again = hesse("derive", "A @ x", record["declarations"], "--wrt", "x", "--json").record
    assert again["derivatives"] == record["derivatives"]
    assert not any(each["inferred"] for each in again["variables"])


def test_numbers_without_a_number(hesse: Command) -> None:
    outcome = hesse("gradient", "log(x)*y", "--at", "0,1", "--json")
    assert json.loads(outcome.out, parse_constant=lambda name: pytest.fail(name))
    assert outcome.record["at"]["value"] == "-inf"
    assert outcome.record["derivatives"][0]["value"] == ["nan", "nan"]


@pytest.mark.parametrize(
    ("words", "kind", "span"),
    [
        (("derive", "x1x2"), "AmbiguousError", [0, 4]),
        (("derive", "exp(x"), "ParseError", None),
        (("derive", "norm(A @ x)", "A:m,n x:m", "--wrt", "x"), "ShapeError", None),
        (("derive", "x", "x:n:foo"), "DeclarationError", [4, 7]),
        (("derive", "x^2", "--at", "x=a"), "ParseError", [2, 3]),
        (("derive", "foo(x)"), "UnknownNameError", [0, 3]),
        (("derive", "x", "--nonsense"), "ArgumentError", None),
        (("functions", "nonsense"), "ArgumentError", None),
    ],
)
def test_errors(hesse: Command, words: tuple[str, ...], kind: str, span: list[int] | None) -> None:
    outcome = hesse(*words, "--json")
    assert outcome.status == 2
    assert keys(**HEAD, error=keys(**ERROR))(outcome.record)
    assert outcome.record["error"]["kind"] == kind
    if span is not None:
        assert outcome.record["error"]["span"] == span
    assert outcome.record["error"]["message"] in outcome.err
    assert bool(outcome.record["error"]["readings"]) == (kind == "AmbiguousError")


def test_vocabulary(hesse: Command) -> None:
    assert keys(**HEAD, functions=many(keys(**FUNCTION)))(hesse("functions", "--json").record)
    record = hesse("functions", "norm2", "--json").record
    assert keys(**HEAD, functions=many(keys(**FUNCTION, derivatives=named(text))))(record)
    (entry,) = record["functions"]
    assert (entry["name"], entry["aliases"], entry["axis"]) == ("norm", ["norm2"], True)
    assert list(entry["derivatives"].values()) == ["x/norm(x)"]


def test_every_key_is_documented(hesse: Command) -> None:
    def walk(value: Any, free: bool = False) -> set[str]:
        if isinstance(value, list):
            return set[str]().union(*(walk(each, free) for each in value))
        if not isinstance(value, dict):
            return set()
        own = set() if free else set(value)
        # The keys of these objects are names of the user.
        return own.union(*(walk(each, key in ("values", "sizes", "derivatives")) for key, each in value.items()))

    found: set[str] = set()
    for words in (
        ("derive", "inv(X)*c", "X:2,2 c:", "--wrt", "X", "--at", "X=[[1,2],[2,4]],c=1"),
        ("derive", "abs(x)", "--at", "0"),
        ("derive", "u(x)", "u:n-> x:n"),
        ("functions", "exp"),
        ("derive", "x1x2"),
    ):
        found |= walk(hesse(*words, "--json").record)
    assert [key for key in sorted(found) if f"`{key}`" not in PAGE] == []
