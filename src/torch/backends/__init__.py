from torch.backends import cuda, cudnn, mkldnn, mps, openmp, opt_einsum
