"""Nearest neighbours, and what their labels tell."""
