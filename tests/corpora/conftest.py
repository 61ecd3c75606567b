import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_surroundings(monkeypatch, shared_cache):
    monkeypatch.setenv("BENCHMARK_CACHE", str(shared_cache))
    monkeypatch.delenv("BENCHMARK_OFFLINE", raising=False)


@pytest.fixture
def real_data(monkeypatch):
    folders = os.environ.get("BENCHMARK_DATA") or str(ROOT.parent / "shared" / "data")
    if not all(Path(folder).is_dir() for folder in folders.split(os.pathsep)):
        pytest.skip("real data not at hand: set BENCHMARK_DATA")
    monkeypatch.setenv("BENCHMARK_DATA", folders)
    return folders


@pytest.fixture
def empty_data(monkeypatch, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("BENCHMARK_DATA", str(folder))
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))
    return folder
