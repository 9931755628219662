import torch.nn as nn

from gpt import GPT, GPTConfig


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = GPT(GPTConfig())

    def forward(self, tokens):
        return self.body(tokens)


# assay: Tagger()(int64[B, T])
