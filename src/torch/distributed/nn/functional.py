from torch.distributed.nn import all_gather, all_reduce, broadcast
