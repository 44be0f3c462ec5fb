"""What derivatives of one function have in common is done once, and none of them can be told from one made alone."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest

import hesse as hs
from hesse.calculus import differentiate
from hesse.core.algebra import add
from hesse.core.build import plus, times, variable
from hesse.core.nodes import Node, Partial
from hesse.core.sizes import Size
from hesse.core.syntax import Definitions
from hesse.notation.back import SharedWriter, Writer, to_syntax
from hesse.notation.source import Source
from hesse.service.scopes import taken_names
from hesse.simplify.engine import simplify
from hesse.verify import points

N = Size.of("n")
CASES = [
    ("h = tanh(X @ W1 + b1); g = tanh(h @ W2 + b2); sum((g - Y)**2)/m",
     "X:m,k Y:m,l W1:k,n b1:n W2:n,l b2:l", ("W1", "b1", "W2")),
    ("r = A @ x - b; s = sigmoid(r); sum((s - y)**2)/m + c*norm(x)**2", "A:m,n x:n b:m y:m c:", ("A", "x", "c")),
    ("u = x*y; u = u + x; sum(u**2*z)", "x:n y:n z:n", ("x", "y", "z")),
    ("q = Q @ K.T/sqrt(d); softmax(q, axis=1) @ V", "Q:m,d K:n,d V:n,k", ("Q", "V")),
    ("t = outer(x, y); logdet(t @ t.T + S)", "x:n y:m S:n,n:spd", ("x", "y", "S")),
]  # fmt: skip


def told(e: hs.Expr) -> tuple[str, str, str, str, tuple[str, ...]]:
    return str(e), e.unicode(), e.source(), str(e.verification), e.conditions


@pytest.mark.parametrize(("text", "declarations", "names"), CASES)
def test_the_order_in_which_derivatives_are_asked_for_does_not_show(
    text: str, declarations: str, names: tuple[str, ...]
) -> None:
    alone = {name: told(hs.derivative(hs.parse(text, declarations), name)) for name in names}
    for order in permutations(names):
        f = hs.parse(text, declarations)
        assert {name: told(hs.derivative(f, name)) for name in order} == alone
    f, name = hs.parse(text, declarations), names[-1]
    before = told(hs.derivative(f, name, order=2))
    for other in names:
        hs.derivative(f, other)
    assert before == told(hs.derivative(hs.parse(text, declarations), name, order=2))


@pytest.mark.parametrize(("text", "declarations", "names"), CASES)
def test_shared_writing_reads_as_writing_alone(text: str, declarations: str, names: tuple[str, ...]) -> None:
    f = hs.parse(text, declarations)
    taken = taken_names(f._declarations)
    shared = SharedWriter(f.known, simplify, taken)
    for name in (*names, *names):
        for order in (1, 2):
            node = hs.derivative(f, name, order=order).node if order == 1 or not f.shape else f.node
            assert repr(shared.whole(node)) == repr(to_syntax(node, f.known, simplify, taken))


def test_two_values_of_one_name_are_not_shared() -> None:
    one, other = (hs.parse(f"r = {value}; sum(r**3)*x", "x:n y:n") for value in ("x + y", "x - y"))
    shared = SharedWriter(one.known, simplify, ())
    for f in (one, other, one):
        assert repr(shared.whole(f.node)) == repr(to_syntax(f.node, one.known, simplify))
    both = add([(1, one.node), (1, other.node)], ())
    tree = shared.whole(both)
    assert isinstance(tree, Definitions) and [name for name, _ in tree.bindings] == ["r", "r_"]
    assert repr(tree) == repr(to_syntax(both, one.known, simplify))


def test_common_parts_are_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: Counter[Node] = Counter()
    convert = Writer._converter

    def counted(self: Writer, node: Node) -> object:
        seen[node] += self.shared
        return convert(self, node)

    monkeypatch.setattr(Writer, "_converter", counted)
    f = hs.parse(*CASES[0][:2])
    for name in ("W1", "b1", "W2"):
        str(hs.gradient(f, name))
    assert len(seen) > 15 and set(seen.values()) == {1}


def test_adjoints_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pulled: Counter[tuple[Node, Node]] = Counter()
    pullback = differentiate.pullback

    def counted(partial: Partial, adjoint: Node, lead: int) -> Node:
        pulled[partial.child, adjoint] += 1
        return pullback(partial, adjoint, lead)

    monkeypatch.setattr(differentiate, "pullback", counted)
    f = hs.parse(*CASES[0][:2])
    for name in ("W2", "W1", "b2", "b1"):
        hs.gradient(f, name)
    assert sum(pulled.values()) > 8 and set(pulled.values()) == {1}


def test_points_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Counter[object] = Counter()
    sample = points.sample

    def counted(declarations: object, sizes: dict[str, int], number: int, attempt: int) -> object:
        made[(*sizes.items(),), number, attempt] += 1
        return sample(declarations, sizes, number, attempt)  # type: ignore[arg-type]

    monkeypatch.setattr(points, "sample", counted)
    f = hs.parse(*CASES[0][:2])
    for name in ("W1", "b1", "W2"):
        assert hs.gradient(f, name).verification.points == 5
    assert hs.hessian(f, "b1").verification.points == 5
    assert sum(made.values()) == 5 == len(made)


def test_a_bracket_that_is_written_otherwise_elsewhere_is_not_shared() -> None:
    x, y, c, d = (variable(name, shape) for name, shape in (("x", (N,)), ("y", (N,)), ("c", ()), ("d", ())))
    inner = plus(times(d, x), times(d, y))

    def tidy(node: Node) -> Node:
        return inner if node is plus(x, y) else node

    shared = SharedWriter(Source(), tidy, ())
    for node in (plus(times(c, x), times(c, y)), plus(times(c, x, x), times(c, y))):
        assert repr(shared.whole(node)) == repr(to_syntax(node, Source(), tidy))
    # As a bracket, and only there, d*x + d*y keeps its common factor inside.
    brackets = Writer(Source(), tidy)
    brackets.whole(plus(times(c, x), times(c, y)))
    assert repr(brackets.whole(inner)) != repr(to_syntax(inner, Source(), lambda node: node))
    assert repr(shared.whole(inner)) == repr(to_syntax(inner, Source(), tidy))
