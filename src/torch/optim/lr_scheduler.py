"""Schedules of learning rates."""


class LRScheduler:
    def __init__(self, optimizer, *args, **kwargs):
        self.optimizer = optimizer
        self.last_epoch = 0
        self.base_lrs = [group.get("lr", 1e-3) for group in optimizer.param_groups]

    def step(self, *args, **kwargs):
        self.last_epoch += 1

    def get_last_lr(self):
        return [group.get("lr", 1e-3) for group in self.optimizer.param_groups]

    def get_lr(self):
        return self.base_lrs

    def state_dict(self):
        return {}

    def load_state_dict(self, state_dict):
        pass


class _LRScheduler(LRScheduler):
    pass


class LambdaLR(LRScheduler):
    pass


class MultiplicativeLR(LRScheduler):
    pass


class StepLR(LRScheduler):
    pass


class MultiStepLR(LRScheduler):
    pass


class ConstantLR(LRScheduler):
    pass


class LinearLR(LRScheduler):
    pass


class ExponentialLR(LRScheduler):
    pass


class PolynomialLR(LRScheduler):
    pass


class CosineAnnealingLR(LRScheduler):
    pass


class CosineAnnealingWarmRestarts(LRScheduler):
    pass


class SequentialLR(LRScheduler):
    pass


class ChainedScheduler(LRScheduler):
    pass


class CyclicLR(LRScheduler):
    pass


class OneCycleLR(LRScheduler):
    pass


class ReduceLROnPlateau(LRScheduler):
    pass
