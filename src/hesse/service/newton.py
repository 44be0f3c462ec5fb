"""Newton steps that solve with the Hessian as what it is proved to be."""

from __future__ import annotations

from copy import copy
from typing import Any

from hesse.codegen import find_target
from hesse.core.build import shape_text
from hesse.errors import ArgumentError, SingularMatrixError
from hesse.service.derivatives import Wrt, gradient, hessian
from hesse.service.expression import Expr
from hesse.service.joint_structure import JointStructure
from hesse.structured.base import Structured
from hesse.structured.folded import Folded


class NewtonStep:
    """Callable with the declared names as keywords; gives the step, an array of the variable's shape.

    `method` says how the system is solved and `reason` why so; `gradient` and `hessian` are the derivatives.
    """

    def __init__(self, f: Expr, wrt: Wrt = None) -> None:
        self.gradient = gradient(f, wrt)
        self.hessian = hessian(f, wrt)
        both = {"gradient": self.gradient, "hessian": self.hessian}
        self._derivatives = JointStructure(both, f._declarations, find_target("numpy"))
        kept = self._derivatives.kept.get("hessian")
        if kept is None:
            self.method = "division by the second derivative"
            self.reason = "the variable is a scalar"
        else:
            self.method = kept.method
            self.reason = f"the Hessian is {kept.kind}"

    def fix(self, /, **values: Any) -> NewtonStep:
        """The step as a function of the other variables, with copies of these values.

        A Hessian that depends on fixed values alone is factorised once.
        """
        other = copy(self)
        other._derivatives = self._derivatives.fix(**values)
        return other

    def __call__(self, /, **values: Any) -> Any:
        found = self._derivatives(**values)
        slope, curvature = found["gradient"], found["hessian"]
        if isinstance(curvature, (Structured, Folded)):
            return -curvature.solve(slope)
        if not curvature:
            raise SingularMatrixError("the second derivative is zero at these values: the matrix is singular")
        return -slope / curvature

    def __repr__(self) -> str:
        return f"<Newton step by {self.method}; {self.reason}>"


def newton_step(f: Expr, wrt: Wrt = None) -> NewtonStep:
    """The Newton step -H⁻¹ g of a scalar expression as a function of the values of all variables.

    The Hessian is solved as what it is proved to be: a k × k system for a Kronecker product with the identity, blocks
    one by one, bands and sparse matrices by elimination, low rank plus a diagonal by the formula of Woodbury; anything
    else by Cholesky's factorisation, or LU where it is not positive definite. Of an indefinite Hessian that is not
    singular it is the step to the stationary point of the quadratic model, which need not lead downhill. The function
    raises SingularMatrixError where the Hessian is singular to working precision.

    >>> import hesse as hs
    >>> step = hs.newton_step(hs.parse("norm(T - U @ V.T)**2/2", "T:m,n U:m,k V:n,k"), "U")
    >>> step.method
    'one k × k system for all rows'
    >>> step(T=[[4, 0], [0, 3]], U=[[1], [1]], V=[[2], [0]]).tolist()
    [[1.0], [-1.0]]
    """
    if not isinstance(f, Expr):
        raise ArgumentError(f"an expression is needed, not {type(f).__name__}", hint="make one with hesse.parse")
    if f._shape:
        raise ArgumentError(f"a Newton step belongs to a scalar expression, this is {shape_text(f._shape)}")
    return NewtonStep(f, wrt)
