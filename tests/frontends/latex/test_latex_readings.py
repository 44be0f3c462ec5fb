"""What stands in papers, textbooks and homework, against the same function in the text notation."""

from __future__ import annotations

import pytest

import hesse as hs

SAME = [
    (r"\|Ax-b\|_2^2", "A:m,n x:n b:m", "norm(A @ x - b)**2"),
    (r"x^\top A x", "A:n,n x:n", "x @ A @ x"),
    ("x^T A x + b^{T}x", "A:n,n x:n b:n", "x @ A @ x + b @ x"),
    (
        r"\frac{1}{2}\left\|Ax-b\right\|^2+\tfrac\lambda2\lVert x\rVert_1",
        "A:m,n x:n b:m lam:",
        "1/2*norm(A @ x-b)**2+lam/2*norm1(x)",
    ),
    (r"\sigma(Wx+b)", "W:m,n x:n b:m", "sigmoid(W @ x + b)"),
    (r"W_2\tanh(W_1x+b_1)+b_2", "W1:h,n W2:m,h x:n b1:h b2:m", "W2 @ tanh(W1 @ x + b1) + b2"),
    (r"\operatorname{tr}(X^\top A X)", "X:n,k A:n,n", "trace(X.T @ A @ X)"),
    (r"\operatorname{tr} X^\top A X", "X:n,k A:n,n", "trace(X.T @ A @ X)"),
    (r"(A^\top A)^{-1}A^\top b", "A:m,n b:m", "inv(A.T @ A) @ A.T @ b"),
    (r"A^{-\top} x", "A:n,n x:n", "inv(A).T @ x"),
    (r"x y^\top", "x:n y:m", "outer(x,y)"),
    (r"\mathbf{1}^\top x", "x:n", "sum(x)"),
    (r"(X^\top X + \lambda I)^{-1} X^\top y", "X:m,n λ: y:m", "inv(X.T @ X + λ*eye(n)) @ X.T @ y"),
    (r"\langle a, b\rangle", "a:n b:n", "a @ b"),
    ("e^{-x^2/2}", "x:", "exp(-x**2/2)"),
    (r"\sin^2(x)+\cos^2 x", "x:", "sin(x)**2+cos(x)**2"),
    (r"\max(0, 1 - y x^\top w)", "x:n w:n y:", "maximum(0, 1 - y*(x @ w))"),
    (r"\begin{cases} x^2 & x > 0 \\ -x & \text{otherwise}\end{cases}", "x:", "where(x>0, x**2, -x)"),
    ("f(x) = x_1^2 + x_1x_2 + e^{x_2}", "x1: x2:", "x1**2 + x1*x2 + exp(x2)"),
    (r"x_1^2 + \log x_2", "x:2", "x[0]**2+log(x[1])"),
    (r"\begin{pmatrix}1 & 2\\ 3 & 4\end{pmatrix} x", "x:2", "[[1,2],[3,4]] @ x"),
    (r"\boldsymbol{\beta}^\top \mathbf{X}^{\top}\mathbf{y}", "beta:n X:m,n y:m", "beta @ X.T @ y"),
    ("u(x)v(x)", "u:n-> v:n-> x:n", "u(x)*v(x)"),
    (r"\nabla^2 u(x) x", "u:n-> x:n", "hess(u)(x) @ x"),
    (r"A \odot B", "A:m,n B:m,n", "A*B"),
    (r"\mathbb{1}[x>0]x", "x:", "where(x>0,1,0)*x"),
    (r"\log(1+e^{-y w^\top x})", "y: w:n x:n", "log(1+exp(-y*(w @ x)))"),
    ("A^2 x", "A:n,n x:n", "A @ A @ x"),
    (r"r^\top r, \quad \text{where } r = A x - b", "A:m,n x:n b:m", "norm(A @ x - b)**2"),
    (r"\sum_{i,j} A_{ij}x_i x_j", "A:n,n x:n", "x @ A @ x"),
    (r"\exp_{\odot}(A)", "A:m,n", "exp(A)"),
    (r"\hat y^\top x", "yhat:n x:n", "yhat @ x"),
    (r"x_{2:n}^\top x_{1:n-1}", "x:n", "x[1:] @ x[:-1]"),
    (r"\operatorname{softmax}(X, \mathrm{axis}=1)", "X:m,n", "softmax(X, axis=1)"),
    (r"\sum_{i=1}^m \log(1+e^{-y_i x_i^\top w})", "X:m,n y:m w:n", "sum(log(1+exp(-y*(X @ w))))"),
    (r"\sum_{i=1}^m (y_i - x_i^\top w)^2", "X:m,n y:m w:n", "norm(y - X @ w)**2"),
    (
        r"\frac1m\sum_{i=1}^m (y_i - \mathbf{x}_i^\top \mathbf{w})^2 + \lambda\|\mathbf{w}\|_2^2",
        "X:m,n y:m w:n lam:",
        "norm(y - X @ w)**2/m + lam*norm(w)**2",
    ),
    (r"\sum_{i=1}^{n-1} (x_{i+1}-x_i)^2", "x:n", "sum((x[1:]-x[:-1])**2)"),
    (r"\sum_{i=2}^{n} (x_i-x_{i-1})^2", "x:n", "sum((x[1:]-x[:-1])**2)"),
    (r"\sum_{i=1}^n\sum_{j=1}^n A_{ij}x_ix_j", "A:n,n x:n", "x @ A @ x"),
    (r"\sum_{i,j} (A_{ij}-B_{ij})^2", "A:m,n B:m,n", "norm(A-B)**2"),
    (r"\sum_i x_i^2", "x:n", "norm(x)**2"),
    (r"\prod_{i=1}^n x_i", "x:n", "prod(x)"),
    (r"\max_i x_i", "x:n", "max(x)"),
    (r"-\sum_i p_i\log p_i", "p:n:pos", "-sum(p*log(p))"),
    (r"\sum_{i=1}^m \max(0, 1 - y_i(w^\top x_i + b))", "X:m,n y:m w:n b:", "sum(maximum(0,1-y*(X @ w + b)))"),
    (r"\sum_{i=1}^{m} (y^{(i)} - w^\top x^{(i)})^2", "X:m,n y:m w:n", "norm(y-X @ w)**2"),
    (r"\sum_{i=1}^m (y_i - \sum_{j=1}^n X_{ij} w_j)^2", "X:m,n y:m w:n", "norm(y-X @ w)**2"),
    (r"\sum_{i=1}^m |a_i^\top x - b_i|", "A:m,n x:n b:m", "norm1(A @ x-b)"),
    (r"\sum_{i=0}^{n-1} x_{i+1}^2", "x:n", "norm(x)**2"),
    (r"\log\sum_{i=1}^n e^{x_i}", "x:n", "logsumexp(x)"),
    (r"$\|Ax-b\|_2^2$", "A:m,n x:n b:m", "norm(A@x-b)**2"),
    (r"\[ \frac{1}{2} x^\top Q x - c^\top x \]", "Q:n,n x:n c:n", "1/2*x@Q@x - c@x"),
    (
        r"\begin{align} f(x) &= \frac{1}{2}\|Ax-b\|^2 \\ &\quad + \lambda \|x\|_1 \end{align}",
        "A:m,n x:n b:m lam:",
        "1/2*norm(A@x-b)**2+lam*norm1(x)",
    ),
    (r"\begin{equation*} e^{a x} \end{equation*}", "a: x:", "exp(a*x)"),
    (r"\left(\frac{a}{b}\right)^{2}", "a: b:", "(a/b)**2"),
    (r"\bigl( x + y \bigr)^3", "x: y:", "(x+y)**3"),
    (r"\lvert x \rvert + |y|", "x: y:", "abs(x)+abs(y)"),
    ("||x||_2", "x:n", "norm(x)"),
    (r"\lVert X W - Y \rVert_F^2", "X:m,n W:n,k Y:m,k", "norm(X@W-Y)**2"),
    (
        r"\|\mathbf{y} - \mathbf{X}\boldsymbol{\beta}\|_2^2 + \lambda \|\boldsymbol{\beta}\|_1",
        "y:m X:m,n beta:n lam:",
        "norm(y-X@beta)**2+lam*norm1(beta)",
    ),
    (
        r"(\mathbf{x}-\boldsymbol{\mu})^{\top}\boldsymbol{\Sigma}^{-1}(\mathbf{x}-\boldsymbol{\mu})",
        "x:n mu:n Sigma:n,n",
        "(x-mu)@inv(Sigma)@(x-mu)",
    ),
    (
        r"-\frac{1}{2}\left(\mathbf{x}-\mu\right)^T \Sigma^{-1}\left(\mathbf{x}-\mu\right)",
        "x:n mu:n Sigma:n,n",
        "-1/2*(x-mu)@inv(Sigma)@(x-mu)",
    ),
    (r"-\log \operatorname{softmax}(z)_{3}", "z:5", "-log(softmax(z)[2])"),
    (r"\operatorname{diag}(x) A", "x:m A:m,n", "diag(x)@A"),
    (r"x^\top\mathrm{diag}(d)x", "x:n d:n", "x@diag(d)@x"),
    (r"\mathrm{tr}(A B)", "A:m,n B:n,m", "trace(A@B)"),
    (r"\text{tr}(AB)", "A:m,n B:n,m", "trace(A@B)"),
    (r"\Tr(AB)", "A:m,n B:n,m", "trace(A@B)"),
    (r"\mathrm{Tr}\left[ A B \right]", "A:m,n B:n,m", "trace(A@B)"),
    (r"\tanh\!\left(\frac{x}{2}\right)", "x:", "tanh(x/2)"),
    (r"\frac{e^{x}-e^{-x}}{e^x+e^{-x}}", "x:", "tanh(x)"),
    (r"\frac{1}{1+e^{-x}}", "x:", "sigmoid(x)"),
    (r"\frac{1}{1+\exp(-x)}", "x:", "sigmoid(x)"),
    (r"\log(1+\exp(x))", "x:", "softplus(x)"),
    (r"\sin(2\pi x)", "x:", "sin(2*pi*x)"),
    (r"\sin 2\pi x", "x:", "sin(2*pi*x)"),
    (r"\cos \omega t", "ω: t:", "cos(ω*t)"),
    (r"\cos \omega t\, x", "ω: t: x:", "cos(ω*t)*x"),
    (r"\sin x + \cos x\quad x", "x:", "sin(x) + cos(x)*x"),
    (r"\det X\; X^{-\top}", "X:n,n", "det(X)*inv(X).T"),
    (r"\det X^\top X", "X:m,n", "det(X.T @ X)"),
    (r"\log\, x y", "x: y:", "log(x*y)"),
    (r"\log x^\top A x", "x:n A:n,n", "log(x @ A @ x)"),
    (r"\langle x, y, x^2\rangle", "x: y:", "[x, y, x**2]"),
    (r"\sin x \cos y", "x: y:", "sin(x)*cos(y)"),
    (r"x\sin x", "x:", "x*sin(x)"),
    ("2xy", "x: y:", "2*x*y"),
    (r"\ln x^2", "x:", "log(x**2)"),
    (r"\sqrt{x^2+y^2}", "x: y:", "sqrt(x**2+y**2)"),
    (r"\sqrt[3]{x}", "x:", "x**(1/3)"),
    (r"\sqrt2 x", "x:", "sqrt(2)*x"),
    (r"\log_2 x", "x:", "log(x)/log(2)"),
    (r"\log_{10}(x)", "x:", "log(x)/log(10)"),
    (r"a\cdot b", "a:n b:n", "a@b"),
    (r"a\cdot b", "a: b:n", "a*b"),
    (r"A\cdot x", "A:m,n x:n", "A@x"),
    (r"2\times 3 x", "x:", "6*x"),
    (r"a\circ b", "a:n b:n", "a*b"),
    (r"(Ax)\odot b", "A:m,n x:n b:m", "(A@x)*b"),
    (r"x \odot A y", "x:m A:m,n y:n", "x*(A@y)"),
    (r"u v^\top w", "u:m v:n w:n", "outer(u,v)@w"),
    (r"u^\top v w", "u:n v:n w:n", "(u@v)*w"),
    (r"x^\top x y", "x:n y:n", "(x@x)*y"),
    (r"x^\top A^\top A x", "A:m,n x:n", "norm(A@x)**2"),
    (r"\frac{x}{\|x\|}", "x:n", "x/norm(x)"),
    (r"\frac{x^\top y}{\|x\|\|y\|}", "x:n y:n", "(x@y)/(norm(x)*norm(y))"),
    (r"\frac{x^\top y}{\lVert x\rVert \lVert y\rVert}", "x:n y:n", "(x@y)/(norm(x)*norm(y))"),
    (r"\max\{0, x\}", "x:", "maximum(0,x)"),
    (r"\max(0,x)^2", "x:", "maximum(0,x)**2"),
    (r"\min\left(x, y\right)", "x: y:", "minimum(x,y)"),
    (r"\mathrm{ReLU}(Wx)", "W:m,n x:n", "relu(W@x)"),
    (r"\operatorname{sgn}(x)", "x:", "sign(x)"),
    (r"\mathbf{1}_n^\top A \mathbf{1}_m", "A:n,m", "sum(A)"),
    (r"\mathbf{1}^\top A \mathbf{1}", "A:n,m", "sum(A)"),
    (r"A \mathbf 1", "A:n,m", "sum(A,axis=1)"),
    (r"(I - \frac{1}{n}\mathbf{1}\mathbf{1}^\top)x", "x:n", "x - sum(x)/n*ones(n)"),
    (r"I_n + x x^\top", "x:n", "eye(n)+outer(x,x)"),
    (r"\mathbf{I}x", "x:n", "x"),
    ("(x, y)", "x: y:", "[x,y]"),
    (r"\begin{bmatrix} x \\ y^2 \end{bmatrix}", "x: y:", "[x,y**2]"),
    (r"\begin{pmatrix} x & y \end{pmatrix} \begin{pmatrix} 1 \\ 2 \end{pmatrix}", "x: y:", "x+2*y"),
    (r"\begin{pmatrix} x & y \end{pmatrix}^\top", "x: y:", "[x,y]"),
    ("X_{12}", "X:m,n", "X[0,1]"),
    ("x_n", "x:n", "x[n-1]"),
    ("x_{n-1}", "x:n", "x[n-2]"),
    (r"X_{1,:}^\top w", "X:m,n w:n", "X[0]@w"),
    (r"w_{\text{old}}^\top x", "w_old:n x:n", "w_old@x"),
    ("W_{out}x", "W_out:m,n x:n", "W_out@x"),
    (r"\mathit{loss}^2", "loss:", "loss**2"),
    (r"\lambda_{\max}", "lambda_max:", "lambda_max"),
    ("x^*", "x_star:n", "x_star"),
    (r"\|x - x^\star\|^2", "x:n xstar:n", "norm(x-xstar)**2"),
    (r"\bar{x}^2", "x_bar:", "x_bar**2"),
    (r"\tilde{X}w", "Xtilde:m,n w:n", "Xtilde@w"),
    (r"\mathbb{1}_{x > 0}", "x:", "where(x>0,1,0)"),
    (r"\mathbf{1}\{x > 0\} x", "x:", "(x>0)*x"),
    ("[x > 0]", "x:", "x>0"),
    (r"\mathbb{I}(x \ge 0)", "x:", "x>=0"),
    (
        r"\begin{cases} x & \text{if } x > 0, \\ \alpha x & \text{otherwise.} \end{cases}",
        "x: alpha:",
        "where(x>0,x,alpha*x)",
    ),
    (
        r"\begin{cases} \frac12 x^2 & |x| \le \delta \\ \delta(|x|-\frac12\delta) & \text{else} \end{cases}",
        "x: delta:",
        "where(abs(x)<=delta,1/2*x**2,delta*(abs(x)-delta/2))",
    ),
    (r"\phi(x)+\phi'(x)", "phi:-> x:", "phi(x)+diff(phi)(x)"),
    (r"g(x)^\top y", "g:n->m x:n y:m", "g(x)@y"),
    ("J_g(x) v", "g:n->m x:n v:n", "jac(g)(x)@v"),
    (r"\nabla f(x)^\top d", "f:n-> x:n d:n", "grad(f)(x)@d"),
    (r"d^\top \nabla^2 f(x) d", "f:n-> x:n d:n", "d@hess(f)(x)@d"),
    ("f(x + t d)", "f:n-> x:n d:n t:", "f(x+t*d)"),
    (r"L(w) := \frac{1}{m}\|Xw-y\|^2", "X:m,n w:n y:m", "norm(X@w-y)**2/m"),
    ("x'Ax", "x:n A:n,n", "x@A@x"),
    (r"(y-X\beta)'(y-X\beta)", "y:m X:m,n beta:n", "norm(y-X@beta)**2"),
    (r"x^{\intercal}y", "x:n y:n", "x@y"),
    (r"x^{\mathsf{T}} y", "x:n y:n", "x@y"),
    (r"x^{\mathrm T}y", "x:n y:n", "x@y"),
    ("A^{-1}b", "A:n,n b:n", "inv(A)@b"),
    (r"(A^{-1})^\top b", "A:n,n b:n", "inv(A).T@b"),
    ("A^{-T}b", "A:n,n b:n", "inv(A).T@b"),
    ("A^3", "A:n,n", "A@A@A"),
    ("A^{-2}", "A:n,n", "inv(A)@inv(A)"),
    (r"x^\top (A+A^\top) x / 2", "A:n,n x:n", "x@A@x"),
    (r"\frac{\lambda}{2}w^\top w", "λ: w:n", "λ/2*w@w"),
    ("a/b", "a: b:", "a/b"),
    (r"1/n \sum_{i=1}^n x_i", "x:n", "mean(x)"),
    ("x^{1/2}", "x:", "sqrt(x)"),
    (r"x^\frac12", "x:", "sqrt(x)"),
    ("x^{-1}", "x:", "1/x"),
    (r"\sum_{i=1}^m \sum_{j=1}^n (X_{ij} - u_i v_j)^2", "X:m,n u:m v:n", "norm(X-outer(u,v))**2"),
    (
        r"\sum_{i=1}^{m}\left[ y_i \log \sigma(w^\top x_i) + (1-y_i)\log(1-\sigma(w^\top x_i)) \right]",
        "X:m,n y:m w:n",
        "sum(y*log(sigmoid(X@w))+(1-y)*log(1-sigmoid(X@w)))",
    ),
    (r"-\sum_{i=1}^m\sum_{k=1}^K Y_{ik}\log P_{ik}", "Y:m,K P:m,K", "-sum(Y*log(P))"),
    (r"\sum_{i=1}^n w_i x_i^2", "w:n x:n", "w@x**2"),
    (r"\left(\sum_i x_i\right)^2", "x:n", "sum(x)**2"),
    (r"\sum_i \sum_j x_i y_j", "x:n y:m", "sum(x)*sum(y)"),
    (r"\frac{\sum_i w_i x_i}{\sum_i w_i}", "w:n x:n", "(w@x)/sum(w)"),
    (r"\sum_{i=1}^{n-2}(x_{i+2}-2x_{i+1}+x_i)^2", "x:n", "sum((x[2:]-2*x[1:-1]+x[:-2])**2)"),
    (r"\sum_{t=1}^{T} (y_t - \hat{y}_t)^2", "y:T yhat:T", "norm(y-yhat)**2"),
    (r"\langle A, B\rangle", "A:m,n B:m,n", "sum(A*B)"),
    (r"\langle x, Ay\rangle", "x:m A:m,n y:n", "x@A@y"),
    (r"\alpha\beta\gamma", "alpha: beta: gamma:", "alpha*beta*gamma"),
    (r"\beta_0 + \beta_1 x", "beta0: beta1: x:", "beta0+beta1*x"),
    (r"\sigma_1^2 + \sigma^2", "sigma1: sigma:", "sigma1**2+sigma**2"),
    (r"\theta^\top x", "theta:n x:n", "theta@x"),
    (r"\varepsilon + \epsilon", "eps:", "2*eps"),
    ("10{,}000 x", "x:", "10000*x"),
    ("0.5x^2", "x:", "x**2/2"),
    (".5 x", "x:", "x/2"),
    (r"x \times 10^{-3}", "x:", "x/1000"),
    ("e^{i x}", "x: i:", "exp(i*x)"),
    (r"\mathrm{e}^{x}", "x:", "exp(x)"),
    (r"\exp(x)^2", "x:", "exp(2*x)"),
    (r"\exp\{-x\}", "x:", "exp(-x)"),
    (r"\exp[-x]", "x:", "exp(-x)"),
    ("|x|", "x:n", "abs(x)"),
    (r"a b c^\top", "a: b:n c:m", "a*outer(b,c)"),
    ("x^{2}_{1}", "x1:", "x1**2"),
    (r"\log\det A", "A:n,n", "logdet(A)"),
    (r"\|x\|_3", "x:n", "norm(x, 3)"),
    (r"\norm{Ax-b}_2^2 + \abs{c}^2", "A:m,n x:n b:m c:", "norm(A @ x - b)**2 + abs(c)**2"),
    (r"\softmax(z)", "z:n", "softmax(z)"),
    (r"\mathop{\mathrm{tr}}(A)", "A:n,n", "trace(A)"),
    (r"\mathbf 1_{\{x>0\}}", "x:", "x > 0"),
    (r"1/n \sum_{i=1}^n x_i", "x:n", "mean(x)"),
    (r"\dot{x}", "x_dot:", "x_dot"),
    (r"\log\Gamma(x) + \psi(x)", "x:", "gammaln(x) + digamma(x)"),
    (r"\psi^{(2)}(x)", "x:", "polygamma(2, x)"),
    (r"\log|A|", "A:n,n", "logdet(A)"),
    (r"\det(A) + |A|", "A:n,n", "2*det(A)"),
    (r"\|x\|_\infty", "x:n", "max(abs(x))"),
    (r"\max_i x_i", "x:n", "max(x)"),
    (r"\max(x)", "x:n", "max(x)"),
    (r"\prod_{i=1}^n x_i", "x:n", "prod(x)"),
    (r"\operatorname{var}(x)", "x:n", "var(x)"),
    (r"\operatorname{mean}_{i=1,\ldots,n}(x_i^2)", "x:n", "mean(x**2)"),
    (r"\lfloor n/2 \rfloor x", "x: y:n", "(n//2)*x"),
    (r"\left[ \sum_k A_{ik} B_{kj} \right]_{ij}", "A:m,n B:n,p", "A @ B"),
    (r"[x_{i} y_{j}]_{ij}", "x:m y:n", "outer(x, y)"),
    (r"[\delta_{ij} x_{i}]_{ij}", "x:n", "diag(x)"),
    (r"A \oslash B", "A:m,n B:m,n", "A/B"),
    (r"A + \mathbf{1} b^\top", "A:m,n b:n", "A + b"),
    (r"A^{\odot 2}", "A:n,n", "A**2"),
    (r"\sum_{i=1}^m (1 - y_i (x_i^\top w + b))_+", "X:m,n y:m w:n b:", "sum(relu(1 - y*(X @ w + b)))"),
    (r"\left[ x \right]_{+}", "x:n", "relu(x)"),
]


