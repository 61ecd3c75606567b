"""Texts to inputs, once a corpus and encoder: token ids, or mean-pooled features of a
frozen encoder.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmark.training.encoders.names import Encoder

if TYPE_CHECKING:
    from benchmark.training.inputs import TokenInputs

TokenArray = npt.NDArray[np.int32]
RowArray = npt.NDArray[np.int64]
StartArray = npt.NDArray[np.int64]
FeatureArray = npt.NDArray[np.float32]

WORD = re.compile(r"\w+|[^\w\s]")
HASHED_WORDS = 16_382
"""Buckets of the hashed vocabulary of `scratch` encoders; 0 pads, 1 starts a text."""

PADDING_OF_SCRATCH = 0

LARGE = 2_048
"""Batches of at least so many padded tokens have bits that do not depend on torch's
threads.

Only the last batch of some texts has fewer. It is computed with as many threads as the
caller set.
"""

OnBatch = Callable[[int, float], None]
"""Is told after each batch how many texts are done and the share of all tokens that
they hold.
"""


def tokenise(encoder: Encoder, texts: Sequence[str], max_tokens: int) -> tuple[TokenArray, StartArray, int]:
    """Token ids of all texts one after another, the place where each begins (N + 1,),
    and the padding id.
    """
    if encoder.kind == "scratch":
        rows = [_hashed(text, max_tokens) for text in texts]
        padding = PADDING_OF_SCRATCH
    else:
        tokenizer = load_tokenizer(encoder)
        rows = tokenizer(list(texts), truncation=True, max_length=max_tokens, add_special_tokens=True)["input_ids"]
        padding = tokenizer.pad_token_id or 0
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    flat = np.fromiter((token for row in rows for token in row), dtype=np.int32, count=int(starts[-1]))
    return flat, starts, padding


def shortened(encoder: Encoder, texts: Sequence[str], max_tokens: int) -> list[str]:
    """What the encoder sees of each text: its beginning, up to the last token that is
    kept.

    A tokenizer that does not say where its tokens are leaves texts whole.
    """
    if encoder.kind == "scratch":
        return [_first_words(text, max_tokens - 1) for text in texts]
    tokenizer = load_tokenizer(encoder)
    if not tokenizer.is_fast:
        return list(texts)
    places = tokenizer(list(texts), truncation=True, max_length=max_tokens, return_offsets_mapping=True)
    ends = [max((end for _, end in offsets), default=0) for offsets in places["offset_mapping"]]
    return [
        text[:end] if len(ids) >= max_tokens else text
        for text, end, ids in zip(texts, ends, places["input_ids"], strict=True)
    ]


def _first_words(text: str, count: int) -> str:
    words = list(itertools.islice(WORD.finditer(text), count + 1))
    return text if len(words) <= count else text[: words[count - 1].end()]


def load_tokenizer(encoder: Encoder) -> Any:
    """The tokenizer that lies beside the encoder's weights."""
    from transformers import AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()
    folder = encoder.folder()
    if folder is None:
        raise FileNotFoundError(f"the tokenizer of '{encoder.name}' is not on this machine")
    return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _hashed(text: str, max_tokens: int) -> list[int]:
    words = WORD.findall(text.lower())[: max_tokens - 1]
    return [1] + [2 + zlib.crc32(word.encode()) % HASHED_WORDS for word in words]


def pooled_features(
    encoder: Encoder,
    texts: Sequence[str],
    max_tokens: int,
    device: str = "cpu",
    precision: str = "float32",
    on_batch: OnBatch = lambda rows, share: None,
    cores: int | None = None,
) -> FeatureArray:
    """Mean-pooled last hidden states of the frozen encoder, float32, (N, D), in the
    order of the texts.

    After each batch `on_batch` is told how many texts are done and the share of all
    tokens that they hold, by which the time goes. On a CPU `cores` work at a time, all
    by default, and their number decides no bit.
    """
    import torch

    from benchmark.training.cuda import compute_deterministically
    from benchmark.training.encoders.networks import load_transformer, mean_pool
    from benchmark.training.inputs import TokenInputs
    from benchmark.training.precision import autocast

    tokens, starts, padding = tokenise(encoder, texts, max_tokens)
    inputs = TokenInputs(tokens, starts, padding, np.arange(len(texts)))
    target = torch.device(device)
    if target.type == "cuda":
        compute_deterministically()
    folder = encoder.folder()
    if folder is None:
        raise FileNotFoundError(f"the weights of '{encoder.name}' are not on this machine")
    transformer = load_transformer(Path(folder)).to(target).eval()

    def pooled(rows: RowArray) -> FeatureArray:
        batch = inputs.batch(rows, target)
        with torch.inference_mode():
            with autocast(precision, target):
                states = transformer(**batch).last_hidden_state
            means: FeatureArray = mean_pool(states.float(), batch["attention_mask"]).cpu().numpy()
        return means

    features = np.zeros((len(texts), transformer.config.hidden_size), dtype=np.float32)
    batches = _batches(inputs, device)
    lengths, rows_done, tokens_done = np.diff(starts), 0, 0
    shared = sum(len(rows) * int(lengths[rows].max()) >= LARGE for rows in batches) if device == "cpu" else 0
    with closing(_each(pooled, batches, shared, cores)) as found:
        for rows, means in zip(batches, found, strict=True):
            features[rows] = means
            rows_done, tokens_done = rows_done + len(rows), tokens_done + int(lengths[rows].sum())
            on_batch(rows_done, tokens_done / max(1, len(tokens)))
    return features


def parts_of_whole_batches(
    encoder: Encoder, texts: Sequence[str], max_tokens: int, device: str, batches_a_part: int
) -> list[tuple[RowArray, float]]:
    """Cut a list of texts into parts whose features, made part by part, are those of
    the list to the bit.

    A part holds the rows of so many of the list's batches, the longest texts first, and
    comes with its share of all tokens.
    """
    from benchmark.training.inputs import TokenInputs

    tokens, starts, padding = tokenise(encoder, texts, max_tokens)
    batches = _batches(TokenInputs(tokens, starts, padding, np.arange(len(texts))), device)
    parts = [np.concatenate(batches[at : at + batches_a_part]) for at in range(0, len(batches), batches_a_part)]
    lengths = np.diff(starts)
    return [(rows, int(lengths[rows].sum()) / max(1, len(tokens))) for rows in parts]


def _batches(inputs: TokenInputs, device: str) -> list[RowArray]:
    """Give the rows of each batch whose features are made at a time."""
    from benchmark.training.inputs import evaluation_batches

    return list(evaluation_batches(inputs, tokens_a_batch=4_096 if device == "cpu" else 65_536))


def _each(
    pooled: Callable[[RowArray], FeatureArray], batches: Sequence[RowArray], shared: int, cores: int | None
) -> Generator[FeatureArray, None, None]:
    """Give the features of each batch; the first `shared` ones go to several cores."""
    from benchmark.training.encoders.cores import on_cores

    with on_cores(pooled, batches[:shared], cores) as found:
        yield from found
    yield from map(pooled, batches[shared:])
