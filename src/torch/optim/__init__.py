"""Optimizers hold their parameter groups; a step changes no shape."""
from torch.optim import lr_scheduler
from torch.optim.optimizer import Optimizer


class SGD(Optimizer):
    pass


class Adam(Optimizer):
    pass


class AdamW(Adam):
    pass


class SparseAdam(Adam):
    pass


class Adamax(Adam):
    pass


class NAdam(Adam):
    pass


class RAdam(Adam):
    pass


class Adagrad(Optimizer):
    pass


class Adadelta(Optimizer):
    pass


class RMSprop(Optimizer):
    pass


class Rprop(Optimizer):
    pass


class ASGD(Optimizer):
    pass


class LBFGS(Optimizer):
    pass


class Adafactor(Optimizer):
    pass


class Muon(Optimizer):
    pass
