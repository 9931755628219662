"""Distributions over classes and counts, given by probabilities or logits."""
import torch
import torch.nn.functional as F
from torch.distributions.distribution import Distribution


class Categorical(Distribution):
    def __init__(self, probs=None, logits=None, validate_args=None):
        if probs is not None:
            self.probs = probs / probs.sum(-1, keepdim=True)
            self._logits = None
        else:
            self._logits = logits - logits.logsumexp(dim=-1, keepdim=True)
            self.probs = None
        given = probs if probs is not None else logits
        self._num_events = given.size(-1)
        super().__init__(given.shape[:-1])

    def __getattribute__(self, name):
        value = object.__getattribute__(self, name)
        if name == "probs" and value is None:
            value = F.softmax(self._logits, dim=-1)
            self.probs = value
        return value

    @property
    def logits(self):
        if self._logits is None:
            self._logits = torch.log(self.probs.clamp(1e-7, 1 - 1e-7))
        return self._logits

    def sample(self, sample_shape=torch.Size()):
        flat = self.probs.reshape(-1, self._num_events)
        count = 1
        for size in sample_shape:
            count = count * size
        return torch.multinomial(flat, count, True).t().reshape(self._extended_shape(sample_shape))

    def log_prob(self, value):
        value = value.long().unsqueeze(-1)
        value, scores = torch.broadcast_tensors(value, self.logits)
        return scores.gather(-1, value[..., :1]).squeeze(-1)

    def entropy(self):
        return -(self.logits * self.probs).sum(-1)

    @property
    def mode(self):
        return self.probs.argmax(dim=-1)

    def _kl(self, other):
        return (self.probs * (self.logits - other.logits)).sum(-1)


class OneHotCategorical(Categorical):
    def sample(self, sample_shape=torch.Size()):
        return F.one_hot(super().sample(sample_shape), self._num_events).to(self.probs)

    def log_prob(self, value):
        return (self.logits * value).sum(-1)


class RelaxedOneHotCategorical(OneHotCategorical):
    has_rsample = True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        self.temperature = temperature
        super().__init__(probs, logits)

    def rsample(self, sample_shape=torch.Size()):
        shape = tuple(sample_shape) + tuple(self.logits.shape)
        noise = -((-torch.rand(shape).log()).log())
        return F.softmax((self.logits + noise) / self.temperature, dim=-1)


class Bernoulli(Distribution):
    def __init__(self, probs=None, logits=None, validate_args=None):
        given = probs if probs is not None else logits
        if not isinstance(given, torch.Tensor):
            given = torch.tensor(given)
        self.given = given
        self.by_logits = probs is None
        super().__init__(given.shape)

    @property
    def probs(self):
        return torch.sigmoid(self.given) if self.by_logits else self.given

    @property
    def logits(self):
        return self.given if self.by_logits else torch.log(self.given) - torch.log1p(-self.given)

    @property
    def mean(self):
        return self.probs

    def sample(self, sample_shape=torch.Size()):
        with torch.no_grad():
            return torch.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value):
        return -F.binary_cross_entropy_with_logits(self.logits, value, reduction="none")

    def entropy(self):
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def _kl(self, other):
        return self.probs * (self.logits - other.logits)


class RelaxedBernoulli(Bernoulli):
    has_rsample = True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        self.temperature = temperature
        super().__init__(probs, logits)

    def rsample(self, sample_shape=torch.Size()):
        noise = torch.rand(self._extended_shape(sample_shape))
        return torch.sigmoid((self.logits + noise.log() - (-noise).log1p()) / self.temperature)


class Binomial(Bernoulli):
    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        self.total_count = total_count
        super().__init__(probs, logits)


class Poisson(Distribution):
    def __init__(self, rate, validate_args=None):
        self.rate = rate
        super().__init__(rate.shape)

    def sample(self, sample_shape=torch.Size()):
        with torch.no_grad():
            return torch.poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value):
        return value.xlogy(self.rate) - self.rate - (value + 1).lgamma()
