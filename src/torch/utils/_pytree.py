"""Nested containers as flat lists."""


class TreeSpec:
    def __init__(self, kind, context, children):
        self.kind = kind
        self.context = context
        self.children = children
        self.num_leaves = 1 if kind is None else sum(child.num_leaves for child in children)


class LeafSpec(TreeSpec):
    def __init__(self):
        super().__init__(None, None, [])


def tree_flatten(tree, is_leaf=None):
    if is_leaf is not None and is_leaf(tree):
        return [tree], LeafSpec()
    if isinstance(tree, dict):
        kind, context, inner = dict, list(tree), list(tree.values())
    elif isinstance(tree, tuple) and hasattr(tree, "_fields"):
        kind, context, inner = "named", type(tree), list(tree)
    elif isinstance(tree, (list, tuple)):
        kind, context, inner = type(tree), None, list(tree)
    else:
        return [tree], LeafSpec()
    leaves, specs = [], []
    for one in inner:
        found, spec = tree_flatten(one, is_leaf)
        leaves += found
        specs.append(spec)
    return leaves, TreeSpec(kind, context, specs)


def tree_unflatten(leaves, treespec):
    if treespec.kind is None:
        return leaves[0]
    parts, at = [], 0
    for child in treespec.children:
        parts.append(tree_unflatten(leaves[at : at + child.num_leaves], child))
        at += child.num_leaves
    if treespec.kind is dict:
        return dict(zip(treespec.context, parts))
    return treespec.context(*parts) if treespec.kind == "named" else treespec.kind(parts)


def tree_map(func, tree, *rests, is_leaf=None):
    leaves, spec = tree_flatten(tree, is_leaf)
    others = [tree_flatten(rest, is_leaf)[0] for rest in rests]
    return tree_unflatten([func(*parts) for parts in zip(leaves, *others)], spec)


def tree_map_only(kind, func, tree):
    return tree_map(lambda x: func(x) if isinstance(x, kind) else x, tree)


def tree_leaves(tree, is_leaf=None):
    return tree_flatten(tree, is_leaf)[0]


def tree_any(pred, tree):
    return any(pred(x) for x in tree_leaves(tree))


def tree_all(pred, tree):
    return all(pred(x) for x in tree_leaves(tree))


def register_pytree_node(*args, **kwargs):
    return None


_register_pytree_node = register_pytree_node


def _dict_flatten(d):
    return [*d.values()], [*d.keys()]


def _dict_unflatten(values, context):
    return dict(zip(context, values))


def _dict_flatten_with_keys(d):
    values, context = _dict_flatten(d)
    return [*zip(context, values)], context
