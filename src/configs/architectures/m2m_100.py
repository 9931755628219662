"""M2M-100: BART with norms before each half, and sines counted from behind the padding token's number as positions."""
import torch
from torch import nn

from .bart import BartConfig, BartModel, BartStack
from .parts.heads import PairModel
from .parts.losses import plain_loss
from .parts.output import Output
from .parts.pairs import shifted


class M2M100Config(BartConfig):
    model_type = "m2m_100"
    pre_norm = True
    labels = 2
    defaults = dict(
        BartConfig.defaults,
        vocab_size=128112,
        activation_function="relu",
        attention_dropout=0.1,
        scale_embedding=True,
        pad_token_id=1,
        decoder_start_token_id=2,
        eos_token_id=2,
    )


class M2M100Positions(nn.Module):
    """Sines in a buffer, with two rows more than positions."""

    def __init__(self, count, size):
        super().__init__()
        self.register_buffer("weights", torch.zeros(count + 2, size), persistent=False)

    def forward(self, places):
        return self.weights.index_select(0, places.view(-1)).view(*places.shape, -1).detach()


class M2M100Stack(BartStack):
    positions_class = M2M100Positions
    normed_embedding = False

    def place(self, input_ids, x, past):
        padding = self.config.pad_token_id
        if input_ids is None:
            places = torch.arange(padding + 1, x.shape[1] + padding + 1, dtype=torch.long, device=x.device)
            return self.embed_positions(places.unsqueeze(0).expand(x.shape[:2]).contiguous() + past)
        real = input_ids.ne(padding).int()
        counted = (torch.cumsum(real, dim=1).type_as(real) + past) * real
        return self.embed_positions(counted.long() + padding)


class M2M100Model(BartModel):
    stack_class = M2M100Stack


class M2M100ForConditionalGeneration(PairModel):
    def __init__(self, config):
        super().__init__(config)
        self.model = M2M100Model(config)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.shared.weight

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, labels=None, **kwargs):
        if labels is not None and decoder_input_ids is None:
            decoder_input_ids = shifted(labels, self.config.decoder_start_token_id)
        out = self.model(input_ids, attention_mask, decoder_input_ids=decoder_input_ids, **kwargs)
        logits = self.lm_head(out.last_hidden_state)
        loss = None if labels is None else plain_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, encoder_last_hidden_state=out.encoder_last_hidden_state)
