"""Mixtures of experts: routers that choose for each token, and experts whose weights lie in one tensor each."""
import torch
from torch import nn
from torch.nn import functional as F

from .activations import activation


class Experts(nn.Module):
    """All experts' products at once, rows sorted by expert, as transformers runs them on a GPU.

    `transposed`: weights are `[experts, in, out]`; `biased`: each product has a bias; `gated`: the first gives gate and up.
    """

    def __init__(self, count, size, width, act, transposed=False, biased=False, gated=True):
        super().__init__()
        self.count, self.transposed, self.biased, self.gated = count, transposed, biased, gated
        inner = 2 * width if gated else width
        first, second = (size, inner), (width, size)
        if not transposed:
            first, second = first[::-1], second[::-1]
        self.first = "gate_up_proj" if gated else "up_proj"
        setattr(self, self.first, nn.Parameter(torch.empty(count, *first)))
        self.down_proj = nn.Parameter(torch.empty(count, *second))
        if biased:
            setattr(self, f"{self.first}_bias", nn.Parameter(torch.empty(count, inner)))
            self.down_proj_bias = nn.Parameter(torch.empty(count, size))
        self.act_fn = activation(act)

    def product(self, x, name, offsets, experts):
        weight = getattr(self, name)
        out = F.grouped_mm(x.to(weight.dtype), weight if self.transposed else weight.transpose(-2, -1), offs=offsets)
        if self.biased:
            out = out.add_(getattr(self, f"{name}_bias")[experts])
        return out

    def gate(self, x):
        """What comes out of the first product, made ready for the second."""
        if not self.gated:
            return self.act_fn(x)
        gate, up = x.chunk(2, dim=-1)
        return self.act_fn(gate) * up

    def forward(self, x, chosen, weights):
        tokens, each = x.size(0), chosen.size(-1)
        weights, chosen = weights.reshape(-1), chosen.reshape(-1)
        experts, order = torch.sort(chosen)
        rows = x[order // each]
        shares = weights[order]
        counts = torch.histc(experts.int(), bins=self.count, min=0, max=self.count - 1)
        offsets = torch.cumsum(counts, dim=0, dtype=torch.int32)
        surplus = (experts >= self.count).unsqueeze(-1)
        experts.clamp_(max=self.count - 1)
        rows.masked_fill_(surplus, 0.0)
        out = self.product(rows, self.first, offsets, experts)
        out = out.masked_fill(surplus, 0.0)
        out = self.gate(out)
        out = self.product(out, "down_proj", offsets, experts)
        out = out.masked_fill(surplus, 0.0)
        mixed = out * shares.unsqueeze(-1)
        back = torch.empty_like(order)
        back[order] = torch.arange(order.size(0), device=x.device)
        mixed = mixed[back]
        mixed = mixed.view(tokens, each, -1).sum(dim=1)
        return mixed.to(x.dtype)


class SoftmaxRouter(nn.Module):
    """The best experts by softmax over all; `normed`: their shares add up to one. `wide`: shares stay in float32."""

    def __init__(self, config, count, normed=True, wide=False):
        super().__init__()
        self.chosen, self.normed, self.wide = config.num_experts_per_tok, normed, wide
        self.weight = nn.Parameter(torch.zeros(count, config.hidden_size))

    def forward(self, x):
        logits = F.linear(x, self.weight)
        all_shares = F.softmax(logits.float(), dim=-1) if self.wide else F.softmax(logits, dim=-1, dtype=torch.float)
        shares, chosen = torch.topk(all_shares, self.chosen, dim=-1)
        if self.normed:
            shares /= shares.sum(dim=-1, keepdim=True)
        return shares if self.wide else shares.to(logits.dtype), chosen


class TopRouter(nn.Module):
    """The best experts by their logits, softmax over those alone."""

    def __init__(self, config, count, bias=False):
        super().__init__()
        self.chosen = config.num_experts_per_tok
        self.weight = nn.Parameter(torch.zeros(count, config.hidden_size))
        self.bias = nn.Parameter(torch.zeros(count)) if bias else None

    def forward(self, x):
        shares, chosen = torch.topk(F.linear(x, self.weight, self.bias), self.chosen, dim=-1)
        return F.softmax(shares, dim=-1, dtype=shares.dtype), chosen


class GroupRouter(nn.Module):
    """DeepSeek's: sigmoid scores plus a bias that balances the load, the best groups first, then the best experts."""

    def __init__(self, config, count, corrected=True):
        super().__init__()
        self.config, self.count = config, count
        self.weight = nn.Parameter(torch.zeros(count, config.hidden_size))
        if corrected:
            self.register_buffer("e_score_correction_bias", torch.zeros(count))

    def scores(self, logits):
        return logits.sigmoid()

    def choice(self, scores):
        return scores + self.e_score_correction_bias

    def logits(self, x):
        return F.linear(x.type(torch.float32), self.weight.type(torch.float32))

    def forward(self, x):
        config = self.config
        groups = config.n_group or 1
        scores = self.scores(self.logits(x))
        choice = self.choice(scores)
        each = self.count // groups
        best = choice.view(-1, groups, each).topk(min(2, each), dim=-1)[0].sum(dim=-1)
        chosen_groups = torch.topk(best, k=config.topk_group or 1, dim=-1, sorted=False)[1]
        mask = torch.zeros_like(best)
        mask.scatter_(1, chosen_groups, 1)
        mask = mask.unsqueeze(-1).expand(-1, groups, each).reshape(-1, self.count)
        choice = choice.masked_fill(~mask.bool(), float("-inf"))
        chosen = torch.topk(choice, k=config.num_experts_per_tok, dim=-1, sorted=False)[1]
        shares = scores.gather(1, chosen)
        if config.norm_topk_prob:
            total = shares.sum(dim=-1, keepdim=True) + 1e-20
            shares /= total
        return shares * config.routed_scaling_factor, chosen


class SparseMLP(nn.Module):
    """A router and its experts; `names` are theirs."""

    def __init__(self, router, experts, names=("gate", "experts")):
        super().__init__()
        self.names = names
        setattr(self, names[0], router)
        setattr(self, names[1], experts)

    def forward(self, x):
        shape = x.shape
        x = x.reshape(-1, x.shape[-1])
        shares, chosen = getattr(self, self.names[0])(x)
        x = getattr(self, self.names[1])(x, chosen, shares)
        return x.reshape(shape)


class SharedMLP(SparseMLP):
    """Experts that a router chooses, beside one that every token uses."""

    def __init__(self, router, experts, shared):
        super().__init__(router, experts)
        self.shared_experts = shared

    def forward(self, x):
        return super().forward(x) + self.shared_experts(x)
