"""SymPy's scalar expressions as surface trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from hesse.core.exact import decimal
from hesse.core.syntax import Binary, Negative, Running, Syntax, Undefined, number
from hesse.interop.sympy_names import RELATIONS, SAME
from hesse.interop.sympy_parts import Handler, Part, chained, function, refusal


def _number(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(exact(Fraction(int(expr.p), int(expr.q))))


def exact(value: Fraction) -> Syntax:
    """The literal of a number."""
    return Negative(number(-value)) if value < 0 else number(value)


def _float(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """A Float of double precision is the shortest decimal that reads back to it, as Python prints it; others are
    the binary number that they are."""
    if not expr.is_finite:
        raise refusal(f"the number {expr}")
    if expr._prec == 53:
        return Part(exact(decimal(float(expr))))
    ratio = reader.sp.Rational(expr)
    return Part(exact(Fraction(int(ratio.p), int(ratio.q))))


def _constant(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    names = {reader.sp.pi: "pi", reader.sp.E: "e"}
    if expr not in names:
        raise refusal(f"the constant {expr}")
    return Part(reader.constant(names[expr]))


def _symbol(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(reader.symbol(expr))


def _add(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(chained("+", [part.tree for part in parts]))


def _mul(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """The product, with negative powers below a line and a negative number as a sign."""
    above: list[Syntax] = []
    below: list[Syntax] = []
    sign = 1
    for factor, part in zip(expr.args, parts, strict=True):
        if factor == -1:
            sign = -sign
        elif factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
            below.append(_inverted(factor, part))
        elif factor.is_Rational and factor.is_negative:
            sign = -sign
            above.append(exact(Fraction(int(-factor.p), int(factor.q))))
        else:
            above.append(part.tree)
    tree = chained("*", above) if above else number(1)
    if below:
        tree = Binary("/", tree, chained("*", below))
    return Part(Negative(tree) if sign < 0 else tree)


def _inverted(factor: Any, part: Part) -> Syntax:
    """What stands below the line for a factor with a negative exponent, which was read as a quotient or a power."""
    match part.tree:
        case Binary(operator="/", right=right):
            return right
        case Binary(operator="**", left=base, right=Negative(operand=exponent)):
            return Binary("**", base, exponent)
        case tree:
            return Binary("**", tree, exact(Fraction(-1)))


def _pow(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    base, exponent = (part.tree for part in parts)
    if expr.exp == -1:
        return Part(Binary("/", number(1), base))
    if expr.exp == reader.sp.Rational(1, 2):
        return Part(function("sqrt", base))
    return Part(Binary("**", base, exponent))


def _same(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    name = next(SAME[cls.__name__] for cls in type(expr).__mro__ if cls.__name__ in SAME)
    if len(parts) != 1:
        raise refusal(f"{expr.func.__name__} of {len(parts)} arguments")
    return Part(function(name, parts[0].tree))


def _extreme(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    name = "maximum" if isinstance(expr, reader.sp.Max) else "minimum"
    (tree, *rest) = (part.tree for part in parts)
    for other in rest:
        tree = function(name, tree, other)
    return Part(tree)


def _heaviside(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """1 above 0 and 0 below it; at 0 what the second argument says, one half by default."""
    argument, middle = parts[0].tree, expr.args[1]
    if middle == 0:
        return Part(function("step", argument))
    if middle == 1:
        return Part(Binary(">=", argument, number(0)))
    below = function("where", Binary("<", argument, number(0)), number(0), parts[1].tree)
    return Part(function("where", Binary(">", argument, number(0)), number(1), below))


def _erfc(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(Binary("-", number(1), function("erf", parts[0].tree)))


def _digamma(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(function("digamma", parts[0].tree))


def _polygamma(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    if expr.args[0] == 0:
        return Part(function("digamma", parts[1].tree))
    return Part(function("polygamma", parts[0].tree, parts[1].tree))


def _relation(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    left, right = (part.tree for part in parts)
    symbol: Any = RELATIONS[next(cls.__name__ for cls in type(expr).__mro__ if cls.__name__ in RELATIONS)]
    return Part(Binary(symbol, left, right))


def _truth(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(number(int(bool(expr))))


def _and(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(chained("*", [part.tree for part in parts]))


def _or(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    (tree, *rest) = (part.tree for part in parts)
    for other in rest:
        tree = function("maximum", tree, other)
    return Part(tree)


def _not(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(Binary("-", number(1), parts[0].tree))


def _real(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """The real part or the conjugate: every symbol is real here."""
    return parts[0]


def _piecewise(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """The first value whose condition holds; the last condition must be True."""
    if expr.args[-1].cond != True:  # noqa: E712
        raise refusal("a Piecewise without a value otherwise", "give it a last pair `(value, True)`")
    tree = parts[-2].tree
    for value, condition in zip(parts[-4::-2], parts[-3::-2], strict=True):
        tree = function("where", condition.tree, value.tree, tree)
    return Part(tree)


def _running(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """A sum over indices; the first limits belong to the innermost one, and both ends are included."""
    name = "sum" if isinstance(expr, reader.sp.Sum) else "prod"
    function(name, number(0))
    tree, ends = parts[0].tree, list(parts[1:])
    for limit, start, stop in zip(expr.limits, ends[::2], ends[1::2], strict=True):
        index = reader.index(limit[0])
        tree = Running(name, index, tree, reader.position(start.tree), reader.position(stop.tree, 1))
    return Part(tree)


def _undefined(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    if len(parts) != 1:
        raise refusal(f"the function {expr.func} of {len(parts)} arguments", "undefined functions take one argument")
    return Part(Undefined(reader.function(expr.func), 0, parts[0].tree))


def _derivative(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """The derivative of an undefined function of a symbol by this symbol."""
    inner = expr.expr
    plain = isinstance(inner, reader.applied) and len(expr.variable_count) == 1
    variable, count = expr.variable_count[0]
    if not plain or inner.args != (variable,) or not count.is_Integer:
        raise refusal("a derivative that is not carried out", "carry it out, or give the function itself")
    return Part(Undefined(reader.function(inner.func), int(count), parts[0].tree))


def _subs(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """The derivative of an undefined function at a point."""
    inner = expr.expr
    if not isinstance(inner, reader.sp.Derivative) or len(expr.variables) != 1:
        raise refusal("an unevaluated substitution", "carry it out with `.doit()`")
    variable, count = inner.variable_count[0]
    function_of = inner.expr
    plain = isinstance(function_of, reader.applied) and len(inner.variable_count) == 1
    if not plain or function_of.args != (variable,) or variable != expr.variables[0]:
        raise refusal("an unevaluated substitution", "carry it out with `.doit()`")
    return Part(Undefined(reader.function(function_of.func), int(count), parts[0].tree))


def _floor(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """A size rounded down: floor(n/2) is n//2."""
    _, divisor = expr.args[0].as_numer_denom()
    if not divisor.is_Integer or divisor == 1:
        raise refusal("`floor` of anything but a size divided by an integer")
    return Part(Binary("//", parts[0].tree, number(int(divisor))))


