"""Noisy labels for use elsewhere, and labels made elsewhere for use here."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray, NoiseModel, noise_from
from benchmark.contracts.hashes import sha256_hex, sha256_of_file
from benchmark.contracts.labels.files import (
    SPLITS,
    LabelRow,
    LabelTable,
    read_labels,
    rows_named,
    write_labels,
)
from benchmark.contracts.specs import written
from benchmark.corpora.corpus import Corpus
from benchmark.files.durable import inside, write_whole
from benchmark.noisy_labels.features import arrays_for
from benchmark.noisy_labels.inject import inject_noise, labels_of_split
from benchmark.records.config import noise_fields
from benchmark.records.schema import Manifest, Strict

LABELS, MANIFEST = "labels.csv", "manifest.json"
EXPORTED = ("split", "id", "text_sha256", "noisy_label", "noisy_label_name")
WITH_CLEAN = ("clean_label", "clean_label_name")


class ExportManifest(Strict):
    """What goes with exported labels.

    `rows`: by split; `made`: rates and fingerprints as in every record.
    """

    corpus: str
    noise: str
    noise_version: int
    noise_parameters: dict[str, Any]
    seed: int
    rows: dict[str, int]
    with_clean: bool
    labels_sha256: str
    made: Manifest


@dataclass(frozen=True)
class ImportedLabels:
    """Labels made elsewhere that can be run: the noise that reads them, what they are,
    and what to know of them.
    """

    noise: NoiseModel
    manifest: Manifest
    notes: tuple[str, ...]


def export_labels(corpus: Corpus, noise: NoiseModel, seed: int, folder: Path, with_clean: bool) -> ExportManifest:
    """Write labels.csv and manifest.json into a folder: every training and validation
    text, before any is carved off.

    A text without a noisy label has an empty one. Clean labels are written only
    `with_clean`. Files of other labels in the folder are an error.
    """
    arrays = arrays_for(corpus, noise)
    labels = {name: labels_of_split(corpus, name, noise, seed, arrays) for name in SPLITS if name in corpus.splits}
    columns = EXPORTED + (WITH_CLEAN if with_clean else ())
    rows = (row for name, found in labels.items() for row in _exported(corpus, name, found, with_clean))
    content = write_labels(columns, rows)
    fields = noise_fields(noise)
    manifest = ExportManifest(
        corpus=corpus.name,
        noise=str(noise),
        noise_version=noise.version,
        noise_parameters=fields["noise_parameters"],
        seed=seed,
        rows={name: len(found) for name, found in labels.items()},
        with_clean=with_clean,
        labels_sha256=sha256_hex(content),
        made=inject_noise(corpus, noise, seed, arrays).manifest,
    )
    _write(inside(folder, LABELS), content)
    write_whole(inside(folder, MANIFEST), manifest.model_dump_json(indent=1).encode() + b"\n")
    return manifest


def import_labels(path: Path, corpus: Corpus, out: Path | None = None) -> ImportedLabels:
    """Check labels made elsewhere against a corpus and make them a noise model.

    Unknown classes, ids and splits, missing, doubled and other texts are errors that
    name the rows. A file that finds texts by row number is written again with ids, to
    `out` or beside it.
    """
    table = read_labels(path, corpus.label_names)
    notes: list[str] = []
    rows = _with_ids(table, corpus)
    exported = _manifest_beside(path)
    if not table.by_id or out is not None:
        path = out or path.with_name(f"{path.stem}-by-id.csv")
        _write(path, write_labels(EXPORTED, _with_hashes(rows, corpus)))
        notes.append(f"Written with ids to {path}.")
    known = exported.made.known_classes if exported else None
    noise = _readable(path, 0 if known is None else corpus.num_classes - known)
    manifest = inject_noise(corpus, noise, 0).manifest
    if exported is not None:
        same = "the same" if exported.made.fingerprint == manifest.fingerprint else "NOT the same"
        notes.append(
            f"Exported as {exported.noise}, seed {exported.seed}, of {exported.corpus}: {same} labels after import."
        )
    return ImportedLabels(noise, manifest, tuple(notes))


def _exported(corpus: Corpus, name: str, labels: LabelArray, with_clean: bool) -> Iterator[tuple[object, ...]]:
    split = corpus.splits[name]
    for row, (text_id, text) in enumerate(zip(split.ids, split.texts, strict=True)):
        clean = _label(corpus, int(split.clean_labels[row])) if with_clean else ()
        yield (name, text_id, sha256_hex(text), *_label(corpus, int(labels[row])), *clean)


def _label(corpus: Corpus, label: int) -> tuple[object, object]:
    return ("", "") if label == UNLABELLED else (label, corpus.label_names[label])


def _write(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() != content:
        raise BenchmarkError(f"{path} holds other labels already. Give another --out, or move it away.")
    write_whole(path, content)


def _with_ids(table: LabelTable, corpus: Corpus) -> list[LabelRow]:
    """The rows with ids of the corpus as keys.

    A key that the corpus does not have is an error that names its rows.
    """
    ids: dict[tuple[str, str], str] = {}
    for name in SPLITS:
        for place, text_id in enumerate(corpus.splits[name].ids if name in corpus.splits else ()):
            ids[name, text_id if table.by_id else str(place)] = text_id
    unknown = [row for row in table.rows if (row.split, row.key) not in ids]
    if unknown:
        sizes = ", ".join(f"{len(corpus.splits[name])} {name} texts" for name in SPLITS if name in corpus.splits)
        raise BenchmarkError(
            f"{table.path}, {rows_named([row.number for row in unknown])}: corpus '{corpus.name}' has no such text "
            f"({'id' if table.by_id else 'row'} '{unknown[0].key}' of {unknown[0].split}). It has {sizes}"
            f'{"" if table.by_id else ", counted from 0"}; `noise export "clean()"` writes a file with every id.'
        )
    return [dataclasses.replace(row, key=ids[row.split, row.key]) for row in table.rows]


def _with_hashes(rows: list[LabelRow], corpus: Corpus) -> Iterator[tuple[object, ...]]:
    """Rows as `EXPORTED`.

    A hash that the file gave stays, so that other texts are still noticed.
    """
    texts = {
        (name, text_id): text
        for name in SPLITS
        if name in corpus.splits
        for text_id, text in zip(corpus.splits[name].ids, corpus.splits[name].texts, strict=True)
    }
    for row in rows:
        hashed = row.text_sha256 or sha256_hex(texts[row.split, row.key])
        yield (row.split, row.key, hashed, *_label(corpus, row.label))


def _readable(path: Path, held_out: int) -> NoiseModel:
    """The noise that reads the file.

    A path that a noise's text cannot carry is an error.
    """
    try:
        noise = noise_from(f"imported({written(str(path))}{f',held_out={held_out}' if held_out else ''})")
    except BenchmarkError:
        noise = None
    if noise is None or Path(str(getattr(noise, "file", ""))) != path:
        raise BenchmarkError(f"The path {path} cannot stand in a noise: give it a name of letters, digits and . - _.")
    return noise


def _manifest_beside(path: Path) -> ExportManifest | None:
    """The manifest of an export beside its labels; one of other labels is none."""
    try:
        found = ExportManifest.model_validate_json((path.parent / MANIFEST).read_bytes())
        same = found.labels_sha256 == sha256_of_file(path)
    except (OSError, ValidationError):
        return None
    return found if same else None
