"""What models return: named values, those that are None left out."""


class Output(dict):
    """A dictionary whose entries are attributes as well; an entry that is missing is None."""

    def __init__(self, **values):
        super().__init__()
        for name, value in values.items():
            if value is not None:
                self[name] = value

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)
