"""Loggers that say nothing."""
import logging as _logging
from logging import CRITICAL, DEBUG, ERROR, FATAL, INFO, NOTSET, WARN, WARNING

log_levels = {"detail": DEBUG, "debug": DEBUG, "info": INFO, "warning": WARNING, "error": ERROR, "critical": CRITICAL}


class _Silent:
    name = "transformers"
    level = WARNING
    handlers = []

    def warning(self, *args, **kwargs):
        pass

    debug = info = error = critical = exception = log = warn = warning
    warning_advice = warning_once = info_once = warning

    def setLevel(self, level):
        pass

    addHandler = removeHandler = addFilter = setLevel

    def isEnabledFor(self, level):
        return False

    def getEffectiveLevel(self):
        return WARNING


TransformersLogger = _Silent
_logger = _Silent()


def get_logger(name=None):
    return _logger


def get_verbosity():
    return WARNING


def set_verbosity(verbosity):
    pass


def get_log_levels_dict():
    return log_levels


def captureWarnings(capture):
    pass


def _nothing(*args, **kwargs):
    pass


set_verbosity_info = set_verbosity_warning = set_verbosity_debug = set_verbosity_error = _nothing
disable_default_handler = enable_default_handler = add_handler = remove_handler = _nothing
disable_propagation = enable_propagation = enable_explicit_format = reset_format = _nothing
enable_progress_bar = disable_progress_bar = set_tqdm_hook = _nothing
warning_advice = warning_once = info_once = _nothing


def is_progress_bar_enabled():
    return False


def tqdm(iterable=None, *args, **kwargs):
    return iterable
