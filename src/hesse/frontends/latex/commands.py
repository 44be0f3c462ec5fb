r"""The commands of LaTeX that are read, by what they stand for, and what to write instead of those that are not."""

from __future__ import annotations

from collections.abc import Mapping

from hesse.notation.letters import GREEK

_VARIANTS = {
    "varepsilon": "epsilon", "vartheta": "theta", "varkappa": "kappa", "varrho": "rho", "varsigma": "sigma",
    "varphi": "phi", "varpi": "pi", "varGamma": "Gamma", "varDelta": "Delta", "varTheta": "Theta",
    "varLambda": "Lambda", "varSigma": "Sigma", "varPhi": "Phi", "varPsi": "Psi", "varOmega": "Omega",
}  # fmt: skip
LETTERS: Mapping[str, str] = {
    **{name: letter for name, letter in GREEK.items() if name not in ("lam", "eps")},
    **{name: GREEK[plain] for name, plain in _VARIANTS.items()},
}
"""The letters that commands stand for."""

# Words that stand for a function of the vocabulary: commands, and what stands in \operatorname or \mathrm.
FUNCTIONS: Mapping[str, str] = {
    "Tr": "trace", "tr": "trace", "Trace": "trace", "trace": "trace", "ln": "log", "lg": "log", "sgn": "sign",
    "sign": "sign", "ReLU": "relu", "Relu": "relu", "RELU": "relu", "sigm": "sigmoid", "logistic": "sigmoid",
    "expit": "sigmoid", "Sigmoid": "sigmoid", "Softmax": "softmax", "LSE": "logsumexp", "lse": "logsumexp",
    "LogSumExp": "logsumexp", "Softplus": "softplus", "SiLU": "silu", "swish": "silu", "GELU": "gelu",
    "Diag": "diag", "Det": "det", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "arcsin": "arcsin",
    "arccos": "arccos", "arctan": "arctan", "Vec": "vec", "abs": "abs", "logdet": "logdet", "step": "step",
    "Mean": "mean", "Cov": "", "Var": "var",
}  # fmt: skip
WORDS = frozenset("exp log ln lg sin cos tan arcsin arccos arctan sinh cosh tanh det max min".split())
"""The functions that LaTeX has commands for."""

SPACES = frozenset(
    ", ; : ! > / - quad qquad thinspace medspace thickspace enspace enskip displaystyle textstyle scriptstyle limits "
    "nolimits nonumber notag allowbreak relax centering mathstrut strut null".split()
) | {" ", "\n", "\t"}
SIZED = frozenset(f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))
"""Commands before a delimiter that only say how large it is, and on which side it stands."""

NAMES = frozenset(
    "mathrm mathit mathsf mathtt text textrm textit textsf texttt textnormal mbox operatorname mathop".split()
)
"""Commands whose argument is one word."""
REMARKS = frozenset("text textrm textnormal mbox".split())
"""Those whose argument may be a remark, such as `where` or `otherwise`."""
BOLD = frozenset("mathbf boldsymbol bm bf textbf pmb mathbfit symbf vec".split())
PLAIN = frozenset("mathcal mathscr mathfrak mathnormal cal ensuremath".split())
"""Commands that change the type of a letter, which stays the same letter."""
BLACKBOARD = frozenset("mathbb mathds mathbbm mathbbold".split())
ACCENTS: Mapping[str, str] = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde",
    "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve", "acute": "acute", "grave": "grave",
    "underline": "under",
}  # fmt: skip
FRACTIONS = frozenset("frac dfrac tfrac cfrac nicefrac sfrac".split())

INFIX: Mapping[str, str] = {
    "cdot": "·", "bullet": "·", "centerdot": "·", "times": "×", "odot": "⊙", "circ": "∘", "ast": "*", "star": "*",
    "div": "/", "oslash": "⊘", "otimes": "⊗", "*": "*", "/": "/",
}  # fmt: skip
RELATIONS: Mapping[str, str] = {
    "<": "<", ">": ">", "lt": "<", "gt": ">", "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=",
    "geqslant": ">=", "ne": "!=", "neq": "!=", "=": "==", "equiv": "==",
}  # fmt: skip
TRANSPOSES = frozenset(("top", "intercal", "transpose", "T"))
BIG: Mapping[str, str] = {"sum": "sum", "prod": "prod"}

