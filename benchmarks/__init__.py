"""Owns the measurements: searchlib beside its peers, on the same text, in the same run.

``python -m benchmarks --help`` tells what can be run; ``docs/benchmarks.md`` tells what is measured
and how to add an engine. Data flows one way::

    corpora (with italian) -> queries -> runs -> worker -> engines -> measures -> reports, plots
"""
