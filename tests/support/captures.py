"""Tiny trainings of a transformer, whose captures are the plain call."""

import numpy as np

from benchmark.training.encoders.names import encoder_from
from benchmark.training.gpu.capture import Embedding
from benchmark.training.gpu.ways import Ways
from benchmark.training.inputs import TokenInputs
from benchmark.training.recipes import FROM_SCRATCH, Recipe
from benchmark.training.trainer import TrialTrainer

TEXTS, EPOCHS, WORTH = 84, 2, 4
"""So many steps of a shape are worth a capture in tests."""


class Captures:
    """Counts captures and passes by them; each pass is the plain call."""

    def __init__(self, fails_at=None):
        self.shapes, self.passes, self.fails_at = [], 0, fails_at

    def __call__(self, network, input_ids, attention_mask, pool):
        self.shapes.append(tuple(input_ids.shape))
        if len(self.shapes) == self.fails_at:
            raise RuntimeError("operation not permitted when stream is capturing")
        embed = Embedding(network)

        def run(*given):
            self.passes += 1
            return embed(*given)

        return run

    def ways(self):
        return Ways(capture=self, new_pool=lambda device: None)


def inputs():
    lengths = np.arange(TEXTS) % 2 * 4 + 5
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return TokenInputs((np.arange(starts[-1]) % 97 + 2).astype(np.int32), starts, 0, np.arange(TEXTS))


def trainer_of(ways=None, device="cpu", **changes):
    recipe = FROM_SCRATCH.as_config() | {"epochs": EPOCHS, "batch_size": 8} | changes
    return TrialTrainer(
        encoder=encoder_from("scratch:tiny"),
        recipe=Recipe(**recipe),
        num_classes=3,
        inputs={"train": inputs()},
        noisy_labels=np.arange(TEXTS) % 3,
        shared_seed=("test", 0),
        own_seed=("test", 0, "plain"),
        device=device,
        ways=ways,
    )


def plain(batch):
    return batch.losses.mean()


def weights(trainer, loss=plain, count=1, **options):
    networks = trainer.networks(count)
    for _ in trainer.train(networks, loss, **options):
        pass
    return [value.cpu() for network in networks for value in network.state_dict().values()]
