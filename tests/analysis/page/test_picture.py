import itertools
import math
import xml.etree.ElementTree as ElementTree

import pytest

from benchmark.analysis.page.means import standings
from benchmark.analysis.page.picture import Spot, draw, gain_ticks, picture

EVIL = "<script>alert(1)</script>"
SPOTS = [Spot("cross_entropy", 1.0, 0.0), Spot("gce", 1.1, 3.0, 1.0, 5.0), Spot("dygen", 6.0, 9.0, 7.0, 11.0, True)]


def drawn(spots):
    return ElementTree.fromstring(str(draw(spots, "points gained", "time")))


def circles(root):
    return {
        group.find("title").text.split(" ")[0]: (float(circle.get("cx")), float(circle.get("cy")))
        for group in root.iter("g")
        for circle in group.iter("circle")
    }


def test_a_higher_gain_is_drawn_higher_and_a_slower_method_further_right():
    places = circles(drawn(SPOTS))
    assert places["cross_entropy"][1] > places["gce"][1] > places["dygen"][1]
    assert places["cross_entropy"][0] < places["gce"][0] < places["dygen"][0]


def test_the_picture_is_an_image_with_a_name_that_tells_every_method():
    root = drawn(SPOTS)
    assert root.get("role") == "img"
    assert root.find("title").text == root.get("aria-label")
    assert all(spot.name in root.get("aria-label") for spot in SPOTS)


def test_the_used_method_alone_is_marked():
    assert [group.find("title").text.split(" ")[0] for group in drawn(SPOTS).iter("g") if group.get("class")] == [
        "dygen"
    ]


def test_names_do_not_overlap():
    crowded = [Spot(f"method_{place}", 1 + place / 100, 5.0) for place in range(20)]
    heights = sorted(float(group.find("text").get("y")) for group in drawn(crowded).iter("g"))
    assert min(after - before for before, after in itertools.pairwise(heights)) > 15


def test_a_name_that_looks_like_a_script_is_text():
    assert "<script" not in str(draw([*SPOTS, Spot(EVIL, 2.0, 1.0)], "points gained", "time"))


def test_without_an_interval_no_bar_is_drawn():
    assert "whisker" not in str(draw([Spot("a", 1.0, 0.0), Spot("b", 2.0, 1.0)], "points gained", "time"))


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.0), (-0.01, 0.02), (-3.3, 15.7), (-140.0, 20.0)])
def test_ticks_are_few_and_hold_everything_and_zero(low, high):
    ticks = gain_ticks(low, high)
    assert 2 <= len(ticks) <= 8
    assert ticks[0] <= min(low, 0)
    assert ticks[-1] >= max(high, 0)
    assert 0 in ticks


def test_the_same_results_give_the_same_bytes_with_intervals_for_one_corpus_alone(factory, result_set_of):
    methods, noises = ["cross_entropy", "elr", "gce"], ["symmetric(0.2)", "symmetric(0.4)"]
    one, two = (
        result_set_of(factory.grid(methods, noises, [1, 2, 3], corpora)) for corpora in (["trec"], ["trec", "agnews"])
    )
    again = result_set_of(factory.grid(methods, noises, [3, 2, 1], ["trec"]))
    assert picture(one, standings(one)) == picture(again, standings(again))
    assert "whisker" in picture(one, standings(one))
    assert "whisker" not in picture(two, standings(two))


def test_a_reference_alone_is_no_picture(factory, result_set_of):
    results = result_set_of(factory.grid(["cross_entropy", "gce"], ["symmetric(0.2)"], [1, 2]))
    assert picture(results, standings(results)) == ""
    assert math.isnan(Spot("a", 1.0, 1.0).low)
