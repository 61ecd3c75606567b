import pytest
import torch

from methods.shared.neighbours import nearest as neighbours
from methods.shared.neighbours.nearest import nearest, weighted_votes


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("chunk", [1, 7, 64, 1_000])
def test_chunked_neighbours_are_those_of_brute_force(monkeypatch, chunk):
    monkeypatch.setattr(neighbours, "CHUNK", chunk)
    queries, bank = drawn(64, 5), drawn(90, 5, seed=1)
    whole = (queries[:, None] - bank[None]).norm(dim=2)
    expected = whole.sort(dim=1)
    distances, positions = nearest(queries, bank, 8)
    assert torch.equal(positions, expected.indices[:, :8])
    torch.testing.assert_close(distances, expected.values[:, :8])


@pytest.mark.parametrize("chunk", [7, 1_000])
def test_the_query_itself_is_passed_over_and_none_else(monkeypatch, chunk):
    monkeypatch.setattr(neighbours, "CHUNK", chunk)
    points = drawn(30, 4)
    members = torch.arange(0, 30, 2)
    own = torch.full((30,), -1)
    own[members] = torch.arange(15)
    _, positions = nearest(points, points[members], 14, own)
    for row in range(30):
        found = members[positions[row]]
        assert row not in found
        assert len(set(found.tolist())) == 14


def test_count_is_lowered_to_what_the_bank_holds():
    points = drawn(4, 3)
    assert nearest(points, points, 10)[0].shape == (4, 4)
    assert nearest(points, points, 10, torch.arange(4))[0].shape == (4, 3)
    assert torch.isfinite(nearest(points, points, 10, torch.arange(4))[0]).all()


def test_lone_member_of_the_bank_is_its_own_neighbour():
    points = drawn(3, 2)
    distances, positions = nearest(points, points[:1], 10, torch.tensor([0, -1, -1]))
    assert positions.tolist() == [[0], [0], [0]]
    assert torch.isfinite(distances).all()


def test_votes_weigh_by_inverse_distance():
    votes = weighted_votes(torch.tensor([[1.0, 2.0, 4.0]]), torch.tensor([[0, 1, 1]]), 3)
    torch.testing.assert_close(votes, torch.tensor([[4 / 7, 3 / 7, 0.0]]))


def test_votes_of_neighbours_at_distance_zero_share_all_the_weight():
    distances = torch.tensor([[0.0, 0.0, 1e-9, 1.0]])
    votes = weighted_votes(distances, torch.tensor([[0, 1, 2, 2]]), 3)
    assert votes.tolist() == [[0.5, 0.5, 0.0]]
