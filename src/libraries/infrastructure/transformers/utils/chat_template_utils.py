"""Chat templates: text, which costs a model nothing."""


class DocstringParsingException(Exception):
    pass


class TypeHintParsingException(Exception):
    pass
