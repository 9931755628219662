"""Callbacks, never called."""


class Callback:
    def __init__(self, *args, **kwargs):
        pass


class ModelCheckpoint(Callback):
    pass


class LearningRateMonitor(Callback):
    pass


class EarlyStopping(Callback):
    pass


class TQDMProgressBar(Callback):
    pass


class RichProgressBar(Callback):
    pass


class ModelSummary(Callback):
    pass


class RichModelSummary(Callback):
    pass


class Timer(Callback):
    pass


class StochasticWeightAveraging(Callback):
    pass


class BasePredictionWriter(Callback):
    pass


class DeviceStatsMonitor(Callback):
    pass
