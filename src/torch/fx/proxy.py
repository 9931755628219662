from torch.fx import Proxy
