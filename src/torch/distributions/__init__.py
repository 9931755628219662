"""Probability distributions: samples and densities have the shapes that PyTorch gives them."""
from torch.distributions import constraints
from torch.distributions.continuous import (
    Beta,
    Cauchy,
    Dirichlet,
    Exponential,
    Gamma,
    Gumbel,
    HalfNormal,
    Laplace,
    LogNormal,
    MultivariateNormal,
    Normal,
    StudentT,
    Uniform,
)
from torch.distributions.discrete import (
    Bernoulli,
    Binomial,
    Categorical,
    OneHotCategorical,
    Poisson,
    RelaxedBernoulli,
    RelaxedOneHotCategorical,
)
from torch.distributions.distribution import Distribution, Independent, TransformedDistribution, kl_divergence
from . import bernoulli, beta, categorical, constraints, distribution, gamma, independent, kl, multivariate_normal, normal, one_hot_categorical, relaxed_bernoulli, relaxed_categorical, uniform

__all__ = [name for name in list(globals()) if not name.startswith("_")]
