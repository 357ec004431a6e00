"""Benchmarks: they print counts and ratios, and never fail for being slow."""
