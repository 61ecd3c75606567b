"""The trainer: encoders, recipes, batches, random streams, costs.

It knows contracts alone.
"""
