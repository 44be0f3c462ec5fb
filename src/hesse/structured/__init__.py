"""Matrices kept as what they are: diagonal, banded, sparse, in blocks, Kronecker products, of low rank, dense."""
