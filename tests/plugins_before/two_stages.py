"""The shape "two stages": the first is trained and not selectable, the second predicts from what the first showed."""

from benchmark.contracts import Method, Point, register


@register
class MeanOverPoints(Method):
    """The prediction is the mean of the probabilities that the first stage showed at all of its points."""

    name = "two_stages"
    reads = "all"

    def fit(self, view, kit):
        networks = kit.networks(self.network_count)
        yield from kit.train(networks, lambda batch: batch.losses.mean(), selectable=False)
        yield Point(fraction=1.0, predict=mean_of_all, stage=2)


def mean_of_all(seen):
    return sum(outputs.probabilities for outputs in seen) / len(seen)
