"""Logs that nobody reads."""
import logging


class MMLogger:
    @classmethod
    def get_current_instance(cls):
        return logging.getLogger("mmengine")


def print_log(*args, **kwargs):
    pass
