import weakref

from benchmark.records.archive.packing import Packing
from benchmark.records.archive.reading import read_archive
from benchmark.records.run_folder import RunFolder


def test_an_archive_holds_every_record(command, finished_run, tmp_path):
    ended = command("archive", finished_run, tmp_path / "named.parquet")
    assert ended.code == 0
    assert "4 records (4 new)" in ended.out
    kept = {record.trial: record for record in read_archive(tmp_path / "named.parquet")}
    assert kept == RunFolder(finished_run).read().records


def test_an_archive_grows_and_forgets_nothing(command, run_copy, tmp_path):
    target = tmp_path / "named.parquet"
    command("archive", run_copy, target)
    sorted((run_copy / "records").iterdir())[0].unlink()
    assert "4 records (0 new)" in command("archive", run_copy, target).out


def test_a_failure_does_not_take_the_place_of_a_finished_trial(command, run_copy, tmp_path):
    target, folder = tmp_path / "named.parquet", RunFolder(run_copy)
    command("archive", run_copy, target)
    record = next(iter(folder.read().records.values()))
    folder.write(record.model_copy(update={"status": "failed"}))
    command("archive", run_copy, target)
    assert {kept.status for kept in read_archive(target)} == {"done"}


def test_few_records_are_held_at_a_time_while_a_run_is_packed(command, finished_run, tmp_path, monkeypatch):
    seen, held, add = [], [], Packing.add

    def watched(packing, record):
        seen.append(weakref.ref(record))
        held.append(sum(one() is not None for one in seen))
        return add(packing, record)

    monkeypatch.setattr(Packing, "add", watched)
    for _ in range(2):  # the second time the archive's own records are read, too
        command("archive", finished_run, tmp_path / "named.parquet")
    assert len(held) == 12
    assert max(held) <= 2


def test_nothing_to_pack_is_refused(refused, tmp_path):
    (tmp_path / "records").mkdir()
    assert str(tmp_path) in refused("archive", tmp_path, tmp_path / "a.parquet")
    assert str(tmp_path / "none") in refused("archive", tmp_path / "none", tmp_path / "a.parquet")
