"""What methods and noise import: registry, needs, views, points, seeds, errors."""

from typing import Any

from benchmark.contracts.batch import TrainBatch
from benchmark.contracts.errors import BenchmarkError, NotRankedError, UnknownNameError, refuse_unranked
from benchmark.contracts.gradient import GradientMethod
from benchmark.contracts.handles import Encoded, MethodState, Network
from benchmark.contracts.method import Method, UsesNoiseRate, method_from, methods, register
from benchmark.contracts.mixtures import Mixture, noise_from
from benchmark.contracts.noise import (
    UNLABELLED,
    NoiseInputs,
    NoiseModel,
    noises,
    register_noise,
)
from benchmark.contracts.parameters.ranges import Matching, NoiseRate, PathText, Sizes, Within, above, at_least
from benchmark.contracts.registry import Registry
from benchmark.contracts.renamed import NAMES, warn_once
from benchmark.contracts.seeds import Draws, generator, seed_of, uniform_by_id
from benchmark.contracts.trainer import Trainer
from benchmark.contracts.views import (
    BySecondModel,
    EmbeddingArray,
    LabelArray,
    Need,
    NoisyTexts,
    NoisyView,
    OutputHistory,
    Outputs,
    Point,
    ProbabilityArray,
    TrainingDiagnostics,
    TrajectoryDiagnostics,
    latest_probabilities,
)

__all__ = [
    "UNLABELLED",
    "BenchmarkError",
    "BySecondModel",
    "Draws",
    "EmbeddingArray",
    "Encoded",
    "GradientMethod",
    "LabelArray",
    "Matching",
    "Method",
    "MethodState",
    "Mixture",
    "Need",
    "Network",
    "NoiseInputs",
    "NoiseModel",
    "NoiseRate",
    "NoisyTexts",
    "NoisyView",
    "NotRankedError",
    "OutputHistory",
    "Outputs",
    "PathText",
    "Point",
    "ProbabilityArray",
    "Registry",
    "Sizes",
    "TrainBatch",
    "Trainer",
    "TrainingDiagnostics",
    "TrajectoryDiagnostics",
    "UnknownNameError",
    "UsesNoiseRate",
    "Within",
    "above",
    "at_least",
    "generator",
    "latest_probabilities",
    "method_from",
    "methods",
    "noise_from",
    "noises",
    "refuse_unranked",
    "register",
    "register_noise",
    "seed_of",
    "uniform_by_id",
]


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise AttributeError(f"module 'benchmark.contracts' has no attribute '{name}'")
    warn_once(f"benchmark.contracts.{name}", NAMES[name])
    return globals()[NAMES[name]]
