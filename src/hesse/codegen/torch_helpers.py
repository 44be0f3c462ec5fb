"""Functions that programs for PyTorch carry along when they use them. Read as source text, never called from here."""

from typing import Any

import torch


def softplus(z: Any) -> Any:
    """log(1 + exp(z)), without overflow."""
    return torch.logaddexp(torch.zeros_like(z), z)


def logsumexp(z: Any, dim: int | None = None) -> Any:
    """log(sum(exp(z))), without overflow."""
    return torch.logsumexp(z, tuple(range(z.dim())) if dim is None else dim)


def softmax(z: Any, axis: int | None = None) -> Any:
    """exp(z) / sum(exp(z)), without overflow."""
    if axis is None:
        return torch.softmax(z.reshape(-1), 0).reshape(z.shape)
    return torch.softmax(z, axis)


def log_softmax(z: Any, axis: int | None = None) -> Any:
    """z - logsumexp(z), without overflow."""
    if axis is None:
        return torch.log_softmax(z.reshape(-1), 0).reshape(z.shape)
    return torch.log_softmax(z, axis)


def finite_max(z: Any, axis: int | None = None) -> Any:
    """The largest entry, to be subtracted before exp; 0 where that is infinite."""
    largest = torch.amax(z, tuple(range(z.dim())) if axis is None else axis)
    return torch.where(torch.isfinite(largest), largest, torch.zeros_like(largest))


def hardmax(z: Any, axis: int | None = None) -> Any:
    """1 at the largest entry, shared if there are several."""
    axes = tuple(range(z.dim())) if axis is None else axis
    top = (z == torch.amax(z, axes, keepdim=True)).to(z)
    return top / torch.sum(top, axes, keepdim=True)


def prod_others(z: Any, axis: int | None = None) -> Any:
    """For each entry the product of all others, from both sides: nothing is divided by an entry that may be zero."""
    lanes = z.reshape(-1) if axis is None else z.movedim(axis, -1)
    one = torch.ones_like(lanes[..., :1])
    before = torch.cumprod(torch.cat([one, lanes[..., :-1]], -1), -1)
    after = torch.cumprod(torch.cat([one, lanes[..., 1:].flip(-1)], -1), -1).flip(-1)
    others = before * after
    return others.reshape(z.shape) if axis is None else others.movedim(-1, axis)


def logdet(a: Any) -> Any:
    """The logarithm of the determinant; nan unless that is positive."""
    sign, logarithm = torch.linalg.slogdet(a)
    return torch.where(sign > 0, logarithm, torch.nan)


def gelu(z: Any) -> Any:
    """z times the normal distribution function, accurate for large negative z too."""
    return z * torch.special.erfc(-z * 0.5**0.5) / 2


def xlogy(x: Any, y: Any) -> Any:
    """x*log(y); 0 where both are 0."""
    return torch.where((x == 0) & (y >= 0), torch.zeros_like(x * y), x * torch.log(y))


def backwards(a: Any, axis: int, start: int | None, stop: int | None, step: int) -> Any:
    """a[start:stop:step] along an axis, for a negative step."""
    picked = list(range(a.shape[axis])[start:stop:step])
    return a.index_select(axis, torch.tensor(picked, dtype=torch.long, device=a.device))


def mesh(a: Any, *slices: slice) -> Any:
    """The positions that the slices pick of the leading axes, as one index for each axis."""
    picked = [list(range(size)[item]) for size, item in zip(a.shape, slices, strict=False)]
    axes = [torch.tensor(positions, dtype=torch.long, device=a.device) for positions in picked]
    return torch.meshgrid(*axes, indexing="ij")
