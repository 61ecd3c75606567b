"""What the record of a trial says beside its scores and costs."""

from __future__ import annotations

from typing import Any

from benchmark.contracts import Method
from benchmark.records.code.provenance import code_digest, provenance
from benchmark.records.config import TrialConfig
from benchmark.records.schema import Failure, RateUsed, Record
from benchmark.trial.inputs import TrialInputs
from benchmark.trial.task import TrialTask


def failed_record(task: TrialTask, failure: Failure, node: str | None = None) -> Record:
    """Make the record of a trial that did not end.

    It is shown, never averaged, and tried again on the next run.
    """
    fields = identity(task.config, task.config.make_method())
    if node is not None:
        fields["provenance"] = fields["provenance"].model_copy(update={"node": node})
    return Record(**fields, status="failed", failure=failure)


def rate_used(method: Method, trial_inputs: TrialInputs) -> RateUsed | None:
    """Give the noise rate that the method was told, or None for a method without."""
    source = method.noise_rate_source
    if source is None:
        return None
    true = trial_inputs.noisy.manifest.realised_rate
    if source == "oracle" and true is not None:
        return RateUsed(source="oracle", value=true, error=0.0)
    if source == "estimated" and trial_inputs.rate is not None:
        value = float(trial_inputs.rate["rate"])
        error = None if true is None else value - true
        return RateUsed(source="estimated", estimator=trial_inputs.rate["estimator"], value=value, error=error)
    value = float(source)
    return RateUsed(source="given", value=value, error=None if true is None else value - true)


def identity(config: TrialConfig, method: Method) -> dict[str, Any]:
    """Give the fields of a record that are known before the trial runs."""
    noise = config.make_noise()
    return {
        "protocol": config.protocol,
        "trial": config.id,
        "cell": config.cell,
        "method": config.method,
        "family": method.family,
        "method_version": method.version,
        "networks": method.networks,
        "needs": sorted(need.value for need in method.needs()),
        "oracle": method.oracle,
        "control": method.control,
        "corpus": config.corpus,
        "noise": config.noise,
        "noise_kind": noise.kind,
        "noise_rate": noise.requested_rate,
        "encoder": config.encoder,
        "recipe": config.recipe["name"],
        "seed": config.seed,
        "config": config.model_dump(mode="json"),
        "provenance": provenance(code_digest(type(method))),
    }
