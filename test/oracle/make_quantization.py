"""Writes quantization.jsonl: the tensors that quantized layers are stored in, made by packing real weights with PyTorch.

Each packer follows its library's own (AutoGPTQ, AutoAWQ, bitsandbytes, HQQ, compressed-tensors, DeepSeek's FP8, gpt-oss's
MXFP4) and is unpacked again: what comes back must be the integers that went in, so that no bit is left out or kept twice.

    python3 test/oracle/make_quantization.py > test/oracle/quantization.jsonl
"""
import json

import torch

shapes = [(64, 128), (96, 416), (256, 1376), (1376, 512)]
names = {torch.int32: "int32", torch.uint8: "uint8", torch.int8: "int8", torch.float16: "float16",
         torch.bfloat16: "bfloat16", torch.float32: "float32", torch.int64: "int64"}


def emit(settings, shape, tensors, aliases={}):
    row = {
        "settings": settings,
        "outputs": shape[0],
        "inputs": shape[1],
        "tensors": [[name, aliases.get(name, names[t.dtype]), list(t.shape)] for name, t in tensors.items()],
        "bytes": sum(t.numel() * t.element_size() for t in tensors.values()),
    }
    print(json.dumps(row))


def packed(values, bits, word=32):
    """Integers of `bits` in words along the first axis, the lowest bits first; rows of a column follow each other bit by bit."""
    rows, columns = values.shape
    stream = ((values.unsqueeze(1) >> torch.arange(bits).view(1, -1, 1)) & 1).reshape(rows * bits, columns)
    words = stream.reshape(-1, word, columns)
    made = (words.long() << torch.arange(word).view(1, -1, 1)).sum(1)
    back = ((made.unsqueeze(1) >> torch.arange(word).view(1, -1, 1)) & 1).reshape(-1, bits, columns)
    assert torch.equal((back << torch.arange(bits).view(1, -1, 1)).sum(1), values)
    return torch.where(made >= 2 ** 31, made - 2 ** 32, made).to(torch.int32)


def grouped(weight, group):
    """Each row's groups: their number, and a scale for each."""
    outputs, inputs = weight.shape
    size = inputs if group <= 0 else group
    padded = torch.nn.functional.pad(weight, (0, -inputs % size))
    return padded.reshape(outputs, -1, size).abs().amax(2)


