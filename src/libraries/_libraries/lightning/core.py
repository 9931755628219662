"""LightningModule and LightningDataModule."""
import torch
from _assay import unknown as _unknown
from torch import nn


class AttributeDict(dict):
    def __getattr__(self, name):
        if name in self:
            return self[name]
        if name.startswith("__"):
            raise AttributeError(name)
        return _unknown("hyperparameter " + name + " was saved from the constructor's arguments")

    def __setattr__(self, name, value):
        self[name] = value


class HyperparametersMixin:
    def save_hyperparameters(self, *args, ignore=None, frame=None, logger=True):
        for one in args:
            if hasattr(one, "items"):
                self.hparams.update(one)
            elif not isinstance(one, str):
                self.hparams.update(vars(one))

    def _set_hparams(self, given):
        self.__dict__.setdefault("_hparams", AttributeDict()).update(given)

    @property
    def hparams(self):
        return self.__dict__.setdefault("_hparams", AttributeDict())

    @property
    def hparams_initial(self):
        return self.hparams


def _keeping_arguments(init):
    """The constructor, with its arguments kept first: `save_hyperparameters` is written to find them in its caller."""
    import functools
    import inspect

    names = [name for name, one in inspect.signature(init).parameters.items()]

    @functools.wraps(init)
    def run(self, *args, **kwargs):
        given = {}
        for name, one in inspect.signature(init).parameters.items():
            if one.default is not inspect.Parameter.empty:
                given[name] = one.default
        given.update(zip(names[1:], args))
        given.update(kwargs)
        self._set_hparams({name: value for name, value in given.items() if name not in ("args", "kwargs", "self")})
        init(self, *args, **kwargs)

    return run


class LightningModule(HyperparametersMixin, nn.Module):
    CHECKPOINT_HYPER_PARAMS_KEY = "hyper_parameters"
    automatic_optimization = True

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__init__ = _keeping_arguments(cls.__dict__["__init__"])

    def __init__(self, *args, **kwargs):
        super().__init__()
        self.__dict__["trainer"] = None
        self.__dict__["logger"] = None
        self.__dict__["example_input_array"] = None

    @property
    def device(self):
        for one in self.parameters():
            return one.device
        return torch.device("cpu")

    @property
    def dtype(self):
        for one in self.parameters():
            return one.dtype
        return torch.float32

    current_epoch = 0
    global_step = 0
    global_rank = 0
    local_rank = 0
    on_gpu = True

    def _quiet(self, *args, **kwargs):
        pass

    log = log_dict = print = manual_backward = clip_gradients = _quiet
    on_train_start = on_train_end = on_fit_start = on_fit_end = on_train_epoch_start = on_train_epoch_end = _quiet
    on_validation_epoch_start = on_validation_epoch_end = on_validation_start = on_test_start = on_test_epoch_end = _quiet
    on_train_batch_start = on_train_batch_end = on_before_optimizer_step = on_save_checkpoint = on_load_checkpoint = _quiet
    configure_callbacks = configure_model = setup = teardown = prepare_data = _quiet

    def freeze(self):
        for one in self.parameters():
            one.requires_grad = False
        self.eval()

    def unfreeze(self):
        for one in self.parameters():
            one.requires_grad = True
        self.train()

    def all_gather(self, data, *args, **kwargs):
        return data

    def optimizers(self, *args, **kwargs):
        return _unknown("the optimizers belong to the trainer")

    lr_schedulers = optimizers

    @classmethod
    def load_from_checkpoint(cls, checkpoint_path, *args, **kwargs):
        return _unknown("a model read from a checkpoint")


class LightningDataModule(HyperparametersMixin):
    def __init__(self, *args, **kwargs):
        pass

    def prepare_data(self):
        pass

    def setup(self, stage=None):
        pass


class LightningLite:
    pass


Fabric = LightningLite
