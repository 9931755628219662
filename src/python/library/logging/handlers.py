"""Handlers that write nowhere."""
from logging import FileHandler, Handler


class RotatingFileHandler(FileHandler):
    pass


class TimedRotatingFileHandler(FileHandler):
    pass


class QueueHandler(Handler):
    pass


class QueueListener:
    def __init__(self, *args, **kwargs):
        pass

    def start(self):
        pass

    def stop(self):
        pass
