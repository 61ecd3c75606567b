"""`explain contract` shows all that a method meets, from the source of the contract."""

import inspect
import json

import pytest

from benchmark.cli import contract_page
from benchmark.contracts import (
    GradientMethod,
    Method,
    Need,
    NoisyTexts,
    NoisyView,
    Outputs,
    Point,
    TrainBatch,
    Trainer,
    TrainingDiagnostics,
)
from benchmark.contracts.renamed import Renamed
from benchmark.contracts.trainer import Recipe

MET = [GradientMethod, Method, Need, NoisyTexts, NoisyView, Outputs, Point, TrainBatch, Trainer, TrainingDiagnostics]


@pytest.fixture(scope="module")
def entries():
    return {entry.name: entry for section in contract_page.sections() for entry in section.entries}


def offered(cls):
    """Public names that a class defines itself, without those of the first release."""
    own = set(vars(cls)) | set(inspect.get_annotations(cls))
    earlier = {name for name, value in vars(cls).items() if isinstance(value, Renamed)}
    return {name for name in own if not name.startswith("_")} - earlier


@pytest.mark.parametrize("cls", [*MET, Recipe], ids=lambda cls: cls.__name__)
def test_every_public_name_of_a_class_of_the_contract_stands_below_it(entries, cls):
    assert {member.name for member in entries[cls.__name__].members} == offered(cls)


@pytest.mark.parametrize("cls", [TrainBatch, Trainer, Recipe], ids=lambda cls: cls.__name__)
def test_everything_that_a_method_is_handed_is_described(entries, cls):
    assert [member.name for member in entries[cls.__name__].members if not member.about] == []


def test_the_page_is_printed_with_types_and_docstrings(command):
    lines = [line.strip() for line in command("explain", "contract").out.splitlines()]
    assert "log_probabilities: Tensor" in lines
    assert "loss(batch: TrainBatch) -> Tensor | None" in lines
    assert inspect.getdoc(TrainBatch.second_view) in lines


def test_no_signature_is_wider_than_a_page(entries):
    written = [member.signature for entry in entries.values() for member in entry.members]
    assert max(len(line) for text in written for line in text.splitlines()) <= 110


def test_json_holds_the_same_entries(command, entries):
    content = json.loads(command("explain", "contract", "--json").out)
    assert [entry["name"] for section in content for entry in section["entries"]] == list(entries)


def test_citations_of_the_contract_are_refused(refused):
    assert "--bibtex" in refused("explain", "contract", "--bibtex")


def test_a_misspelt_contract_is_suggested(refused, tmp_path):
    assert "Did you mean 'contract'" in refused("explain", "contrakt", "--from", tmp_path)
