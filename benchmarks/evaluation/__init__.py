"""Measures the quality of searches and terms on judgements that anyone can bring along.

``python -m benchmarks.evaluation --help`` tells the commands; docs/evaluation.md the figures. What
is measured here is never read by the library, nor chosen by it.
"""
