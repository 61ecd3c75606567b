"""The networks that methods train: an encoder's embedding, then a linear classifier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmark.training.encoders.names import Encoder
from benchmark.training.precision import autocast
from benchmark.training.recipes import Recipe

SCRATCH_CONFIG = {"hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 256}
SCRATCH_VOCABULARY = 16_384


KEEP_A_READY_MASK = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert"})
"""Kinds of transformers that use a mask of four dimensions as it is."""


class FrozenHead(nn.Module):
    """One hidden layer over standardised fixed features.

    The hidden layer is the embedding.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Tensor, deviation: Tensor, hidden: int, num_classes: int, dropout: float) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.hidden = nn.Linear(mean.shape[0], hidden)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(hidden, num_classes)

    def embed(self, features: Tensor) -> Tensor:
        """Embedding, (B, hidden), from features, (B, D)."""
        return torch.relu(self.hidden(self.represent(features)))

    def represent(self, features: Tensor) -> Tensor:
        """Standardised features, (B, D): what no training changes."""
        return (features - self.mean) / self.deviation

    def classify(self, embedding: Tensor) -> Tensor:
        """Logits, (B, C)."""
        logits: Tensor = self.classifier(self.dropout(embedding))
        return logits


class TransformerClassifier(nn.Module):
    """A transformer, pooled, and a linear classifier in float32."""

    def __init__(self, transformer: Any, num_classes: int, recipe: Recipe) -> None:
        super().__init__()
        self.transformer = transformer
        # Where the library makes the mask it waits for the GPU, and leaves it out of a batch without padding, whose
        # dropout then draws otherwise than that of a captured pass.
        self.takes_ready_masks = (
            transformer.config.model_type in KEEP_A_READY_MASK
            and getattr(transformer.config, "_attn_implementation", None) == "sdpa"
        )
        self.precision = recipe.precision
        self.pooling = recipe.pooling
        self.dropout = nn.Dropout(recipe.dropout)
        self.classifier = nn.Linear(transformer.config.hidden_size, num_classes)
        nn.init.normal_(self.classifier.weight, std=0.02)
        nn.init.zeros_(self.classifier.bias)

    def embed(self, batch: dict[str, Tensor]) -> Tensor:
        """Pooled last hidden state, float32, (B, D): mean over tokens, or the first
        token's.
        """
        given = batch
        if self.takes_ready_masks and has_ready_masks(batch["input_ids"].device):
            given = {**batch, "attention_mask": ready_mask(batch["attention_mask"])}
        with autocast(self.precision, batch["input_ids"].device):
            states = self.transformer(**given).last_hidden_state
        states = states.float()
        if self.pooling == "cls":
            first: Tensor = states[:, 0]
            return first
        return mean_pool(states, batch["attention_mask"])

    def represent(self, batch: dict[str, Tensor]) -> Tensor:
        """The embedding, (B, D)."""
        return self.embed(batch)

    def classify(self, embedding: Tensor) -> Tensor:
        """Logits, float32, (B, C)."""
        logits: Tensor = self.classifier(self.dropout(embedding))
        return logits


def has_ready_masks(device: torch.device) -> bool:
    """Say whether passes on a device are handed masks that are made here."""
    return device.type == "cuda"


def ready_mask(mask: Tensor) -> Tensor:
    """Give the mask of scaled dot products, bool (B, 1, T, T), from (B, T)."""
    texts, tokens = mask.shape
    return mask.bool()[:, None, None, :].expand(texts, 1, tokens, tokens)


def mean_pool(states: Tensor, mask: Tensor) -> Tensor:
    """Mean over the tokens that the mask keeps, (B, D) from (B, T, D) and (B, T)."""
    weights = mask.unsqueeze(-1).to(states.dtype)
    pooled: Tensor = (states * weights).sum(1) / weights.sum(1).clamp_min(1.0)
    return pooled


def load_transformer(folder: Path, dropout: float | None = None) -> Any:
    """A pre-trained transformer from local safetensors; remote code is never run."""
    from transformers import AutoConfig, AutoModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if dropout is not None:
        for key in ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout"):
            if hasattr(config, key):
                setattr(config, key, dropout)
    options = {"add_pooling_layer": False} if config.model_type in {"bert", "roberta"} else {}
    return AutoModel.from_pretrained(
        folder,
        config=config,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        dtype=torch.float32,
        **options,
    )


def scratch_transformer(dropout: float) -> Any:
    """A small transformer with random weights from torch's current stream."""
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=SCRATCH_VOCABULARY,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        **SCRATCH_CONFIG,
    )
    return BertModel(config, add_pooling_layer=False)


def build_network(encoder: Encoder, recipe: Recipe, num_classes: int, statistics: tuple[Tensor, Tensor] | None) -> Any:
    """A fresh network of the encoder, its random weights drawn from torch's current
    stream.
    """
    if encoder.kind == "frozen":
        if statistics is None or recipe.hidden is None:
            raise ValueError("a frozen encoder needs the features' statistics and a hidden size")
        return FrozenHead(*statistics, hidden=recipe.hidden, num_classes=num_classes, dropout=recipe.dropout)
    if encoder.kind == "scratch":
        return TransformerClassifier(scratch_transformer(recipe.dropout), num_classes, recipe)
    folder = encoder.folder()
    if folder is None:
        raise FileNotFoundError(f"the weights of '{encoder.name}' are not on this machine")
    return TransformerClassifier(load_transformer(folder, recipe.dropout), num_classes, recipe)
