"""The layers that make_modules.py asks PyTorch about: one a line, its inputs behind `<-`."""


def cases():
    """Pairs of a constructor and the inputs of its call; where a size alone is written, it is a tensor of floats."""
    for line in text.split("\n"):
        if line.strip():
            module, _, inputs = line.partition("<-")
            yield module.strip(), ", ".join(tensor(one) for one in inputs.split(";")) if inputs.strip() else ""


def tensor(size):
    """`2 3` is a float tensor, `i 2 3` one of indices; anything else is Python."""
    words = size.split()
    kind = words[0] if words and words[0] in "ib" else ""
    sizes = words[1:] if kind else words
    if not sizes or not all(word.isdigit() for word in sizes):
        return size.strip()
    dtype = {"": "", "i": ", dtype=torch.long", "b": ", dtype=torch.bool"}[kind]
    return f"torch.zeros({', '.join(sizes)}{dtype})"


text = """
nn.Linear(5, 7) <- 2 5
nn.Linear(5, 7, bias=False) <- 2 3 5
nn.Linear(5, 7, dtype=torch.float16)
nn.Linear(5, 7).half()
nn.Linear(5, 7) <- 5
nn.Linear(5, 7) <- 2 6
nn.Linear(5, 7, True, None, torch.float64) <- torch.zeros(3, 5, dtype=torch.float64)
nn.Identity(54, unused=0.1) <- 2 3
nn.Bilinear(4, 5, 6) <- 3 4; 3 5
nn.Bilinear(4, 5, 6, bias=False) <- 3 2 4; 3 2 5
nn.Bilinear(0, 5, 6)
nn.LazyLinear(4) <- 2 9
nn.LazyLinear(4, bias=False) <- 2 3 9
nn.Conv1d(4, 6, 3) <- 2 4 10
nn.Conv1d(4, 6, 3) <- 4 10
nn.Conv1d(4, 6, 3, padding="same") <- 2 4 10
nn.Conv1d(4, 6, 4, padding="same", dilation=2) <- 2 4 20
nn.Conv1d(4, 6, 3, stride=2, padding=1, groups=2, bias=False) <- 2 4 11
nn.Conv1d(4, 6, 3, padding=2, padding_mode="circular") <- 2 4 10
nn.Conv1d(4, 6, 3, padding="same", padding_mode="reflect") <- 2 4 10
nn.Conv1d(4, 6, 3, stride=2, padding="same")
nn.Conv1d(4, 6, 3, padding="wide")
nn.Conv1d(4, 6, 3, padding_mode="mirror")
nn.Conv1d(4, 6, 3, groups=0)
nn.Conv2d(3, 8, 3) <- 1 3 8 8
nn.Conv2d(3, 8, (3, 5), stride=(2, 1), padding=(4, 2)) <- 2 3 10 12
nn.Conv2d(3, 8, (3, 5), stride=(2, 1), padding=(4, 2), dilation=(3, 1)) <- 2 3 16 12
nn.Conv2d(6, 6, 3, groups=6, padding=1) <- 2 6 7 7
nn.Conv2d(6, 8, 3, groups=4)
nn.Conv2d(8, 6, 3, groups=4)
nn.Conv2d(6, 4, 1, bias=False) <- 6 5 5
nn.Conv2d(6, 4, 3, padding="valid") <- 2 6 5 5
nn.Conv2d(6, 4, (2, 3), padding="same", padding_mode="replicate") <- 2 6 5 5
nn.Conv2d(6, 4, 3, padding=1, padding_mode="reflect") <- 2 6 5 5
nn.Conv2d(6, 4, 3) <- 2 5 5 5
nn.Conv3d(2, 3, 3, padding=1) <- 1 2 4 5 6
nn.Conv3d(2, 4, (1, 2, 3), stride=(1, 2, 1), groups=2, bias=False) <- 1 2 4 6 6
nn.Conv3d(2, 3, 3, padding=1, padding_mode="circular") <- 1 2 4 5 6
nn.ConvTranspose1d(4, 6, 3, stride=2) <- 2 4 5
nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2) <- 2 4 5
nn.ConvTranspose1d(4, 6, 3, padding_mode="reflect")
nn.ConvTranspose2d(4, 6, 4, 2, 1) <- 2 4 5 5
nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1) <- 2 4 5 5; [10, 10]
nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1) <- 2 4 5 5; [2, 6, 9, 10]
nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1) <- 2 4 5 5; [12, 10]
nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 1), dilation=(2, 1), bias=False) <- 4 5 5
nn.ConvTranspose3d(2, 4, 2, stride=2) <- 1 2 3 3 3
nn.ConvTranspose3d(2, 4, (3, 5, 2), stride=(2, 1, 1), padding=(0, 4, 2)) <- 2 2 10 8 8
nn.LazyConv1d(6, 3) <- 2 4 10
nn.LazyConv2d(6, 3, padding=1, bias=False) <- 2 4 10 10
nn.LazyConv2d(6, 3, 2, 1, 1, 2) <- 2 4 10 10
nn.LazyConv3d(6, 3) <- 2 4 5 5 5
nn.LazyConvTranspose2d(6, 3, stride=2) <- 2 4 5 5
nn.BatchNorm1d(5) <- 3 5
nn.BatchNorm1d(5, affine=False) <- 3 5 4
nn.BatchNorm1d(5) <- 3 5 4 4
nn.BatchNorm2d(5) <- 3 5 4 4
nn.BatchNorm2d(5, track_running_stats=False) <- 3 5 4 4
nn.BatchNorm2d(5, momentum=None) <- 3 5 4 4
nn.CrossMapLRN2d(2)
nn.BatchNorm2d(5) <- 3 5 4
nn.BatchNorm3d(5, eps=1e-3) <- 3 5 2 4 4
nn.SyncBatchNorm.convert_sync_batchnorm(nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)))
nn.LazyBatchNorm1d() <- 3 5 4
nn.LazyBatchNorm2d(affine=False) <- 3 5 4 4
nn.LazyInstanceNorm2d(affine=True) <- 3 5 4 4
nn.InstanceNorm1d(5) <- 3 5 4
nn.InstanceNorm1d(5) <- 5 4
nn.InstanceNorm2d(5, affine=True) <- 3 5 4 4
nn.InstanceNorm2d(5, affine=True) <- 3 6 4 4
nn.InstanceNorm2d(5, affine=True, track_running_stats=True) <- 3 5 4 4
nn.InstanceNorm3d(5) <- 3 5 4 4 2
nn.InstanceNorm3d(5) <- 5 4
nn.LayerNorm(8) <- 2 3 8
nn.LayerNorm((3, 8)) <- 2 3 8
nn.LayerNorm([3, 8], elementwise_affine=False) <- 2 3 8
nn.LayerNorm(8, bias=False) <- 2 3 8
nn.LayerNorm(8) <- 2 3 7
nn.GroupNorm(3, 6) <- 2 6 4 4
nn.GroupNorm(1, 6, affine=False) <- 2 6 4
nn.GroupNorm(4, 6)
nn.RMSNorm(8) <- 2 3 8
nn.RMSNorm([3, 8], eps=1e-6, elementwise_affine=False) <- 2 3 8
nn.LocalResponseNorm(2) <- 2 6 4 4
nn.Threshold(0.1, 20) <- 2 3
nn.ReLU() <- 2 3
nn.ReLU(inplace=True) <- 2 3
nn.RReLU(0.1, 0.3) <- 2 3
nn.Hardtanh(-2, 2) <- 2 3
nn.Hardtanh(2, -2)
nn.ReLU6() <- 2 3
nn.Sigmoid() <- 2 3
nn.Hardsigmoid() <- 2 3
nn.Tanh() <- 2 3
nn.SiLU() <- 2 3
nn.SiLU(True) <- 2 3
nn.Mish() <- 2 3
nn.Hardswish() <- 2 3
nn.ELU(0.5) <- 2 3
nn.CELU() <- 2 3
nn.SELU() <- 2 3
nn.GLU() <- 4 2
nn.GLU(0) <- 4 2
nn.GLU() <- 4 3
nn.GELU() <- 2 3
nn.GELU("tanh") <- 2 3
nn.Hardshrink() <- 2 3
nn.LeakyReLU(0.2, inplace=True) <- 2 3
nn.LogSigmoid() <- 2 3
nn.Softplus(2, 10) <- 2 3
nn.Softshrink() <- 2 3
nn.PReLU() <- 2 3
nn.PReLU(3) <- 2 3 4
nn.Softsign() <- 2 3
nn.Tanhshrink() <- 2 3
nn.Softmin(1) <- 2 3
nn.Softmax(dim=-1) <- 2 3
nn.Softmax2d() <- 2 3 4 4
nn.Softmax2d() <- 2 3
nn.LogSoftmax(1) <- 2 3
nn.MaxPool1d(3, 2) <- 2 4 11
nn.MaxPool1d(3, return_indices=True) <- 2 4 11
nn.MaxPool2d(2) <- 2 4 11 10
nn.MaxPool2d(3, stride=2, padding=1) <- 2 4 11 10
nn.MaxPool2d((3, 2), stride=(2, 1), ceil_mode=True) <- 2 4 12 10
nn.MaxPool2d(3, stride=1, dilation=2, return_indices=True) <- 4 12 10
nn.MaxPool3d(2) <- 2 3 4 5 6
nn.MaxUnpool1d(2) <- 2 4 5; i 2 4 5
nn.MaxUnpool2d(2, stride=2) <- 2 4 5 5; i 2 4 5 5
nn.MaxUnpool2d(2, stride=2) <- 2 4 5 5; i 2 4 5 5; (11, 10)
nn.AvgPool1d(3) <- 2 4 11
nn.AvgPool1d(3, 1, 1, count_include_pad=False) <- 2 4 11
nn.AvgPool2d(2) <- 2 4 11 10
nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False) <- 2 4 12 10
nn.AvgPool2d((3, 2), stride=(2, 1), divisor_override=5) <- 2 4 12 10
nn.AvgPool3d(2, 1) <- 2 3 4 5 6
nn.FractionalMaxPool2d(3, output_size=(5, 6)) <- 2 4 12 13
nn.FractionalMaxPool2d(3)
nn.FractionalMaxPool2d(3, output_size=3, output_ratio=0.5)
nn.FractionalMaxPool2d(3, output_ratio=1.5)
nn.LPPool1d(2, 3) <- 2 4 11
nn.LPPool2d(2, 3, stride=2) <- 2 4 11 11
nn.AdaptiveMaxPool1d(5) <- 2 4 11
nn.AdaptiveMaxPool2d((5, None)) <- 2 4 11 7
nn.AdaptiveMaxPool2d(3, return_indices=True) <- 2 4 11 7
nn.AdaptiveMaxPool3d(3) <- 2 4 11 7 5
nn.AdaptiveAvgPool1d(5) <- 2 4 11
nn.AdaptiveAvgPool2d(1) <- 2 4 11 7
nn.AdaptiveAvgPool2d((None, 7)) <- 2 4 11 9
nn.AdaptiveAvgPool3d((2, 3, None)) <- 2 4 11 7 5
nn.ConstantPad1d(2, 3.5) <- 1 2 4
nn.ConstantPad2d((3, 0, 2, 1), 0) <- 1 2 4 4
nn.ConstantPad3d(3, 0) <- 1 2 4 4 4
nn.ZeroPad1d((3, 1)) <- 1 2 4
nn.ZeroPad2d(2) <- 1 2 4 4
nn.ZeroPad2d((1, 1, 2, 0)) <- 2 4 4
nn.ZeroPad3d(1) <- 1 2 4 4 4
nn.ReflectionPad1d(2) <- 1 2 4
nn.ReflectionPad2d((1, 1, 2, 0)) <- 1 2 4 4
nn.ReflectionPad3d(1) <- 1 2 4 4 4
nn.ReplicationPad1d((3, 1)) <- 1 2 4
nn.ReplicationPad2d(2) <- 1 2 4 4
nn.ReplicationPad3d(1) <- 1 2 4 4 4
nn.CircularPad1d(2) <- 1 2 4
nn.CircularPad2d((1, 1, 2, 0)) <- 1 2 4 4
nn.CircularPad3d(1) <- 1 2 4 4 4
nn.CircularPad2d(1) <- 4 4
nn.Dropout() <- 2 3
nn.Dropout(1.5)
nn.Dropout(-0.5)
nn.Dropout1d(0.1) <- 2 3 4
nn.Dropout2d(0.2) <- 2 3 4 4
nn.Dropout3d() <- 2 3 4 4 4
nn.AlphaDropout() <- 2 3
nn.FeatureAlphaDropout() <- 2 3 4
nn.Embedding(10, 3) <- i 2 4
nn.Embedding(10, 3, padding_idx=-1) <- i 5
nn.Embedding(10, 3, padding_idx=10)
nn.Embedding(10, 3, dtype=torch.bfloat16) <- i 2 4
nn.Embedding.from_pretrained(torch.zeros(4, 3)) <- i 2
nn.Embedding.from_pretrained(torch.zeros(4, 3), freeze=False, padding_idx=1) <- i 2
nn.Embedding.from_pretrained(torch.zeros(4))
nn.Embedding(3, 2, _weight=torch.zeros(2, 2))
nn.EmbeddingBag(10, 3, mode="sum") <- i 2 4
nn.EmbeddingBag(10, 3) <- i 8; i 2
nn.EmbeddingBag(10, 3, mode="max") <- i 8; i 2
nn.RNN(4, 6) <- 5 3 4
nn.RNN(4, 6, 2, "relu", bias=False) <- 5 3 4
nn.RNN(4, 6, nonlinearity="gelu")
nn.RNN(4, 6, batch_first=True, bidirectional=True) <- 3 5 4; 2 3 6
nn.RNN(4, 6, proj_size=2)
nn.LSTM(4, 6) <- 5 3 4
nn.LSTM(4, 6, 2, batch_first=True, dropout=0.1) <- 3 5 4
nn.LSTM(4, 6, 2, bidirectional=True) <- 5 3 4
nn.LSTM(4, 6, bias=False) <- 5 4
nn.LSTM(4, 6, 2, proj_size=3, bidirectional=True, batch_first=True) <- 3 5 4
nn.LSTM(4, 6, proj_size=6)
nn.LSTM(4, 0)
nn.LSTM(4, 6, num_layers=0)
nn.LSTM(4, 6, dropout=1.5)
nn.LSTM(4, 6) <- 5 3 4; (torch.zeros(1, 3, 6), torch.zeros(1, 3, 6))
nn.LSTM(4, 6) <- 5 3 4; (torch.zeros(1, 3, 5), torch.zeros(1, 3, 6))
nn.LSTM(4, 6) <- 5 3 7
nn.LSTM(4, 6) <- 5
nn.GRU(4, 6) <- 5 3 4
nn.GRU(4, 6, num_layers=3, batch_first=True, bidirectional=True) <- 3 5 4
nn.GRU(4, 6) <- 5 4; 1 6
nn.GRU(4, 6) <- 5 3 4; 1 6
nn.RNNCell(4, 6) <- 3 4
nn.RNNCell(4, 6, nonlinearity="relu", bias=False) <- 3 4; 3 6
nn.LSTMCell(4, 6) <- 3 4
nn.LSTMCell(4, 6) <- 4; (torch.zeros(6), torch.zeros(6))
nn.LSTMCell(4, 6) <- 2 3 4
nn.GRUCell(4, 6) <- 3 4
nn.GRUCell(4, 6, bias=False) <- 4
nn.MultiheadAttention(8, 2) <- 5 3 8; 5 3 8; 5 3 8
nn.MultiheadAttention(8, 2, batch_first=True) <- 3 5 8; 3 7 8; 3 7 8
nn.MultiheadAttention(8, 2, batch_first=True) <- 5 8; 5 8; 5 8
nn.MultiheadAttention(8, 2, batch_first=True) <- 3 5 8; 3 7 8; 3 7 8; None; False
nn.MultiheadAttention(8, 2, batch_first=True) <- 3 5 8; 3 7 8; 3 7 8; b 3 7; False
nn.MultiheadAttention(8, 2, batch_first=True) <- 3 5 8; 3 7 8; 3 7 8; None; True; 5 7; False
nn.MultiheadAttention(8, 2, bias=False, kdim=5, vdim=6) <- 5 3 8; 7 3 5; 7 3 6
nn.MultiheadAttention(8, 2, add_bias_kv=True) <- 5 3 8; 7 3 8; 7 3 8
nn.MultiheadAttention(8, 2, add_zero_attn=True) <- 5 3 8; 7 3 8; 7 3 8
nn.MultiheadAttention(8, 3)
nn.MultiheadAttention(0, 3)
nn.TransformerEncoderLayer(8, 2, 16) <- 5 3 8
nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=True, activation="gelu") <- 3 5 8
nn.TransformerEncoderLayer(8, 2, 16, bias=False, activation=torch.nn.functional.silu) <- 5 3 8
nn.TransformerEncoderLayer(8, 2, 16, activation="tanh")
nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 3) <- 3 5 8
nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2, norm=nn.LayerNorm(8)) <- 5 3 8; 5 5; None; False
nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2) <- 5 3 8; None; b 3 5
nn.TransformerDecoderLayer(8, 2, 16) <- 5 3 8; 7 3 8
nn.TransformerDecoderLayer(8, 2, 16, norm_first=True, batch_first=True) <- 3 5 8; 3 7 8
nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2) <- 5 3 8; 7 3 8; 5 5; None; None; None; False
nn.Transformer(8, 2, 2, 1, 16) <- 5 3 8; 7 3 8
nn.Transformer(8, 2, 1, 2, 16, batch_first=True, norm_first=True, bias=False) <- 3 5 8; 3 7 8
nn.Transformer(8, 2, 1, 1, 16) <- 5 3 8; 7 2 8
nn.Transformer(8, 2, 1, 1, 16) <- 5 3 8; 7 3 6
nn.L1Loss() <- 3 4; 3 4
nn.L1Loss(reduction="none") <- 3 4; 3 4
nn.L1Loss(size_average=False) <- 3 4; 3 4
nn.L1Loss(reduce=False) <- 3 4; 3 4
nn.MSELoss(reduction="sum") <- 3 4; 3 4
nn.NLLLoss() <- 3 4; i 3
nn.NLLLoss(weight=torch.ones(4), reduction="none") <- 3 4; i 3
nn.CrossEntropyLoss(label_smoothing=0.1) <- 3 4; i 3
nn.CrossEntropyLoss(reduction="none") <- 3 4 5; i 3 5
nn.CrossEntropyLoss(weight=torch.ones(4)) <- 3 4; 3 4
nn.PoissonNLLLoss() <- 3 4; 3 4
nn.KLDivLoss(reduction="batchmean") <- 3 4; 3 4
nn.BCELoss(weight=torch.ones(4)) <- 3 4; 3 4
nn.BCEWithLogitsLoss(pos_weight=torch.ones(4)) <- 3 4; 3 4
nn.HingeEmbeddingLoss(reduction="none") <- 3 4; 3 4
nn.MultiLabelMarginLoss() <- 3 4; i 3 4
nn.SmoothL1Loss(beta=0.5) <- 3 4; 3 4
nn.HuberLoss(reduction="none") <- 3 4; 3 4
nn.SoftMarginLoss() <- 3 4; 3 4
nn.MultiLabelSoftMarginLoss() <- 3 4; 3 4
nn.CosineEmbeddingLoss(reduction="none") <- 3 4; 3 4; 3
nn.MarginRankingLoss() <- 3; 3; 3
nn.MultiMarginLoss() <- 3 4; i 3
nn.MultiMarginLoss(p=3)
nn.TripletMarginLoss() <- 3 4; 3 4; 3 4
nn.TripletMarginLoss(margin=-1)
nn.TripletMarginWithDistanceLoss(reduction="none") <- 3 4; 3 4; 3 4
nn.Upsample(scale_factor=2) <- 1 2 3 4
nn.Upsample(scale_factor=(2, 1.5), mode="bilinear", align_corners=True) <- 1 2 3 4
nn.Upsample(size=7, mode="linear") <- 1 2 4
nn.Upsample((5, 6, 7), mode="trilinear") <- 1 2 3 4 5
nn.Upsample(scale_factor=2, mode="bicubic") <- 1 2 3 4
nn.UpsamplingNearest2d(scale_factor=2) <- 1 2 3 4
nn.UpsamplingBilinear2d((5, 9)) <- 1 2 3 4
nn.PixelShuffle(2) <- 1 8 3 4
nn.PixelUnshuffle(2) <- 1 2 6 4
nn.ChannelShuffle(2) <- 1 8 3 4
nn.Unfold((2, 3)) <- 2 5 6 7
nn.Unfold(3, dilation=2, padding=1, stride=2) <- 2 5 9 9
nn.Fold((4, 5), (2, 2)) <- 1 12 12
nn.Flatten() <- 2 3 4 5
nn.Flatten(0, 2) <- 2 3 4 5
nn.Unflatten(1, (2, 3)) <- 2 6 4
nn.Unflatten(-1, [2, -1]) <- 2 6 4
nn.Unflatten(1, 3)
nn.CosineSimilarity() <- 2 3 4; 2 3 4
nn.CosineSimilarity(dim=-1) <- 2 3; 2 3
nn.PairwiseDistance(keepdim=True) <- 2 3; 2 3
nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10], div_value=2.0)
nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10, 15], div_value=2.0, head_bias=True)
nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 5])
nn.AdaptiveLogSoftmaxWithLoss(16, 20, [])
nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)) <- 5 3
nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))[1:] <- 5 4
nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))[-1] <- 5 4
nn.Sequential(nn.Linear(3, 4), nn.ReLU())[5]
nn.Sequential(nn.Linear(3, 4)) + nn.Sequential(nn.Linear(4, 5)) <- 2 3
nn.Sequential(nn.Linear(3, 3)) * 3 <- 2 3
nn.Sequential(nn.Linear(3, 4)).append(nn.Tanh()).extend([nn.Linear(4, 5)]).insert(0, nn.Linear(2, 3)) <- 7 2
nn.ModuleList([nn.Linear(3, 4), nn.Conv1d(1, 2, 3)])
nn.ModuleList([nn.Linear(3, 4) for _ in range(4)])[1:3]
nn.ModuleList([nn.Linear(3, 4)]) + [nn.Linear(1, 1)]
nn.ModuleList(3)
nn.ModuleList([nn.Linear(3, 4)])()
nn.ModuleDict({"conv": nn.Conv2d(1, 2, 3), "pool": nn.MaxPool2d(3), "fc": nn.Linear(2, 2)})
nn.ModuleDict([["a", nn.PReLU()], ["b", nn.Linear(1, 2)]])
nn.ModuleDict({"a.b": nn.PReLU()})
nn.ModuleDict({"a": 3})
nn.ParameterList([nn.Parameter(torch.zeros(2, 3)), torch.zeros(4), 7])
nn.ParameterList(torch.zeros(2) for _ in range(3))[1:]
nn.ParameterDict({"left": nn.Parameter(torch.zeros(5, 10)), "right": torch.zeros(3)})
nn.utils.weight_norm(nn.Linear(3, 4)) <- 2 3
nn.utils.weight_norm(nn.Conv2d(3, 4, 3), dim=None) <- 2 3 5 5
nn.utils.weight_norm(nn.ConvTranspose1d(3, 4, 3), dim=1) <- 2 3 5
nn.utils.remove_weight_norm(nn.utils.weight_norm(nn.Linear(3, 4))) <- 2 3
nn.utils.spectral_norm(nn.Linear(3, 4)) <- 2 3
nn.utils.spectral_norm(nn.Conv2d(3, 4, 3)) <- 2 3 5 5
nn.utils.spectral_norm(nn.ConvTranspose2d(3, 4, 3)) <- 2 3 5 5
nn.utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(3, 4))) <- 2 3
nn.utils.parametrizations.weight_norm(nn.Linear(3, 4)) <- 2 3
nn.utils.parametrizations.weight_norm(nn.Conv1d(3, 4, 2), dim=None) <- 2 3 5
nn.utils.parametrizations.spectral_norm(nn.Linear(3, 4)) <- 2 3
nn.utils.parametrizations.spectral_norm(nn.ConvTranspose2d(3, 4, 3)) <- 2 3 5 5
nn.utils.parametrize.register_parametrization(nn.Linear(3, 3), "weight", nn.Tanh()) <- 2 3
nn.utils.parametrize.remove_parametrizations(nn.utils.parametrizations.weight_norm(nn.Linear(3, 4)), "weight") <- 2 3
nn.utils.fuse_conv_bn_eval(nn.Conv2d(3, 4, 3, bias=False).eval(), nn.BatchNorm2d(4).eval()) <- 2 3 5 5
nn.utils.skip_init(nn.Linear, 3, 4, device="meta") <- 2 3
nn.utils.parametrizations.orthogonal(nn.Linear(3, 5), orthogonal_map="matrix_exp", use_trivialization=False) <- 2 3
nn.DataParallel(nn.Linear(3, 4)) <- 2 3
nn.Linear(3, 4).requires_grad_(False).train().double().to(torch.bfloat16).float() <- 2 3
nn.Linear(3, 4).to(torch.int64)
nn.Linear(3, 4).register_buffer("weight", None)
nn.Linear(3, 4).register_parameter("a.b", None)
nn.Linear(3, 4).register_parameter("scale", torch.zeros(3))
nn.Linear(3, 4).get_submodule("nothing")
nn.Sequential(nn.Sequential(nn.Linear(3, 4))).get_submodule("0.0") <- 2 3
nn.Linear(3, 4).nothing
nn.Linear(3, 4).train(1)
nn.Linear(3, 4, extra=2)
nn.Module()
nn.Module(3)
nn.Sequential(nn.Linear(3, 4)).load_state_dict({"0.weight": torch.zeros(4, 2)})
nn.Sequential(nn.Linear(3, 4)).load_state_dict({"0.weight": torch.zeros(4, 3)})
"""