HANDLERS: Mapping[str, Handler] = {
    "floor": _floor,
    "Rational": _number,
    "Float": _float,
    "NumberSymbol": _constant,
    "Symbol": _symbol,
    "Idx": _symbol,
    "Add": _add,
    "Mul": _mul,
    "Pow": _pow,
    **dict.fromkeys(SAME, _same),
    "Max": _extreme,
    "Min": _extreme,
    "Heaviside": _heaviside,
    "erfc": _erfc,
    "digamma": _digamma,
    "polygamma": _polygamma,
    **dict.fromkeys(RELATIONS, _relation),
    "true": _truth,
    "false": _truth,
    "And": _and,
    "Or": _or,
    "Not": _not,
    "re": _real,
    "conjugate": _real,
    "Piecewise": _piecewise,
    "Sum": _running,
    "Product": _running,
    "AppliedUndef": _undefined,
    "Derivative": _derivative,
    "Subs": _subs,
}

Operands = Mapping[str, Any]
OPERANDS: Operands = {
    "floor": lambda expr: [expr.args[0].as_numer_denom()[0]],
    "Piecewise": lambda expr: [each for pair in expr.args for each in (pair.expr, pair.cond)],
    "Sum": lambda expr: _limits(expr),
    "Product": lambda expr: _limits(expr),
    "Derivative": lambda expr: [expr.variable_count[0][0]],
    "Subs": lambda expr: [expr.point[0]],
    "Rational": lambda expr: [],
    "Float": lambda expr: [],
    "Idx": lambda expr: [],
    "Pow": lambda expr: [expr.base, expr.exp],
}


def _limits(expr: Any) -> list[Any]:
    if any(len(limit) != 3 for limit in expr.limits):
        raise refusal("a sum without limits", "give them: `Sum(x[i, 0], (i, 0, n - 1))`")
    return [expr.function, *(end for limit in expr.limits for end in limit[1:])]
