"""Makes what trials share, each once: corpus, noisy labels, texts, noise rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmark.noisy_labels.features import KINDS
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.trial.artefacts.corpus import make_corpus
from benchmark.trial.artefacts.encoded_texts import OnTexts, encode_label_names, encode_texts, unheard
from benchmark.trial.artefacts.keys import artefact_keys
from benchmark.trial.artefacts.noise_rate import make_rate
from benchmark.trial.artefacts.noisy_labels import make_noise_array, make_noisy_labels


@dataclass(frozen=True)
class Step:
    """One artefact of a trial: its name, what it is in words, how and from what it is
    made.
    """

    name: str
    what: str
    maker: Callable[[Path], None]
    sources: tuple[str, ...] = ()


def prepare(
    configs: list[TrialConfig],
    artefacts: ArtefactCache,
    device: str,
    on_message: Callable[[str], None],
    warn: Callable[[str], None] | None = None,
    on_texts: OnTexts = unheard,
) -> None:
    """Make every artefact that the trials read and that is not there whole.

    Parameters
    ----------
    configs
        The trials.
    artefacts
        The folder of artefacts. One that is not what its sums say is moved to the
        quarantine and made again, and so are those that were made from it.
    device
        Where encoders run.
    on_message
        Is told what is being made.
    warn
        Is told what is made again, and why; `on_message` where it is None.
    on_texts
        Is told, while texts are encoded, how far that is.
    """
    done: set[str] = set()
    for config in configs:
        for step in _steps(config, artefacts, device, on_texts):
            if step.name in done:
                continue
            done.add(step.name)
            if why := artefacts.trouble(step.name, step.sources):
                kept = artefacts.quarantine(step.name)
                (warn or on_message)(
                    f"{step.what} is made again: {step.name} is not what was written ({why}); see '{kept}'"
                )
            if not artefacts.place(step.name).is_dir():
                on_message(step.what)
                artefacts.make(step.name, step.maker, step.sources)


def _steps(config: TrialConfig, artefacts: ArtefactCache, device: str, on_texts: OnTexts) -> Iterator[Step]:
    """Yield the artefacts of a trial, each after those that it is made from."""
    names = artefact_keys(config)
    common: dict[str, Any] = {"artefacts": artefacts, "names": names, "config": config}
    encode = partial(encode_texts, **common, device=device, on_texts=on_texts)
    yield Step(names.corpus, f"corpus {config.corpus}", partial(make_corpus, config=config))
    made: tuple[str, ...] = (names.corpus,)
    for kind, name in names.noise_arrays.items():
        maker = partial(make_noise_array, kind=kind, artefacts=artefacts, names=names)
        yield Step(name, f"{KINDS[kind]} of {config.corpus} for noise", maker, made)
        made += (name,)
    labels = f"labels {config.noise} of {config.corpus}"
    yield Step(names.noisy_labels, labels, partial(make_noisy_labels, **common), made)
    shown = f"{config.corpus} through {config.encoder}"
    yield Step(names.inputs, shown, encode, (names.corpus,))
    if names.label_names is not None:
        maker = partial(encode_label_names, **common, device=device)
        yield Step(names.label_names, f"label names of {shown}", maker, (names.corpus,))
    if names.rate is not None:
        features = f"features of {config.corpus} for noise rates"
        yield Step(names.rate_features, features, partial(encode, untrained=True), (names.corpus,))
        rate = f"noise rate of {config.noise} on {config.corpus}"
        sources = (names.corpus, names.noisy_labels, names.rate_features)
        yield Step(names.rate, rate, partial(make_rate, **common), sources)
