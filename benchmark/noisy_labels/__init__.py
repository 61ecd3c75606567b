"""Noisy labels of a corpus: injected, described, cached."""
