"""Base modules, and how weights begin."""
from _libraries.mm.modules import BaseModel, BaseModule, ModuleDict, ModuleList, Sequential
from _libraries.mm.weight_init import (
    bias_init_with_prob,
    caffe2_xavier_init,
    constant_init,
    kaiming_init,
    normal_init,
    trunc_normal_,
    trunc_normal_init,
    uniform_init,
    xavier_init,
)
