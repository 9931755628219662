"""Distributions over real numbers."""
import math

import torch
from torch.distributions.distribution import Distribution, broadcast_all


class _Placed(Distribution):
    """A place and a scale."""

    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.size())

    @property
    def mean(self):
        return self.loc

    @property
    def variance(self):
        return self.scale.pow(2)

    def rsample(self, sample_shape=torch.Size()):
        noise = torch.empty(self._extended_shape(sample_shape), dtype=self.loc.dtype).normal_()
        return self.loc + noise * self.scale

    def log_prob(self, value):
        return -((value - self.loc) ** 2) / (2 * self.scale**2) - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def entropy(self):
        return 0.5 + 0.5 * math.log(2 * math.pi) + torch.log(self.scale)

    def cdf(self, value):
        return 0.5 * (1 + torch.erf((value - self.loc) * self.scale.reciprocal() / math.sqrt(2)))

    def icdf(self, value):
        return self.loc + self.scale * torch.erfinv(2 * value - 1) * math.sqrt(2)

    def _kl(self, other):
        ratio = (self.scale / other.scale).pow(2)
        distance = ((self.loc - other.loc) / other.scale).pow(2)
        return 0.5 * (ratio + distance - 1 - ratio.log())


class Normal(_Placed):
    pass


class Laplace(_Placed):
    pass


class Cauchy(_Placed):
    pass


class Gumbel(_Placed):
    pass


class LogNormal(_Placed):
    def rsample(self, sample_shape=torch.Size()):
        return super().rsample(sample_shape).exp()


class HalfNormal(_Placed):
    def __init__(self, scale, validate_args=None):
        super().__init__(0.0, scale)

    def rsample(self, sample_shape=torch.Size()):
        return super().rsample(sample_shape).abs()


class StudentT(_Placed):
    def __init__(self, df, loc=0.0, scale=1.0, validate_args=None):
        self.df, loc, scale = broadcast_all(df, loc, scale)
        super().__init__(loc, scale)


class Uniform(Distribution):
    has_rsample = True

    def __init__(self, low, high, validate_args=None):
        self.low, self.high = broadcast_all(low, high)
        super().__init__(self.low.size())

    @property
    def mean(self):
        return (self.high + self.low) / 2

    def rsample(self, sample_shape=torch.Size()):
        draw = torch.rand(self._extended_shape(sample_shape), dtype=self.low.dtype)
        return self.low + draw * (self.high - self.low)

    def log_prob(self, value):
        inside = self.low.le(value).type_as(self.low) * self.high.gt(value).type_as(self.low)
        return torch.log(inside) - torch.log(self.high - self.low)

    def entropy(self):
        return torch.log(self.high - self.low)


class _Shaped(Distribution):
    """Two positive parameters."""

    has_rsample = True

    def __init__(self, first, second, validate_args=None):
        self.concentration, self.rate = broadcast_all(first, second)
        super().__init__(self.concentration.size())

    @property
    def mean(self):
        return self.concentration / self.rate

    def rsample(self, sample_shape=torch.Size()):
        return self.concentration.expand(self._extended_shape(sample_shape)) / self.rate

    def log_prob(self, value):
        return torch.xlogy(self.concentration, self.rate) + torch.xlogy(self.concentration - 1, value) - self.rate * value

    def entropy(self):
        return self.concentration - torch.log(self.rate) + torch.lgamma(self.concentration)


class Gamma(_Shaped):
    pass


class Beta(_Shaped):
    @property
    def mean(self):
        return self.concentration / (self.concentration + self.rate)


class Exponential(_Shaped):
    def __init__(self, rate, validate_args=None):
        super().__init__(rate, rate)


class Dirichlet(Distribution):
    has_rsample = True

    def __init__(self, concentration, validate_args=None):
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:])

    def rsample(self, sample_shape=torch.Size()):
        draw = self.concentration.expand(self._extended_shape(sample_shape))
        return draw / draw.sum(-1, keepdim=True)

    def log_prob(self, value):
        return torch.xlogy(self.concentration - 1, value).sum(-1) + torch.lgamma(self.concentration.sum(-1))


class MultivariateNormal(Distribution):
    has_rsample = True

    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        self.loc = loc
        if scale_tril is None:
            matrix = covariance_matrix if covariance_matrix is not None else torch.linalg.inv(precision_matrix)
            scale_tril = torch.linalg.cholesky(matrix)
        self.scale_tril = scale_tril
        super().__init__(loc.shape[:-1], loc.shape[-1:])

    @property
    def mean(self):
        return self.loc

    def rsample(self, sample_shape=torch.Size()):
        noise = torch.randn(self._extended_shape(sample_shape), dtype=self.loc.dtype)
        return self.loc + torch.matmul(self.scale_tril, noise.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value):
        solved = torch.linalg.solve_triangular(self.scale_tril, (value - self.loc).unsqueeze(-1), upper=False)
        return -0.5 * solved.squeeze(-1).pow(2).sum(-1)
