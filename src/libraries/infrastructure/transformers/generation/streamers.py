"""Streams of generated text."""


class BaseStreamer:
    pass


class TextStreamer(BaseStreamer):
    pass


class TextIteratorStreamer(TextStreamer):
    pass


class AsyncTextIteratorStreamer(TextStreamer):
    pass


class TextDiffusionStreamer(TextStreamer):
    pass
