"""Kernels fetched from the hub: settings only."""
from .hub import PushToHubMixin


class KernelConfig(PushToHubMixin):
    def __init__(self, kernel_mapping=None, use_local_kernel=False, inherit_mapping=True):
        self.kernel_mapping = kernel_mapping or {}
        self.use_local_kernel = use_local_kernel
        self.inherit_mapping = inherit_mapping
