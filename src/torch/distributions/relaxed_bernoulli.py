from torch.distributions.discrete import RelaxedBernoulli
