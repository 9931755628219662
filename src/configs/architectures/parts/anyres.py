"""Large images cut into squares of the encoder's size, beside the whole image made small; and their patches put together again."""
import torch


def best_resolution(size, offered):
    """Of the offered heights and widths the one that keeps most of an image, then the one that wastes least."""
    height, width = size
    best, kept, wasted = None, 0, float("inf")
    for tall, wide in offered:
        scale = min(wide / width, tall / height)
        shown = min(int(width * scale) * int(height * scale), width * height)
        waste = wide * tall - shown
        if shown > kept or (shown == kept and waste < wasted):
            best, kept, wasted = (tall, wide), shown, waste
    return best


def square_count(size, offered, side):
    """How many squares an image becomes, the small whole one among them."""
    height, width = best_resolution(size, offered)
    return len(range(0, height, side)) * len(range(0, width, side)) + 1


def unpadded(x, size):
    """The patches `[C, rows, columns]` without those that only fill the picture up."""
    height, width = size
    rows, columns = x.shape[1:]
    if width / height > columns / rows:
        extra = (rows - int(round(height * (columns / width), 7))) // 2
        return x[:, extra : rows - extra, :]
    extra = (columns - int(round(width * (rows / height), 7))) // 2
    return x[:, :, extra : columns - extra]


def joined(squares, size, vision, offered):
    """The patches `[C, rows, columns]` of an image's squares `[squares, patches, C]`."""
    side = vision.image_size // vision.patch_size
    height, width = best_resolution(size, offered)
    x = squares.view(height // vision.image_size, width // vision.image_size, side, side, -1)
    x = x.permute(4, 0, 2, 1, 3).contiguous()
    return unpadded(x.flatten(1, 2).flatten(2, 3), size)


def rows_marked(x, mark):
    """`[C, rows, columns]` → `[patches, C]`, a learned vector at the end of each row."""
    x = torch.cat((x, mark[:, None, None].expand(*x.shape[:-1], 1).to(x.dtype)), dim=-1)
    return x.flatten(1, 2).transpose(0, 1)
