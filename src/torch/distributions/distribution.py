"""What distributions share."""
import torch


def broadcast_all(*values):
    like = next((x for x in values if isinstance(x, torch.Tensor)), None)
    dtype = torch.get_default_dtype() if like is None else like.dtype
    tensors = [x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=dtype) for x in values]
    return torch.broadcast_tensors(*tensors)


class Distribution:
    has_rsample = False

    def __init__(self, batch_shape=torch.Size(), event_shape=torch.Size(), validate_args=None):
        self._batch_shape = batch_shape
        self._event_shape = event_shape

    @property
    def batch_shape(self):
        return self._batch_shape

    @property
    def event_shape(self):
        return self._event_shape

    @staticmethod
    def set_default_validate_args(value):
        pass

    def _extended_shape(self, sample_shape=torch.Size()):
        return tuple(sample_shape) + tuple(self._batch_shape) + tuple(self._event_shape)

    def sample(self, sample_shape=torch.Size()):
        with torch.no_grad():
            return self.rsample(sample_shape)

    def sample_n(self, n):
        return self.sample((n,))

    def rsample(self, sample_shape=torch.Size()):
        raise NotImplementedError

    def log_prob(self, value):
        raise NotImplementedError

    def prob(self, value):
        return torch.exp(self.log_prob(value))

    def entropy(self):
        raise NotImplementedError

    @property
    def stddev(self):
        return self.variance.sqrt()

    def perplexity(self):
        return torch.exp(self.entropy())


class Independent(Distribution):
    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        self.base_dist = base_distribution
        self.count = reinterpreted_batch_ndims
        shape = tuple(base_distribution.batch_shape) + tuple(base_distribution.event_shape)
        split = len(base_distribution.batch_shape) - reinterpreted_batch_ndims
        super().__init__(torch.Size(shape[:split]), torch.Size(shape[split:]))

    @property
    def mean(self):
        return self.base_dist.mean

    @property
    def variance(self):
        return self.base_dist.variance

    def rsample(self, sample_shape=torch.Size()):
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value):
        found = self.base_dist.log_prob(value)
        return found.sum(list(range(-self.count, 0))) if self.count else found

    def entropy(self):
        found = self.base_dist.entropy()
        return found.sum(list(range(-self.count, 0))) if self.count else found


class TransformedDistribution(Distribution):
    def __init__(self, base_distribution, transforms, validate_args=None):
        self.base_dist = base_distribution
        self.transforms = transforms if isinstance(transforms, list) else [transforms]
        super().__init__(base_distribution.batch_shape, base_distribution.event_shape)

    def rsample(self, sample_shape=torch.Size()):
        x = self.base_dist.rsample(sample_shape)
        for transform in self.transforms:
            x = transform(x)
        return x


def kl_divergence(p, q):
    if isinstance(p, Independent):
        found = kl_divergence(p.base_dist, q.base_dist)
        return found.sum(list(range(-p.count, 0))) if p.count else found
    return p._kl(q)
