"""EnCodec: sound coded by convolutions, an LSTM and layers of codebooks, and played back by the same in reverse."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .parts.config import Config
from .parts.heads import Model
from .parts.output import Output


class EncodecConfig(Config):
    model_type = "encodec"
    defaults = dict(
        target_bandwidths=[1.5, 3.0, 6.0, 12.0, 24.0],
        sampling_rate=24000,
        audio_channels=1,
        normalize=False,
        chunk_length_s=None,
        overlap=None,
        hidden_size=128,
        num_filters=32,
        num_residual_layers=1,
        upsampling_ratios=[8, 5, 4, 2],
        norm_type="weight_norm",
        kernel_size=7,
        last_kernel_size=7,
        residual_kernel_size=3,
        dilation_growth_rate=2,
        use_causal_conv=True,
        pad_mode="reflect",
        compress=2,
        num_lstm_layers=2,
        trim_right_ratio=1.0,
        codebook_size=1024,
        codebook_dim=None,
        use_conv_shortcut=True,
    )

    def complete(self, given):
        self.codebook_dim = self.hidden_size if self.codebook_dim is None else self.codebook_dim
        if self.norm_type not in ("weight_norm", "time_group_norm"):
            raise ValueError(f"norm_type {self.norm_type!r} is neither weight_norm nor time_group_norm")
        if 2 ** int(math.log2(self.codebook_size)) != self.codebook_size:
            raise ValueError(f"codebook_size {self.codebook_size} is not a power of 2")
        self.frame_rate = math.ceil(self.sampling_rate / math.prod(self.upsampling_ratios))
        bits = math.ceil(math.log2(self.codebook_size))
        self.num_quantizers = int(1000 * self.target_bandwidths[-1] // (self.frame_rate * bits))
        self.chunk_length = self.chunk_stride = None
        if self.chunk_length_s is not None:
            self.chunk_length = int(self.chunk_length_s * self.sampling_rate)
        if self.chunk_length_s is not None and self.overlap is not None:
            self.chunk_stride = max(1, int((1.0 - self.overlap) * self.chunk_length))


def normed(conv, config):
    return nn.utils.parametrizations.weight_norm(conv) if config.norm_type == "weight_norm" else conv


class EncodecConv1d(nn.Module):
    """A convolution that pads its input so that no frame is lost, all in front where it is causal."""

    def __init__(self, config, before, out, size, stride=1, dilation=1):
        super().__init__()
        self.config = config
        self.conv = normed(nn.Conv1d(before, out, size, stride, dilation=dilation), config)
        if config.norm_type == "time_group_norm":
            self.norm = nn.GroupNorm(1, out)
        self.step, self.span = stride, (size - 1) * dilation + 1
        self.register_buffer("stride", torch.tensor(self.step, dtype=torch.int64), persistent=False)
        self.register_buffer("kernel_size", torch.tensor(self.span, dtype=torch.int64), persistent=False)
        self.register_buffer("padding_total", torch.tensor(self.span - self.step, dtype=torch.int64), persistent=False)

    def padded(self, x, left, right):
        if self.config.pad_mode != "reflect":
            return F.pad(x, (left, right), self.config.pad_mode, 0.0)
        length, longest = x.shape[-1], max(left, right)
        extra = longest - length + 1 if length <= longest else 0
        if extra:
            x = F.pad(x, (0, extra))
        x = F.pad(x, (left, right), "reflect", 0.0)
        return x[..., : x.shape[-1] - extra]

    def forward(self, x):
        around = self.span - self.step
        length = x.shape[-1]
        frames = math.ceil((length - self.span + around) / self.step + 1) - 1
        extra = frames * self.step + self.span - around - length
        if self.config.use_causal_conv:
            x = self.padded(x, around, extra)
        else:
            x = self.padded(x, around - around // 2, around // 2 + extra)
        x = self.conv(x)
        return self.norm(x) if self.config.norm_type == "time_group_norm" else x


class EncodecConvTranspose1d(nn.Module):
    """The reverse: what the padding would make too long is cut off."""

    def __init__(self, config, before, out, size, stride):
        super().__init__()
        self.config = config
        self.conv = normed(nn.ConvTranspose1d(before, out, size, stride), config)
        if config.norm_type == "time_group_norm":
            self.norm = nn.GroupNorm(1, out)
        self.around = size - stride
        if not config.use_causal_conv and config.trim_right_ratio != 1.0:
            raise ValueError(f"trim_right_ratio is {config.trim_right_ratio}, but only causal convolutions are trimmed unevenly")

    def forward(self, x):
        x = self.conv(x)
        if self.config.norm_type == "time_group_norm":
            x = self.norm(x)
        causal = self.config.use_causal_conv
        right = math.ceil(self.around * self.config.trim_right_ratio) if causal else self.around // 2
        return x[..., self.around - right : x.shape[-1] - right]


class EncodecLSTM(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        self.lstm = nn.LSTM(size, size, config.num_lstm_layers)

    def forward(self, x):
        x = x.permute(2, 0, 1)
        x = self.lstm(x)[0] + x
        return x.permute(1, 2, 0)


class EncodecResnetBlock(nn.Module):
    def __init__(self, config, size, dilation):
        super().__init__()
        inner = size // config.compress
        self.block = nn.ModuleList(
            [
                nn.ELU(),
                EncodecConv1d(config, size, inner, config.residual_kernel_size, dilation=dilation),
                nn.ELU(),
                EncodecConv1d(config, inner, size, 1),
            ]
        )
        self.shortcut = EncodecConv1d(config, size, size, 1) if config.use_conv_shortcut else nn.Identity()

    def forward(self, x):
        before = x
        for layer in self.block:
            x = layer(x)
        return self.shortcut(before) + x


def residuals(config, size):
    return [EncodecResnetBlock(config, size, config.dilation_growth_rate**i) for i in range(config.num_residual_layers)]


class Chain(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class EncodecEncoder(Chain):
    """`[B, channels, samples]` → `[B, hidden, frames]`."""

    def __init__(self, config):
        size = config.num_filters
        layers = [EncodecConv1d(config, config.audio_channels, size, config.kernel_size)]
        for ratio in reversed(config.upsampling_ratios):
            layers += [*residuals(config, size), nn.ELU(), EncodecConv1d(config, size, size * 2, ratio * 2, ratio)]
            size *= 2
        layers += [EncodecLSTM(config, size), nn.ELU(), EncodecConv1d(config, size, config.hidden_size, config.last_kernel_size)]
        super().__init__(layers)


class EncodecDecoder(Chain):
    def __init__(self, config):
        size = config.num_filters * 2 ** len(config.upsampling_ratios)
        layers = [EncodecConv1d(config, config.hidden_size, size, config.kernel_size), EncodecLSTM(config, size)]
        for ratio in config.upsampling_ratios:
            layers += [nn.ELU(), EncodecConvTranspose1d(config, size, size // 2, ratio * 2, ratio), *residuals(config, size // 2)]
            size //= 2
        layers += [nn.ELU(), EncodecConv1d(config, config.num_filters, config.audio_channels, config.last_kernel_size)]
        super().__init__(layers)


class EncodecEuclideanCodebook(nn.Module):
    """Vectors that stand for all that lie near them."""

    def __init__(self, config):
        super().__init__()
        vectors = torch.zeros(config.codebook_size, config.codebook_dim)
        self.register_buffer("inited", torch.Tensor([True]))
        self.register_buffer("cluster_size", torch.zeros(config.codebook_size))
        self.register_buffer("embed", vectors)
        self.register_buffer("embed_avg", vectors.clone())

    def encode(self, x):
        rows = x.reshape((-1, x.shape[-1]))
        vectors = self.embed.t()
        squares = rows.pow(2).sum(1, keepdim=True)
        near = -(squares - 2 * rows @ vectors + vectors.pow(2).sum(0, keepdim=True))
        return near.max(dim=-1).indices.view(*x.shape[:-1])

    def decode(self, codes):
        return F.embedding(codes, self.embed)


class EncodecVectorQuantization(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.codebook = EncodecEuclideanCodebook(config)

    def encode(self, x):
        return self.codebook.encode(x.permute(0, 2, 1))

    def decode(self, codes):
        return self.codebook.decode(codes).permute(0, 2, 1)


class EncodecResidualVectorQuantizer(nn.Module):
    """Each codebook codes what the ones before it left over; how many are used, the bandwidth says."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList([EncodecVectorQuantization(config) for _ in range(config.num_quantizers)])

    def encode(self, x, bandwidth):
        each = math.log2(self.config.codebook_size) * self.config.frame_rate
        count = int(max(1, math.floor(bandwidth * 1000 / each))) if bandwidth > 0.0 else self.config.num_quantizers
        codes = []
        for layer in self.layers[:count]:
            found = layer.encode(x)
            x = x - layer.decode(found)
            codes.append(found)
        return torch.stack(codes)

    def decode(self, codes):
        total = torch.full((), 0.0, device=codes.device)
        for i, found in enumerate(codes):
            vectors = self.layers[i].decode(found)
            total = total + vectors
        return total


class EncodecModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.encoder = EncodecEncoder(config)
        self.decoder = EncodecDecoder(config)
        self.quantizer = EncodecResidualVectorQuantizer(config)

    def inputs(self):
        return {"input_values": f"float32[B, {self.config.audio_channels}, {self.config.sampling_rate}]"}

    def encode_frame(self, x, bandwidth):
        scale = None
        if self.config.normalize:
            mono = torch.sum(x, 1, keepdim=True) / x.shape[1]
            scale = mono.pow(2).mean(dim=-1, keepdim=True).sqrt() + 1e-8
            x = x / scale
            scale = scale.view(-1, 1)
        embedded = self.encoder(x)
        return self.quantizer.encode(embedded, bandwidth).transpose(0, 1), scale

    def encode(self, x, mask, bandwidth):
        """Codes `[chunks, B, codebooks, frames]`, each chunk's scale, and by how many frames the last one is padded."""
        config, length = self.config, x.shape[-1]
        if bandwidth is None:
            bandwidth = config.target_bandwidths[0]
        if bandwidth not in config.target_bandwidths:
            raise ValueError(f"bandwidth {bandwidth} is none of target_bandwidths {config.target_bandwidths}")
        if not 1 <= x.shape[1] <= 2:
            raise ValueError(f"the sound has {x.shape[1]} channels, not 1 or 2")
        chunk, step = config.chunk_length, config.chunk_stride
        if chunk is None:
            chunk = step = length
        codes, scales = [], []
        for start in range(0, length, step):
            kept = mask[..., start : start + chunk].bool()
            frame = kept * x[..., start : start + chunk]
            found, scale = self.encode_frame(frame, bandwidth)
            codes.append(found)
            scales.append(scale)
        short = codes[0].shape[-1] - codes[-1].shape[-1]
        if short > 0:
            codes[-1] = F.pad(codes[-1], (0, short), value=0)
        return torch.stack(codes), scales, short

    def decode_frame(self, codes, scale):
        embedded = self.quantizer.decode(codes.transpose(0, 1))
        out = self.decoder(embedded)
        return out if scale is None else out * scale.view(-1, 1, 1)

    def joined(self, frames, step):
        """Chunks that overlap, each faded in and out."""
        first = frames[0]
        length, total = first.shape[-1], step * (len(frames) - 1) + frames[-1].shape[-1]
        times = torch.linspace(0, 1, length + 2, device=first.device, dtype=first.dtype)[1:-1]
        weight = 0.5 - (times - 0.5).abs()
        sums = torch.zeros(total, device=first.device, dtype=first.dtype)
        out = torch.zeros(*first.shape[:-1], total, device=first.device, dtype=first.dtype)
        start = 0
        for frame in frames:
            length = frame.shape[-1]
            out[..., start : start + length] += weight[:length] * frame
            sums[start : start + length] += weight[:length]
            start += step
        sums.min() == 0
        return out / sums

    def decode(self, codes, scales, short):
        if self.config.chunk_length is None:
            if len(codes) != 1:
                raise ValueError(f"{len(codes)} chunks of codes, but chunk_length_s is not set: one is taken")
            return self.decode_frame(codes[0], scales[0])
        frames = []
        for i, (found, scale) in enumerate(zip(codes, scales)):
            if i == len(codes) - 1 and short > 0:
                found = found[..., :-short]
            frames.append(self.decode_frame(found, scale))
        return self.joined(frames, self.config.chunk_stride or 1)

    def forward(self, input_values=None, padding_mask=None, bandwidth=None, audio_codes=None, audio_scales=None, last_frame_pad_length=0, **kwargs):
        if (audio_codes is None) != (audio_scales is None):
            raise ValueError("audio_codes and audio_scales belong together: only one of them is given")
        if padding_mask is None:
            padding_mask = torch.ones_like(input_values).bool()
        else:
            padding_mask = padding_mask.view(padding_mask.shape[0], -1, padding_mask.shape[-1])
        if audio_codes is None:
            audio_codes, audio_scales, last_frame_pad_length = self.encode(input_values, padding_mask, bandwidth)
        sound = self.decode(audio_codes, audio_scales, last_frame_pad_length)
        if padding_mask.shape[-1] < sound.shape[-1]:
            sound = sound[..., : padding_mask.shape[-1]]
        return Output(audio_codes=audio_codes, audio_values=sound)
