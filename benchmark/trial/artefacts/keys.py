"""Artefacts by name: what determines each, hashed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from benchmark.contracts import Need
from benchmark.records.config import TrialConfig, digest
from benchmark.training.encoders.names import Encoder, encoder_from
from benchmark.training.recipes import DEFAULT_PRECISION

CORPUS_FORM = 2
"""Raised when the stored form of a corpus changes, so that one of an older form is made
again.
"""


class ArtefactKeys(BaseModel):
    """Names of the artefacts that one trial reads.

    `label_names` is None where the trial's method does not declare the need of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str
    noise_arrays: dict[str, str]
    noisy_labels: str
    inputs: str
    label_names: str | None
    rate_features: str
    rate: str | None


def artefact_keys(config: TrialConfig) -> ArtefactKeys:
    """Name the artefacts of a trial by what determines them."""
    encoder = encoder_from(config.encoder)
    trained, frozen = _encoding(encoder, config), _encoding(encoder.without_training, config)
    limits = config.limits.model_dump()
    corpus = digest({"corpus": config.corpus, "card": config.card, "limits": limits, "form": CORPUS_FORM})
    noise = config.noise_parameters | {"version": config.noise_version, "source": config.noise_source}
    noisy = digest({"corpus": corpus, "noise": config.noise, "law": noise, "seed": config.seed})
    texts = {"corpus": corpus, "weights": config.weights, "tokens": config.recipe["max_tokens"]}
    inputs = digest(texts | trained)
    features = digest(texts | frozen)
    rate = digest({"noisy": noisy, "features": features, "estimator": config.estimator, "encoder": config.encoder})
    return ArtefactKeys(
        corpus=f"corpus-{corpus}",
        noise_arrays={kind: f"noise-{kind}-{corpus}" for kind in config.make_noise().arrays_made},
        noisy_labels=f"noise-{noisy}",
        inputs=f"inputs-{inputs}",
        label_names=f"label-names-{inputs}" if Need.LABEL_NAMES in config.make_method().needs() else None,
        rate_features=f"inputs-{features}",
        rate=f"rate-{rate}" if config.estimator else None,
    )


def _encoding(encoder: Encoder, config: TrialConfig) -> dict[str, str]:
    """Give what of an encoder its inputs depend on.

    Features come out of a transformer's passes, whose precision decides them where it
    is not the default. Token ids do not.
    """
    precision = config.recipe.get("precision", DEFAULT_PRECISION)
    passes = encoder.kind == "frozen" and precision != DEFAULT_PRECISION
    return {"kind": encoder.kind, "base": encoder.base} | ({"precision": precision} if passes else {})