@pytest.mark.parametrize(("latex", "declarations", "text"), SAME, ids=[row[0] for row in SAME])
def test_the_same_function(latex: str, declarations: str, text: str) -> None:
    f = hs.parse(latex, declarations, notation="latex")
    assert f == hs.parse(text, declarations)
    assert f.shape == hs.parse(text, declarations).shape


def test_the_tree_says_what_the_text_says() -> None:
    f = hs.parse(r"W_2\tanh(W_1x+b_1)+b_2", "W1:h,n W2:m,h x:n b1:h b2:m", notation="latex")
    assert str(f) == "W2 @ tanh(W1 @ x + b1) + b2"


def test_gradients_of_what_was_read() -> None:
    f = hs.parse(r"\sum_{i=1}^m \log(1+e^{-y_i x_i^\top w})", "X:m,n y:m w:n", notation="latex")
    assert str(hs.gradient(f, "w")) == "-X.T @ (y*sigmoid(-y*(X @ w)))"
    g = hs.parse(r"\frac{1}{2}\|Ax-b\|_2^2", "A:m,n x:n b:m", notation="latex")
    assert str(hs.gradient(g, "x")) == "A.T @ (A @ x - b)"


READINGS = [
    (r"(x)_+", "x:n", "`(x)_+` read as the positive part, `max(·, 0)`"),
    (r"\sigma(Wx+b)", "W:m,n x:n b:m", r"`\sigma(...)` read as the sigmoid function"),
    (r"\sum_i (y_i - x_i^\top w)^2", "X:m,n y:m w:n", "`x_i` read as a row of `X`"),
    (r"A^2 x", "A:n,n x:n", "`A^2` read as the matrix power"),
    (r"f(x) = x^2", "x:", "`f(x) =` left out: the right side is read"),
    (r"e^x", "x:", "`e` read as Euler's number"),
    (r"x_1 + x_2", "x:3", "indices count from 1"),
    (r"\hat{y}^2", "y_hat:", r"`\hat{y}` read as the name `y_hat`"),
    (r"\operatorname{tr} A B", "A:n,n B:n,n", r"`\operatorname{tr} A B` read as `\operatorname{tr}(A B)`"),
    (r"\cos x\, x", "x:", r"the space ends the argument: `\cos x \, x` read as `\cos(x) x`"),
    (r"\langle x, x, 1\rangle", "x:", r"`\langle x, x, 1\rangle` read as a vector"),
    (r"|A|", "A:n,n", "`|A|` read as the determinant"),
    (r"\|A\|", "A:m,n", r"`\|A\|` read as the Frobenius norm"),
    (r"x^\top A", "A:n,m x:n", "the result is a row; hesse's vectors are neither rows nor columns"),
    (r"x + c", "x:n c:", "`c` is a number beside a column, and counts for every entry"),
    (r"x'y", "x:n y:n", "`'` read as the transpose"),
    (r"\sum_i x_i + c", "x:n c:", r"`\sum_i x_i` ends before the sign that follows"),
    (r"loss^2", "loss:", "`loss` read as one name, since it is declared"),
    (r"x % half", "x:", "what stands behind `%` in a line is a comment"),
]


