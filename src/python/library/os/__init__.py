"""The operating system as seen from a program that touches nothing."""
from _assay import unknown as _unknown
from os import path

environ = {}
name = "posix"
sep = "/"
altsep = None
pathsep = ":"
linesep = "\n"
curdir = "."
pardir = ".."
extsep = "."
devnull = "/dev/null"
O_RDONLY, O_WRONLY, O_RDWR, O_CREAT = 0, 1, 2, 64
error = OSError


class PathLike:
    @classmethod
    def __subclasshook__(cls, other):
        return hasattr(other, "__fspath__")


def getenv(key, default=None):
    return environ.get(key, default)


def putenv(key, value):
    environ[key] = value


def unsetenv(key):
    environ.pop(key, None)


def getcwd():
    return ""


def fspath(path):
    return path if isinstance(path, (str, bytes)) else path.__fspath__()


def _quiet(*args, **kwargs):
    pass


makedirs = mkdir = remove = unlink = rmdir = removedirs = rename = replace = chmod = chdir = symlink = link = utime = system = kill = _exit = nice = umask = _quiet


def listdir(path="."):
    return _unknown(f"the files in the folder {path}")


def walk(top, *args, **kwargs):
    return _unknown(f"the files in the folder {top}")


def scandir(path="."):
    return _unknown(f"the files in the folder {path}")


def cpu_count():
    return _unknown("how many cores the machine has")


def getpid():
    return _unknown("the number of a process")


def sched_getaffinity(pid):
    return _unknown("the cores that a process may use")


def urandom(n):
    return _unknown("random bytes")


def __getattr__(name):
    return _unknown(f"os.{name} is not interpreted")
