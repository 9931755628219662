from torch.distributions.distribution import Independent