@pytest.mark.parametrize(("latex", "declarations", "reading"), READINGS, ids=[row[0] for row in READINGS])
def test_what_could_surprise_is_echoed(latex: str, declarations: str, reading: str) -> None:
    assert reading in hs.parse(latex, declarations, notation="latex").readings


INFERRED = [
    (r"\|Ax-b\|_2^2", "norm(A @ x - b)**2", "A:m,n x:n b:m"),
    (r"x^\top A x", "x @ A @ x", "x:n A:n,n"),
    (r"\sum_{i=1}^m \log(1+e^{-y_i x_i^\top w})", "sum(i, log(1 + e**(-y[i]*(x[i] @ w))))", "y:m x:m,n w:n"),
    (r"\|y - Xw\|^2 + \lambda\|w\|^2", "norm(y - X @ w)**2 + λ*norm(w)**2", "y:m X:m,n w:n λ:"),
    (r"W_2\tanh(W_1x+b_1)+b_2", "W2 @ tanh(W1 @ x + b1) + b2", "W2:m,n W1:n,p b1:n b2:m x:p"),
    (r"x_1^2+x_1x_2", "x1**2 + x1*x2", "x1: x2:"),
    (r"\mathbf{a}^\top\mathbf{x}+b", "a @ x + b", "a:n x:n b:"),
    (r"\operatorname{tr}(AB)", "trace(A @ B)", "A:m,n B:n,m"),
    (r"(X^\top X+\lambda I)^{-1}X^\top y", "inv(X.T @ X + λ*eye(n)) @ X.T @ y", "X:m,n λ: y:m"),
    (r"\frac1n \sum_{i=1}^n (y_i - a x_i - b)^2", "(1/n)*sum(i, (y[i] - a*x[i] - b)**2)", "y:n x:n a: b:"),
    (r"(x-\mu)^\top\Sigma^{-1}(x-\mu)", "(x - μ) @ inv(Σ) @ (x - μ)", "x:n μ:n Σ:n,n"),
    (r"\mathbf{1}^\top x", "ones(n) @ x", "x:n"),
    (r"\|\mathbf{x}\|^2 + \mathbf{x}^\top\mathbf{A}\mathbf{x}", "norm(x)**2 + x @ A @ x", "x:n A:n,n"),
    (r"(X^\top X+\lambda I_d)w", "(X.T @ X + λ*eye(d)) @ w", "X:n,d λ: w:d"),
]


