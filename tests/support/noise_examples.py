"""A text of each noise model, and inputs that it can be tried on."""

import dataclasses

import numpy as np

from benchmark.contracts import Draws, NoiseInputs, noise_from, noises

EXAMPLES = {
    "clean": "clean()",
    "imbalance": "imbalance(4)",
    "keywords": "keywords()",
    "matrix": "matrix(0.6 0.3 0.1 0 0; 0 0.6 0.3 0.1 0; 0 0 0.6 0.3 0.1; 0.1 0 0 0.6 0.3; 0.3 0.1 0 0 0.6)",
    "observed": "observed(weak)",
    "open_set": "open_set(0.1)",
    "superclass": "superclass(0.4,groups=0-1-2/3-4)",
}
"""Texts for five classes, of models that `name(0.4)` does not name."""

MIXTURES = ["symmetric(0.2)+open_set(0.1)", "imbalance(4)+asymmetric(0.4)", "instance(0.2)+symmetric(0.2)"]
FROM_FILES = {"imported"}
"""Their labels come from a file that names its texts: tests/noise/test_imported.py."""

ALL = [EXAMPLES.get(name, f"{name}(0.4)") for name in noises if name not in FROM_FILES]
EVERY = [*ALL, *MIXTURES]
RATED = [name for name in noises if "rate" in {field.name for field in dataclasses.fields(noises[name])}]

COUNTED_OVERALL = {"crowd", "pmd", "seal", "confusion"}
"""Their wrong labels are counted over all classes, since they gather on doubtful
texts.
"""

NESTED_AS_A_SET = {"crowd"}
"""A wrong label stays wrong at a higher rate, but may become another one."""

DROPS_ROWS = {"open_set"}
"""Their rate counts texts of held-out classes, of which there may be too few:
tests/noise/test_open_set.py.
"""

COUNTED = [name for name in RATED if name not in DROPS_ROWS]
COUNTED_BY_CLASS = [name for name in COUNTED if name not in COUNTED_OVERALL]
WITHOUT_CHANCE = {"clean", "observed", "seal"}
HIGHEST = {"confusion": 0.6}
"""Rates that a model's own cap allows on the inputs below; elsewhere 0.9."""


def at_rate(name, rate):
    """The example of a model at another rate."""
    return dataclasses.replace(noise_from(EXAMPLES.get(name, f"{name}(0.4)")), rate=rate)


def inputs_for(model, clean, ids=None, classes=5, seed=1, split="train", features=None):
    ids = [f"t{i}" for i in range(len(clean))] if ids is None else ids
    features = np.random.default_rng(3).standard_normal((len(clean), 8)) if features is None else features
    observed = {"weak": np.where(np.arange(len(clean)) % 3 == 0, -1, (clean + 1) % classes)}
    draws = Draws(("corpus", model.stream_name(), seed), split, ids)
    names = tuple(f"group{k // 2}.class{k}" for k in range(classes))
    extras = extras_for(len(clean), classes)
    return NoiseInputs(clean, classes, draws, features, observed, *extras, label_names=names)


def extras_for(size, classes):
    """A teacher's probabilities, token ids and texts, none of which says anything of
    the clean labels.
    """
    rng = np.random.default_rng(4)
    teacher, token_ids = rng.dirichlet(np.ones(classes), size), rng.integers(0, 30_522, (size, 12)).astype(np.int32)
    return teacher, token_ids, [" ".join(f"w{word}" for word in row) for row in rng.integers(0, 60, (size, 8))]


def labels_of(size, classes=5, seed=0):
    return np.random.default_rng(seed).integers(0, classes, size)
