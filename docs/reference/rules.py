"""Writes the pages of the rules from the tables: `python docs/reference/rules.py`. A test compares.

Statements, reasons and names are those of the tables; shapes, results and proofs are computed, and so verified, here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import hesse as hs
from hesse.calculus.rules import RULES, Rule, rule_for
from hesse.core.nodes import Apply, Elementwise, Node, Operation, Operator
from hesse.explain.laws import LAWS, Law
from hesse.explain.naming import named
from hesse.functions import FUNCTIONS
from hesse.simplify.engine import FACTS, WHOLES
from hesse.simplify.engine import RULES as REWRITES
from hesse.simplify.rewrites import Rewrite
from hesse.verify.equality import verify_equal

INTRODUCTION = """\
# Rules

Generated from the tables in `src/hesse/calculus/rules.py`, `src/hesse/functions` and `src/hesse/simplify` by
`python docs/reference/rules.py`; do not edit. [Derivations](../derivations.md) name these rules.

A statement with d holds for the gradient, the Jacobian and any partial derivative alike: put ∇, J or ∂/∂x in its place.
Its proof is one line: d u is the part of u(x + dx) − u(x) that is linear in dx.
"""

SHOWN = {
    "constant": ("a @ b", "a:n b:n x:n"),
    "variable": ("x", "x:n"),
    "definition": ("r = A @ x; r", "A:m,n x:n"),
    "linearity": ("3*f(x) - 2*g(x)", "f:n->m g:n->m x:n"),
    "product": ("u(x)*v(x)", "u:n-> v:n-> x:n"),
    "power": ("u(x)**3", "u:n-> x:n"),
    "chain": ("tanh(g(x))", "g:n->m x:n"),
    "operator": ("norm(g(x))", "g:n->m x:n"),
    "undefined": ("h(g(x))", "h:m->k g:n->m x:n"),
    "sum": ("sum(g(x))", "g:n->m x:n"),
    "factor": ("c*u(x)", "c: u:n-> x:n"),
    "matrix": ("A @ g(x)", "A:k,m g:n->m x:n"),
    "dot": ("a @ g(x)", "a:m g:n->m x:n"),
    "trace": ("trace(X)", "X:n,n"),
    "entries": ("g(x)[0]", "g:n->m x:n"),
}
"""An example for each rule: a function of x, or of X, and its declarations."""


@dataclass(frozen=True)
class Lecture:
    """A rule of the lecture's list: its name, the function, its declarations, and a sketch of the proof."""

    name: str
    function: str
    declarations: str
    proof: str


FUNCTIONS_OF_X = "u:n-> v:n-> f:n->m g:n->m h:m->k l:m-> x:n"
GRADIENTS = (
    Lecture("Constant", "5", FUNCTIONS_OF_X, "The difference f(x + dx) − f(x) is 0, so its linear part is 0ᵀ dx."),
    Lecture(
        "Linearity",
        "3*u(x) + 2*v(x)",
        FUNCTIONS_OF_X,
        "u(x + dx) = u(x) + ∇u(x)ᵀ dx + o(dx), and the same for v. Three times the first and twice the second, added, "
        "has the linear part (3 ∇u + 2 ∇v)ᵀ dx.",
    ),
    Lecture(
        "Product",
        "u(x)*v(x)",
        FUNCTIONS_OF_X,
        "(u + ∇uᵀ dx)(v + ∇vᵀ dx) = u v + v ∇uᵀ dx + u ∇vᵀ dx + (∇uᵀ dx)(∇vᵀ dx); the last term is of second order.",
    ),
    Lecture(
        "Inner product",
        "f(x) @ g(x)",
        FUNCTIONS_OF_X,
        "(f + J_f dx)ᵀ (g + J_g dx) has the linear part gᵀ J_f dx + fᵀ J_g dx: the product rules for fᵢ gᵢ, added.",
    ),
    Lecture(
        "Chain rule",
        "l(g(x))",
        FUNCTIONS_OF_X,
        "l(g + J_g dx) = l(g) + ∇l(g)ᵀ J_g dx + o(dx): the linear part of a composition composes the linear parts.",
    ),
)
JACOBIANS = (
    Lecture("Constant", "zeros(m) + 7", FUNCTIONS_OF_X, "Row i is the gradient of a constant."),
    Lecture("Linearity", "3*f(x) - 2*g(x)", FUNCTIONS_OF_X, "Row i is linearity for the gradients of fᵢ and gᵢ."),
    Lecture(
        "Product with a scalar",
        "u(x)*f(x)",
        FUNCTIONS_OF_X,
        "Row i is the product rule for u fᵢ: u ∇fᵢ + fᵢ ∇u; the second terms are the rows of f (∇u)ᵀ.",
    ),
    Lecture(
        "Chain rule",
        "h(g(x))",
        FUNCTIONS_OF_X,
        "h(g + J_g dx) = h(g) + J_h(g) J_g dx + o(dx); row i is the chain rule for the gradient of hᵢ ∘ g.",
    ),
    Lecture(
        "Chain rule, entry by entry",
        "phi(W @ x)",
        "W:m,n phi:-> x:n",
        "Entry i of φ(z) depends on zᵢ only, so the Jacobian by z is diagonal, with φ′(zᵢ) on the diagonal.",
    ),
)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |\n" for line in lines)


