"""What one finished trial leaves: the schema of a record."""

from __future__ import annotations

import base64
import functools
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass

from benchmark.contracts.parameters.bounds import MOST_SEED
from benchmark.records.metric_ranges import SLACK, Metrics

PROTOCOL_VERSION = 1
"""Raised when training, selection or scoring changes for every trial.

Records of two versions never meet.
"""

RULES = ("last", "noisy_valid", "clean_valid", "best_test")
"""Selection rules.

The first two are headline columns, the others are oracles shown as diagnostics.
"""

HEADLINE_RULES = RULES[:2]

BITS_A_BYTE = 8

BODY = ("manifest", "selections", "curve", "train_metrics", "estimated_matrix", "rate_used")
"""The fields of a record that hold what was measured and drawn."""


def refuse_ragged(matrix: list[list[float]]) -> list[list[float]]:
    """Give the matrix back; one with rows of several lengths is a ValueError."""
    if len(lengths := sorted({len(row) for row in matrix})) > 1:
        raise ValueError(f"its rows have lengths from {lengths[0]} to {lengths[-1]}")
    return matrix


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Share = Annotated[float, Field(ge=0, le=1 + SLACK, allow_inf_nan=False)]
Fraction = Annotated[float, Field(gt=0, le=1 + SLACK, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Matrix = Annotated[list[list[Share]], AfterValidator(refuse_ragged)]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class Strict(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Manifest(Strict):
    """What the noise did, the same for every method of a cell.

    `fingerprint` hashes the noisy labels of training and validation. Rates are shares
    of wrong labels among labelled training rows. `transition_matrix[k][j]`: share of
    training rows of class k labelled j, kept up to 100 classes; `requested_matrix` the
    same as the noise model asks for it, where one matrix holds for all texts.
    `unlabelled_rows`: training rows that the source did not label or the noise dropped.
    `known_classes`: how many of the classes, the first ones, validation and test have
    where the noise holds the others out. `class_shares`: the share of each class among
    the noisy training labels, up to 100 classes; None in older records, as are the
    `label_names`, the classes' names. What takes clean labels to know is None where
    there are none.
    """

    noise: str
    fingerprint: str
    corpus_fingerprint: str
    num_classes: Count
    train_rows: Count
    valid_rows: Count
    test_rows: Count
    unlabelled_rows: Count = 0
    requested_rate: Share | None = None
    realised_rate: Share | None
    realised_valid_rate: Share | None = None
    rate_by_class: list[Share | None] | None
    transition_matrix: Matrix | None
    requested_matrix: Matrix | None = None
    known_classes: Count | None = None
    class_shares: list[Share] | None = None
    label_names: list[str] | None = None


class RateUsed(Strict):
    """The noise rate that a method was given, where it came from, and its error."""

    source: Literal["estimated", "oracle", "given"]
    estimator: str | None = None
    value: float
    error: float | None = None


class CheckedRows(Strict):
    """How many test texts have a checked label where the others have none.

    `correct`: packed bits, one a checked text in the order of the test split, base64.
    """

    rows: Count
    correct: Base64


class Selection(Strict):
    """The point that one rule chose, and what the method scored there.

    `metrics` holds `test_accuracy`, `test_macro_f1`, `test_ece`, `test_nll` for the
    averaged networks, the same with `_single` for the mean over single networks,
    `noisy_valid_accuracy`, `clean_valid_accuracy`. A metric that cannot be computed is
    absent, never zero. Without clean test labels `noisy_test_accuracy` and its like
    stand for agreement with the noisy ones. `correct`: packed bits, one a test text,
    base64: right by the same labels. `checked` and metrics like `checked_accuracy` are
    there where the clean labels of some test texts alone are known. `confusion[k][j]`:
    test texts of class k predicted to be j by the averaged networks, kept up to 30
    classes and where their clean labels are known; None in older records.
    """

    stage: Count
    fraction: Fraction
    metrics: Metrics
    correct: Base64 | None = None
    checked: CheckedRows | None = None
    confusion: Annotated[list[list[Count]], AfterValidator(refuse_ragged)] | None = None

    def correctness(self, rows: int) -> npt.NDArray[np.bool_]:
        """One boolean a test text, shape (rows,).

        Fewer or more bits are a ValueError.
        """
        if not holds_bits(self.correct or "", rows):
            raise ValueError(f"the bits are not {rows}, one a test text")
        bits = np.frombuffer(base64.b64decode(self.correct or ""), dtype=np.uint8)
        return np.unpackbits(bits, count=rows).astype(bool)


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class CurvePoint:
    """What was seen at one point of training; with slots, since a report holds hundreds
    of thousands.

    `right_fitted` and `wrong_fitted`: share of the right and of the wrong training
    labels that the classifier gives back; measured with `--curves` only, since it takes
    a pass over the training texts.
    """

    stage: Count
    fraction: Fraction
    noisy_valid_accuracy: Share
    clean_valid_accuracy: Share | None = None
    test_accuracy: Share | None = None
    right_fitted: Share | None = None
    wrong_fitted: Share | None = None


class Costs(Strict):
    """What the trial cost: seconds in all and by phase, passes and memory.

    Shared parts, such as a shared training or the noise-rate estimate, are charged in
    full. Passes count texts times networks.
    """

    wall_s: Amount
    seconds: dict[str, Amount]
    forward_texts: Count
    backward_texts: Count
    peak_mib: Amount
    gpu_peak_mib: Amount | None = None
    device: str
    threads: Count


class Provenance(Strict):
    """Under which code and libraries the record was made, and on which machine
    (`node`).
    """

    benchmark_version: str
    git_commit: str | None
    code_digest: str
    versions: dict[str, str]
    created: str
    node: str | None = None


class Failure(Strict):
    """Why a trial failed."""

    error_class: str
    message: str
    traceback_tail: list[str]


class Record(Strict):
    """One trial: what it was, what came of it, what it cost, under which code.

    `trial` is the id; `cell` hashes what may be compared (corpus, noise, encoder,
    recipe, limits, protocol), seed excluded; `config` is the trial's exact
    configuration, from which the id is made. `train_metrics` hold `memorised` (share of
    wrong labels fitted), `suspicion_auroc`, `suspicion_ap`, `corrected_accuracy`,
    `matrix_error`, `rate_error`, each only where it exists. `estimated_matrix`: the
    transition matrix that the method estimated, rows are true classes, rounded to four
    digits.
    """

    schema_version: Literal[1] = 1
    protocol: int
    trial: Digest
    cell: Digest
    status: Literal["done", "failed"]
    method: str
    family: str
    method_version: int
    networks: int
    needs: list[str]
    oracle: bool
    control: bool
    corpus: str
    noise: str
    noise_kind: str
    noise_rate: float | None
    encoder: str
    recipe: str
    seed: Annotated[int, Field(ge=0, le=MOST_SEED)]
    config: dict[str, Any]
    manifest: Manifest | None = None
    selections: dict[str, Selection] = {}
    curve: list[CurvePoint] = []
    train_metrics: Metrics = {}
    estimated_matrix: Matrix | None = None
    rate_used: RateUsed | None = None
    costs: Costs | None = None
    provenance: Provenance
    failure: Failure | None = None

    def head(self) -> Record:
        """Give the record without what was measured and drawn, which is most of it.

        What stays says which trial it is, how it ended, what it cost and under which
        code it was made.
        """
        return self.model_copy(update=_empty_body())

    @property
    def ranked(self) -> bool:
        """Whether the record may enter a ranking."""
        return self.status == "done" and not self.oracle and not self.control


@functools.cache
def _empty_body() -> dict[str, Any]:
    """The fields of the body as a record has them that holds nothing."""
    return {name: field.get_default() for name, field in Record.model_fields.items() if name in BODY}


def holds_bits(packed: str, rows: int) -> bool:
    """Whether packed bits are one a row, with zeros up to the end of their last byte.

    >>> holds_bits(pack_bits(np.array([True, False])), 2)
    True
    >>> holds_bits(pack_bits(np.array([True, False])), 9)
    False
    """
    try:
        content = base64.b64decode(packed, validate=True)
    except ValueError:
        return False
    filled = rows % BITS_A_BYTE
    return len(content) == -(-rows // BITS_A_BYTE) and not (filled and content[-1] << filled & 0xFF)


def pack_bits(correct: npt.NDArray[np.bool_]) -> str:
    """Packed bits of a boolean vector as base64 text.

    The inverse of `Selection.correctness`.

    >>> correct = pack_bits(np.array([True, False]))
    >>> Selection(stage=1, fraction=1.0, metrics={}, correct=correct).correctness(2)
    array([ True, False])
    """
    return base64.b64encode(np.packbits(correct).tobytes()).decode()
