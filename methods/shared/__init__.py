"""Algorithms that several methods share."""