def code(text: str) -> str:
    """The text as code, if there is any."""
    return f"`{text}`" if text else ""


def rule_row(rule: Rule) -> list[str]:
    """The rule with its reason and an example, whose derivative is computed."""
    text, declarations = SHOWN[rule.id]
    f = hs.parse(text, declarations)
    variable = "X" if "X" in f.variables else "x"
    derivative = hs.derivative(f, variable)
    shape = " × ".join(map(str, f.shape)) or "scalar"
    return [rule.title, rule.statement, rule.why, code(text), shape, code(str(derivative))]


def lecture(entry: Lecture) -> str:
    """The rule, its derivation with every line verified, and the sketch of a proof."""
    f = hs.parse(entry.function, entry.declarations)
    derivative = hs.derivative(f, "x")
    shape = " × ".join(map(str, derivative.shape))
    page = derivative.explain().sections
    (chain,) = (section for section in page if section.title.text in ("Gradient", "Jacobian"))
    lines = [f"{step.left.unicode} = {step.after.unicode}" for step in chain.steps]
    rules = [step.title for step in chain.steps]
    width = max(map(len, lines))
    shown = "\n".join(f"{line.ljust(width)}    {rule}" for line, rule in zip(lines, rules, strict=True))
    assert all(step.verification.ok for step in chain.steps)
    head = f"### {entry.name}\n\n`{entry.function}` has the derivative `{derivative}`, {shape}.\n"
    return f"{head}\n```text\n{shown}\n```\n\n{entry.proof}\n"


def function_rows() -> list[list[str]]:
    """The functions: what a step is called, and what it says."""
    rows = []
    for name, row in FUNCTIONS.items():
        if not isinstance(row, (Elementwise, Operator)) or not name.isidentifier():
            continue
        step = named(rule_for(site := sample(row)), site)
        if isinstance(site, (Apply, Operation)) and site.row is row:
            rows.append([code(name), step.title, code(step.statement.unicode)])
    return rows


def sample(row: Elementwise | Operator) -> Node:
    """The function of variables."""
    if isinstance(row, Operator):
        shape = ("X", "X:n,n") if row.kind == "matrix" else ("x", "x:n")
        more = ", 3" if row.arity > 1 else ""
        return hs.parse(f"{row.name}({shape[0]}{more})", shape[1]).node
    names = [*map(str, row.orders), *"xyz"[: row.arity - len(row.orders)]]
    return hs.parse(f"{row.name}({', '.join(names)})", " ".join(f"{name}:" for name in names if name.isalpha())).node


def law_row(law: Law) -> list[str]:
    """The law of algebra with its reason and an instance that is verified here."""
    before, after, declarations = law.example
    left, right = (hs.parse(text, declarations) for text in (before, after))
    assert verify_equal(left.tree, right.tree, left._declarations).ok
    return [law.title, law.statement, law.why, code(f"{before} = {after}")]


def rewrite_rows(rules: Iterable[Rewrite]) -> list[list[str]]:
    """The simplifications under the names that derivations give them."""
    return [[rule.title, code(rule.statement.replace("`", ""))] for rule in rules]


def page() -> str:
    """The page of the rules."""
    shown = [rule_row(rule) for rule in RULES.values() if rule.id in SHOWN]
    return "\n".join(
        [
            INTRODUCTION,
            "## Differentiation\n",
            table(["", "in general", "why", "example", "of shape", "its derivative"], shown),
            "## The rules for gradients, proved\n",
            "The derivations are hesse's own, for undefined functions u, v: Rⁿ → R, f, g: Rⁿ → Rᵐ, l: Rᵐ → R and "
            "h: Rᵐ → Rᵏ; each line was verified when this page was written.\n",
            *map(lecture, GRADIENTS),
            "## The rules for Jacobians, proved\n",
            *map(lecture, JACOBIANS),
            "## Functions\n",
            "Where they hold: see [Functions](functions.md). A square root is a power, `clip` a minimum of maximum.\n",
            table(["", "the step", "in general"], function_rows()),
            "## Algebra\n",
            "What leads from the words of a rule to the line that is written. Each equation was compared by numbers "
            "when this page was written.\n",
            table(["the law", "in general", "why", "an instance"], map(law_row, LAWS.values())),
            "## Simplifications\n",
            "Each is a step of its own, before or after the differentiation, where it shortens.\n",
            table(["the step", "equation"], rewrite_rows((*WHOLES, *REWRITES))),
            "By what is declared about variables, on finished results only:\n",
            table(["the step", "equation"], rewrite_rows(FACTS)),
        ]
    )


def pages() -> dict[Path, str]:
    """The generated pages."""
    return {Path(__file__).parent / "rules.md": page()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
