"""Data sets and loaders, without workers."""
import torch


class Dataset:
    def __getitem__(self, index):
        raise NotImplementedError

    def __add__(self, other):
        return ConcatDataset([self, other])

    def __class_getitem__(cls, item):
        return cls


class IterableDataset(Dataset):
    pass


class TensorDataset(Dataset):
    def __init__(self, *tensors):
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self):
        return self.tensors[0].size(0)


class ConcatDataset(Dataset):
    def __init__(self, datasets):
        self.datasets = list(datasets)

    def __len__(self):
        return sum(len(one) for one in self.datasets)

    def __getitem__(self, index):
        for one in self.datasets:
            if index < len(one):
                return one[index]
            index -= len(one)
        raise IndexError(index)


class Subset(Dataset):
    def __init__(self, dataset, indices):
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index):
        return self.dataset[self.indices[index]]

    def __len__(self):
        return len(self.indices)


class Sampler:
    def __init__(self, data_source=None, *args, **kwargs):
        self.data_source = data_source

    def __iter__(self):
        return iter(range(len(self.data_source)))

    def __len__(self):
        return len(self.data_source)

    def __class_getitem__(cls, item):
        return cls


class SequentialSampler(Sampler):
    pass


class RandomSampler(Sampler):
    pass


class WeightedRandomSampler(Sampler):
    pass


class BatchSampler(Sampler):
    pass


class SubsetRandomSampler(Sampler):
    pass


class DataLoader:
    def __init__(self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0, collate_fn=None, **kwargs):
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.collate_fn = default_collate if collate_fn is None else collate_fn

    def __iter__(self):
        size = self.batch_size or 1
        for start in range(0, len(self.dataset), size):
            yield self.collate_fn([self.dataset[i] for i in range(start, min(start + size, len(self.dataset)))])

    def __len__(self):
        return (len(self.dataset) + (self.batch_size or 1) - 1) // (self.batch_size or 1)

    def __class_getitem__(cls, item):
        return cls


def default_collate(batch):
    first = batch[0]
    if isinstance(first, torch.Tensor):
        return torch.stack(batch, 0)
    if isinstance(first, (int, float)):
        return torch.tensor(batch)
    if isinstance(first, dict):
        return {key: default_collate([one[key] for one in batch]) for key in first}
    if isinstance(first, (list, tuple)):
        return [default_collate(list(parts)) for parts in zip(*batch)]
    return batch


def random_split(dataset, lengths, generator=None):
    total = len(dataset)
    if sum(lengths) <= 1:
        lengths = [int(total * part) for part in lengths]
    parts, start = [], 0
    for length in lengths:
        parts.append(Subset(dataset, range(start, start + length)))
        start += length
    return parts


def get_worker_info():
    return None
