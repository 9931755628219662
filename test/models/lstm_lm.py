"""An LSTM language model with dropout between its layers and an output layer that may share the embedding."""
import torch
import torch.nn as nn


# assay: LSTMLanguageModel(33278)(int64[T, B])
class LSTMLanguageModel(nn.Module):
    """Reads `[T, B]` tokens, and gives logits `[T, B, vocabulary]` and the state for the next piece of text."""

    def __init__(
        self,
        vocab_size: int,
        embed_size: int = 650,
        hidden_size: int = 650,
        num_layers: int = 2,
        dropout: float = 0.5,
        tie_weights: bool = True,
    ):
        super().__init__()
        self.hidden_size, self.num_layers = hidden_size, num_layers
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(vocab_size, embed_size)
        self.rnn = nn.LSTM(embed_size, hidden_size, num_layers, dropout=dropout)
        self.decoder = nn.Linear(hidden_size, vocab_size)
        if tie_weights:
            if hidden_size != embed_size:
                raise ValueError(f"tied weights need hidden_size {hidden_size} to equal embed_size {embed_size}")
            self.decoder.weight = self.encoder.weight
        self.init_weights()

    def init_weights(self, bound: float = 0.1) -> None:
        nn.init.uniform_(self.encoder.weight, -bound, bound)
        nn.init.zeros_(self.decoder.bias)

    def init_state(self, batch_size: int):
        """A state of zeros: hidden and cell, `[layers, B, hidden]`."""
        weight = next(self.parameters())
        shape = (self.num_layers, batch_size, self.hidden_size)
        return weight.new_zeros(shape), weight.new_zeros(shape)

    def forward(self, tokens, state=None):
        if state is None:
            state = self.init_state(tokens.size(1))
        emb = self.drop(self.encoder(tokens))
        output, state = self.rnn(emb, state)
        logits = self.decoder(self.drop(output))
        return torch.log_softmax(logits, dim=-1), state
