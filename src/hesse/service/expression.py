"""`Expr`: an expression with its declarations, immutable, and everything one can ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

from hesse.calculus.components import components
from hesse.codegen import compile_function, emit, find_target
from hesse.codegen.target import Target
from hesse.core.declarations import Declarations
from hesse.core.nodes import Node, Shape
from hesse.core.rebuild import unfold
from hesse.core.syntax import Definitions, Stack, Syntax
from hesse.errors import ArgumentError
from hesse.explain.page import Explanation
from hesse.facts.structure import Origin, Structure
from hesse.frontends.elaborate import Elaboration, elaborate
from hesse.interop.sympy_out import table_of_sympy, write_sympy
from hesse.notation.back import SharedWriter, to_syntax
from hesse.notation.source import Source
from hesse.render.latex import to_latex
from hesse.render.sharing import LONG, printable, share
from hesse.render.text import to_text
from hesse.render.unicode import to_unicode
from hesse.service.arithmetic import Arithmetic, operand
from hesse.service.batches import batch_names, batch_size, batched
from hesse.service.composition import Part, substituted
from hesse.service.conditions import Condition, texts, value_conditions
from hesse.service.explaining import LINES, explained
from hesse.service.extent import dense_bytes, refuse_huge
from hesse.service.index_notation import IndexNotation, index_notation
from hesse.service.kept import Kept
from hesse.service.origin import source_of
from hesse.service.result import AS_WRITTEN, Lineage, Result
from hesse.service.sameness import Side, same_function
from hesse.service.scopes import taken_names
from hesse.service.sites import Programs
from hesse.service.structured import StructuredFunction, require_structure, structured_function
from hesse.service.table import Components, require_sizes
from hesse.simplify.engine import apply_facts, simplify
from hesse.verify.points import Points
from hesse.verify.verdict import Verification

LONG_IN_TABLES = 40


class Expr(Arithmetic, Kept["Expr"]):
    """An expression with its declarations: a tree as it was written, or a derived result.

    Made by `parse` and by the operators of the calculus; arithmetic composes expressions. Immutable.
    """

    def __init__(
        self,
        content: Syntax | Result,
        declarations: Declarations,
        shape: Shape,
        readings: tuple[str, ...] = (),
        elaboration: Elaboration | None = None,
    ) -> None:
        self._content = content
        self._declarations = declarations
        self._shape = shape
        self._readings = readings
        if elaboration is not None:
            self.elaboration = elaboration

    @property
    def shape(self) -> tuple[int | str, ...]:
        """The sizes of the axes: integers, or text for symbolic ones."""
        return tuple(size.public() for size in self._shape)

    @property
    def declarations(self) -> str:
        """The declarations as text that `parse` reads."""
        return str(self._declarations)

    @property
    def variables(self) -> dict[str, tuple[int | str, ...]]:
        """The declared variables and their shapes, in order."""
        return {
            name: tuple(size.public() for size in entry.shape) for name, entry in self._declarations.variables.items()
        }

    @property
    def readings(self) -> tuple[str, ...]:
        """How the input was understood, where that is not obvious."""
        return self._readings

    @property
    def verification(self) -> Verification:
        """How the result was verified."""
        return self._content.verification if isinstance(self._content, Result) else AS_WRITTEN

    def with_verification(self, verification: Verification) -> Expr:
        """The same result with another verification; what is computed already is kept."""
        assert isinstance(self._content, Result)
        other = Expr(replace(self._content, verification=verification), self._declarations, self._shape, self._readings)
        other.__dict__.update({name: value for name, value in self.__dict__.items() if name not in other.__dict__})
        return other

    def with_reading(self, reading: str) -> Expr:
        """The same expression with another remark on how it is to be understood."""
        return Expr(self._content, self._declarations, self._shape, (*self._readings, reading))

    def with_tree(self, tree: Syntax) -> Expr:
        """The expression of the same variables and of the same shape that another tree says."""
        return Expr(tree, self._declarations, self._shape)

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """Where the expression holds, as text."""
        return texts(self.conditions_found)

    @cached_property
    def conditions_found(self) -> tuple[Condition, ...]:
        """Where the expression holds, as data."""
        if isinstance(self._content, Result):
            return self._content.conditions()
        return value_conditions(self.elaboration)

    @cached_property
    def elaboration(self) -> Elaboration:
        """What the front end knows of the written tree."""
        return elaborate(self.exact_tree, self._declarations)[1]

    @cached_property
    def node(self) -> Node:
        """The node in normal form, before any fact about the variables is used."""
        if isinstance(self._content, Result):
            return self._content.node
        return simplify(self.elaboration.root)

    @cached_property
    def known(self) -> Source:
        """What of the source results keep: the signs of its sums, the order of its terms and names."""
        if isinstance(self._content, Result):
            return self._content.known
        return source_of(self.elaboration, self.node)

    @cached_property
    def exact_tree(self) -> Syntax:
        """The surface tree without the use of facts: what other expressions are composed of."""
        return self._written(self.node) if isinstance(self._content, Result) else self._content

    @cached_property
    def tree(self) -> Syntax:
        """The surface tree: as written, or for results as a person would write it."""
        if not isinstance(self._content, Result):
            return self._content
        plain = apply_facts(self.node)
        return self.exact_tree if plain is self.node else self._written(plain, facts=True)

    @cached_property
    def writer(self) -> SharedWriter:
        """What writes it, and all that is derived of it."""
        whole = None if self.lineage is None else self.lineage.function
        if isinstance(whole, Expr) and whole.known is self.known and whole._declarations == self._declarations:
            return whole.writer
        return SharedWriter(self.known, simplify, taken_names(self._declarations))

    @cached_property
    def points(self) -> Points:
        """The points at which its derivatives are verified."""
        return Points(self.exact_tree, self._declarations)

    @cached_property
    def program_tree(self) -> Syntax:
        """What is computed: the simplified form, in which log(1 + exp(x)) is softplus(x) and does not overflow."""
        return self.tree if isinstance(self._content, Result) else self._written(self.node)

    def _written(self, node: Node, *, facts: bool = False) -> Syntax:
        taken = taken_names(self._declarations)
        tree = to_syntax(node, self.known, simplify, taken, facts=True) if facts else self.writer.whole(node)
        if isinstance(self._content, Result) and not self._content.named:
            return tree
        # The entries of a table are read one by one: only a long part is worth a name that the reader must look up.
        table = isinstance(tree.body if isinstance(tree, Definitions) else tree, Stack)
        long = LONG_IN_TABLES if table else LONG
        # A name that the user has given to something else would mislead.
        return share(tree, self._declarations, long=long, avoid=self.known.names)

    @cached_property
    def structure(self) -> tuple[str, ...]:
        """What is proved about the array for all values: `diagonal`, `symmetric`, `positive-semidefinite`, ..."""
        return self.structured.proved

    @cached_property
    def structured(self) -> Structure:
        """What is proved about the array, with reasons, and its parts: diagonals, blocks, Kronecker factors."""
        return Structure(apply_facts(self.node), self.origin)

    @property
    def lineage(self) -> Lineage | None:
        """How a result came about."""
        return self._content.lineage if isinstance(self._content, Result) else None

    @property
    def origin(self) -> Origin | None:
        """Of what a result is the derivative, and by which variables."""
        return self._content.origin if isinstance(self._content, Result) else None

    def __str__(self) -> str:
        return to_text(printable(self.tree, self._declarations), self._declarations)

    def __repr__(self) -> str:
        return f"<Expr {self} [{self.declarations}]>"

    def unicode(self) -> str:
        """The expression in mathematical Unicode, with 1-based indices."""
        return to_unicode(printable(self.tree, self._declarations), self._declarations)

    def latex(self, *, vectors: str = "plain") -> str:
        """The expression in LaTeX; `vectors="bold"` sets vectors and matrices in bold type."""
        if vectors not in ("plain", "bold"):
            raise ArgumentError(f"vectors is 'plain' or 'bold', not {vectors!r}")
        tree = printable(self.tree, self._declarations)
        return to_latex(tree, self._declarations, vectors="bold" if vectors == "bold" else "plain")

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def index_notation(self, notation: str = "text") -> str:
        """The equation for one entry, with the sums written out: ∂f/∂xₖ = 2 ∑ᵢ Aᵢₖ (∑ⱼ Aᵢⱼ xⱼ − bᵢ).

        >>> import hesse as hs
        >>> hs.gradient(hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m"), "x").index_notation()
        'df/dx[k] = 2*sum(i, A[i, k]*(sum(j, A[i, j]*x[j]) - b[i]))'
        """
        if notation not in ("text", "unicode", "latex"):
            raise ArgumentError(f"the notation is 'text', 'unicode' or 'latex', not {notation!r}")
        return self.indexed().equation(notation)

    def indexed(self, name: str = "") -> IndexNotation:
        """The index notation as data; `name` is what the function is called."""
        return index_notation(self.node, self._declarations, self.known, self.origin, name)

    def components(self, **sizes: int) -> Components:
        """The table of components for given sizes: nested lists of scalar expressions, with text and LaTeX forms."""
        require_sizes(self.node, self._declarations.size_names, sizes)
        entries = components(unfold(apply_facts(self.node)), sizes)
        return Components(entries.map(self._entry))

    def _entry(self, node: Node) -> Expr:
        result = Result(simplify(node), lambda: self.conditions_found, self.verification, self.known, named=False)
        return Expr(result, self._declarations, ())

    def evaluate(self, /, **values: Any) -> Any:
        """The value at given values of every declared variable: a float, or a float64 array of a GiB at most."""
        if len(self._shape) > 2:
            refuse_huge(self._shape, self._declarations, values)
        return self._compiled(**values)

    def bytes(self, **sizes: int) -> int:
        """The memory that the dense value takes for given sizes, in bytes."""
        return dense_bytes(self._shape, sizes)

    @cached_property
    def _compiled(self) -> Callable[..., Any]:
        return compile_function(self.program_tree, self._declarations)

    def source(self, backend: str = "numpy") -> str:
        """Readable source of a function of the declared variables: for `numpy`, `jax`, `torch` or `math`."""
        return emit(self.program_tree, self._declarations, find_target(backend))

    def compile(
        self, backend: str = "numpy", *, batch: str | Sequence[str] | None = None, structure: str = "dense"
    ) -> Callable[..., Any]:
        """The function that `source` defines, with the declared names as keywords.

        The variables named in `batch` have a new first axis, one entry for each point, and so has the result. With
        `structure="keep"`, a Jacobian, a Hessian or a matrix comes as an object that keeps its proved structure, with
        `@`, `solve` and `todense()`; what is no linear map comes as a plain array.

        >>> import hesse as hs
        >>> H = hs.hessian(hs.parse("sum((x[1:] - x[:-1])**4)", "x:n"), "x").compile(structure="keep")
        >>> H(x=[1.0, 2.0, 4.0])
        <banded, 3 × 3, 40 bytes; dense 72 bytes>
        """
        target = find_target(backend)
        require_structure(structure, backend, batch)
        if batch is not None:
            names, declared = batch_names(batch), self._declarations
            many = batched(self.node, self.exact_tree, declared, names, batch_size(declared))
            return compile_function(*many, target)
        kept = self._keeping(target) if structure == "keep" else None
        if kept is not None:
            return kept
        if backend == "numpy":
            return self._compiled
        return compile_function(self.program_tree, self._declarations, target)

    def _keeping(self, target: Target) -> StructuredFunction | None:
        if target.name not in self._kept:
            self._kept[target.name] = self.keeping(target, self._declarations)
        return self._kept[target.name]

    @cached_property
    def _kept(self) -> dict[str, StructuredFunction | None]:
        return {}

    def keeping(self, target: Target, declarations: Declarations) -> StructuredFunction | None:
        """A function of the declared variables, these or more, that keeps the structure; None for no linear map."""

        def write(node: Node) -> Syntax:
            if node is self.structured.node:
                return self.program_tree
            return to_syntax(node, self.known, simplify, taken_names(declarations))

        return structured_function(self.structured, Programs(declarations, write, target))

    def explain(
        self, *, level: str = "normal", style: str | None = None, limit: int | None = LINES
    ) -> Explanation[Expr]:
        """The derivation of a derivative, rule by rule, each line a true equation.

        `level` is "outline", "normal" or "every-step"; `style` is "partials" or "differentials", chosen by the problem
        when it is left out. Of a chain of more than `limit` lines those in the middle are put together. Raises
        ArgumentError for an expression that is no derivative, and VerificationError where the derivation is withheld.

        >>> import hesse as hs
        >>> print(hs.gradient(hs.parse("log(1 + exp(x))", "x:")).explain())
        The function
             f = log(1 + exp(x))
        1. recognising softplus:  log(1 + exp(x)) = softplus(x)
             f = softplus(x)
        <BLANKLINE>
        df/dx
        2. derivative of softplus:  d softplus(u) = sigmoid(u)*du
             df/dx = sigmoid(x)
        verified at 5 points, 12 digits, every entry
        """
        return explained(self, level, style, limit)

    def to_sympy(self, **sizes: int) -> Any:
        """The expression in SymPy; with sizes, as in `to_sympy(n=3)`, the table of its entries.

        >>> import hesse as hs
        >>> hs.parse("A.T @ (A @ x - b)", "A:m,n x:n b:m").to_sympy()
        A.T*(A*x - b)
        """
        if sizes or (not self._declarations.size_names and len(self._shape) > 2):
            trees = self.components(**sizes).entries.map(lambda entry: entry.tree)
            return table_of_sympy(trees, self._declarations, sizes)
        return write_sympy(self.tree, self._declarations, otherwise=lambda: self.program_tree)

    def substitute(self, /, **values: Expr | float | Fraction) -> Expr:
        """The expression with variables replaced by expressions (or numbers) of the same shape, all at once.

        >>> import hesse as hs
        >>> str(hs.parse("norm(r)**2", "r:m").substitute(r=hs.parse("A @ x - b", "A:m,n x:n b:m")))
        'norm(A @ x - b)**2'
        """
        parts = {name: operand(value) for name, value in values.items()}
        result = self.of_part(substituted(self.part, parts))
        # A replacement may leave the domain (log of a number below zero): say so now and not at the first use.
        result.elaboration  # noqa: B018
        return result

    def __eq__(self, other: object) -> bool:
        """Whether both are the same function: the same normal form, or else agreement to rounding at several points."""
        if not isinstance(other, Expr):
            return NotImplemented
        return same_function(self._side(), other._side())

    def _side(self) -> Side:
        return Side(self.node, self._declarations, self._shape, self.__str__, lambda: self.exact_tree)

    def __hash__(self) -> int:
        return hash(self.shape)

    @property
    def part(self) -> Part:
        """The expression as data, of which other expressions are composed."""
        return Part(self.exact_tree, self._declarations, self._shape, self.readings)

    @classmethod
    def of_part(cls, part: Part) -> Self:
        """The expression that the data stand for."""
        return cls(part.tree, part.declarations, part.shape, part.readings)

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: object) -> Expr:
        return self

    def __iter__(self) -> Any:
        raise TypeError("an expression is not iterable; use .components(...)")
