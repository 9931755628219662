"""Models whose backward pass make_backward.py measures: what a row needs to be built by PyTorch and by Assay alike."""

LONG = "dtype=torch.long"
IMAGE = "torch.zeros(2, 3, 224, 224)"

#: Sample models of test/models: file, expression, arguments, device.
SAMPLES = [
    ("gpt", "GPT(GPTConfig())", [f"torch.zeros(1, 1024, {LONG})"], "cuda"),
    ("gpt", "GPT(GPTConfig(n_layer=2, n_head=4, n_embd=256, bias=False))", [f"torch.zeros(3, 64, {LONG})", f"torch.zeros(3, 64, {LONG})"], "cuda"),
    ("llama", "Transformer(ModelArgs(dim=1024, n_layers=4))", [f"torch.zeros(1, 512, {LONG})"], "cuda"),
    ("llama", "Transformer(ModelArgs(dim=512, n_layers=2, n_heads=8, n_kv_heads=None, ffn_dim_multiplier=None))", [f"torch.zeros(2, 100, {LONG})"], "cuda"),
    ("resnet", "resnet50()", ["torch.zeros(2, 3, 224, 224)"], "cuda"),
    ("resnet", "resnet18(num_classes=10)", ["torch.zeros(4, 3, 160, 192)"], "cuda"),
    ("vit", "VisionTransformer()", ["torch.zeros(1, 3, 224, 224)"], "cuda"),
    ("vit", "VisionTransformer(image_size=96, patch_size=8, num_classes=10, dim=192, depth=3, heads=3)", ["torch.zeros(2, 3, 96, 96)"], "cuda"),
    ("unet", "UNet()", ["torch.zeros(1, 3, 64, 64)", f"torch.zeros(1, {LONG})"], "cuda"),
    ("unet", "UNet(channels=64, mults=(1, 2), depth=1, attention=(1,))", ["torch.zeros(2, 3, 32, 32)", f"torch.zeros(2, {LONG})"], "cuda"),
    ("lstm_lm", "LSTMLanguageModel(33278)", [f"torch.zeros(35, 20, {LONG})"], "cpu"),
    ("lstm_lm", "LSTMLanguageModel(1000, embed_size=96, hidden_size=128, num_layers=3, tie_weights=False)", [f"torch.zeros(12, 5, {LONG})"], "cpu"),
]

BLOCKS = '''
import math
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

class Attention(nn.Module):
    def __init__(self, d=256, heads=4, fused=True, causal=False, kv=None):
        super().__init__()
        self.heads, self.kv, self.fused, self.causal = heads, kv or heads, fused, causal
        self.q = nn.Linear(d, d)
        self.k = nn.Linear(d, d // heads * self.kv)
        self.v = nn.Linear(d, d // heads * self.kv)
        self.out = nn.Linear(d, d)

    def forward(self, x):
        b, t, d = x.shape
        split = lambda y, h: y.view(b, t, h, d // self.heads).transpose(1, 2)
        q, k, v = split(self.q(x), self.heads), split(self.k(x), self.kv), split(self.v(x), self.kv)
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal, enable_gqa=self.kv != self.heads)
        else:
            scores = q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)
            if self.causal:
                scores = scores.masked_fill(torch.ones(t, t, dtype=torch.bool, device=x.device).triu(1), float("-inf"))
            y = F.softmax(scores, dim=-1) @ v
        return self.out(y.transpose(1, 2).reshape(b, t, d))

class Block(nn.Module):
    def __init__(self, d=256, dropout=0.0, **rest):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attention = Attention(d, **rest)
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d), nn.Dropout(dropout))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))

class Stack(nn.Module):
    def __init__(self, depth=3, d=256, reentrant=None, vocabulary=1000, tied=True, **rest):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, d)
        self.blocks = nn.ModuleList([Block(d, **rest) for _ in range(depth)])
        self.head = nn.Linear(d, vocabulary, bias=False)
        if tied:
            self.head.weight = self.embedding.weight
        self.reentrant = reentrant

    def forward(self, ids):
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x) if self.reentrant is None else checkpoint(block, x, use_reentrant=self.reentrant)
        logits = self.head(x)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), ids.view(-1))

class Autocast(nn.Module):
    def __init__(self, inner, dtype=torch.bfloat16):
        super().__init__()
        self.inner, self.dtype = inner, dtype

    def forward(self, *args):
        with torch.autocast("cuda", dtype=self.dtype):
            return self.inner(*args)

class Residual(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)

class Written(nn.Module):
    def __init__(self, d=256):
        super().__init__()
        self.first, self.second = nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, x):
        y = self.first(x)
        z = torch.zeros_like(y)
        z[:, : y.shape[1] // 2] = y[:, : y.shape[1] // 2]
        z[:, y.shape[1] // 2 :] = self.second(y)[:, y.shape[1] // 2 :]
        return z * y

class Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x @ w.t()

    @staticmethod
    def backward(ctx, grad):
        x, w = ctx.saved_tensors
        return grad @ w, grad.t() @ x

class Custom(nn.Module):
    def __init__(self, d=256):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(d, d))
        self.linear = nn.Linear(d, d)

    def forward(self, x):
        return Own.apply(self.linear(x), self.weight)

def conv(i, o, k=3, **rest):
    return nn.Sequential(nn.Conv2d(i, o, k, padding=k // 2, bias=False, **rest), nn.BatchNorm2d(o), nn.ReLU(inplace=True))

class Bottleneck(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.body = nn.Sequential(conv(d, d // 4, 1), conv(d // 4, d // 4), nn.Conv2d(d // 4, d, 1, bias=False), nn.BatchNorm2d(d))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(x + self.body(x))

class Einsum(nn.Module):
    def __init__(self, d=128):
        super().__init__()
        self.a, self.b = nn.Parameter(torch.zeros(4, d, 32)), nn.Parameter(torch.zeros(4, 32, d))

    def forward(self, x):
        h = torch.einsum("btd,hdk->bhtk", x, self.a)
        return torch.einsum("bhtk,hkd,bt->btd", h, self.b, x[..., 0])

class Products(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(d, d))
        self.v = nn.Parameter(torch.zeros(d))
        self.big = nn.Parameter(torch.zeros(8, d, d))

    def forward(self, x):
        y = x @ self.w
        y = y + (self.w @ x.transpose(1, 2)).transpose(1, 2)
        y = y + torch.bmm(y, self.big[: y.shape[0]]) + torch.baddbmm(y, y, self.big[: y.shape[0]])
        y = y + torch.matmul(x.unsqueeze(1), self.big.unsqueeze(0)).sum(1)
        y = y + torch.addmm(self.v, y.flatten(0, 1), self.w.t()).view_as(y)
        return (y @ self.v).unsqueeze(-1) * y + F.linear(y, self.w, self.v) + torch.tensordot(y, self.w, 1)
'''

