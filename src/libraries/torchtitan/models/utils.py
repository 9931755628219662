from torch import nn


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    nn.init.trunc_normal_(tensor, mean=mean, std=std, a=a, b=b)


def get_dense_model_nparams_and_flops(model_args, model, head_dims, seq_len):
    """The library's own rule: six a weight and token, and attention's products."""
    tables = sum(p.numel() for child in model.children() if isinstance(child, nn.Embedding) for p in child.parameters())
    whole = sum(p.numel() for p in model.parameters())
    flops = 6 * (whole - tables) + 6 * model_args.n_layers * model_args.n_heads * head_dims * seq_len
    return (whole - tables if getattr(model_args, "enable_weight_tying", False) else whole), flops
