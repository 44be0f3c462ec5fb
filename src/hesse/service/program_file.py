"""Source files that stand alone: a function, and on request a test of it that needs nothing but the target."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping

from hesse.codegen import find_target, python, with_needs
from hesse.codegen.emit import program
from hesse.codegen.target import Program, Target
from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError, HesseError
from hesse.service.derivatives import Wrt, gradient, hessian, jacobian
from hesse.service.expression import Expr
from hesse.service.programs import together
from hesse.verify.reference import Environment, evaluate
from hesse.verify.sampling import ATTEMPTS, distinct_settings, sample

OPERATORS: Mapping[str, Callable[[Expr, Wrt], Expr]] = {"gradient": gradient, "jacobian": jacobian, "hessian": hessian}
PARTS = ("value", *OPERATORS)
TOLERANCE = 1e-9


def program_file(f: Expr, parts: tuple[str, ...], wrt: Wrt, backend: str, *, name: str, self_test: bool) -> str:
    """The text of a file with a function that returns the parts: one itself, several in a dictionary.

    Without parts: the value, the gradient or Jacobian, and the Hessian of a scalar function. With `self_test` the
    file, when it is run, compares the function with values that the plain evaluator found. Raises ArgumentError for
    unknown parts and backends, and what the operators raise.
    """
    parts = parts or (("value", "gradient", "hessian") if not f.shape else ("value", "jacobian"))
    unknown = next((part for part in parts if part not in PARTS), None)
    if unknown is not None:
        raise ArgumentError(f"there is no part {unknown!r}", hint=f"the parts are: {', '.join(PARTS)}")
    if len(set(parts)) < len(parts):
        raise ArgumentError("a part is asked for twice")
    expressions = {part: f if part == "value" else OPERATORS[part](f, wrt) for part in parts}
    trees, declarations = together(expressions)
    target = find_target(backend)
    code = program(trees if len(trees) > 1 else next(iter(trees.values())), declarations, target, name)
    heading = _heading(f, expressions)
    if not self_test:
        return heading + code.source
    return heading + _tested(code, target, {part: e.tree for part, e in expressions.items()}, declarations)


def _heading(f: Expr, expressions: Mapping[str, Expr]) -> str:
    """Comments that say what the function computes."""
    lines = [f"# The function: {f}" + (f"   [{f.declarations}]" if f.declarations else "")]
    lines += [f"# {part}: {expression}" for part, expression in expressions.items() if part != "value"]
    conditions = dict.fromkeys(text for expression in expressions.values() for text in expression.conditions)
    lines += [f"# holds where {condition}" for condition in conditions]
    return "\n".join(" ".join(line.split()) for line in lines) + "\n\n"


def _tested(code: Program, target: Target, trees: Mapping[str, Syntax], declarations: Declarations) -> str:
    """The source with a test behind it."""
    if code.functions:
        functions = ", ".join(dict.fromkeys(name for name, _ in code.functions))
        raise ArgumentError(f"there is no self-test with undefined functions: {functions}")
    point, expected = _sampled(trees, declarations)
    parameters = _parameters(code)
    entries = declarations.variables.values()
    arguments = [
        ast.keyword(parameter, target.literal(_list(point.values[entry.name]), entry.index is not None))
        for parameter, entry in zip(parameters, entries, strict=True)
    ]
    if code.name in _TEST_NAMES:
        raise ArgumentError(f"{code.name!r} cannot be the name of a function with a self-test")
    test = ast.parse(_TEST.format(name=code.name, tolerance=TOLERANCE)).body
    function = test[1]
    assert isinstance(function, ast.FunctionDef)
    called = ast.Call(python.name(code.name), [], arguments)
    results = called if len(trees) > 1 else ast.Dict([python.constant(name) for name in trees], [called])
    wanted = ast.Dict([python.constant(name) for name in trees], [_list(value) for value in expected.values()])
    values = [python.assign(python.name("results"), results), python.assign(python.name("expected"), wanted)]
    function.body[1:1] = [*ast.parse(target.test_setup).body, *values]
    needs = [python.unparse([each]) for each in with_needs([function], target)[:-1]]
    missing = [need for need in needs if need not in code.source]
    return "".join(missing) + code.source + "\n\n" + python.unparse(test)


def _parameters(code: Program) -> list[str]:
    (function,) = [node for node in ast.parse(code.source).body if getattr(node, "name", "") == code.name]
    assert isinstance(function, ast.FunctionDef)
    return [argument.arg for argument in function.args.args]


def _sampled(trees: Mapping[str, Syntax], declarations: Declarations) -> tuple[Environment, dict[str, Tensor[float]]]:
    """A point at which all have values, and the values. Raises ArgumentError where none is found."""
    for sizes in distinct_settings(declarations):
        for attempt in range(ATTEMPTS):
            environment = sample(declarations, sizes, 0, attempt)
            try:
                values = {name: evaluate(tree, environment) for name, tree in trees.items()}
            except HesseError:
                continue
            if all(math.isfinite(entry) for value in values.values() for entry in value.entries):
                return environment, values
    raise ArgumentError("there is no self-test: no point was found at which everything has a value")


def _list(value: Tensor[float]) -> ast.expr:
    return ast.parse(repr(value.nested()), mode="eval").body


_TEST = '''
def entries(value):
    """The numbers in a value, one after the other."""
    value = value.tolist() if hasattr(value, "tolist") else value
    return [entry for row in value for entry in entries(row)] if isinstance(value, list) else [value]


def self_test():
    """Compare the function with values that were found without it."""
    for name, value in expected.items():
        found, wanted = entries(results[name]), entries(value)
        scale = 1 + max(map(abs, wanted))
        if len(found) != len(wanted) or not all(abs(a - b) <= {tolerance} * scale for a, b in zip(found, wanted)):
            raise SystemExit(f"{name}: {{name}} is {{found}}, and should be {{wanted}}")
    print("{name}: self-test passed (" + ", ".join(expected) + ")")


if __name__ == "__main__":
    self_test()
'''
_TREE = ast.parse(_TEST.format(name="f", tolerance=0))
_TEST_NAMES = frozenset(getattr(node, "id", getattr(node, "name", "")) for node in ast.walk(_TREE))
