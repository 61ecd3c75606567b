"""What methods share: encoders, the training loop, mixtures, neighbours, noise-rate estimators.

Nothing here imports torch before a training starts, except the modules that compute with it.
"""

from methods.engine.gradient import GradientMethod

__all__ = ["GradientMethod"]
