import random
import shutil

import pytest

WORDS = {"money": ["price", "invoice", "refund"], "time": ["late", "hour", "delay"], "=place": ["city", "road", "map"]}


@pytest.fixture(scope="session")
def model_table(tmp_path_factory):
    """A table with three classes whose words tell them apart, a fifth of the labels
    wrong.
    """
    draw = random.Random(0)
    lines = ["words,label"]
    for number in range(150):
        kind = draw.choice(list(WORDS))
        label = kind if draw.random() > 0.2 else draw.choice(list(WORDS))
        lines.append(f"{' '.join(draw.choices(WORDS[kind], k=3))} {number},{label}")
    path = tmp_path_factory.mktemp("model") / "tickets.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def table(tmp_path, model_table):
    """The table in the test's own folder."""
    return shutil.copy(model_table, tmp_path / "tickets.csv")
