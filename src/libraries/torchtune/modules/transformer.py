import copy

import torch
from torch import nn

from .attention import MultiHeadAttention


class _Cached:
    """What a layer says of its attention's cache."""

    def caches_are_setup(self):
        return self.attn.kv_cache is not None

    def caches_are_enabled(self):
        return self.attn.cache_enabled

    def reset_cache(self):
        self.attn.reset_cache()


class TransformerSelfAttentionLayer(_Cached, nn.Module):
    def __init__(self, attn, mlp, *, sa_norm=None, mlp_norm=None, sa_scale=None, mlp_scale=None, mask_mod=None):
        super().__init__()
        self.attn, self.mlp = attn, mlp
        self.sa_norm, self.mlp_norm = sa_norm or nn.Identity(), mlp_norm or nn.Identity()
        self.sa_scale, self.mlp_scale = sa_scale or nn.Identity(), mlp_scale or nn.Identity()
        self.mask_mod = mask_mod

    def setup_caches(self, batch_size, dtype, *, encoder_max_seq_len, decoder_max_seq_len):
        self.attn.setup_cache(batch_size, dtype, max_seq_len=decoder_max_seq_len)

    def forward(self, x, *, mask=None, input_pos=None, **kwargs):
        normed = self.sa_norm(x)
        if self.mask_mod is not None:
            mask = self.mask_mod(mask=mask, bsz=normed.shape[0], seq_len=normed.shape[1])
        h = self.sa_scale(self.attn(normed, normed, mask=mask, input_pos=input_pos)) + x
        return h + self.mlp_scale(self.mlp(self.mlp_norm(h)))


class TransformerCrossAttentionLayer(_Cached, nn.Module):
    """Attends to an encoder's output; without one it hands its input on."""

    def __init__(self, attn, mlp, *, ca_norm=None, mlp_norm=None, ca_scale=None, mlp_scale=None):
        super().__init__()
        if attn.pos_embeddings is not None:
            raise AssertionError("Doesn't support positional embeddings for cross attention")
        self.attn, self.mlp = attn, mlp
        self.ca_norm, self.mlp_norm = ca_norm or nn.Identity(), mlp_norm or nn.Identity()
        self.ca_scale, self.mlp_scale = ca_scale or nn.Identity(), mlp_scale or nn.Identity()

    def setup_caches(self, batch_size, dtype, *, encoder_max_seq_len, decoder_max_seq_len):
        self.attn.setup_cache(batch_size, dtype, encoder_max_seq_len)

    def forward(self, x, *, encoder_input=None, encoder_mask=None, **kwargs):
        if encoder_input is None and (not self.caches_are_enabled() or self.attn.kv_cache.size == 0):
            return x
        unseen = None
        if encoder_mask is not None:
            closed = ~encoder_mask if encoder_mask.dtype == torch.bool else torch.isneginf(encoder_mask)
            unseen = torch.all(closed, dim=-1, keepdim=True)
            encoder_mask = encoder_mask.masked_fill(unseen, True)
        seen = self.attn(self.ca_norm(x), encoder_input, mask=encoder_mask)
        h = self.ca_scale(seen if unseen is None else seen.masked_fill(unseen, 0)) + x
        more = self.mlp(self.mlp_norm(h))
        return h + self.mlp_scale(more if unseen is None else more.masked_fill(unseen, 0))


class TransformerDecoder(nn.Module):
    def __init__(self, *, tok_embeddings, layers, max_seq_len, num_heads, head_dim, norm, output, num_layers=None,
                 output_hidden_states=None):
        super().__init__()
        if isinstance(layers, list):
            layers = nn.ModuleList(layers)
        elif not isinstance(layers, nn.ModuleList):
            if num_layers is None:
                raise AssertionError("num_layers is not defined, layers must be a list")
            layers = nn.ModuleList([copy.deepcopy(layers) for _ in range(num_layers)])
        self.tok_embeddings, self.layers, self.norm, self.output = tok_embeddings, layers, norm, output
        self.output_hidden_states = output_hidden_states or []
        self.max_seq_len, self.num_heads, self.head_dim = max_seq_len, num_heads, head_dim
        self.causal_mask = None
        self.num_output_chunks = 0
        self.skip_output_layer = False
        self.encoder_max_cache_seq_len = self.decoder_max_cache_seq_len = None

    def set_num_output_chunks(self, num_output_chunks):
        self.num_output_chunks = num_output_chunks

    def setup_caches(self, batch_size, dtype, *, encoder_max_seq_len=None, decoder_max_seq_len=None):
        kinds = [type(module) for module in self.modules()]
        if TransformerCrossAttentionLayer in kinds:
            self.encoder_max_cache_seq_len = self.max_seq_len if encoder_max_seq_len is None else encoder_max_seq_len
        if TransformerSelfAttentionLayer in kinds:
            self.decoder_max_cache_seq_len = self.max_seq_len if decoder_max_seq_len is None else decoder_max_seq_len
        for layer in self.layers:
            layer.setup_caches(
                batch_size, dtype, encoder_max_seq_len=self.encoder_max_cache_seq_len,
                decoder_max_seq_len=self.decoder_max_cache_seq_len,
            )

    def caches_are_setup(self):
        return self.layers[0].caches_are_setup()

    def caches_are_enabled(self):
        return self.layers[0].caches_are_enabled()

    def reset_caches(self):
        if not self.caches_are_enabled():
            raise RuntimeError("Key value caches are not setup. Call model.setup_caches first.")
        for layer in self.layers:
            layer.reset_cache()

    def chunked_output(self, last_hidden_state):
        return [self.output(chunk) for chunk in last_hidden_state.tensor_split(self.num_output_chunks, dim=1)]

    def forward(self, tokens, *, mask=None, encoder_input=None, encoder_mask=None, input_pos=None, input_embeds=None):
        if tokens is None and input_embeds is None:
            raise ValueError("Either tokens or input_embeds must be provided to the decoder.")
        length = (input_embeds if tokens is None else tokens).shape[1]
        if length > self.max_seq_len:
            raise ValueError(
                "seq_len (%s) of input tensor should be smaller than max_seq_len (%s)" % (length, self.max_seq_len)
            )
        if self.caches_are_enabled() and (mask is None or input_pos is None):
            raise ValueError("KV-caches are setup for inference mode: mask and input_pos must be provided!")
        h = self.tok_embeddings(tokens) if input_embeds is None else input_embeds
        kept = []
        for i, layer in enumerate(self.layers):
            if i in self.output_hidden_states:
                kept.append(h)
            h = layer(h, mask=mask, encoder_input=encoder_input, encoder_mask=encoder_mask, input_pos=input_pos)
        if len(self.layers) in self.output_hidden_states:
            kept.append(h)
        out = self.unembed(h)
        return [*kept, out] if kept else out

    def unembed(self, h):
        h = self.norm(h)
        if self.skip_output_layer:
            return h
        return self.chunked_output(h) if self.num_output_chunks > 0 else self.output(h).float()