_DERIVE = "leave the sign out: the derivative is asked for by `gradient`, `jacobian` or `hessian`"
_PLAIN_FUNCTION = "write the function that is meant with sums, means and named functions"
REFUSED: Mapping[str, str] = {
    "!": "there is no factorial",
    "partial": _DERIVE,
    "nabla": f"{_DERIVE}; `\\nabla u(x)` is read for a declared function, as in `u:n->`",
    "int": "integrals are not in the vocabulary",
    "oint": "integrals are not in the vocabulary",
    "iint": "integrals are not in the vocabulary",
    "lim": "limits are not in the vocabulary",
    "sup": "write `\\max_i x_i` for the largest entry",
    "inf": "write `\\min_i x_i` for the smallest entry",
    "infty": "there is no infinity",
    "arg": "write the function that is minimised or maximised",
    "argmin": "write the function that is minimised",
    "argmax": "write the function that is maximised",
    "binom": "binomial coefficients are not in the vocabulary",
    "dbinom": "binomial coefficients are not in the vocabulary",
    "in": "sets are not in the notation; a sum runs over an index: `\\sum_{i=1}^n`",
    "notin": "sets are not in the notation",
    "cap": "sets are not in the notation",
    "cup": "sets are not in the notation",
    "forall": "write the expression alone",
    "exists": "write the expression alone",
    "mid": "conditional expectations and sets are not in the notation; bars are written `|x|`",
    "to": "write the expression alone",
    "rightarrow": "write the expression alone",
    "mapsto": "write what stands on the right of the arrow",
    "sim": _PLAIN_FUNCTION,
    "approx": "write one side",
    "propto": "write one side, with its factor",
    "pm": "write `+` or `-`",
    "mp": "write `+` or `-`",
    "oplus": "write the block matrix with `\\begin{bmatrix} ... \\end{bmatrix}`",
    "dots": "write the sum or the matrix with an index: `\\sum_{i=1}^n x_i`",
    "ldots": "write the sum or the matrix with an index: `\\sum_{i=1}^n x_i`",
    "cdots": "write the sum or the matrix with an index: `\\sum_{i=1}^n x_i`",
    "vdots": "write the matrix by its columns, or by a function",
    "ddots": "write the matrix by its columns, or by a function",
    "Pr": _PLAIN_FUNCTION,
    "bmod": "there is no remainder",
    "mod": "there is no remainder",
    "wedge": "write `(a > 0)(b > 0)` for conditions; there is no exterior product",
    "land": "write `[a > 0][b > 0]`",
    "lor": "write `\\max([a > 0], [b > 0])`",
    "neg": "write `1 - [a > 0]`",
    "lceil": "there is no rounding",
    "coth": "write `1/\\tanh(x)`",
    "cot": "write `1/\\tan(x)`",
    "sec": "write `1/\\cos(x)`",
    "csc": "write `1/\\sin(x)`",
    "gcd": "there is no greatest common divisor",
    "dim": "write the size by its name",
    "ker": "subspaces are not in the vocabulary",
    "deg": "angles are in radians",
    "dagger": "write `(A^\\top A)^{-1} A^\\top` for the pseudo-inverse",
    "bigoplus": "write the block matrix with `\\begin{bmatrix} ... \\end{bmatrix}`",
    "bigotimes": "write the products one by one",
    "underbrace": "leave the brace out",
    "overbrace": "leave the brace out",
    "def": "macros are not expanded: write what they stand for",
    "newcommand": "macros are not expanded: write what they stand for",
    "DeclareMathOperator": "macros are not expanded: write what they stand for",
}
REFUSED_WORDS: Mapping[str, str] = {
    "E": "expectations are not in the vocabulary: write the mean, as in `\\frac1m \\sum_{i=1}^m`",
    "P": "probabilities are not in the vocabulary",
    "R": "sets are not in the notation: leave out what is said about them",
    "Var": "write the variance by means",
    "Cov": "write the covariance by means",
    "rank": "the rank is not differentiable",
    "argmin": "write the function that is minimised",
    "argmax": "write the function that is maximised",
    "arg": "write the function that is minimised or maximised",
    "KL": "write the divergence as a sum: `\\sum_i p_i \\log(p_i/q_i)`",
    "conv": "convolutions are not in the vocabulary",
    "if": "write `\\begin{cases} a & x > 0 \\\\ b & \\text{otherwise} \\end{cases}`",
    "and": "write `[a > 0][b > 0]` for conditions",
    "subject to": "write the function alone",
    "s.t.": "write the function alone",
    "const": "leave the constant out, or declare it",
}
WRAPPERS = frozenset(
    "equation equation* align align* aligned gather gather* gathered multline multline* displaymath math split "
    "eqnarray eqnarray* alignat alignat* alignedat flalign flalign* subequations".split()
)
MATRICES = frozenset("matrix pmatrix bmatrix Bmatrix smallmatrix psmallmatrix bsmallmatrix array".split())
