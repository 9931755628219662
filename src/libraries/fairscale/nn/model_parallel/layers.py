"""Linear and embedding layers cut over devices: one device holds all of each."""
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.parameter import Parameter


class VocabParallelEmbedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False,
                 sparse=False, init_method=nn.init.xavier_normal_, keep_master_weight_for_test=False):
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx, self.max_norm, self.norm_type = padding_idx, max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        self.weight = Parameter(torch.empty(num_embeddings, embedding_dim))
        init_method(self.weight)

    def forward(self, input_):
        return F.embedding(input_, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse)


class ParallelEmbedding(VocabParallelEmbedding):
    pass


class ColumnParallelLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, gather_output=True, init_method=nn.init.xavier_normal_, stride=1,
                 keep_master_weight_for_test=False):
        super().__init__()
        self.in_features, self.out_features, self.gather_output = in_features, out_features, gather_output
        self.output_size_per_partition = out_features
        self.weight = Parameter(torch.empty(out_features, in_features))
        if bias:
            self.bias = Parameter(torch.zeros(out_features))
        else:
            self.register_parameter("bias", None)
        init_method(self.weight)

    def get_master_weight(self):
        return self.weight.data

    def forward(self, input_):
        return F.linear(input_, self.weight, self.bias)


class RowParallelLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, input_is_parallel=False, init_method=nn.init.xavier_normal_, stride=1,
                 keep_master_weight_for_test=False):
        super().__init__()
        self.in_features, self.out_features, self.input_is_parallel = in_features, out_features, input_is_parallel
        self.input_size_per_partition = in_features
        self.weight = Parameter(torch.empty(out_features, in_features))
        if bias:
            self.bias = Parameter(torch.zeros(out_features))
        else:
            self.register_parameter("bias", None)
        init_method(self.weight)

    def forward(self, input_):
        out = F.linear(input_, self.weight)
        return out + self.bias if self.bias is not None else out
