"""CodeGen: GPT-J with one product for queries, values and keys, in four parts."""
import torch
from torch import nn

from .gptj import GPTJAttention, GPTJBlock, GPTJConfig, GPTJModel
from .parts.heads import ForCausalLM


class CodeGenConfig(GPTJConfig):
    model_type = "codegen"
    defaults = dict(GPTJConfig.defaults, n_ctx=2048)


class CodeGenAttention(GPTJAttention):
    def projections(self, size):
        self.qkv_proj = nn.Linear(size, size * 3, bias=False)

    def heads(self, x):
        parts = self.qkv_proj(x).reshape(*x.shape[:-1], 4, -1)
        query, value, key = torch.split(parts, self.config.n_embd // 4, dim=-1)
        shape = (*x.shape[:-1], self.config.n_head, self.head_dim)
        return query.reshape(shape), key.reshape(shape), value.reshape(shape)


class CodeGenBlock(GPTJBlock):
    attention_class = CodeGenAttention


class CodeGenModel(GPTJModel):
    block_class = CodeGenBlock


class CodeGenForCausalLM(ForCausalLM):
    base, name, bias = CodeGenModel, "transformer", True