@pytest.mark.parametrize(("latex", "text", "declarations"), INFERRED, ids=[row[0] for row in INFERRED])
def test_undeclared_names(latex: str, text: str, declarations: str) -> None:
    f = hs.parse(latex, notation="latex")
    assert (str(f), f.declarations) == (text, declarations)
    assert f.readings[-1].startswith("read as: ")


@pytest.mark.parametrize(
    "left",
    [
        r"\frac{\partial f}{\partial x}",
        r"\dfrac{df}{dx}(x)",
        r"\frac{\mathrm{d}}{\mathrm{d}x} f",
        r"\frac{d^2 f}{dx^2}",
        r"\partial f/\partial x",
    ],
)
def test_a_derivative_on_the_left_side_is_left_out(left: str) -> None:
    f = hs.parse(rf"{left} = 2x", "x:", notation="latex")
    assert (str(f), f.readings) == ("2*x", (f"`{left} =` left out: the right side is read",))


@pytest.mark.parametrize("left", [r"\frac{f}{2}", r"\dfrac{f}{2}", r"\frac{df}{dx} + 1", r"\frac{d}{2}", "f/2"])
def test_an_equation_is_no_function(left: str) -> None:
    with pytest.raises(hs.ParseError, match="an equation is no function"):
        hs.parse(rf"{left} = 2x", "x:", notation="latex")
