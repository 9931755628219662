"""Paths as objects. No file is known to exist."""
import os.path as _path
from _assay import unknown as _unknown


class PurePath:
    def __new__(cls, *parts):
        return object.__new__(cls)

    def __init__(self, *parts):
        whole = _path.join(*parts) if parts else "."
        self._text = _path.normpath(whole) if ".." not in whole else whole.rstrip("/") or "/"

    def __fspath__(self):
        return self._text

    def __str__(self):
        return self._text

    def __repr__(self):
        return f"{type(self).__name__}({self._text!r})"

    def __eq__(self, other):
        return isinstance(other, PurePath) and self._text == other._text

    def __hash__(self):
        return hash(self._text)

    def __lt__(self, other):
        return self._text < other._text

    def __truediv__(self, other):
        return type(self)(self, other)

    def __rtruediv__(self, other):
        return type(self)(other, self)

    def joinpath(self, *others):
        return type(self)(self, *others)

    def with_suffix(self, suffix):
        return type(self)(_path.splitext(self._text)[0] + suffix)

    def with_name(self, name):
        return type(self)(_path.join(_path.dirname(self._text), name))

    def with_stem(self, stem):
        return self.with_name(stem + self.suffix)

    def as_posix(self):
        return self._text

    def is_absolute(self):
        return self._text.startswith("/")

    def relative_to(self, *other):
        base = _path.join(*other)
        if self._text != str(base) and not self._text.startswith(str(base).rstrip("/") + "/"):
            raise ValueError(f"{self._text!r} is not in the subpath of {str(base)!r}")
        return type(self)(self._text[len(str(base)):].lstrip("/") or ".")

    def match(self, pattern):
        return _unknown("whether a path matches a pattern")

    @property
    def name(self):
        return _path.basename(self._text)

    @property
    def suffix(self):
        return _path.splitext(self.name)[1]

    @property
    def suffixes(self):
        return ["." + part for part in self.name.lstrip(".").split(".")[1:]]

    @property
    def stem(self):
        return _path.splitext(self.name)[0]

    @property
    def parent(self):
        return type(self)(_path.dirname(self._text) or ".")

    @property
    def parents(self):
        found = []
        one = self
        while one.parent != one:
            one = one.parent
            found.append(one)
        return found

    @property
    def parts(self):
        inside = tuple([part for part in self._text.split("/") if part])
        return ("/", *inside) if self.is_absolute() else inside


class Path(PurePath):
    def exists(self):
        return False

    is_file = is_dir = is_symlink = exists

    def resolve(self, strict=False):
        return type(self)(_path.abspath(self._text))

    absolute = expanduser = resolve

    def mkdir(self, *args, **kwargs):
        pass

    unlink = rmdir = touch = write_text = write_bytes = rename = chmod = mkdir

    def open(self, mode="r", *args, **kwargs):
        return open(self._text, mode)

    def read_text(self, *args, **kwargs):
        return open(self._text).read()

    def read_bytes(self):
        return open(self._text, "rb").read()

    def iterdir(self):
        return _unknown(f"the files in the folder {self._text}")

    def glob(self, pattern):
        return _unknown(f"the files in the folder {self._text}")

    rglob = glob

    def stat(self):
        return _unknown(f"what is known of the file {self._text}")

    @classmethod
    def cwd(cls):
        return cls(".")

    @classmethod
    def home(cls):
        return cls("~")


PosixPath = WindowsPath = Path
PurePosixPath = PureWindowsPath = PurePath
