class BaseTokenizer:
    def __init__(self):
        self.eos_id = None
