"""Trees to text, Unicode and LaTeX: what each is written as, letter by letter."""

from __future__ import annotations

import pytest

from hesse.frontends.text import parse_declarations, parse_text
from hesse.render.latex import to_latex
from hesse.render.text import to_text
from hesse.render.unicode import to_unicode

SAME = ""  # the text is printed as it was read
TABLE = {
    # least squares and logistic regression
    "A:m,n x:n b:m X:m,n y:m w:n c: d:": [
        ("norm(A @ x - b)**2", SAME, "‖A x − b‖²", r"\lVert A x - b \rVert^2"),
        ("(1/2)*norm(A @ x - b)**2", SAME, "½ ‖A x − b‖²", r"\frac{1}{2} \lVert A x - b \rVert^2"),
        ("norm(A @ x - b)**2/2", SAME, "‖A x − b‖²/2", r"\frac{\lVert A x - b \rVert^2}{2}"),
        ("2*A.T @ (A @ x - b)", SAME, "2 Aᵀ (A x − b)", r"2 A^\top (A x - b)"),
        ("2*(A.T @ (A @ x - b))", "2*A.T @ (A @ x - b)", "2 Aᵀ (A x − b)", r"2 A^\top (A x - b)"),
        (
            "A.T @ (A @ x - b)/norm(A @ x - b)",
            SAME,
            "Aᵀ (A x − b)/‖A x − b‖",
            r"\frac{A^\top (A x - b)}{\lVert A x - b \rVert}",
        ),
        ("y*(X @ w)", SAME, "y ⊙ (X w)", r"y \odot (X w)"),
        (
            "-X.T @ (y*sigmoid(-y*(X @ w)))",
            SAME,
            "−Xᵀ (y ⊙ σ(−y ⊙ (X w)))",
            r"-X^\top (y \odot \sigma(-y \odot (X w)))",
        ),
        (
            "sum(log(1 + exp(-y*(X @ w))))/m",
            SAME,
            "sum(log(1 + exp(−y ⊙ (X w))))/m",
            r"\frac{\operatorname{sum}(\log(1 + \exp(-y \odot (X w))))}{m}",
        ),
        ("X.T @ diag(y*(1 - y)) @ X", SAME, "Xᵀ diag(y ⊙ (1 − y)) X", r"X^\top \operatorname{diag}(y \odot (1 - y)) X"),
        ("(A @ x)*c", SAME, "c A x", "c A x"),
        ("(A @ x)*b", SAME, "(A x) ⊙ b", r"(A x) \odot b"),
        ("w @ x*c", "(w @ x)*c", "(wᵀ x) c", r"(w^\top x) c"),
        ("x @ A.T", SAME, "A x", "A x"),
        ("b @ A", SAME, "Aᵀ b", r"A^\top b"),
        ("b @ A @ x", SAME, "bᵀ A x", r"b^\top A x"),
        ("b @ A @ A.T", SAME, "A Aᵀ b", r"A A^\top b"),
        ("(A.T @ b) @ x", "A.T @ b @ x", "(Aᵀ b)ᵀ x", r"(A^\top b)^\top x"),
        ("(2*x) @ w", "2*x @ w", "2 xᵀ w", r"2 x^\top w"),
        ("2*(x @ w)", SAME, "2 xᵀ w", r"2 x^\top w"),
        ("x @ (-w)", SAME, "xᵀ (−w)", r"x^\top (-w)"),
        ("(x @ x) * (w @ w)", "(x @ x)*(w @ w)", "(xᵀ x) (wᵀ w)", r"(x^\top x) (w^\top w)"),
        ("c*(x @ w)*d", SAME, "c (xᵀ w) d", r"c (x^\top w) d"),
        ("X*w", SAME, "X diag(w)", r"X \operatorname{diag}(w)"),
        ("w*X", SAME, "X diag(w)", r"X \operatorname{diag}(w)"),
        ("x @ x.T", SAME, "xᵀ x", r"x^\top x"),
    ],
    # functions of two words
    "A:n,n x:n z:": [
        ("logdet(A)**2", SAME, "(log det(A))²", r"(\log \det(A))^2"),
        ("2*logdet(A)", SAME, "2 log det(A)", r"2 \log \det(A)"),
        ("logdet(A)/n - 1", SAME, "log det(A)/n − 1", r"\frac{\log \det(A)}{n} - 1"),
        ("gammaln(x)[0]", SAME, "(log Γ(x))₁", r"(\log \Gamma(x))_{1}"),
    ],
    # sizes rounded down
    "x:n y:n//2 A:m,n": [
        ("sum(x)/(n//2)", SAME, "sum(x)/⌊n/2⌋", r"\frac{\operatorname{sum}(x)}{\lfloor n/2 \rfloor}"),
        ("-(n//2)*sum(x)", SAME, "−⌊n/2⌋ sum(x)", r"-\lfloor n/2 \rfloor \operatorname{sum}(x)"),
        ("-n//2", "(-n)//2", "⌊−n/2⌋", r"\lfloor -n/2 \rfloor"),
        ("n - (n + 1)//2", SAME, "n − ⌊(n + 1)/2⌋", r"n - \lfloor (n + 1)/2 \rfloor"),
        ("2*n//3 + 2*(n//3)", SAME, "⌊2 n/3⌋ + 2 ⌊n/3⌋", r"\lfloor 2 n/3 \rfloor + 2 \lfloor n/3 \rfloor"),
        ("(n//2)**2", SAME, "⌊n/2⌋²", r"\lfloor n/2 \rfloor^2"),
        ("x[n//2]", SAME, "x_{⌊n/2⌋+1}", r"x_{\lfloor n/2 \rfloor+1}"),
        ("x[(n+1)//2:n-n//4]", SAME, "x_{⌊(n+1)/2⌋+1:n−⌊n/4⌋}", r"x_{\lfloor (n+1)/2 \rfloor+1:n-\lfloor n/4 \rfloor}"),
        ("y*ones(n//2)", SAME, "y ⊙ 1_{⌊n/2⌋}", r"y \odot \mathbf{1}_{\lfloor n/2 \rfloor}"),
    ],
    # scalars
    "x1: x2: c: d: lam: alpha: sigma2:": [
        (
            "x1**2 + exp(x1*x2) + 2*log(x2)",
            SAME,
            "x₁² + exp(x₁ x₂) + 2 log(x₂)",
            r"x_{1}^2 + \exp(x_{1} x_{2}) + 2 \log(x_{2})",
        ),
        ("2*x1 + x2*exp(x1*x2)", SAME, "2 x₁ + x₂ exp(x₁ x₂)", r"2 x_{1} + x_{2} \exp(x_{1} x_{2})"),
        ("x1/2", SAME, "x₁/2", r"\frac{x_{1}}{2}"),
        ("(1/3)*c", SAME, "(1/3) c", r"\frac{1}{3} c"),
        ("1/3", SAME, "1/3", r"\frac{1}{3}"),
        ("c**(1/3)", SAME, "c^(1/3)", "c^{1/3}"),
        ("c**-1", SAME, "c⁻¹", "c^{-1}"),
        ("c**-2*d", SAME, "c⁻² d", "c^{-2} d"),
        ("c**(-d)", SAME, "c^(−d)", "c^{-d}"),
        ("(-c)**2", SAME, "(−c)²", "(-c)^2"),
        ("-c**2", SAME, "−c²", "-c^2"),
        ("(c**2)**3", SAME, "(c²)³", "(c^2)^3"),
        ("c**(d**2)", SAME, "c^(d²)", "c^{d^2}"),
        ("c**d**2", "c**(d**2)", "c^(d²)", "c^{d^2}"),
        ("2**c*3", SAME, "3 · 2^c", r"3 \cdot 2^{c}"),
        ("-(c + d)", SAME, "−(c + d)", "-(c + d)"),
        ("-(-c)", SAME, "−(−c)", "-(-c)"),
        ("c - (-d)", SAME, "c − (−d)", "c - (-d)"),
        ("c + (-d)", "c - d", "c − d", "c - d"),
        ("c - (d - 1)", SAME, "c − (d − 1)", "c - (d - 1)"),
        ("c - (d + 1) + 2", SAME, "c − (d + 1) + 2", "c - (d + 1) + 2"),
        ("c*(d + 1)", SAME, "c (d + 1)", "c (d + 1)"),
        ("c*(-2)", SAME, "−2 c", "-2 c"),
        ("c*(-d)", SAME, "c (−d)", "c (-d)"),
        ("c/(d*x1)", SAME, "c/(d x₁)", r"\frac{c}{d x_{1}}"),
        ("(c/d)*x1", SAME, "(c/d) x₁", r"\frac{c}{d} x_{1}"),
        ("c*(d/x1)", SAME, "c (d/x₁)", r"c \frac{d}{x_{1}}"),
        ("c/d/x1", "(c/d)/x1", "(c/d)/x₁", r"\frac{c/d}{x_{1}}"),
        ("(c + d)/(c - d)", SAME, "(c + d)/(c − d)", r"\frac{c + d}{c - d}"),
        ("0.001*c + 1e-12", SAME, "0.001 c + 10⁻¹²", "0.001 c + 10^{-12}"),
        ("2.5e-9*c + 1e20", SAME, "2.5·10⁻⁹ c + 10²⁰", r"2.5 \cdot 10^{-9} c + 10^{20}"),
        ("0.1 + 1/4 + 0.05 + 1/1024", SAME, "0.1 + 1/4 + 0.05 + 1/1024", r"0.1 + \frac{1}{4} + 0.05 + \frac{1}{1024}"),
        ("3*(c > d)", SAME, "3 [c > d]", "3 [c > d]"),
        ("1 - (c <= d)*(c != 1)", SAME, "1 − [c ≤ d] [c ≠ 1]", r"1 - [c \leq d] [c \neq 1]"),
        ("lam*alpha + sigma2", SAME, "λ α + σ₂", r"\lambda \alpha + \sigma_{2}"),
        ("pi*c**2 + e**c", SAME, "π c² + e^c", r"\pi c^2 + e^{c}"),
        ("sin(c)*cos(c)**2", SAME, "sin(c) cos(c)²", r"\sin(c) \cos(c)^2"),
        ("sqrt(c/d)*exp(c/d)", SAME, "√(c/d) exp(c/d)", r"\sqrt{\frac{c}{d}} \exp\left(\frac{c}{d}\right)"),
        ("(c/d)**2", SAME, "(c/d)²", r"\left( \frac{c}{d} \right)^2"),
        ("(c/d)/(d/c)", SAME, "(c/d)/(d/c)", r"\frac{c/d}{d/c}"),
    ],
    # vectors
    "x:n v:n z:n c: b:m p:n": [
        ("x**2", SAME, "x^⊙2", r"x^{\odot 2}"),
        ("x**-1", SAME, "x^⊙(−1)", r"x^{\odot (-1)}"),
        ("x**(1/2)", SAME, "x^⊙(1/2)", r"x^{\odot (1/2)}"),
        ("x**v", SAME, "x^⊙v", r"x^{\odot v}"),
        ("2**x", SAME, "2^⊙x", r"2^{\odot x}"),
        ("(x + v)**2", SAME, "(x + v)^⊙2", r"(x + v)^{\odot 2}"),
        ("1/x", SAME, "1/x", r"\frac{1}{x}"),
        ("x/v", SAME, "x/v", r"\frac{x}{v}"),
        ("x*v/2", SAME, "x ⊙ v/2", r"\frac{x \odot v}{2}"),
        ("x*v*c", SAME, "c x ⊙ v", r"c x \odot v"),
        ("x*2", SAME, "2 x", "2 x"),
        ("(x + v)*c", SAME, "c (x + v)", "c (x + v)"),
        ("x*(v + 1)*z", SAME, "x ⊙ (v + 1) ⊙ z", r"x \odot (v + 1) \odot z"),
        ("x*v @ z", "(x*v) @ z", "(x ⊙ v)ᵀ z", r"(x \odot v)^\top z"),
        ("(x - v) @ (x - v)", SAME, "(x − v)ᵀ (x − v)", r"(x - v)^\top (x - v)"),
        ("diag(p) - outer(p, p)", SAME, "diag(p) − p pᵀ", r"\operatorname{diag}(p) - p p^\top"),
        ("outer(x + v, 2*b)", SAME, "(x + v) (2 b)ᵀ", r"(x + v) (2 b)^\top"),
        ("outer(x, b) @ b", SAME, "x bᵀ b", r"x b^\top b"),
        ("dot(x, v)*c", SAME, "(x · v) c", r"(x \cdot v) c"),
        ("softmax(x) @ v", SAME, "softmax(x)ᵀ v", r"\operatorname{softmax}(x)^\top v"),
        ("relu(x)*(x > 0)", SAME, "relu(x) ⊙ [x > 0]", r"\operatorname{relu}(x) \odot [x > 0]"),
        ("where(x > 0, x, 0.1*x)", SAME, "where(x > 0, x, 0.1 x)", r"\operatorname{where}(x > 0, x, 0.1 x)"),
        ("maximum(x, 0)", SAME, "max(x, 0)", r"\max(x, 0)"),
        ("abs(x) @ v + abs(c)", SAME, "|x|ᵀ v + |c|", r"\lvert x \rvert^\top v + \lvert c \rvert"),
        ("norm1(x) + norm(x)**2", SAME, "‖x‖₁ + ‖x‖²", r"\lVert x \rVert_1 + \lVert x \rVert^2"),
        (
            "sum(x**2) + mean(x)",
            SAME,
            "sum(x^⊙2) + mean(x)",
            r"\operatorname{sum}(x^{\odot 2}) + \operatorname{mean}(x)",
        ),
        ("sum(x)/n", SAME, "sum(x)/n", r"\frac{\operatorname{sum}(x)}{n}"),
        ("logsumexp(x)*n", SAME, "logsumexp(x) n", r"\operatorname{logsumexp}(x) n"),
        ("[c, 2]", SAME, "[c, 2]", r"\begin{bmatrix} c \\ 2 \end{bmatrix}"),
        ("[x, v]", SAME, "[xᵀ; vᵀ]", r"\begin{bmatrix} x^\top \\ v^\top \end{bmatrix}"),
    ],
    # matrices
    "S:n,n T:n,n A:m,n B:n,l x:n c:": [
        ("S @ T @ x", SAME, "S T x", "S T x"),
        ("S @ (T @ x)", SAME, "S T x", "S T x"),
        ("(S*T) @ x", SAME, "(S ⊙ T) x", r"(S \odot T) x"),
        ("S*(T @ S)", SAME, "S ⊙ (T S)", r"S \odot (T S)"),
        ("S**2", SAME, "S^⊙2", r"S^{\odot 2}"),
        ("S**-1", SAME, "S^⊙(−1)", r"S^{\odot (-1)}"),
        ("inv(S) @ x", SAME, "S⁻¹ x", "S^{-1} x"),
        ("inv(S)**2", SAME, "(S⁻¹)^⊙2", r"(S^{-1})^{\odot 2}"),
        ("inv(S).T @ x", SAME, "(S⁻¹)ᵀ x", r"(S^{-1})^\top x"),
        ("(S @ T).T", SAME, "(S T)ᵀ", r"(S T)^\top"),
        ("S.T.T", SAME, "S", "S"),
        ("(2*S).T @ x", SAME, "(2 S)ᵀ x", r"(2 S)^\top x"),
        ("c*S @ x", SAME, "c S x", "c S x"),
        ("trace(S.T @ T)", SAME, "tr(Sᵀ T)", r"\operatorname{tr}(S^\top T)"),
        ("exp(S) + log(S)", SAME, "exp⊙(S) + log⊙(S)", r"\exp_{\odot}(S) + \log_{\odot}(S)"),
        ("abs(S)", SAME, "abs(S)", r"\operatorname{abs}(S)"),
        ("norm(S) + norm1(S)", SAME, "‖S‖_F + ‖vec(S)‖₁", r"\lVert S \rVert_F + \lVert \operatorname{vec}(S) \rVert_1"),
        ("sum(A, axis=0)", SAME, "sum(A, axis=0)", r"\operatorname{sum}(A, \mathrm{axis}=0)"),
        ("norm(A, axis=1)", SAME, "norm(A, axis=1)", r"\operatorname{norm}(A, \mathrm{axis}=1)"),
        ("softmax(A, axis=-1)", SAME, "softmax(A, axis=-1)", r"\operatorname{softmax}(A, \mathrm{axis}=-1)"),
        ("eye(n) - 2*outer(x, x)", SAME, "Iₙ − 2 x xᵀ", r"I_{n} - 2 x x^\top"),
        ("ones(m, n) + zeros((m, n))", SAME, "1_{m×n} + 0_{m×n}", r"\mathbf{1}_{m \times n} + \mathbf{0}_{m \times n}"),
        ("eye(2*n)", SAME, "I₂ₙ", "I_{2n}"),
        ("A @ ones(n)", SAME, "A 1ₙ", r"A \mathbf{1}_{n}"),
        ("2*ones(n)", SAME, "2 · 1ₙ", r"2 \cdot \mathbf{1}_{n}"),
        ("[[c, 2], [0, 1]]", SAME, "[c, 2; 0, 1]", r"\begin{bmatrix} c & 2 \\ 0 & 1 \end{bmatrix}"),
        (
            "[[[c, 2], [0, 1]], [[1, 0], [2, c]]]",
            SAME,
            "[[c, 2; 0, 1], [1, 0; 2, c]]",
            r"\left[ \begin{bmatrix} c & 2 \\ 0 & 1 \end{bmatrix}, "
            r"\begin{bmatrix} 1 & 0 \\ 2 & c \end{bmatrix} \right]",
        ),
        ("[x, S @ x]", SAME, "[xᵀ; (S x)ᵀ]", r"\begin{bmatrix} x^\top \\ (S x)^\top \end{bmatrix}"),
        ("diagpart(S)", SAME, "diagpart(S)", r"\operatorname{diagpart}(S)"),
        ('einsum("ij,jk->ik", A, B)', SAME, "[∑ⱼ Aᵢⱼ Bⱼₖ]ᵢₖ", r"\left[ \sum_{j} A_{ij} B_{jk} \right]_{ik}"),
        ('einsum("ij,ij->", A, A)/2', SAME, "(∑ᵢⱼ Aᵢⱼ Aᵢⱼ)/2", r"\frac{\sum_{i, j} A_{ij} A_{ij}}{2}"),
        ('einsum("ij,j->ij", A, x)', SAME, "[Aᵢⱼ xⱼ]ᵢⱼ", "[A_{ij} x_{j}]_{ij}"),
        (
            'einsum("jl,ik->ijkl", eye(n), S)',
            SAME,
            "[δⱼᵣ Sᵢₖ]ᵢⱼₖᵣ",
            r"[(I_{n})_{jr} S_{ik}]_{ijkr}",
        ),
        ("S @ x/x", "(S @ x)/x", "(S x)/x", r"\frac{S x}{x}"),
        ("S @ (x/c)", SAME, "S (x/c)", r"S \frac{x}{c}"),
        ('einsum("abc->ab", S)', SAME, "[∑ₖ Sᵢⱼₖ]ᵢⱼ", r"\left[ \sum_{k} S_{ijk} \right]_{ij}"),
        ('2*einsum("i,i->", x, x + 1)', SAME, "2 ∑ᵢ xᵢ (x + 1)ᵢ", r"2 \sum_{i} x_{i} (x + 1)_{i}"),
    ],
    # indices
    "x:n A:m,n w:n y:m X:m,n k:3": [
        ("x[0] + x[n-1]", SAME, "x₁ + xₙ", "x_{1} + x_{n}"),
        ("x[-1] - x[-2]", SAME, "xₙ − xₙ₋₁", "x_{n} - x_{n-1}"),
        ("k[-1]", SAME, "k₃", "k_{3}"),
        ("A[0, 1] + A[0, 10]", SAME, "A₁₂ + A_{1,11}", "A_{12} + A_{1,11}"),
        ("A[0]", SAME, "A_{1,:}", "A_{1,:}"),
        ("A[:, 0]", SAME, "A_{:,1}", "A_{:,1}"),
        ("A[m-1, :]", SAME, "A_{m,:}", "A_{m,:}"),
        ("x[1:]", SAME, "x_{2:n}", "x_{2:n}"),
        ("x[:-1]", SAME, "x_{1:n−1}", "x_{1:n-1}"),
        ("x[1:n-1]", SAME, "x_{2:n−1}", "x_{2:n-1}"),
        ("x[::2]", SAME, "x_{1:2:n}", "x_{1:2:n}"),
        ("x[::-1]", SAME, "x_{n:−1:1}", "x_{n:-1:1}"),
        ("A[1:, :-1]", SAME, "A_{2:m,1:n−1}", "A_{2:m,1:n-1}"),
        ("(A @ x)[0]", SAME, "(A x)₁", "(A x)_{1}"),
        ("(A @ x)[-1]", SAME, "(A x)_{end}", r"(A x)_{\mathrm{end}}"),
        ("x[0]**2*x[1]", SAME, "x₁² x₂", "x_{1}^2 x_{2}"),
        (
            "sum(i, log(1 + exp(-y[i]*(X[i] @ w))))",
            SAME,
            "∑ᵢ log(1 + exp(−yᵢ X_{i,:}ᵀ w))",
            r"\sum_{i=1}^{m} \log(1 + \exp(-y_{i} X_{i,:}^\top w))",
        ),
        ("sum(i, x[i]*w[i])*2 + 1", SAME, "2 ∑ᵢ xᵢ wᵢ + 1", r"2 \sum_{i=1}^{n} x_{i} w_{i} + 1"),
        (
            "1 + 2*sum(i, x[i]) - sum(j, w[j])",
            SAME,
            "1 + 2 ∑ᵢ xᵢ − ∑ⱼ wⱼ",
            r"1 + 2 \sum_{i=1}^{n} x_{i} - \sum_{j=1}^{n} w_{j}",
        ),
        ("-sum(i, x[i] - 1)", SAME, "−∑ᵢ (xᵢ − 1)", r"-\sum_{i=1}^{n} (x_{i} - 1)"),
        (
            "sum(i, sum(j, A[i, j]*w[j])*y[i])",
            SAME,
            "∑ᵢ (∑ⱼ Aᵢⱼ wⱼ) yᵢ",
            r"\sum_{i=1}^{m} \left( \sum_{j=1}^{n} A_{ij} w_{j} \right) y_{i}",
        ),
        ("sum(i, x[i+1]*x[i-1])", SAME, "∑ᵢ xᵢ₊₁ xᵢ₋₁", r"\sum_{i=2}^{n-1} x_{i+1} x_{i-1}"),
        (
            "sum(i=1:n-1, j, A[j, i]*x[i-1])",
            SAME,
            "∑_{i=2..n−1} ∑ⱼ Aⱼᵢ xᵢ₋₁",
            r"\sum_{i=2}^{n-1} \sum_{j=1}^{m} A_{ji} x_{i-1}",
        ),
        ("mean(i, x[i]**2)", SAME, "meanᵢ(xᵢ²)", r"\operatorname{mean}_{i=1,\ldots,n}(x_{i}^2)"),
        ("sum(i, (A @ x)[i])", SAME, "∑ᵢ (A x)ᵢ", r"\sum_{i} (A x)_{i}"),
        ("sum(i, i*x[2*i])", SAME, "∑ᵢ (i − 1) x₂ᵢ₋₁", r"\sum_{i=1}^{\lfloor (n+1)/2 \rfloor} (i - 1) x_{2i-1}"),
    ],
    # undefined functions
    "u:n-> g:n->m phi:-> c:->m x:n z:n v:n t:": [
        ("u(x)*t", SAME, "u(x) t", "u(x) t"),
        ("grad(u)(x) @ v", SAME, "∇u(x)ᵀ v", r"\nabla u(x)^\top v"),
        ("jac(g)(x) @ v", SAME, "J_g(x) v", "J_{g}(x) v"),
        ("hess(u)(x) @ v", SAME, "∇²u(x) v", r"\nabla^2 u(x) v"),
        ("hess(g)(x)", SAME, "∇²g(x)", r"\nabla^2 g(x)"),
        ("diff(u, 3)(x)", SAME, "∇³u(x)", r"\nabla^3 u(x)"),
        ("phi(z)*v", SAME, "φ(z) ⊙ v", r"\varphi(z) \odot v"),
        ("diff(phi)(z)*v", SAME, "φ′(z) ⊙ v", r"\varphi'(z) \odot v"),
        ("diff(phi, 2)(t)**2", SAME, "φ″(t)²", r"\varphi''(t)^2"),
        ("diff(phi, 4)(t)", SAME, "φ⁽⁴⁾(t)", r"\varphi^{(4)}(t)"),
        ("c(t) + diff(c)(t)", SAME, "c(t) + c′(t)", "c(t) + c'(t)"),
        ("grad(u)(x - v)[0]", SAME, "∇u(x − v)₁", r"\nabla u(x - v)_{1}"),
    ],
    # names
    "lam: mu:n theta:n,n Sigma:n,n x_1: w_out:n W_out:n,n loss: alpha2: eps: phi0:": [
        ("lam*mu @ mu", SAME, "λ μᵀ μ", r"\lambda \mu^\top \mu"),
        ("theta @ Sigma @ mu", SAME, "θ Σ μ", r"\theta \Sigma \mu"),
        ("x_1*alpha2", SAME, "x₁ α₂", r"x_{1} \alpha_{2}"),
        ("W_out @ w_out", SAME, "W_out w_out", r"W_{\mathrm{out}} w_{\mathrm{out}}"),
        ("loss*eps*lam", SAME, "loss ε λ", r"\mathrm{loss} \, \varepsilon \lambda"),
        ("loss**2*phi0", SAME, "loss² φ₀", r"\mathrm{loss}^2 \varphi_{0}"),
    ],
    # definitions
    "A:m,n x:n b:m y:m": [
        ("r = A @ x - b; 2*A.T @ r", SAME, "2 Aᵀ r\nwhere r = A x − b", r"2 A^\top r, \quad \text{where } r = A x - b"),
        (
            "r = A @ x - b; s = sigmoid(r); y @ (s*r)",
            SAME,
            "yᵀ (s ⊙ r)\nwhere r = A x − b\n      s = σ(r)",
            r"y^\top (s \odot r), \quad \text{where } r = A x - b, \; s = \sigma(r)",
        ),
    ],
}
ROWS = [(declarations, *row) for declarations, rows in TABLE.items() for row in rows]


@pytest.mark.parametrize(("declared", "source", "text", "unicode", "latex"), ROWS, ids=[row[1] for row in ROWS])
def test_written_form(declared: str, source: str, text: str, unicode: str, latex: str) -> None:
    declarations = parse_declarations(declared)
    tree, _ = parse_text(source, declarations)
    assert to_text(tree, declarations) == (text or source)
    assert to_unicode(tree, declarations) == unicode
    assert to_latex(tree, declarations) == latex


@pytest.mark.parametrize(("declared", "source"), [row[:2] for row in ROWS], ids=[row[1] for row in ROWS])
def test_text_is_stable(declared: str, source: str) -> None:
    declarations = parse_declarations(declared)
    once = to_text(parse_text(source, declarations)[0], declarations)
    assert to_text(parse_text(once, declarations)[0], declarations) == once
