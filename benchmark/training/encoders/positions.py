"""How many tokens of a text an encoder can place: what is asked for beyond that is
refused before anything runs.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.training.encoders.names import Encoder

SCRATCH_POSITIONS = 512


def check_tokens(encoder: Encoder, max_tokens: int, corpus: str) -> None:
    """Raise a BenchmarkError where texts of a corpus are cut later than the encoder's
    last position.
    """
    most = positions_of(encoder)
    if most is not None and max_tokens > most:
        raise BenchmarkError(
            f"Texts of '{corpus}' are to be cut at {max_tokens:,} tokens (--max-tokens, or its card); encoder "
            f"'{encoder.name}' has places for {most}. Give --max-tokens {most} or less, or another encoder."
        )


def positions_of(encoder: Encoder) -> int | None:
    """The encoder's number of positions; None where it is not at hand, or where its
    positions have no end.
    """
    if encoder.kind == "scratch":
        return SCRATCH_POSITIONS
    folder = encoder.folder()
    return None if folder is None else _positions(folder)


@lru_cache(maxsize=32)
def _positions(folder: Path) -> int | None:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        most = int(config["max_position_embeddings"])
        # RoBERTa and its kin count positions from behind the padding token's.
        taken = int(config["pad_token_id"]) + 1 if "roberta" in str(config["model_type"]) else 0
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if config.get("position_biased_input") is False else most - taken
