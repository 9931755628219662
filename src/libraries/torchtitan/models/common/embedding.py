from dataclasses import dataclass

from torch import nn
from torchtitan.protocols.module import Module


class Embedding(nn.Embedding, Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        num_embeddings: int
        embedding_dim: int

    def __init__(self, config):
        super().__init__(config.num_embeddings, config.embedding_dim)
