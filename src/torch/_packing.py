"""Sequences of several lengths packed into one, and unpacked."""
import torch


def _lengths(lengths, longest, batch):
    """The lengths as numbers; where they are not known, every sequence is taken to be as long as the longest."""
    found = lengths.tolist() if isinstance(lengths, torch.Tensor) else list(lengths)
    if torch._all_known(found):
        return found
    torch._assume("sequence lengths are not known: each is taken to be the longest")
    return [longest] * batch


def _pack_padded_sequence(input, lengths, batch_first):
    if batch_first:
        input = input.transpose(0, 1)
    longest, batch = input.shape[0], input.shape[1]
    numbers = _lengths(lengths, longest, batch)
    longest = max(numbers)
    sizes = [sum(1 for n in numbers if n > step) for step in range(longest)]
    parts = [input[step, :count] for step, count in enumerate(sizes)]
    if all(count == batch for count in sizes):
        data = input[:longest].reshape([longest * batch] + list(input.shape[2:]))
    else:
        data = torch.cat(parts, 0)
    return data, torch.tensor(sizes, dtype=torch.int64)


def _pad_packed_sequence(data, batch_sizes, batch_first, padding_value, total_length):
    sizes = batch_sizes.tolist()
    steps = len(sizes) if total_length is None or total_length < len(sizes) else total_length
    batch = sizes[0]
    output = torch.full([steps, batch] + list(data.shape[1:]), padding_value, dtype=data.dtype, device=data.device)
    if all(count == batch for count in sizes):
        output[: len(sizes)] = data.view([len(sizes), batch] + list(data.shape[1:]))
    else:
        start = 0
        for step, count in enumerate(sizes):
            output[step, :count] = data[start : start + count]
            start += count
    lengths = [sum(1 for count in sizes if count > i) for i in range(batch)]
    return (output.transpose(0, 1) if batch_first else output), torch.tensor(lengths, dtype=torch.int64)


def norm_except_dim(v, pow=2, dim=0):
    if dim == -1:
        return v.norm(pow)
    if dim == 0:
        return v.contiguous().view(v.shape[0], -1).norm(pow, 1).view([v.shape[0]] + [1] * (v.dim() - 1))
    if dim == v.dim() - 1:
        return v.contiguous().view(-1, v.shape[-1]).norm(pow, 0).view([1] * (v.dim() - 1) + [v.shape[-1]])
    return norm_except_dim(v.transpose(0, dim), pow, 0).transpose(0, dim)
