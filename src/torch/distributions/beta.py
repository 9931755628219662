from torch.distributions.continuous import Beta
