"""Programs of functions.tsv: each function without arguments is run, and what it gives is a row `name()`."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def set_item_slice():
    y = torch.zeros(3, 4)
    y[:, 1:3] = torch.ones(3, 2, requires_grad=True)
    return y, y.requires_grad


def set_item_number():
    y = torch.zeros(3, 4)
    y[0] = 1
    y[:, -1] = 2.5
    y[1, 2] += 3
    return y


def set_item_mask():
    y = torch.randn(3, 4)
    y[y > 0] = 0
    y[torch.tensor([0, 2])] = torch.ones(2, 4)
    y[:, [0, 1]] = 5
    return y


def positions_table():
    table = torch.zeros(10, 6)
    position = torch.arange(0, 10).unsqueeze(1)
    scale = torch.exp(torch.arange(0, 6, 2) * -(9.2 / 6))
    table[:, 0::2] = torch.sin(position * scale)
    table[:, 1::2] = torch.cos(position * scale)
    return table.unsqueeze(0).transpose(0, 1)


def causal_mask():
    mask = torch.triu(torch.ones(4, 4) * float("-inf"), diagonal=1)
    low = torch.tril(torch.ones(4, 4)).view(1, 1, 4, 4)
    return mask, low[:, :, :3, :3] == 0


def loop_over_rows():
    h = torch.zeros(2, 5, requires_grad=True) * 1
    outs = []
    for row in torch.randn(3, 2, 5):
        h = torch.tanh(h + row)
        outs.append(h)
    return torch.stack(outs, dim=1)


def without_gradients():
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        y = x * 2
        with torch.enable_grad():
            z = x * 2
    with torch.inference_mode():
        q = x * 2
    with torch.set_grad_enabled(False):
        r = x * 2
    return y, z, q.requires_grad, r, x * 2


@torch.no_grad()
def decorated():
    return torch.ones(2, requires_grad=True) * 2


class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x)
        ctx.scale = scale
        return x * scale

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * ctx.scale, None


def own_function():
    x = torch.ones(4, 4, requires_grad=True)
    return Scaled.apply(x, 2.0)


def own_function_of_a_constant():
    return Scaled.apply(torch.ones(4, 4), 2.0)


def checkpointed():
    from torch.utils.checkpoint import checkpoint

    x = torch.ones(8, 8, requires_grad=True)
    return checkpoint(lambda y: torch.sin(torch.exp(y)), x, use_reentrant=True)


def deep_copy():
    import copy

    x = torch.ones(3, requires_grad=True)
    y = copy.deepcopy(x)
    return y, y.is_leaf, y is x


def out_argument():
    y = torch.empty(3)
    torch.add(torch.ones(3), 2, out=y)
    z = torch.zeros(2, 2)
    torch.matmul(torch.ones(2, 2), torch.ones(2, 2), out=z)
    return y, z


def named_tuples():
    values, indices = torch.randn(3, 4).max(dim=1)
    found = torch.topk(torch.randn(3, 4), k=2)
    return values, indices, found.values, found.indices


def unpack_shape():
    b, c, *rest = torch.zeros(2, 3, 4, 5).shape
    n, m = torch.zeros(6, 7).size()
    return b, c, rest, n * m, isinstance(torch.zeros(2).shape, tuple), torch.zeros(2, 3).shape == (2, 3)


def dtype_questions():
    x = torch.zeros(2)
    return (
        x.dtype == torch.float32,
        x.dtype is torch.float,
        x.dtype in (torch.float16, torch.float32),
        x.dtype.is_floating_point,
        str(x.dtype),
        x.half().dtype,
        torch.finfo(torch.float16).tiny,
        torch.is_tensor([1]),
        isinstance(x, torch.Tensor),
        isinstance(nn.Parameter(x), torch.Tensor),
    )


def parameter_data():
    weight = nn.Parameter(torch.empty(3, 4))
    weight.data.normal_(0, 0.02)
    weight.data = torch.zeros(5, 4)
    with torch.no_grad():
        weight.copy_(torch.ones(5, 4))
        weight[0].fill_(0)
    return weight.shape, weight.requires_grad, weight.is_leaf


def heads():
    q = torch.randn(2, 5, 12, requires_grad=True)
    q = q.view(2, 5, 3, 4).transpose(1, 2)
    scores = q @ q.transpose(-2, -1) / 4**0.5
    scores = scores.masked_fill(torch.triu(torch.ones(5, 5), 1).bool(), float("-inf"))
    out = scores.softmax(-1) @ q
    return out.transpose(1, 2).contiguous().view(2, 5, -1)


def rotary():
    def rotated(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat((-b, a), dim=-1)

    frequencies = 1.0 / (10000 ** (torch.arange(0, 8, 2).float() / 8))
    angles = torch.outer(torch.arange(5), frequencies)
    table = torch.cat((angles, angles), dim=-1)
    x = torch.randn(2, 3, 5, 8, requires_grad=True)
    return x * table.cos()[None, None] + rotated(x) * table.sin()[None, None]


def complex_rotary():
    angles = torch.polar(torch.ones(5, 4), torch.randn(5, 4))
    x = torch.view_as_complex(torch.randn(2, 5, 3, 8).float().reshape(2, 5, 3, -1, 2))
    return torch.view_as_real(x * angles.view(1, 5, 1, 4)).flatten(3)


def windows():
    x = torch.randn(2, 8, 8, 3)
    x = torch.roll(x, shifts=(-2, -2), dims=(1, 2))
    x = x.view(2, 2, 4, 2, 4, 3).permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, 4, 4, 3)
    coords = torch.stack(torch.meshgrid([torch.arange(4), torch.arange(4)], indexing="ij"))
    flat = torch.flatten(coords, 1)
    relative = (flat[:, :, None] - flat[:, None, :]).permute(1, 2, 0).contiguous()
    relative[:, :, 0] += 3
    relative[:, :, 1] += 3
    relative[:, :, 0] *= 7
    index = relative.sum(-1)
    return x, torch.zeros(49, 2)[index.view(-1)].view(16, 16, -1)


def drop_path():
    x = torch.randn(4, 3, 2, requires_grad=True)
    shape = (x.shape[0],) + (1,) * (x.ndim - 1)
    noise = 0.9 + torch.rand(shape, dtype=x.dtype, device=x.device)
    return x.div(0.9) * noise.floor_()


def vector_quantizer():
    table = torch.randn(16, 4, requires_grad=True)
    x = torch.randn(2, 6, 4, requires_grad=True)
    flat = x.view(-1, 4)
    distances = flat.pow(2).sum(1, keepdim=True) + table.pow(2).sum(1) - 2 * flat @ table.t()
    index = distances.argmin(dim=1).unsqueeze(1)
    one_hot = torch.zeros(index.shape[0], 16, device=x.device)
    one_hot.scatter_(1, index, 1)
    return (one_hot @ table).view_as(x), x + ((one_hot @ table).view_as(x) - x).detach()


def routed():
    x = torch.randn(6, 4)
    logits = torch.randn(6, 3, requires_grad=True)
    weights, chosen = torch.topk(F.softmax(logits, dim=1, dtype=torch.float), 2, dim=-1)
    weights = weights / weights.sum(dim=-1, keepdim=True)
    mask = F.one_hot(chosen, num_classes=3).permute(2, 1, 0)
    return weights.to(x.dtype), mask


def sums_of_lists():
    losses = [torch.ones(2, requires_grad=True) * i for i in range(3)]
    return sum(losses), torch.stack(losses).sum(0), max(1, len(losses))


def distributions():
    from torch.distributions import Categorical, Normal, kl_divergence

    normal = Normal(torch.zeros(3, 2), torch.ones(3, 2))
    choice = Categorical(logits=torch.randn(4, 5))
    return (
        normal.rsample().shape,
        normal.log_prob(torch.zeros(3, 2)),
        kl_divergence(normal, Normal(0.0, 1.0)).sum(-1),
        choice.sample().shape,
        choice.log_prob(torch.zeros(4, dtype=torch.long)).shape,
        choice.entropy().shape,
    )


def jit_words():
    @torch.jit.script
    def doubled(x: torch.Tensor) -> torch.Tensor:
        return x * 2

    return doubled(torch.ones(2)), torch.jit.is_scripting(), torch.jit.annotate(int, 3)


def optimizers():
    layer = nn.Linear(2, 3)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    optimizer.zero_grad()
    optimizer.step()
    return len(optimizer.param_groups[0]["params"]), optimizer.param_groups[0]["lr"]


def backends():
    torch.backends.cudnn.benchmark = True
    return torch.distributed.is_initialized(), torch.utils.data.Dataset.__name__, torch.version.__name__


def packed():
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

    x = pad_sequence([torch.ones(4, 3), torch.ones(2, 3)], batch_first=True)
    data = pack_padded_sequence(x, torch.tensor([4, 2]), batch_first=True, enforce_sorted=True)
    back, lengths = pad_packed_sequence(data, batch_first=True)
    return x, data.data, data.batch_sizes.tolist(), back, lengths


def weight_norm():
    layer = nn.utils.weight_norm(nn.Linear(4, 3))
    return layer(torch.ones(2, 4)).shape, layer.weight_g.shape


def raises():
    found = []
    for wrong in (
        lambda: torch.ones(2, 3) + torch.ones(2, 4),
        lambda: torch.ones(2, 3) @ torch.ones(2, 3),
        lambda: torch.ones(2, 3).view(4),
        lambda: torch.ones(2, 3)[0, 0, 0],
        lambda: torch.cat([torch.ones(2), torch.ones(2, 2)]),
        lambda: torch.no_such_name,
        lambda: torch.ones(2).no_such_method(),
        lambda: torch.exp(torch.ones(2), no=1),
        lambda: len(torch.tensor(1)),
    ):
        try:
            wrong()
            found.append("nothing")
        except Exception as error:
            found.append(type(error).__name__)
    return found
