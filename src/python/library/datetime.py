"""Dates are not known: no clock is read."""
from _assay import unknown as _unknown


class timedelta:
    def __init__(self, days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0):
        self._seconds = (days + 7 * weeks) * 86400 + hours * 3600 + minutes * 60 + seconds + milliseconds / 1e3 + microseconds / 1e6
        self.days = int(self._seconds // 86400)
        self.seconds = int(self._seconds % 86400)

    def total_seconds(self):
        return self._seconds


class date:
    def __new__(cls, *args, **kwargs):
        return _unknown("a date")

    @classmethod
    def today(cls):
        return _unknown("what the clock shows")


class datetime(date):
    @classmethod
    def now(cls, tz=None):
        return _unknown("what the clock shows")

    utcnow = today = fromtimestamp = strptime = fromisoformat = now


class time(date):
    pass


class tzinfo:
    pass


class timezone(tzinfo):
    def __init__(self, offset=None, name=None):
        pass


timezone.utc = UTC = timezone()
