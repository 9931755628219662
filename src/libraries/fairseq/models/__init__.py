"""Models by name, and their base classes."""
from torch import nn

MODEL_REGISTRY = {}
ARCH_MODEL_REGISTRY = {}
ARCH_CONFIG_REGISTRY = {}


def register_model(name, dataclass=None):
    def register(cls):
        MODEL_REGISTRY[name] = cls
        cls.__dataclass = dataclass
        return cls

    return register


def register_model_architecture(model_name, arch_name):
    def register(fn):
        ARCH_MODEL_REGISTRY[arch_name] = MODEL_REGISTRY.get(model_name)
        ARCH_CONFIG_REGISTRY[arch_name] = fn
        return fn

    return register


class BaseFairseqModel(nn.Module):
    @classmethod
    def add_args(cls, parser):
        pass

    def get_targets(self, sample, net_output):
        return sample["target"]

    def max_positions(self):
        return None

    def set_num_updates(self, num_updates):
        for one in self.modules():
            if hasattr(one, "set_num_updates") and one != self:
                one.set_num_updates(num_updates)


class FairseqEncoder(nn.Module):
    def __init__(self, dictionary):
        super().__init__()
        self.dictionary = dictionary


class FairseqDecoder(nn.Module):
    def __init__(self, dictionary):
        super().__init__()
        self.dictionary = dictionary
        self.onnx_trace = False
        self.adaptive_softmax = None

    def forward(self, prev_output_tokens, encoder_out=None, **kwargs):
        x, extra = self.extract_features(prev_output_tokens, encoder_out=encoder_out, **kwargs)
        return self.output_layer(x), extra


class FairseqIncrementalDecoder(FairseqDecoder):
    pass


class FairseqEncoderDecoderModel(BaseFairseqModel):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, src_tokens, src_lengths, prev_output_tokens, **kwargs):
        return self.decoder(prev_output_tokens, encoder_out=self.encoder(src_tokens, src_lengths=src_lengths, **kwargs), **kwargs)


class FairseqEncoderModel(BaseFairseqModel):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, src_tokens, src_lengths, **kwargs):
        return self.encoder(src_tokens, src_lengths, **kwargs)


class FairseqLanguageModel(BaseFairseqModel):
    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder

    def forward(self, src_tokens, **kwargs):
        return self.decoder(src_tokens, **kwargs)
