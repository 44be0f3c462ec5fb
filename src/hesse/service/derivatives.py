"""The operators of the calculus on expressions. Every result is verified before it is handed out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

from hesse.calculus.differentiate import Overrides, backward, forward, identity, mirrored, side_by_side
from hesse.core.algebra import contract, scale
from hesse.core.build import index, minus, plus, shape_text, transpose, variable
from hesse.core.declarations import VariableDeclaration
from hesse.core.nodes import Node, Variable
from hesse.core.sizes import Size
from hesse.core.syntax import Binary, Definitions, Name, Syntax, call, number
from hesse.errors import ArgumentError, VerificationError
from hesse.explain.page import Explanation
from hesse.facts.structure import Origin
from hesse.functions import FUNCTIONS
from hesse.service.conditions import Condition, smoothness_conditions
from hesse.service.explaining import LINES
from hesse.service.expression import Expr
from hesse.service.result import Lineage, Result
from hesse.service.variables import Target, resolve
from hesse.simplify.engine import simplify
from hesse.verify.derivative import verify_derivative, verify_differential, verify_product
from hesse.verify.verdict import Verification

Wrt: TypeAlias = str | Sequence[str] | None
MAX_ORDER = 8


def gradient(f: Expr, wrt: Wrt = None, *, convention: str = "unconstrained") -> Expr:
    """The gradient of a scalar expression, in the variable's shape.

    For a matrix declared symmetric, `convention` says what a derivative by one of its entries is: all entries apart
    from each other ("unconstrained"), an entry and its mirror image together ("symmetric"), or each by half of that
    off the diagonal ("symmetrised"). Raises ArgumentError when f is not a scalar, and VerificationError when the
    result contradicts differences.

    >>> import hesse as hs
    >>> str(hs.gradient(hs.parse("x @ A @ x", "A:n,n x:n"), "x"))
    '(A + A.T) @ x'
    >>> str(hs.gradient(hs.parse("logdet(S)", "S:n,n:spd"), "S", convention="symmetric"))
    '2*inv(S) - diag(diagpart(inv(S)))'
    """
    _require_scalar(f, "gradient", "jacobian")
    plain = derivative(f, wrt)
    if convention == "unconstrained":
        return plain
    return _conventional(f, plain, resolve(wrt, f._declarations), convention)


CONVENTIONS = {
    "symmetric": "G + G.T - diag(diagpart(G)): an entry and its mirror image vary together",
    "symmetrised": "(G + G.T)/2: the symmetric matrix whose product with a symmetric change is the change of f",
}


def _conventional(f: Expr, plain: Expr, target: Target, convention: str) -> Expr:
    """The gradient G by a symmetric matrix in one of the conventions, verified along symmetric directions."""
    if convention not in CONVENTIONS:
        listed = ", ".join(("unconstrained", *CONVENTIONS))
        raise ArgumentError(f"there is no convention {convention!r}", hint=f"the conventions are: {listed}")
    (each, *others) = target.variables
    if others or not each.attributes & {"sym", "spd"}:
        raise ArgumentError(
            f"the convention {convention!r} is for a matrix declared symmetric",
            hint=f'declare it: "{each.name}:n,n:sym"',
        )
    node = plain.node
    both = plus(node, transpose(node))
    if convention == "symmetric":
        labels = {0: node.shape[0]}
        on_diagonal = contract([(node, (0, 0))], (0, 0), labels, node.shape)
        raw = minus(both, on_diagonal)
    else:
        raw = scale(Fraction(1, 2), both)
    result = simplify(raw)
    vector = VariableDeclaration(_free_name(f, f"d{each.name}"), each.shape, frozenset({"sym"}))
    reading = f"the gradient G by the symmetric {each.name} is shown as {CONVENTIONS[convention]}"
    lineage = Lineage("convention", plain, target.variables, False, 1, CONVENTIONS[convention], raw)
    found = result_of(f, result, target.variables, f.verification, lineage=lineage).with_reading(reading)
    declarations = f._declarations.extended(vector)
    change = _paired(found.tree, vector.name, convention == "symmetric")
    claim = verify_differential(f.exact_tree, change, target.names, (vector.name,), declarations)
    return verified(f, found, claim)


def _paired(gradient: Syntax, vector: str, once: bool) -> Syntax:
    """The change of f for a symmetric change of the matrix; `once` says that a pair of entries counts once."""
    bindings, body = (gradient.bindings, gradient.body) if isinstance(gradient, Definitions) else ((), gradient)
    change = Name(vector)
    total: Syntax = call("sum", Binary("*", body, change))
    if once:
        main = call("sum", Binary("*", call("diagpart", body), call("diagpart", change)))
        total = Binary("/", Binary("+", total, main), number(2))
    return Definitions(bindings, total) if bindings else total


def _free_name(f: Expr, name: str) -> str:
    """The name, or a longer one that nothing has yet."""
    while f._declarations.find(name) is not None or name in f._declarations.size_names or name in FUNCTIONS:
        name += "_"
    return name


def jacobian(g: Expr, wrt: Wrt = None) -> Expr:
    """The Jacobian, with axes (output..., input...): row i is the gradient of g_i.

    >>> import hesse as hs
    >>> str(hs.jacobian(hs.parse("tanh(W @ x + b)", "W:m,n x:n b:m"), "x"))
    'diag(1 - tanh(W @ x + b)**2) @ W'
    """
    return derivative(g, wrt)


def hessian(f: Expr, wrt: Wrt = None) -> Expr:
    """The Hessian, with axes (output..., input..., input...).

    >>> import hesse as hs
    >>> str(hs.hessian(hs.parse("x1**2 + x1*x2", "x1: x2:")))
    '[[2, 1], [1, 0]]'
    """
    return derivative(f, wrt, order=2)


def derivative(f: Expr, wrt: Wrt = None, *, order: int = 1) -> Expr:
    """The derivative of any order, with axes (output..., input..., input..., ...)."""
    if not isinstance(f, Expr):
        raise ArgumentError(f"an expression is needed, not {type(f).__name__}", hint="make one with hesse.parse")
    if not isinstance(order, int) or isinstance(order, bool) or not 1 <= order <= MAX_ORDER:
        raise ArgumentError(f"the order is an integer from 1 to {MAX_ORDER}, not {order!r}")
    target = resolve(wrt, f._declarations)
    result = f
    for done in range(1, order + 1):
        if (target, done) in f.derived:
            result = f.derived[target, done]
            continue
        raw = differentiated(result.node, target, known=result.adjoints)
        node = simplify(mirrored(raw) if done == 2 and target.stacked and not f._shape else raw)
        origin = Origin(len(f._shape), len(target.shape), done, target.names, target.stacked)
        earlier = result.node if done > 1 else None
        lineage = Lineage("derivative", result, target.variables, target.stacked, done)
        found = result_of(f, node, target.variables, f.verification, (), origin, earlier, lineage)
        claim = verify_derivative(
            f.exact_tree,
            found.tree,
            target.names,
            done,
            f._declarations,
            target.stacked,
            result.exact_tree if done > 1 else None,
            f.points,
        )
        result = f.derived[target, done] = verified(f, found, claim)
    return result


def explain_derivative(
    f: Expr,
    wrt: Wrt = None,
    *,
    kind: str | None = None,
    level: str = "normal",
    style: str | None = None,
    limit: int | None = LINES,
) -> Explanation[Expr]:
    """The derivation of the gradient, Jacobian or Hessian of an expression; of the gradient, or the Jacobian of what
    is no scalar, where no kind is named.

    >>> import hesse as hs
    >>> f = hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m")
    >>> print(explain_derivative(f, "x", level="outline").steps[-1].after.text)
    2*A.T @ (A @ x - b)
    """
    kinds: dict[str, Callable[[Expr, Wrt], Expr]] = {"gradient": gradient, "jacobian": jacobian, "hessian": hessian}
    if kind is not None and kind not in kinds:
        raise ArgumentError(f"there is no kind {kind!r}", hint=f"the kinds are: {', '.join(kinds)}")
    scalar = isinstance(f, Expr) and not f.shape
    return kinds[kind or ("gradient" if scalar else "jacobian")](f, wrt).explain(level=level, style=style, limit=limit)


def _require_scalar(f: Expr, name: str, other: str) -> None:
    if isinstance(f, Expr) and f._shape:
        raise ArgumentError(
            f"the {name} belongs to a scalar expression, this is {shape_text(f._shape)}",
            hint=f"use {other} for vector and matrix expressions",
        )


def differentiated(
    node: Node, target: Target, overrides: Overrides | None = None, known: dict[Node, Node] | None = None
) -> Node:
    """The derivative of the node by the target, not simplified; `overrides` are wrong applications of rules.

    `known` are the adjoints that were found before, without overrides.
    """
    adjoints = backward(node, target.variables, identity(node.shape), overrides=overrides, known=known)
    if not target.stacked:
        return adjoints[target.variables[0]]
    return side_by_side([adjoints[each] for each in target.variables], node.shape)


def result_of(
    f: Expr,
    node: Node,
    variables: tuple[Variable, ...],
    claim: Verification,
    more: tuple[VariableDeclaration, ...] = (),
    origin: Origin | None = None,
    earlier: Node | None = None,
    lineage: Lineage | None = None,
) -> Expr:
    """The node as a result of f, which holds where f can be differentiated by the variables."""

    def conditions() -> tuple[Condition, ...]:
        return f.conditions_found + smoothness_conditions(f.node, variables, f.elaboration, earlier)

    result = Result(node, conditions, claim, f.known, origin, lineage)
    return Expr(result, f._declarations.extended(*more), node.shape, f.readings)


def verified(f: Expr, found: Expr, claim: Verification) -> Expr:
    """The result under its verification; raises VerificationError when it is refuted."""
    if claim.status == "refuted":
        raise VerificationError(
            f"the result for `{f}` is withheld: it contradicts the independent evaluator. This is a defect of hesse.\n"
            f"withheld: {found}\n{claim}",
            hint="please report the expression with its declarations",
        )
    return found.with_verification(claim)


Kind: TypeAlias = Literal["jvp", "vjp", "hvp"]


def jvp(f: Expr, wrt: Wrt = None, vector: str = "v") -> Expr:
    """The Jacobian times a vector, J v, as an expression in a new variable of the variable's shape.

    >>> import hesse as hs
    >>> str(hs.jvp(hs.parse("A @ x", "A:m,n x:n"), "x", "v"))
    'A @ v'
    """
    target = resolve(wrt, f._declarations)
    entry = _new_variable(f, vector, target.shape, target)
    node = _pushed(f.node, target, entry)
    return _product("jvp", f, target, entry, node)


def vjp(f: Expr, wrt: Wrt = None, vector: str = "u") -> Expr:
    """The vector times the Jacobian, uᵀ J, as an expression in a new variable of the output's shape.

    >>> import hesse as hs
    >>> str(hs.vjp(hs.parse("A @ x", "A:m,n x:n"), "x", "u"))
    'A.T @ u'
    """
    target = resolve(wrt, f._declarations)
    entry = _new_variable(f, vector, f._shape, target)
    seed = variable(entry.name, entry.shape)
    adjoints = backward(f.node, target.variables, seed)
    parts = [adjoints[each] for each in target.variables]
    node = parts[0]
    if target.stacked:
        node = side_by_side(parts, ())
    return _product("vjp", f, target, entry, node)


def hvp(f: Expr, wrt: Wrt = None, vector: str = "v") -> Expr:
    """The Hessian times a vector, H v, as an expression in a new variable of the variable's shape.

    >>> import hesse as hs
    >>> str(hs.hvp(hs.parse("x @ A @ x", "A:n,n x:n"), "x", "v"))
    '(A + A.T) @ v'
    """
    _require_scalar(f, "Hessian times a vector", "jvp of the jacobian")
    target = resolve(wrt, f._declarations)
    entry = _new_variable(f, vector, target.shape, target)
    slope = derivative(f, wrt)
    return _product("hvp", f, target, entry, _pushed(slope.node, target, entry), slope)


def _pushed(node: Node, target: Target, entry: VariableDeclaration) -> Node:
    direction = variable(entry.name, entry.shape)
    tangents: list[Node] = [direction]
    if target.stacked:
        tangents = [index(direction, [Size.of(k)]) for k in range(len(target.variables))]
    return forward(node, dict(zip(target.variables, tangents, strict=True)))


def _product(
    kind: Kind, f: Expr, target: Target, entry: VariableDeclaration, node: Node, first: Expr | None = None
) -> Expr:
    earlier = None if first is None else first.node
    lineage = Lineage(kind, first or f, target.variables, target.stacked, 1, entry.name)
    found = result_of(f, simplify(node), target.variables, f.verification, (entry,), None, earlier, lineage)
    claim = verify_product(
        kind,
        f.exact_tree,
        found.tree,
        target.names,
        entry.name,
        found._declarations,
        target.stacked,
        None if first is None else first.exact_tree,
    )
    return verified(f, found, claim)


def _new_variable(f: Expr, name: str, shape: tuple[Size, ...], target: Target) -> VariableDeclaration:
    if not isinstance(name, str) or not name.isidentifier():
        raise ArgumentError(f"a variable's name is needed for the vector, not {name!r}")
    known = f._declarations.find(name)
    entry = VariableDeclaration(name, shape)
    taken = name in f._declarations.size_names or name in target.names or name in FUNCTIONS
    if taken or (known is not None and known != entry):
        raise ArgumentError(f"`{name}` has another meaning in the expression", hint="pass another name for the vector")
    return entry
