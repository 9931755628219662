from torch.distributions.distribution import kl_divergence


def register_kl(type_p, type_q):
    return lambda func: func
