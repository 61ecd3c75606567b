"""Scores of a result set as arrays, and the tests that are made of them."""
