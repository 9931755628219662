"""Loggers that write nowhere."""
NOTSET, DEBUG, INFO, WARNING, ERROR, CRITICAL = 0, 10, 20, 30, 40, 50
WARN, FATAL = WARNING, CRITICAL
raiseExceptions = False
lastResort = None
_names = {0: "NOTSET", 10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}


class Filter:
    def __init__(self, name=""):
        self.name = name

    def filter(self, record):
        return True


class Formatter:
    def __init__(self, fmt=None, datefmt=None, style="%", validate=True, **kwargs):
        self._fmt = fmt
        self.datefmt = datefmt

    def format(self, record):
        return ""

    def formatTime(self, record, datefmt=None):
        return ""


class LogRecord:
    def __init__(self, name="", level=0, *args, **kwargs):
        self.name = name
        self.levelno = level


class _Filterer:
    def addFilter(self, filter):
        pass

    def removeFilter(self, filter):
        pass


class Handler(_Filterer):
    def __init__(self, level=NOTSET, *args, **kwargs):
        self.level = level
        self.formatter = None

    def setLevel(self, level):
        self.level = level

    def setFormatter(self, formatter):
        self.formatter = formatter

    def emit(self, record):
        pass

    def handle(self, record):
        pass

    def flush(self):
        pass

    def close(self):
        pass

    def acquire(self):
        pass

    def release(self):
        pass


class StreamHandler(Handler):
    def __init__(self, stream=None):
        super().__init__()
        self.stream = stream


class FileHandler(StreamHandler):
    def __init__(self, filename, *args, **kwargs):
        super().__init__()
        self.baseFilename = filename


class NullHandler(Handler):
    pass


class Logger(_Filterer):
    def __init__(self, name, level=NOTSET):
        self.name = name
        self.level = level
        self.parent = None
        self.propagate = True
        self.disabled = False
        self.handlers = []
        self.filters = []

    def _quiet(self, *args, **kwargs):
        pass

    debug = info = warning = warn = error = exception = critical = fatal = log = _quiet

    def setLevel(self, level):
        self.level = level if isinstance(level, int) else getLevelName(level)

    def isEnabledFor(self, level):
        return False

    def getEffectiveLevel(self):
        return self.level or WARNING

    def getChild(self, suffix):
        return getLogger(f"{self.name}.{suffix}")

    def addHandler(self, handler):
        self.handlers.append(handler)

    def removeHandler(self, handler):
        if handler in self.handlers:
            self.handlers.remove(handler)

    def hasHandlers(self):
        return bool(self.handlers)

    def handle(self, record):
        pass


class LoggerAdapter:
    def __init__(self, logger, extra=None):
        self.logger = logger
        self.extra = extra

    def __getattr__(self, name):
        return getattr(self.logger, name)


root = Logger("root", WARNING)
_loggers = {}


class Manager:
    def __init__(self, root):
        self.root = root
        self.loggerDict = _loggers


Logger.manager = Manager(root)
Logger.root = root


def getLogger(name=None):
    if not name or name == "root":
        return root
    if name not in _loggers:
        _loggers[name] = _logger_class[0](name)
        _loggers[name].parent = root
    return _loggers[name]


_logger_class = [Logger]


def getLoggerClass():
    return _logger_class[0]


def setLoggerClass(cls):
    _logger_class[0] = cls


def getLevelName(level):
    if isinstance(level, str):
        for number, name in _names.items():
            if name == level:
                return number
    return _names.get(level, f"Level {level}")


def getLevelNamesMapping():
    return {name: number for number, name in _names.items()}


def addLevelName(level, name):
    _names[level] = name


def _quiet(*args, **kwargs):
    pass


basicConfig = debug = info = warning = warn = error = exception = critical = fatal = log = disable = shutdown = captureWarnings = _quiet
