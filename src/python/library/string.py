"""Letters and templates."""
ascii_lowercase = "abcdefghijklmnopqrstuvwxyz"
ascii_uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ascii_letters = ascii_lowercase + ascii_uppercase
digits = "0123456789"
hexdigits = digits + "abcdefABCDEF"
octdigits = "01234567"
punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
whitespace = " \t\n\r\v\f"
printable = digits + ascii_letters + punctuation + whitespace


def capwords(s, sep=None):
    return (sep or " ").join([word.capitalize() for word in s.split(sep)])


class Template:
    def __init__(self, template):
        self.template = template

    def _filled(self, names, strict):
        import re

        def replace(match):
            if match.group(0) == "$$":
                return "$"
            name = match.group(1) or match.group(2)
            if name not in names and not strict:
                return match.group(0)
            return str(names[name])

        return re.sub(r"\$\$|\$(\w+)|\$\{(\w+)\}", replace, self.template)

    def substitute(self, mapping={}, /, **kwargs):
        return self._filled({**mapping, **kwargs}, True)

    def safe_substitute(self, mapping={}, /, **kwargs):
        return self._filled({**mapping, **kwargs}, False)


class Formatter:
    def format(self, text, /, *args, **kwargs):
        return text.format(*args, **kwargs)
