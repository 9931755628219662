"""ResNets as timm builds them where only their feature maps are wanted."""
from torch import nn

#: How many blocks timm's ResNets have in each stage, and whether these have three convolutions.
RESNETS = {
    "resnet18": ((2, 2, 2, 2), False),
    "resnet34": ((3, 4, 6, 3), False),
    "resnet50": ((3, 4, 6, 3), True),
    "resnet101": ((3, 4, 23, 3), True),
    "resnet152": ((3, 8, 36, 3), True),
}


class ResNetBlock(nn.Module):
    """Two convolutions, or three the outer of which are 1 × 1, and the map added behind them."""

    def __init__(self, before, width, stride, dilation, first_dilation, deep):
        super().__init__()
        out = width * 4 if deep else width
        near = dict(padding=first_dilation, dilation=first_dilation, bias=False)
        if deep:
            self.conv1 = nn.Conv2d(before, width, 1, bias=False)
        else:
            self.conv1 = nn.Conv2d(before, width, 3, stride=stride, **near)
        self.bn1 = nn.BatchNorm2d(width)
        self.act1 = nn.ReLU(inplace=True)
        if deep:
            self.conv2 = nn.Conv2d(width, width, 3, stride=stride, **near)
        else:
            self.conv2 = nn.Conv2d(width, out, 3, padding=dilation, dilation=dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.act2 = nn.ReLU(inplace=True)
        self.deep = deep
        if deep:
            self.conv3 = nn.Conv2d(width, out, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(out)
            self.act3 = nn.ReLU(inplace=True)
        changes = stride != 1 or before != out
        self.downsample = None
        if changes:
            self.downsample = nn.Sequential(nn.Conv2d(before, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        before = x
        x = self.conv1(x)
        x = self.bn1(x)
        x = self.act1(x)
        x = self.conv2(x)
        x = self.bn2(x)
        if self.deep:
            x = self.act2(x)
            x = self.conv3(x)
            x = self.bn3(x)
        if self.downsample is not None:
            before = self.downsample(before)
        x += before
        return self.act3(x) if self.deep else self.act2(x)


class TimmResNet(nn.ModuleDict):
    """A ResNet up to the last stage that is asked for; `output_stride` 16 or 8 spreads kernels instead of shrinking maps."""

    def __init__(self, name, config):
        super().__init__()
        depths, deep = RESNETS[name]
        indices = config.get("out_indices") or [-1]
        self.wanted = [i % 5 for i in indices]
        layers = {
            "conv1": nn.Conv2d(config.get("num_channels", 3), 64, kernel_size=7, stride=2, padding=3, bias=False),
            "bn1": nn.BatchNorm2d(64),
            "act1": nn.ReLU(inplace=True),
        }
        if max(self.wanted) > 0:
            layers["maxpool"] = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        shrunk, dilation, near, before, widths = 4, 1, 1, 64, [64]
        for i, depth in enumerate(depths[: max(self.wanted)]):
            width, stride = 64 * 2**i, 1 if i == 0 else 2
            if shrunk >= (config.get("output_stride") or 32):
                dilation, stride = dilation * stride, 1
            shrunk *= stride
            blocks = []
            for j in range(depth):
                blocks.append(ResNetBlock(before, width, stride if j == 0 else 1, dilation, near, deep))
                near, before = dilation, width * 4 if deep else width
            layers[f"layer{i + 1}"] = nn.Sequential(*blocks)
            widths.append(before)
        self.update(layers)
        self.channels = [widths[i] for i in self.wanted]

    def forward(self, x):
        maps = []
        for name, layer in self.items():
            x = layer(x)
            if name == "act1" and 0 in self.wanted or name[:5] == "layer" and int(name[5:]) in self.wanted:
                maps.append(x)
        return maps
