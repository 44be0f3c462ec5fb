"""The mistake that leads to a wrong answer: altered derivations, corrected answers, factors, terms."""
