"""From the options of a verb to a user's own tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.loading import load_corpus
from benchmark.corpora.own import OwnData, add_own_data
from benchmark.corpora.own_tables.same_texts import Cut
from benchmark.experiment.options import DESCRIPTIONS
from benchmark.training.encoders.names import Encoder, encoder_from

SAME_NAMES = (
    "clean_column",
    "annotator_column",
    "separator",
    "encoding",
    "no_header",
    "fold_case",
    "skip_bad_rows",
    "max_tokens",
)


def own_data_of(given: Mapping[str, Any], encoders: Iterable[str]) -> OwnData | None:
    """Give the tables that options describe, or None where none is named.

    Parameters
    ----------
    given: the options, by the names that `RunOptions` has. None is an option not given.
    encoders: the encoders that will read the texts, by name.
    """
    known = {name: value for name, value in given.items() if value is not None and value != ()}
    if not known.get("data"):
        if any(known.get(name) for name in DESCRIPTIONS):
            raise BenchmarkError(
                "Columns and further files describe --data, which is not given. Name a table by --data."
            )
        return None
    data = _paths(known["data"])
    own = OwnData(
        data=data[0],
        more_data=data[1:],
        text_columns=tuple(known.get("text_columns", ())),
        label_column=_texts(known.get("label_column", ())),
        valid=_path(known.get("valid_data")),
        test=_path(known.get("test_data")),
        label_data=_paths(known.get("label_data", ())),
        id_columns=tuple(known.get("id_columns", ())),
        no_label=tuple(known["no_label"]) if "no_label" in known else None,
        **{name: known[name] for name in SAME_NAMES if name in known},
    )
    return with_cuts(own, encoders)


def with_cuts(own: OwnData, encoders: Iterable[str]) -> OwnData:
    """Give the same tables, their texts compared as the encoders see them.

    An encoder that is not at hand is passed over.
    """
    found = [encoder_from(name) for name in encoders]
    by_tokenizer = {encoder.base: encoder for encoder in found if encoder.at_hand()}
    return replace(own, cuts=tuple(_cut(encoder, own.max_tokens) for encoder in by_tokenizer.values()))


def texts_of_run(own: OwnData, encoder: str) -> list[tuple[str, ...]]:
    """Give the texts of each split that a run on the tables encodes, in its order.

    Rows that cannot be used are left out. Tables that no run takes have no such texts.
    """
    try:
        encoder_from(encoder).fetch()
        name = add_own_data(with_cuts(replace(own, skip_bad_rows=True), [encoder]))
        return [split.texts for split in load_corpus(name).splits.values()]
    except BenchmarkError:
        return []


def _cut(encoder: Encoder, max_tokens: int) -> Cut:
    """Give what the encoder sees of texts, each looked at once."""
    seen: dict[str, str] = {}

    def cut(texts: Sequence[str]) -> list[str]:
        from benchmark.features.cuts import cut_texts

        new = [text for text in dict.fromkeys(texts) if text not in seen and _may_be_cut(text, max_tokens)]
        if new:
            seen.update(zip(new, cut_texts(encoder, new, max_tokens), strict=True))
        return [seen.get(text, text) for text in texts]

    return cut


def _may_be_cut(text: str, max_tokens: int) -> bool:
    """Tell whether a text has as many bytes as tokens are kept, since a token takes one
    at least.
    """
    return len(text.encode("utf-8", "surrogatepass")) >= max_tokens - 2


def _texts(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _paths(given: str | Path | Sequence[str | Path]) -> tuple[Path, ...]:
    return (Path(given),) if isinstance(given, str | Path) else tuple(map(Path, given))


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
