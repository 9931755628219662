"""Whole models that no figure was fitted to: make_times.py --others measures them, and times_others.tsv holds what Assay says beside."""
import torch

from times_models import LLAMA, case, image, language, prefill, trained, vision

MISTRAL = dict(vocab_size=32000, hidden_size=1536, intermediate_size=4096, num_hidden_layers=12, num_attention_heads=12, num_key_value_heads=4, sliding_window=1024)
QWEN3 = dict(vocab_size=151936, hidden_size=1024, intermediate_size=3072, num_hidden_layers=16, num_attention_heads=16, num_key_value_heads=8, head_dim=128)
WIDE_LLAMA = dict(vocab_size=32000, hidden_size=2048, intermediate_size=5632, num_hidden_layers=8, num_attention_heads=32, num_key_value_heads=8)
T5_BASE = dict(d_model=768, d_ff=3072, num_layers=12, num_decoder_layers=12, num_heads=12, decoder_start_token_id=0, pad_token_id=0)

UNET = '''
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        self.norm1 = nn.GroupNorm(32, before)
        self.conv1 = nn.Conv2d(before, after, 3, padding=1)
        self.norm2 = nn.GroupNorm(32, after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1)
        self.skip = nn.Identity() if before == after else nn.Conv2d(before, after, 1)
        self.act = nn.SiLU()

    def forward(self, x):
        h = self.conv1(self.act(self.norm1(x)))
        return self.skip(x) + self.conv2(self.act(self.norm2(h)))

class UNet(nn.Module):
    def __init__(self, width=128, depth=4):
        super().__init__()
        sizes = [width * min(2 ** i, 4) for i in range(depth)]
        self.first = nn.Conv2d(4, width, 3, padding=1)
        self.down = nn.ModuleList(Block(a, b) for a, b in zip([width] + sizes[:-1], sizes))
        self.smaller = nn.ModuleList(nn.Conv2d(b, b, 3, stride=2, padding=1) for b in sizes[:-1])
        self.middle = Block(sizes[-1], sizes[-1])
        self.up = nn.ModuleList(Block(b + c, c) for b, c in zip(sizes[::-1], sizes[-2::-1]))
        self.last = nn.Conv2d(sizes[0], 4, 3, padding=1)

    def forward(self, x):
        x = self.first(x)
        kept = []
        for i, block in enumerate(self.down):
            x = block(x)
            kept.append(x)
            if i < len(self.smaller):
                x = self.smaller[i](x)
        x = self.middle(x)
        kept.pop()
        for block in self.up:
            x = nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = block(torch.cat([x, kept.pop()], 1))
        return self.last(x)
'''


def written(setup, expression, *shape):
    """A model of the source above, or of torch.nn's own modules."""
    def build(variant, dtype):
        scope = {}
        exec(setup, scope)
        with torch.device("cuda"):
            model = eval(expression, scope)
        x = torch.randn(variant["batch"], *[variant["sequence"] if n == "S" else n for n in shape], device="cuda", dtype=torch.float32 if variant.get("autocast") else dtype)
        inputs = {("src" if "TransformerEncoder" in expression else "x"): x}
        return model, inputs, {**case(expression, inputs), "setup": setup}
    return build


def encoder(first):
    more = "" if first else ", norm_first=True"
    return written("from torch import nn", f"nn.TransformerEncoder(nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True, activation='gelu'{more}), 6)", "S", 512)


def models():
    """name, phase, variants, build."""
    yield "bert-large", "prefill", prefill([(1, 512), (4, 128)]), language("BertForMaskedLM", "BertConfig", hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096)
    yield "bert-base", "prefill", prefill([(1, 512), (8, 128)]), language("BertForMaskedLM", "BertConfig")
    yield "roberta-base", "prefill", prefill([(16, 128)]), language("RobertaForMaskedLM", "RobertaConfig")
    yield "gpt2-medium", "prefill", prefill([(1, 512), (8, 1024)], use_cache=False), language("GPT2LMHeadModel", "GPT2Config", n_embd=1024, n_layer=24, n_head=16)
    yield "llama-wide", "prefill", prefill([(1, 1024), (4, 2048)], use_cache=False), language("LlamaForCausalLM", "LlamaConfig", **WIDE_LLAMA)
    yield "mistral-small", "prefill", prefill([(1, 512), (1, 4096)], use_cache=False), language("MistralForCausalLM", "MistralConfig", **MISTRAL)
    yield "qwen3-small", "prefill", prefill([(1, 1024)], use_cache=False), language("Qwen3ForCausalLM", "Qwen3Config", **QWEN3)
    yield "opt-125m", "prefill", prefill([(4, 512)], use_cache=False), language("OPTForCausalLM", "OPTConfig")
    yield "t5-base", "prefill", prefill([(4, 256)], attention="eager", use_cache=False), language("T5ForConditionalGeneration", "T5Config", **T5_BASE)
    yield "encoder", "prefill", prefill([(32, 128), (1, 512)]), encoder(True)
    yield "encoder-norm-first", "prefill", prefill([(8, 512)]), encoder(False)
    yield "unet", "prefill", prefill([(1, 0), (8, 0)]), written(UNET, "UNet()", 4, 64, 64)
    for name, batches in [("resnet50", [16]), ("resnet152", [32]), ("wide_resnet50_2", [1]), ("convnext_base", [1, 32]), ("swin_s", [16]), ("efficientnet_b3", [1, 32]), ("efficientnet_v2_s", [32]), ("vit_l_16", [1, 16]), ("vit_b_32", [64]), ("densenet169", [16]), ("mnasnet1_0", [32]), ("resnext50_32x4d", [32])]:
        yield name, "prefill", prefill([(batch, 0) for batch in batches]), vision(name)
    for name in ["deit_small_patch16_224", "mobilevit_s", "resmlp_12_224", "nf_resnet50", "convit_tiny", "gmlp_s16_224"]:
        yield name, "prefill", prefill([(32, 0)]), image(name)
    yield "gpt2-medium", "train", trained(4, 512, "bf16", "autocast"), language("GPT2LMHeadModel", "GPT2Config", n_embd=1024, n_layer=24, n_head=16)
    yield "llama-wide", "train", trained(1, 2048, "bf16", "autocast"), language("LlamaForCausalLM", "LlamaConfig", **WIDE_LLAMA)
    yield "bert-base", "train", trained(32, 128, "autocast"), language("BertForMaskedLM", "BertConfig")
    yield "roberta-base", "train", trained(16, 256, "bf16"), language("RobertaForMaskedLM", "RobertaConfig")
    yield "opt-125m", "train", trained(4, 512, "bf16"), language("OPTForCausalLM", "OPTConfig")
    yield "encoder", "train", trained(16, 256, "autocast"), encoder(True)
    yield "unet", "train", trained(8, 0, "fp32", "autocast"), written(UNET, "UNet()", 4, 64, 64)
    for name, batch in [("resnet152", 16), ("swin_s", 16), ("efficientnet_b3", 32), ("vit_b_32", 64), ("convnext_base", 8), ("resnext50_32x4d", 32)]:
        yield name, "train", trained(batch, 0, "autocast"), vision(name)
    for name in ["deit_small_patch16_224", "mobilevit_s", "resmlp_12_224"]:
        yield name, "train", trained(32, 0, "fp32"), image(name)
