"""Files of elsewhere: paths stay as they are."""


class PathManager:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda path=None, *args, **kwargs: path


g_pathmgr = PathManager()


class HTTPURLHandler:
    pass


class OneDrivePathHandler:
    pass


class PathHandler:
    pass
