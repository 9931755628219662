"""Loggers, which write nothing."""


class Logger:
    def __init__(self, *args, **kwargs):
        pass

    def log_metrics(self, *args, **kwargs):
        pass

    log_hyperparams = save = log_image = log_metrics


class TensorBoardLogger(Logger):
    pass


class WandbLogger(Logger):
    pass


class CSVLogger(Logger):
    pass


class CometLogger(Logger):
    pass


class MLFlowLogger(Logger):
    pass


LightningLoggerBase = Logger
