"""The layers: a linear one gives its output and the bias that was not added."""
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.parameter import Parameter


class VocabParallelEmbedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, *, init_method=nn.init.xavier_normal_, reduce_scatter_embeddings=False, config=None, **kwargs):
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weight = Parameter(torch.empty(num_embeddings, embedding_dim, dtype=getattr(config, "params_dtype", None)))

    def forward(self, input_):
        return F.embedding(input_, self.weight)


class _ParallelLinear(nn.Module):
    def __init__(self, input_size, output_size, *, config=None, init_method=None, bias=True, skip_bias_add=False,
                 skip_weight_param_allocation=False, **kwargs):
        super().__init__()
        self.input_size, self.output_size, self.skip_bias_add = input_size, output_size, skip_bias_add
        self.input_size_per_partition, self.output_size_per_partition = input_size, output_size
        dtype = getattr(config, "params_dtype", None)
        self.weight = None if skip_weight_param_allocation else Parameter(torch.empty(output_size, input_size, dtype=dtype))
        if bias:
            self.bias = Parameter(torch.zeros(output_size, dtype=dtype))
        else:
            self.register_parameter("bias", None)

    def forward(self, input_, weight=None, runtime_gather_output=None):
        out = F.linear(input_, self.weight if weight is None else weight, None if self.skip_bias_add else self.bias)
        return out, self.bias if self.skip_bias_add else None


class ColumnParallelLinear(_ParallelLinear):
    pass


class RowParallelLinear(_ParallelLinear):
    pass
