"""How fast it is, beside Hugging Face's own classes on the same weights: one script a question.

Each runs as `python -m benchmarks.NAME`, prints a small table and, with `--json FILE`, writes the numbers.
Ratios are taken pair by pair in one run, A B A B, after a warm-up.
"""
