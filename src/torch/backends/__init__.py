from torch.backends import cuda, cudnn, mha, mkldnn, mps, openmp, opt_einsum
