"""Transition matrices: estimates, corrected losses, trainings with them."""