TOKENS = f"torch.zeros(2, 128, {LONG})"
#: Modules written above, or PyTorch's own: expression and arguments.
MODULES = [
    ("Stack()", [TOKENS]),
    ("Stack(reentrant=False)", [TOKENS]),
    ("Stack(reentrant=True)", [TOKENS]),
    ("Stack(reentrant=False, dropout=0.1)", [TOKENS]),
    ("Stack(reentrant=False, fused=False, causal=True)", [TOKENS]),
    ("Stack(fused=False, tied=False)", [TOKENS]),
    ("Stack(kv=2, causal=True)", [TOKENS]),
    ("Autocast(Stack())", [TOKENS]),
    ("Autocast(Stack(reentrant=False, causal=True))", [TOKENS]),
    ("Stack().bfloat16()", [TOKENS]),
    ("Written()", ["torch.zeros(4, 32, 256)"]),
    ("Custom()", ["torch.zeros(16, 256)"]),
    ("nn.Sequential(conv(3, 64), Bottleneck(), Bottleneck(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))", ["torch.zeros(2, 3, 64, 64)"]),
    ("nn.Sequential(nn.Conv2d(3, 32, 3, groups=1), nn.Conv2d(32, 64, 5, stride=2, groups=32), nn.ConvTranspose2d(64, 16, 4, stride=2, groups=4))", ["torch.zeros(2, 3, 64, 64)"]),
    ("nn.Sequential(nn.Conv1d(16, 32, 3, dilation=2), nn.GELU(), nn.ConvTranspose1d(32, 8, 5))", ["torch.zeros(2, 16, 100)"]),
    ("nn.Sequential(nn.Conv3d(3, 8, 3), nn.ReLU(), nn.MaxPool3d(2))", ["torch.zeros(2, 3, 16, 32, 32)"]),
    ("Einsum()", ["torch.zeros(2, 64, 128)"]),
    ("Products()", ["torch.zeros(8, 16, 64)"]),
    ("nn.TransformerEncoderLayer(256, 4, batch_first=True)", ["torch.zeros(2, 50, 256)"]),
    ("nn.TransformerDecoderLayer(256, 4, batch_first=True)", ["torch.zeros(2, 50, 256)", "torch.zeros(2, 70, 256)"]),
]

