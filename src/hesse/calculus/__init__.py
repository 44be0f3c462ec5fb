"""Differentiation: rules as data, both directions, tables of components."""
