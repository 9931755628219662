import logging

logger = logging.getLogger()


def init_logger():
    pass