TORCHVISION = [
    (f"torchvision.models.{name}(weights=None{rest})", [image])
    for name, image, rest in [
        *((name, IMAGE, "") for name in (
            "alexnet vgg11_bn squeezenet1_0 densenet121 mobilenet_v2 mobilenet_v3_small shufflenet_v2_x1_0 mnasnet1_0 efficientnet_b0 "
            "efficientnet_v2_s regnet_y_400mf convnext_tiny vit_b_16 swin_t swin_v2_t maxvit_t resnext50_32x4d wide_resnet50_2").split()),
        ("googlenet", IMAGE, ", init_weights=False"),
        ("inception_v3", "torch.zeros(2, 3, 299, 299)", ", init_weights=False"),
        ("segmentation.fcn_resnet50", IMAGE, ", weights_backbone=None"),
        ("segmentation.deeplabv3_resnet50", IMAGE, ", weights_backbone=None"),
        ("segmentation.lraspp_mobilenet_v3_large", IMAGE, ", weights_backbone=None"),
        ("video.r3d_18", "torch.zeros(1, 3, 8, 112, 112)", ""),
        ("video.mvit_v1_b", "torch.zeros(1, 3, 16, 224, 224)", ""),
    ]
]

TIMM = [
    (f"timm.create_model('{name}')", [IMAGE])
    for name in (
        "vit_tiny_patch16_224 swin_tiny_patch4_window7_224 convnext_tiny mobilenetv3_large_100 regnety_008 coatnet_0_rw_224 mixer_s32_224 "
        "cait_xxs24_224 beit_base_patch16_224 pvt_v2_b0 edgenext_small levit_128 poolformer_s12 xcit_nano_12_p16_224 tnt_s_legacy_patch16_224 "
        "resmlp_12_224 gmlp_s16_224 volo_d1_224 hrnet_w18_small dla34 darknet53 nf_resnet50 ghostnet_100 repvgg_a0 efficientformer_l1 "
        "twins_svt_small crossvit_9_240 eva02_tiny_patch14_224 skresnet18 visformer_tiny").split()
    if not name.startswith(("crossvit",))
]

SMALL = "hidden_size=128, num_hidden_layers=2, num_attention_heads=4, intermediate_size=256, vocab_size=500"
GROUPED = SMALL + ", num_key_value_heads=2"
IDS = f"torch.zeros(2, 64, {LONG})"
TRANSFORMERS = [
    (f"transformers.{name}Model(transformers.{name}Config({config}))", [inputs])
    for name, config, inputs in [
        *((name, SMALL, IDS) for name in "Bert Roberta Electra GPTNeoX".split()),
        *((name, GROUPED + ", pad_token_id=0, bos_token_id=1, eos_token_id=2", IDS) for name in "Llama Mistral Qwen2 Phi3 Olmo2 Cohere StableLm Starcoder2".split()),
        ("Gemma2", GROUPED + ", head_dim=32, query_pre_attn_scalar=32", IDS),
        ("Qwen3", GROUPED + ", head_dim=32", IDS),
        ("Albert", SMALL + ", embedding_size=64", IDS),
        ("DistilBert", "dim=128, n_layers=2, n_heads=4, hidden_dim=256, vocab_size=500", IDS),
        ("GPT2", "n_embd=128, n_layer=2, n_head=4, vocab_size=500", IDS),
        ("Opt".upper(), "hidden_size=128, num_hidden_layers=2, num_attention_heads=4, ffn_dim=256, vocab_size=500, word_embed_proj_dim=128", IDS),
        ("Bloom", "hidden_size=128, n_layer=2, n_head=4, vocab_size=500", IDS),
        ("Falcon", "hidden_size=128, num_hidden_layers=2, num_attention_heads=4, vocab_size=500", IDS),
        ("DebertaV2", SMALL + ", relative_attention=True, pos_att_type='p2c|c2p'", IDS),
        ("Bart", "d_model=128, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=256, decoder_ffn_dim=256, vocab_size=500, pad_token_id=1, bos_token_id=0, eos_token_id=2", IDS),
        ("ViT", "hidden_size=128, num_hidden_layers=2, num_attention_heads=4, intermediate_size=256", IMAGE),
        ("Dinov2", "hidden_size=128, num_hidden_layers=2, num_attention_heads=4", IMAGE),
        ("ConvNext", "depths=[1, 1, 2, 1]", IMAGE),
        ("Swin", "depths=[1, 1, 1, 1]", IMAGE),
        ("Segformer", "depths=[1, 1, 1, 1]", IMAGE),
        ("Wav2Vec2", "hidden_size=128, num_hidden_layers=2, num_attention_heads=4, intermediate_size=256, mask_time_prob=0.0", "torch.zeros(2, 8000)"),
        ("MPNet", SMALL, IDS),
    ]
]


def rows():
    """Every row: where it comes from, what it needs imported, expression, arguments, device."""
    for file, model, args, device in SAMPLES:
        yield "samples", f"from {file} import *", model, args, device
    for model, args in MODULES:
        yield "modules", BLOCKS, model, args, "cuda"
    for library, models in (("torchvision", TORCHVISION), ("timm", TIMM), ("transformers", TRANSFORMERS)):
        for model, args in models:
            yield library, f"import torch, {library}", model, args, "cuda"
