import torch

__version__ = torch.__version__
cuda = "12.8"
hip = None
xpu = None
debug = False
git_version = "unknown"
