"""The losses that models compute where labels are given."""
from torch import nn


def causal_loss(logits, labels, vocab_size):
    """Cross entropy of each position's logits with the next token, in float32."""
    logits = logits.float()
    labels = nn.functional.pad(labels, (0, 1), value=-100)
    shifted = labels[..., 1:].contiguous()
    return nn.functional.cross_entropy(logits.view(-1, vocab_size), shifted.view(-1))


def plain_loss(logits, labels, classes):
    """Cross entropy of every position with its own label, in the logits' own type."""
    return nn.functional.cross_entropy(logits.view(-1, classes), labels.view(-1))


def token_loss(logits, labels, classes):
    """The same in float32."""
    logits = logits.view(-1, classes)
    logits = logits.float()
    return nn.functional.cross_entropy(logits, labels.view(-1))


def masked_loss(logits, labels, vocab_size):
    return token_loss(logits.float(), labels, vocab_size)


def classification_loss(logits, labels, config):
    """Regression for one label, cross entropy for one class of many, and logistic for several at once."""
    problem = config.problem_type
    if problem is None:
        problem = "regression" if config.num_labels == 1 else "single" if not labels.is_floating_point() else "multi"
    if problem == "regression":
        return nn.functional.mse_loss(logits.squeeze(), labels.squeeze())
    if problem.startswith("single"):
        return nn.functional.cross_entropy(logits.view(-1, config.num_labels), labels.view(-1))
    return nn.functional.binary_cross_entropy_with_logits(logits, labels)


def span_loss(start_logits, end_logits, start, end):
    """The mean of both ends' cross entropy; positions outside the text are ignored."""
    length = start_logits.size(1)
    losses = [
        nn.functional.cross_entropy(logits, positions.clamp(0, length), ignore_index=length)
        for logits, positions in ((start_logits, start), (end_logits, end))
    ]
    return (losses[0] + losses[1]) / 2
