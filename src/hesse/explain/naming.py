"""What a step is called, and the rule in general form: both from the tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hesse.calculus.rules import FUNCTION, OPERATOR, POWER, UNDEFINED, Rule, rule_for
from hesse.core.algebra import add, number_value, power
from hesse.core.build import apply, variable
from hesse.core.build import call as call_node
from hesse.core.declarations import Declarations, FunctionDeclaration, VariableDeclaration
from hesse.core.linear import pushforward
from hesse.core.nodes import Apply, Call, Node, Operation, Power, Variable
from hesse.core.rebuild import rebuild
from hesse.core.traverse import children
from hesse.explain.lines import Differentials
from hesse.explain.spelling import UNSTATED, Formula, Statement
from hesse.explain.statements import stated
from hesse.notation.back import to_syntax
from hesse.simplify.engine import simplify

ARGUMENTS = "uvw"


@dataclass(frozen=True)
class Named:
    """A rule as it is named in a derivation: its id, its name in the words of a lecture, its general statement.

    Where the statement has several equations, `used` is the one that was used, as it was used.
    """

    id: str
    title: str
    statement: Statement
    used: Statement = UNSTATED


def named(rule: Rule, site: Node) -> Named:
    """The rule, under the name of the function at the site where it is the derivative of one."""
    if rule not in (FUNCTION, OPERATOR, UNDEFINED, POWER):
        return Named(rule.id, rule.title, stated(rule.statement))
    inner = all(isinstance(each, Variable) or number_value(each) is not None for each in children(site))
    title = rule.title
    if isinstance(site, (Apply, Operation)):
        title = f"derivative of {site.row.title or site.row.name}"
        title = title if inner else f"chain rule with the {title}"
    elif isinstance(site, Power):
        title = _title_of_power(site)
        title = title if inner else f"chain rule with the {title}"
    elif isinstance(site, Call) and inner:
        title = f"definition of the {_kind(site)}"
    return Named(rule.id, title, _general(site) or stated(rule.statement))


def _title_of_power(site: Power) -> str:
    if site.exponent.denominator == 2 and site.exponent.numerator == 1:
        return "power rule for the square root"
    return "power rule for a quotient" if site.exponent == -1 else "power rule"


def _kind(site: Call) -> str:
    if not site.domain and not site.codomain:
        return "derivative"
    if site.order == 1 and not site.codomain:
        return "Hessian"
    return "Jacobian" if site.codomain or site.order else "gradient"


def _general(site: Node) -> Statement | None:
    """The rule at the site for arguments that are variables: d softmax(u) = ..."""
    match site:
        case Apply(row=row, arguments=arguments):
            free = len(row.orders)
            inner = tuple(variable(name, ()) for name in ARGUMENTS[: len(arguments) - free])
            fixed = tuple(each for each in arguments[:free])
            if any(each.shape for each in fixed):
                return None
            return _stated(apply(row, *fixed, *inner), inner)
        case Power(exponent=exponent):
            u = variable("u", ())
            return _stated(power(u, exponent), (u,))
        case Operation(arguments=arguments):
            new = {
                each: variable(name.upper() if each.rank > 1 else name, each.shape) if each.shape else each
                for name, each in zip(ARGUMENTS, arguments, strict=False)
            }
            return _stated(rebuild(site, new), tuple(each for each in new.values() if isinstance(each, Variable)))
        case Call(function=function, domain=domain, codomain=codomain, order=order, argument=argument):
            shape = argument.shape if domain or codomain else ()
            u = variable("z" if function in ARGUMENTS else "u", shape)
            return _stated(call_node(function, domain, codomain, order, u), (u,))
    return None


@lru_cache(maxsize=512)
def _stated(site: Node, arguments: tuple[Variable, ...]) -> Statement:
    """d site = what its rule gives, in the differentials du, dv of the arguments."""
    differentials = Differentials()
    shares = [
        (1, pushforward(partial, differentials.of(partial.child), site.shape))
        for partial in rule_for(site).partials(site)
        if partial.child in arguments
    ]
    right = simplify(add(shares, site.shape))
    entries = tuple(VariableDeclaration(each.name, each.shape) for each in arguments)
    functions = (FunctionDeclaration(site.function, site.domain, site.codomain),) if isinstance(site, Call) else ()
    declarations = Declarations((*entries, *functions))
    left, whole = (Formula(to_syntax(n, tidy=simplify), declarations, differentials.named) for n in (site, right))
    return Statement(
        f"d{_bracketed(left.text)} = {whole.text}",
        f"d{_bracketed(left.unicode)} = {whole.unicode}",
        rf"\mathrm{{d}}{_bracketed(left.latex)} = {whole.latex}",
    )


def _bracketed(text: str) -> str:
    """The text behind a d: in brackets unless it ends with one."""
    closed = text.endswith((")", "‖", "|", r"\rVert", r"\rvert")) and "/" not in text
    return f" {text}" if closed else f"({text})"
