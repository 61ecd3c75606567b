"""What a method is given beyond noisy training and validation data."""

from __future__ import annotations

from enum import StrEnum


class Need(StrEnum):
    """One thing beyond the noisy view; all but the last three are oracles: what no practitioner has.

    `UNLABELLED_TEXTS`: training texts that observed noise left without a label and keeps (`abstain=keep`), else none.
    """

    NOISE_RATE = "noise_rate"
    TRANSITION_MATRIX = "transition_matrix"
    CLEAN_TRAIN_LABELS = "clean_train_labels"
    CLEAN_VALID_LABELS = "clean_valid_labels"
    CLEAN_TEST_LABELS = "clean_test_labels"
    TEST_TEXTS = "test_texts"
    LABEL_NAMES = "label_names"
    UNLABELLED_TEXTS = "unlabelled_texts"

    @property
    def oracle(self) -> bool:
        """Whether an instance with this need is marked in every table and never ranked."""
        return self not in (Need.TEST_TEXTS, Need.LABEL_NAMES, Need.UNLABELLED_TEXTS)
