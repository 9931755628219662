"""Small modules whose backward pass make_backward.py follows through CUDA's caching allocator."""
from backward_list import BLOCKS

MORE = BLOCKS + '''
class Loss(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, *args):
        return self.inner(*args).float().mean()

class Multiplied(nn.Module):
    def __init__(self, d=512):
        super().__init__()
        self.gate, self.up, self.down = nn.Linear(d, 2 * d, bias=False), nn.Linear(d, 2 * d, bias=False), nn.Linear(2 * d, d, bias=False)

    def forward(self, x):
        return self.down(F.silu(self.gate(x)) * self.up(x))

class Root(nn.Module):
    def __init__(self, d=512):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))
        self.linear = nn.Linear(d, d)

    def forward(self, x):
        y = self.linear(x)
        wide = y.float()
        variance = wide.pow(2).mean(-1, keepdim=True)
        return self.weight * (wide * torch.rsqrt(variance + 1e-6)).to(y.dtype)

class Rotated(nn.Module):
    def __init__(self, d=512):
        super().__init__()
        self.linear = nn.Linear(d, d)

    def forward(self, x):
        y = self.linear(x)
        a, b = y[..., : y.shape[-1] // 2], y[..., y.shape[-1] // 2 :]
        turned = torch.cat((-b, a), dim=-1)
        return y * 0.5 + turned * 0.25

class Pieces(nn.Module):
    def __init__(self, d=512):
        super().__init__()
        self.linear = nn.Linear(d, 3 * d)

    def forward(self, x):
        q, k, v = self.linear(x).chunk(3, dim=-1)
        return q * k + torch.stack((v, v)).sum(0)[:, 1:].mean(1, keepdim=True)

class Positions(nn.Module):
    def __init__(self, d=512):
        super().__init__()
        self.tokens = nn.Embedding(5000, d)
        self.positions = nn.Parameter(torch.zeros(1, 64, d))
        self.first = nn.Parameter(torch.zeros(1, 1, d))

    def forward(self, ids):
        x = self.tokens(ids) + self.positions
        return torch.cat((self.first.expand(x.shape[0], -1, -1), x), dim=1)
'''

TOKENS = "torch.zeros(16, 256, dtype=torch.long)"
X = "torch.zeros(16, 64, 512)"
CASES = [
    {"setup": MORE, "model": model, "args": args}
    for model, args in [
        ("nn.Sequential(*[nn.Linear(512, 512) for _ in range(4)])", ["torch.zeros(1024, 512)"]),
        ("nn.Sequential(nn.Linear(512, 2048), nn.GELU(), nn.Linear(2048, 512))", [X]),
        ("nn.Sequential(nn.Linear(512, 1024), nn.ReLU(), nn.Dropout(0.1), nn.Linear(1024, 512), nn.LayerNorm(512))", [X]),
        ("Residual(nn.Sequential(nn.LayerNorm(512), nn.Linear(512, 512)))", [X]),
        ("nn.Sequential(*[Residual(nn.Sequential(nn.LayerNorm(512), nn.Linear(512, 1024), nn.GELU(), nn.Linear(1024, 512))) for _ in range(3)])", [X]),
        ("Multiplied()", [X]),
        ("Root()", [X]),
        ("Root().bfloat16()", ["torch.zeros(16, 64, 512, dtype=torch.bfloat16)"]),
        ("Rotated()", [X]),
        ("Pieces()", [X]),
        ("Positions()", ["torch.zeros(16, 64, dtype=torch.long)"]),
        ("Written()", ["torch.zeros(16, 64, 256)"]),
        ("Custom()", ["torch.zeros(1024, 256)"]),
        ("nn.Sequential(nn.Linear(512, 512), Attention(512, 8))", [X]),
        ("nn.Sequential(nn.Linear(512, 512), Attention(512, 8, causal=True)).bfloat16()", ["torch.zeros(16, 64, 512, dtype=torch.bfloat16)"]),
        ("nn.Sequential(nn.Linear(512, 512), Attention(512, 8, kv=2)).bfloat16()", ["torch.zeros(16, 64, 512, dtype=torch.bfloat16)"]),
        ("nn.Sequential(nn.Linear(512, 512), Attention(512, 8, fused=False))", [X]),
        ("nn.Sequential(nn.Linear(512, 512), Attention(512, 8, fused=False, causal=True))", [X]),
        ("nn.Sequential(nn.Conv2d(3, 32, 3), Bottleneck(32), Bottleneck(32))", ["torch.zeros(8, 3, 64, 64)"]),
        ("nn.Sequential(nn.Conv2d(3, 32, 3), nn.GroupNorm(4, 32), nn.SiLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))", ["torch.zeros(8, 3, 64, 64)"]),
        ("Stack(vocabulary=8000)", [TOKENS]),
        ("Stack(vocabulary=8000, tied=False)", [TOKENS]),
        ("Stack(vocabulary=8000, reentrant=False)", [TOKENS]),
        ("Stack(vocabulary=8000, reentrant=True)", [TOKENS]),
        ("Stack(vocabulary=8000, reentrant=False, dropout=0.1)", [TOKENS]),
        ("Autocast(nn.Sequential(*[nn.Linear(512, 512) for _ in range(4)]))", ["torch.zeros(1024, 512)"]),
        ("Autocast(Stack(vocabulary=8000))", [TOKENS]),
        ("Autocast(Stack(vocabulary=8000, reentrant=False))", [TOKENS]),
        ("Stack(vocabulary=8000).bfloat16()", [TOKENS]),
    ]
]