def gptq(weight, bits, group):
    outputs, inputs = weight.shape
    scales = grouped(weight, group).t().contiguous().half()
    size = inputs if group <= 0 else group
    zeros = torch.randint(0, 2 ** bits, scales.shape)
    return {
        "qweight": packed(torch.randint(0, 2 ** bits, (inputs, outputs)), bits),
        "qzeros": packed(zeros.t().contiguous(), bits).t().contiguous(),
        "scales": scales,
        "g_idx": (torch.arange(inputs) // size).to(torch.int32),
    }


def awq(weight, group):
    outputs, inputs = weight.shape
    order = torch.tensor([0, 2, 4, 6, 1, 3, 5, 7])
    scales = grouped(weight, group).t().contiguous().half()

    def columns(values):
        eight = values.reshape(values.shape[0], -1, 8)[:, :, order]
        return packed(eight.permute(2, 0, 1).reshape(8, -1), 4).reshape(values.shape[0], -1)

    return {
        "qweight": columns(torch.randint(0, 16, (inputs, outputs))),
        "qzeros": columns(torch.randint(0, 16, scales.shape)),
        "scales": scales,
    }


def nibbles(values):
    """Two of four bits in a byte, the first in the upper half; an odd one has its byte to itself."""
    flat = torch.nn.functional.pad(values.flatten(), (0, values.numel() % 2))
    made = ((flat[::2] << 4) | flat[1::2]).to(torch.uint8).unsqueeze(1)
    back = torch.stack((made.long() >> 4, made.long() & 15), 1).flatten()[: values.numel()]
    assert torch.equal(back, values.flatten())
    return made


def blocks(values, size):
    flat = torch.nn.functional.pad(values.flatten(), (0, -values.numel() % size))
    return flat.reshape(-1, size).abs().amax(1)


def bitsandbytes(weight, double):
    absmax = blocks(weight, 64)
    tensors = {"weight": nibbles(torch.randint(0, 16, weight.shape))}
    if double:
        tensors["weight.absmax"] = torch.zeros(absmax.numel(), dtype=torch.uint8)
        tensors["weight.nested_absmax"] = blocks(absmax - absmax.mean(), 256)
        tensors["weight.nested_quant_map"] = torch.linspace(-1, 1, 256)
    else:
        tensors["weight.absmax"] = absmax
    tensors["weight.quant_map"] = torch.linspace(-1, 1, 16)
    return tensors


def hqq(weight, bits, group, axis):
    view = weight.reshape(-1, group) if axis == 1 else weight.reshape(group, -1)
    scale = view.amax(axis, keepdim=True) - view.amin(axis, keepdim=True)
    values = torch.randint(0, 2 ** bits, view.shape)
    each, word = {8: (1, torch.uint8), 4: (2, torch.uint8), 3: (10, torch.int32), 2: (4, torch.uint8), 1: (8, torch.uint8)}[bits]
    padded = torch.nn.functional.pad(values, (0, 0, 0, -values.shape[0] % each))
    parts = padded.reshape(each, -1, values.shape[1])
    shifts = torch.arange(each - 1, -1, -1) * bits
    made = (parts << shifts.view(-1, 1, 1)).sum(0)
    back = ((made.unsqueeze(0) >> shifts.view(-1, 1, 1)) & (2 ** bits - 1)).reshape(-1, values.shape[1])
    assert torch.equal(back[: values.shape[0]], values)
    return {"W_q": made.to(word), "scale": scale.bfloat16(), "zero": scale.bfloat16()}


def pack_quantized(weight, bits, group, symmetric):
    outputs, inputs = weight.shape
    each = 32 // bits

    def rows(values):
        wide = torch.nn.functional.pad(values, (0, -values.shape[1] % each))
        words = (wide.reshape(values.shape[0], -1, each).long() << (torch.arange(each) * bits)).sum(2)
        back = ((words.unsqueeze(2) >> (torch.arange(each) * bits)) & (2 ** bits - 1)).reshape(values.shape[0], -1)
        assert torch.equal(back[:, : values.shape[1]], values)
        return torch.where(words >= 2 ** 31, words - 2 ** 32, words).to(torch.int32)

    scale = grouped(weight, group).bfloat16()
    tensors = {"weight_packed": rows(torch.randint(0, 2 ** bits, weight.shape)), "weight_scale": scale}
    if not symmetric:
        tensors["weight_zero_point"] = rows(torch.randint(0, 2 ** bits, scale.shape).t().contiguous()).t().contiguous()
    tensors["weight_shape"] = torch.tensor(weight.shape)
    return tensors


def fp8(weight, rows, columns):
    outputs, inputs = weight.shape
    padded = torch.nn.functional.pad(weight, (0, -inputs % columns, 0, -outputs % rows))
    tiles = padded.reshape(padded.shape[0] // rows, rows, padded.shape[1] // columns, columns)
    return {"weight": torch.zeros(weight.shape, dtype=torch.uint8), "weight_scale_inv": tiles.abs().amax((1, 3)) / 448}


torch.manual_seed(0)
for shape in shapes:
    weight = torch.randn(shape)
    for bits in (2, 3, 4, 8):
        for group in (32, 128, -1):
            if shape[1] % 32 == 0:
                emit({"quant_method": "gptq", "bits": bits, "group_size": group}, shape, gptq(weight, bits, group))
    for group in (32, 64, 128):
        emit({"quant_method": "awq", "bits": 4, "group_size": group}, shape, awq(weight, group))
    for double in (False, True):
        settings = {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": double}
        emit(settings, shape, bitsandbytes(weight, double))
    emit({"load_in_8bit": True}, shape, {"weight": weight.to(torch.int8), "SCB": weight.abs().amax(1)})
    for bits in (8, 4, 3, 2, 1):
        for axis in (0, 1):
            params = {"nbits": bits, "group_size": 64, "axis": axis}
            emit({"quant_method": "hqq", "quant_config": {"weight_quant_params": params}}, shape, hqq(weight, bits, 64, axis))
    for symmetric in (True, False):
        for group in (32, 128):
            args = {"num_bits": 4, "type": "int", "strategy": "group", "group_size": group, "symmetric": symmetric}
            groups = {"group_0": {"targets": ["Linear"], "weights": args}}
            settings = {"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": groups}
            emit(settings, shape, pack_quantized(weight, 4, group, symmetric))
    settings = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    emit(settings, shape, fp8(weight, 128, 128), {"weight": "float8_e4m3fn"})
