"""The shape "semi-supervised": before each epoch the method looks at its training set and writes down a clean set."""

from benchmark.contracts import Method, register


@register
class HalfClean(Method):
    """Cross-entropy on the better fitting half; the rest is mixed with it and pulled to its own second view."""

    name = "semi_supervised"
    share: float = 0.8

    def fit(self, view, kit):
        networks = kit.networks(self.network_count)
        state = {}

        def divide(epoch):
            import torch

            shown = kit.evaluate(networks).probabilities.mean(axis=1)
            fit = shown[range(len(shown)), view.train.noisy_labels]
            state["clean"] = torch.from_numpy(fit >= sorted(fit)[len(fit) // 2]).to(kit.device)

        yield from kit.train(networks, self.loss, state=state, before_epoch=divide)

    def loss(self, batch):
        import torch

        clean = batch.state["clean"][batch.rows].float()
        supervised = (clean * batch.losses).sum() / clean.sum().clamp_min(1.0)
        mixed = batch.classify(self.share * batch.embeddings + (1 - self.share) * batch.embeddings.flip(1))
        target = torch.softmax(batch.second_view(), dim=-1).detach()
        consistency = -(target * torch.log_softmax(mixed, dim=-1)).sum(-1)
        return supervised + ((1 - clean) * consistency).mean()
