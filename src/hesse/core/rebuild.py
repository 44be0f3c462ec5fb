"""Rebuilding a node over changed parts, through the smart constructors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from hesse.core import deadline
from hesse.core.algebra import add, contract, power
from hesse.core.build import apply, call, let, operate
from hesse.core.intern import intern
from hesse.core.nodes import (
    Apply,
    Axis,
    Call,
    Constant,
    Contract,
    Derivative,
    Let,
    Node,
    Operation,
    Power,
    SizeValue,
    Sum,
    Table,
    Variable,
)
from hesse.core.traverse import children, postorder


def rebuild(node: Node, new: Mapping[Node, Node]) -> Node:
    """The node with its parts replaced; the same object when none changes."""
    if all(new[child] is child for child in children(node)):
        return node
    match node:
        case Variable() | Constant() | SizeValue():
            return node
        case Let(name=name, node=inner):
            return let(name, new[inner])
        case Sum(terms=terms):
            return add([(c, new[term]) for c, term in terms], node.shape)
        case Contract(factors=factors, out=out, extents=extents):
            renewed = [(new[factor], _axes(axes, new)) for factor, axes in factors]
            return contract(renewed, _axes(out, new), dict(enumerate(extents)), node.shape)
        case Power(base=base, exponent=exponent):
            return power(new[base], exponent)
        case Apply(row=row, arguments=arguments):
            return apply(row, *(new[argument] for argument in arguments))
        case Operation(row=row, arguments=arguments, axis=axis):
            return operate(row, tuple(new[argument] for argument in arguments), axis)
        case Call(function=function, domain=domain, codomain=codomain, order=order, argument=argument):
            return call(function, domain, codomain, order, new[argument])
        case Derivative(node=inner, variable=variable):
            return intern(Derivative, new[inner].shape + variable.shape, new[inner], variable)
        case _:
            assert_never(node)


def _axes(axes: tuple[Axis, ...], new: Mapping[Node, Node]) -> tuple[Axis, ...]:
    return tuple(Table(axis.label, new[axis.entries]) if isinstance(axis, Table) else axis for axis in axes)


def transform(root: Node, change: Callable[[Node], Node]) -> Node:
    """The graph with `change` applied to every node from the leaves up, each shared node once."""
    new: dict[Node, Node] = {}
    for node in postorder(root):
        deadline.check()
        new[node] = change(rebuild(node, new))
    return new[root]


def substitute(root: Node, values: Mapping[Node, Node]) -> Node:
    """The graph with nodes replaced by nodes of the same shape."""
    return transform(root, lambda node: values.get(node, node))


def unfold(root: Node) -> Node:
    """The graph with the user's names dissolved into their values."""
    return transform(root, lambda node: node.node if isinstance(node, Let) else node)
