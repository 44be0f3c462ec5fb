"""Derivations: how a result was found, rule by rule, each line a true equation."""
