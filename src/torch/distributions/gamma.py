from torch.distributions.continuous import Gamma
