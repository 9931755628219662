"""Means and medians."""


class StatisticsError(ValueError):
    pass


def mean(data):
    data = list(data)
    if not data:
        raise StatisticsError("mean requires at least one data point")
    total = sum(data)
    return total // len(data) if isinstance(total, int) and total % len(data) == 0 else total / len(data)


def fmean(data):
    return float(mean(data))


def median(data):
    data = sorted(data)
    if not data:
        raise StatisticsError("no median for empty data")
    middle = len(data) // 2
    return data[middle] if len(data) % 2 else (data[middle - 1] + data[middle]) / 2


def pvariance(data, mu=None):
    data = list(data)
    centre = mean(data) if mu is None else mu
    return sum([(one - centre) ** 2 for one in data]) / len(data)


def variance(data, xbar=None):
    data = list(data)
    return pvariance(data, xbar) * len(data) / (len(data) - 1)


def stdev(data, xbar=None):
    return variance(data, xbar) ** 0.5


def pstdev(data, mu=None):
    return pvariance(data, mu) ** 0.5


def mode(data):
    counts = {}
    for one in data:
        counts[one] = counts.get(one, 0) + 1
    return max(counts, key=counts.get)
