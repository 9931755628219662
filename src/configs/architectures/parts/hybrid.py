"""Decoders whose layers are of two kinds: some attend, the others carry a state."""
from .attention import RMSNorm
from .block import Block
from .decoder import Decoder


class MixedLayer(Block):
    """A mixer and a feed-forward, each behind a norm and beside a residual; `names` are theirs and their norms'."""

    norm = RMSNorm
    names = ("mamba", "feed_forward", "input_layernorm", "pre_ff_layernorm")

    def __init__(self, config, layer):
        super().__init__()
        mixer, inner, before_mixer, before_inner = self.names
        setattr(self, mixer, self.mixer(config, layer))
        setattr(self, inner, self.inner(config, layer))
        setattr(self, before_mixer, self.norm(config.hidden_size, eps=config.rms_norm_eps))
        setattr(self, before_inner, self.norm(config.hidden_size, eps=config.rms_norm_eps))

    def mixed(self, x, positions, mask, cache):
        return getattr(self, self.names[0])(x, mask, cache)

    def forward(self, x, positions=None, mask=None, cache=None):
        _, inner, before_mixer, before_inner = self.names
        x = x + self.mixed(getattr(self, before_mixer)(x), positions, mask, cache)
        return x + getattr(self, inner)(getattr(self, before_inner)(x))


class AttendingLayer(MixedLayer):
    """The same with attention as its mixer."""

    names = ("self_attn", "feed_forward", "input_layernorm", "pre_ff_layernorm")

    def mixed(self, x, positions, mask, cache):
        return getattr(self, self.names[0])(x, positions, mask, cache)[0]


class HybridDecoder(Decoder):
    """`attending` is the layer with attention, `layer_class` the other; the config's `layer_types` says which is where."""

    attending = AttendingLayer
    STATE = "state"

    def layer_of(self, config, layer):
        return self.attending if self.attends(config, layer) else self.layer_class

    def attends(self, config, layer):
        return config.layer_types[layer] != "linear_attention"

    def window(self, layer):
        return super().window(layer) if self.attends(self.config, layer) else self.STATE

    def masks(self, x, padding, cache, positions):
        """Masks of the windows in use; layers that carry a state need the new tokens' padding, which one alone never is."""
        windows = {self.window(i) for i in range(self.config.num_hidden_layers)} - {self.STATE}
        masks = self.masks_of(windows, x, padding, cache, positions)
        length = x.shape[1]
        new = None if padding is None or length == 1 else padding[:, -length:].contiguous()
        return {**masks, self.STATE: new}


class UnturnedHybrid(HybridDecoder):
    """A hybrid without positions: its states know the order."""

    def rotary(self, config):
        return None

    def positions(self, x, position_ids):
        return None
