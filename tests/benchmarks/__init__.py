"""The benchmarks: what they measure with is right."""
