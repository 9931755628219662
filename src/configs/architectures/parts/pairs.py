"""What encoder-decoder models share: inputs shifted to the right, and the vector of a text's last end token."""
import torch


def shifted(ids, first):
    """The decoder's inputs for a text: one token later, with `first` in front and ignored labels as `first`."""
    moved = ids.new_zeros(ids.shape)
    moved[..., 1:] = ids[..., :-1].clone()
    moved[..., 0] = first
    moved.masked_fill_(moved == -100, first)
    return moved


def last_marked(x, marked):
    """For each text the vector at the last marked token, `[B, hidden]`. Raises ValueError where the texts are not as long as the marks."""
    if x.shape[1] != marked.shape[1]:
        raise ValueError(f"decoder_input_ids have {x.shape[1]} tokens, input_ids {marked.shape[1]}: the end token's place is read from input_ids")
    places = torch.arange(x.shape[1], device=x.device) * marked.int()
    return x[torch.arange(x.shape[0], device=x.device), places.argmax(dim=1)]
