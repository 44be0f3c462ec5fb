"""Answers of many people to a set of problems: read from files, judged one by one, written as they come."""
