"""JAX functions: their jaxpr, traced for symbolic sizes, becomes a surface tree. Nothing here imports JAX."""
