"""The cases of make_ops_cuda.py: names of records with their arguments in aten's order."""

import random

cases = []


def add(op, *args):
    cases.append((op if "." in op else f"aten.{op}", list(args)))


def t(*shape, dtype="f32", strides=None, grad=True, fill=None, data=None):
    """A tensor; floating ones need a gradient unless told."""
    made = {"shape": list(shape), "dtype": dtype}
    if strides is not None:
        made["strides"] = list(strides)
    if grad and dtype in ("f32", "f64", "f16", "bf16", "c64"):
        made["grad"] = True
    if fill is not None:
        made["fill"] = fill
    if data is not None:
        made["data"] = list(data)
    return made


def c(*shape, **rest):
    return t(*shape, grad=False, **rest)


def i(*shape, **rest):
    return t(*shape, dtype="i64", **rest)


def f(number):
    return {"float": number}


def nhwc(n, ch, h, w, **rest):
    return t(n, ch, h, w, strides=[ch * h * w, 1, w * ch, ch], **rest)


# Products
for a, b in [(t(3, 4), t(4, 5)), (c(3, 4), t(4, 5)), (t(3, 4), c(4, 5)), (t(3, 4), t(5, 6))]:
    add("mm", a, b)
add("bmm", t(2, 3, 4), t(2, 4, 5))
add("bmm", t(2, 3, 4), c(2, 4, 5))
add("bmm", t(2, 3, 4), t(3, 4, 5))
add("mv", t(3, 4), t(4))
add("mv", t(3, 4), t(5))
add("dot", t(4), t(4))
add("addmv", t(3), t(3, 4), t(4))
add("addmm", t(5), t(3, 4), t(4, 5))
add("addmm", c(5), t(3, 4), c(4, 5))
add("addmm", t(1, 5), t(3, 4), t(4, 5))
add("addmm", t(4), t(3, 4), t(4, 5))
add("baddbmm", t(2, 3, 5), t(2, 3, 4), t(2, 4, 5))
add("baddbmm", c(1, 3, 5), t(2, 3, 4), t(2, 4, 5))
add("addbmm", t(3, 5), t(2, 3, 4), t(2, 4, 5))
add("outer", t(3), t(4))
add("chain_matmul", [t(10, 100), t(100, 5), t(5, 50)])
add("linalg_multi_dot", [t(10, 20), t(20, 30), t(30, 5), t(5, 40)])
add("linalg_multi_dot", [t(20), t(20, 30), t(30, 5)])
add("linalg_multi_dot", [t(10, 100), t(100, 5), t(5, 50)])
add("linalg_multi_dot", [t(3, 4), t(4, 5)])
for x in [t(3, 4), t(2, 3, 4), t(2, 3, 5, 4), t(4), c(2, 3, 4)]:
    add("linear", x, t(7, 4), t(7))
    add("linear", x, t(7, 4), None)
    add("linear", x, c(7, 4), c(7))
add("linear", t(2, 3, 4, strides=[4, 8, 1]), t(7, 4), t(7))
add("linear", t(2, 3, 4, strides=[4, 8, 1]), t(7, 4), None)
add("linear", t(2, 3, 4, strides=[4, 8, 1]), c(7, 4), None)
add("linear", t(2, 3, 4, strides=[12, 1, 3]), t(7, 4), t(7))
add("linear", t(2, 3, 5), t(7, 4), t(7))
add("linear", t(2, 3, 4), t(4), None)
pairs = [
    (t(4), t(4)),
    (t(3, 4), t(4)),
    (t(4), t(4, 5)),
    (t(3, 4), t(4, 5)),
    (t(2, 3, 4), t(4)),
    (t(2, 3, 4), t(4, 5)),
    (t(2, 3, 4), c(4, 5)),
    (t(3, 4), t(2, 4, 5)),
    (c(3, 4), t(2, 4, 5)),
    (t(4), t(2, 4, 5)),
    (t(2, 3, 4), t(2, 4, 5)),
    (t(1, 3, 4), t(2, 4, 5)),
    (c(1, 3, 4), t(2, 4, 5)),
    (t(2, 3, 4), t(1, 4, 5)),
    (t(2, 3, 4), c(1, 4, 5)),
    (t(2, 6, 3, 4), t(2, 6, 4, 5)),
    (t(2, 1, 3, 4), t(1, 6, 4, 5)),
    (t(2, 6, 3, 4), t(4, 5)),
    (t(2, 6, 3, 4), t(6, 4, 5)),
    (t(2, 6, 3, 4), t(4)),
    (t(2, 6, 3, 4, strides=[72, 4, 24, 1]), t(2, 6, 4, 5, strides=[120, 5, 30, 1])),
    (t(2, 6, 3, 4, strides=[72, 4, 24, 1]), t(2, 6, 4, 3, strides=[72, 12, 1, 4])),
    (t(1, 6, 3, 4, strides=[72, 4, 24, 1]), t(1, 6, 4, 3, strides=[72, 4, 1, 24])),
    (t(2, 3, 4, strides=[4, 8, 1]), c(4, 5)),
    (t(2, 3, 4, strides=[4, 8, 1]), t(4, 5)),
    (t(2, 3, 4), t(3, 4, 5)),
    (t(2, 3, 4), t(5, 5)),
    (c(2, 3, 4), t(2, 4)),
    (c(5, 2, 3, 4), c(4, 5)),
    (t(3, 4), t(1, 4, 5)),
    (t(2, 1, 3, 4), c(4, 5)),
    (t(7, 4), t(2, 6, 4, 5)),
    (c(2, 3, 4), c(4)),
    (c(2, 3, 4, strides=[4, 8, 1]), c(4)),
    (t(3, 4), t(4, 5, dtype="f16")),
    (c(4), c(2, 4, 5)),
    (c(4), c(2, 4, 5, strides=[20, 1, 4])),
    (t(1, 1, 3, 4), t(4, 5)),
    (t(0, 3, 4), t(4, 5)),
]
for a, b in pairs:
    add("matmul", a, b)


def shuffled(pick, *shape, trained=True):
    """A tensor whose axes lie in memory in some order, and of which some axes are repeated."""
    order = list(range(len(shape)))
    pick.shuffle(order)
    strides, step = [0] * len(shape), 1
    for at in order if pick.random() < 0.6 else reversed(range(len(shape))):
        if pick.random() < 0.1 and shape[at] > 1:
            continue
        strides[at] = step
        step *= shape[at]
    return t(*shape, strides=strides, grad=trained and 0 not in strides)


pick = random.Random(7)
for _ in range(120):
    n, m, p = (pick.choice([1, 2, 3, 5]) for _ in range(3))
    whole = [pick.choice([1, 2, 4]) for _ in range(pick.choice([0, 1, 1, 2, 2, 3]))]
    part = lambda: [pick.choice([1, size, size, size]) for size in whole[pick.choice([0, 0, 0, len(whole)]) :]]
    a = [*part(), *([n] if pick.random() < 0.9 or whole else []), m]
    b = [*part(), m, *([p] if pick.random() < 0.9 or whole else [])]
    add("matmul", shuffled(pick, *a, trained=pick.random() < 0.7), shuffled(pick, *b, trained=pick.random() < 0.7))
for _ in range(80):
    letters = {letter: pick.choice([1, 2, 3, 4, 5]) for letter in "abcdef"}
    terms = ["".join(pick.sample("abcdef", pick.choice([1, 2, 3, 4]))) for _ in range(pick.choice([1, 2, 2, 2, 3]))]
    used = sorted(set("".join(terms)))
    out = pick.sample(used, pick.randint(0, len(used)))
    operands = [shuffled(pick, *(letters[letter] for letter in term), trained=pick.random() < 0.8) for term in terms]
    add("einsum", ",".join(terms) + "->" + "".join(out), operands)
for _ in range(30):
    x = shuffled(
        pick, *(pick.choice([1, 2, 3, 5]) for _ in range(pick.choice([2, 3, 3, 4]))), trained=pick.random() < 0.8
    )
    add("linear", x, t(7, x["shape"][-1], grad=pick.random() < 0.7), pick.choice([None, t(7), c(7)]))
einsums = [
    ("ij,jk->ik", t(3, 4), t(4, 5)),
    ("ij,kj->ik", t(3, 4), t(5, 4)),
    ("bij,bjk->bik", t(2, 3, 4), t(2, 4, 5)),
    ("bhqd,bhkd->bhqk", t(2, 6, 3, 4), t(2, 6, 5, 4)),
    ("bhqk,bhkd->bhqd", t(2, 6, 3, 5), t(2, 6, 5, 4)),
    ("bqhd,bkhd->bhqk", t(2, 3, 6, 4), t(2, 5, 6, 4)),
    ("bhqk,bkhd->bqhd", t(2, 6, 3, 5), t(2, 5, 6, 4)),
    ("ij->ji", t(3, 4)),
    ("ii->i", t(3, 3)),
    ("ii", t(3, 3)),
    ("ij->", t(3, 4)),
    ("ij->i", t(3, 4)),
    ("i,j->ij", t(3), t(4)),
    ("i,i->", t(3), t(3)),
    ("i,i->i", t(3), t(3)),
    ("...ij,...jk->...ik", t(2, 6, 3, 4), t(6, 4, 5)),
    ("b...d,ed->b...e", t(2, 3, 6, 4), t(7, 4)),
    ("ij,jk", t(3, 4), t(4, 5)),
    ("ba,cb", t(3, 4), t(5, 3)),
    ("bnd,de->bne", t(2, 3, 4), t(4, 7)),
    ("bnd,hde->bhne", t(2, 3, 4), t(6, 4, 7)),
    ("nchw,co->nohw", t(2, 4, 5, 5), t(4, 7)),
    ("nkctv,kvw->nctw", t(2, 3, 4, 5, 6), t(3, 6, 6)),
    ("bhwc,hkc->bhwk", t(2, 3, 5, 4), t(3, 7, 4)),
    ("bhwc,wkc->bhwk", t(2, 3, 5, 4), t(5, 7, 4)),
    ("ij,jk,kl->il", t(3, 4), t(4, 5), t(5, 6)),
    ("bi,bj,bk->bijk", t(2, 3), t(2, 4), t(2, 5)),
    ("i,f->if", c(3), c(4)),
    ("bn,anm,bm->ba", t(2, 3), t(5, 3, 4), t(2, 4)),
    ("bld,bld->bl", t(2, 3, 4), t(2, 3, 4)),
    ("bdl,dn->bdln", t(2, 3, 4), t(3, 5)),
    ("bdl,bnl,bdl->bdln", t(2, 3, 4), t(2, 5, 4), t(2, 3, 4)),
    ("bdn,dn->bd", t(2, 3, 4), t(3, 4)),
    ("bcl,ckl->bkl", t(1, 3, 4), t(3, 5, 1)),
    ("ij,kj->ik", t(3, 4), t(5, 6)),
    ("ijk,jil->kl", t(3, 4, 2), t(4, 3, 5)),
    ("iij,jk->ik", t(3, 3, 4), t(4, 5)),
    ("...,...->...", t(2, 3), t(3)),
    ("bsd,bsd->", t(2, 3, 4), t(2, 3, 4)),
    ("ij,jk->ik", c(3, 4), t(4, 5)),
    ("bhnd,bhne->bhde", t(2, 6, 5, 4), t(2, 6, 5, 7)),
    ("btgsi,bnsi->btgsn", t(2, 3, 4, 5, 6), t(2, 7, 5, 6)),
    ("a b,b->a", t(3, 4), t(4)),
    ("ij,ij,ij->i", t(3, 4), t(3, 4), t(3, 4)),
]
einsums += [
    ("bhid,bhjd->bhij", t(2, 6, 3, 4, strides=[72, 4, 24, 1]), t(2, 6, 5, 4, strides=[120, 4, 24, 1])),
    ("bhij,bhjd->bhid", t(2, 6, 3, 5), t(2, 6, 5, 4, strides=[120, 4, 24, 1])),
    ("bij,bjk->bki", t(2, 3, 4), t(2, 4, 5)),
    ("bchw,bcij->bhwij", t(2, 3, 4, 5), t(2, 3, 6, 7)),
    ("abc,cd,de->abe", t(2, 3, 4), t(4, 5), t(5, 6)),
    ("ab,bc,cd,de->ae", t(2, 3), t(3, 4), t(4, 5), t(5, 6)),
    ("b h w i, b h w i -> b h w", t(2, 3, 4, 5), t(2, 3, 4, 5)),
    ("...d,...d->...", t(2, 3, 4), t(2, 3, 4)),
    ("...ij->...ji", t(2, 3, 4)),
    ("bi,bo->io", t(5, 3), t(5, 4)),
    ("ijk,ijk->ik", t(2, 3, 4), t(2, 3, 4)),
    ("bt,tc->bc", c(2, 3), t(3, 4)),
    ("ij,jk,k->i", t(2, 3), t(3, 4), t(4)),
    ("i...,i...->...", t(2, 3), t(2, 3)),
    ("bqc,bchw->bqhw", t(2, 5, 3), t(2, 3, 4, 6)),
    ("blhd,bshd,blhs->", t(2, 3, 4, 5), t(2, 6, 4, 5), t(2, 3, 4, 6)),
    ("nk,kd->nd", t(3, 4), t(4, 1)),
    ("ij,jk", t(3, 4)),
    ("ij,jk->iz", t(3, 4), t(4, 5)),
    ("ijk->ij", t(3, 4)),
]
for equation, *operands in einsums:
    add("einsum", equation, operands)
add("tensordot", t(3, 4, 5), t(4, 5, 6), 2)
add("tensordot", t(3, 4, 5), t(5, 4, 6), [[1, 2], [1, 0]])
add("tensordot", t(3, 4), t(4, 5), 1)
add("tensordot", t(3), t(4), 0)
add("kron", t(2, 3), t(4, 5))
add("kron", t(3), t(4, 5))
add("bilinear", t(3, 4), t(3, 5), t(7, 4, 5), t(7))
add("bilinear", t(2, 3, 4), t(2, 3, 5), t(7, 4, 5), None)
add("cdist", t(3, 4), t(5, 4))
add("cdist", t(2, 30, 4), t(2, 40, 4))
add("cdist", t(2, 30, 4), t(2, 40, 4), f(1.0))
add("_grouped_mm", t(64, 32, dtype="bf16"), t(4, 32, 48, dtype="bf16"), t(4, dtype="i32", data=[16, 32, 48, 64]))
add(
    "_scaled_mm", c(16, 32, dtype="f8"), c(32, 48, strides=[1, 32], dtype="f8"), c(), c(), None, None, "bfloat16", False
)
add("_grouped_mm", t(4, 16, 32, dtype="bf16"), t(4, 32, 48, dtype="bf16"))

# Convolutions
convs = [
    (t(2, 3, 9, 9), t(8, 3, 3, 3), t(8), [1, 1], [1, 1], [1, 1], False, [0, 0], 1),
    (t(2, 3, 9, 9), t(8, 3, 3, 3), None, [2, 2], [1, 1], [1, 1], False, [0, 0], 1),
    (c(2, 3, 9, 9), t(8, 3, 7, 7), t(8), [2, 2], [3, 3], [1, 1], False, [0, 0], 1),
    (t(2, 8, 9, 9), t(8, 1, 3, 3), t(8), [1, 1], [1, 1], [1, 1], False, [0, 0], 8),
    (t(2, 8, 9, 9), t(16, 2, 3, 3), t(16), [1, 1], [2, 2], [2, 2], False, [0, 0], 4),
    (t(2, 3, 20), t(8, 3, 5), t(8), [2], [2], [1], False, [0], 1),
    (t(2, 3, 5, 6, 7), t(8, 3, 3, 3, 3), t(8), [1, 2, 1], [1, 1, 0], [1, 1, 1], False, [0, 0, 0], 1),
    (t(2, 8, 5, 5), t(8, 4, 3, 3), t(4), [2, 2], [1, 1], [1, 1], True, [1, 1], 1),
    (t(2, 8, 5, 5), t(8, 2, 4, 4), t(4), [2, 2], [1, 1], [1, 1], True, [0, 0], 2),
    (t(2, 8, 10), t(8, 4, 4), None, [2], [1], [1], True, [0], 1),
    (nhwc(2, 3, 9, 9), t(8, 3, 3, 3), t(8), [1, 1], [1, 1], [1, 1], False, [0, 0], 1),
    (nhwc(2, 8, 9, 9), t(8, 1, 7, 7), t(8), [1, 1], [3, 3], [1, 1], False, [0, 0], 8),
    (t(2, 3, 9, 9), t(8, 4, 3, 3), t(8), [1, 1], [1, 1], [1, 1], False, [0, 0], 1),
    (t(2, 3, 2, 2), t(8, 3, 5, 5), t(8), [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
    (t(2, 4, 9, 9), t(6, 2, 3, 3), None, [1, 1], [1, 1], [1, 1], False, [0, 0], 2),
    (t(2, 4, 9, 9), t(5, 2, 3, 3), None, [1, 1], [1, 1], [1, 1], False, [0, 0], 2),
    (t(2, 3, 9, 9), c(8, 3, 3, 3), None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1),
    (c(2, 3, 9, 9), c(8, 3, 3, 3), t(8), [1, 1], [1, 1], [1, 1], False, [0, 0], 1),
    (t(2, 8, 14, 14), t(8, 8, 1, 1), t(8), [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
    (nhwc(2, 8, 6, 6), t(8, 8, 1, 1), t(8), [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
    (t(2, 3, 16, 16), t(8, 3, 4, 4), t(8), [4, 4], [0, 0], [1, 1], False, [0, 0], 1),
    (nhwc(2, 8, 5, 5), t(8, 4, 3, 3), t(4), [2, 2], [1, 1], [1, 1], True, [1, 1], 1),
    (t(2, 8, 9, 9), t(8, 2, 3, 3), t(8), [1, 1], [1, 1], [1, 1], False, [0, 0], 8),
    (t(2, 3, 9, 9, dtype="bf16"), t(8, 3, 3, 3, dtype="bf16"), None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1),
]
for conv in convs:
    add("convolution", *conv)
add("im2col", t(2, 3, 8, 8), [3, 3], [1, 1], [1, 1], [2, 2])
add("im2col", t(2, 3, 8, 8), [2, 2], [1, 1], [0, 0], [2, 2])
add("col2im", t(2, 27, 16), [8, 8], [3, 3], [1, 1], [1, 1], [2, 2])
add("col2im", t(2, 27, 15), [8, 8], [3, 3], [1, 1], [1, 1], [2, 2])
add("pixel_shuffle", t(2, 12, 4, 4), 2)
add("pixel_shuffle", t(2, 10, 4, 4), 2)
add("pixel_unshuffle", t(2, 3, 4, 4), 2)
add("channel_shuffle", t(2, 6, 4, 4), 3)

more = dict(dtype="bf16")
for conv in [
    (nhwc(2, 8, 9, 9, **more), t(8, 1, 3, 3, **more), t(8, **more), [1, 1], [1, 1], [1, 1], False, [0, 0], 8),
    (t(2, 8, 9, 9), t(8, 1, 3, 3, strides=[9, 1, 3, 1]), None, [1, 1], [1, 1], [1, 1], False, [0, 0], 8),
    (
        t(2, 3, 5, 6, 7, strides=[630, 1, 126, 21, 3]),
        t(8, 3, 3, 3, 3),
        t(8),
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
        False,
        [0, 0, 0],
        1,
    ),
    (t(2, 20, 8, strides=[160, 1, 20]), t(4, 20, 3), t(4), [1], [1], [1], False, [0], 1),
    (t(2, 8, 4, 4, 4), t(8, 4, 2, 2, 2), t(4), [2, 2, 2], [0, 0, 0], [1, 1, 1], True, [0, 0, 0], 1),
    (t(2, 8, 9, 9), t(8, 8, 3, 3, strides=[72, 1, 24, 8]), None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1),
    (t(2, 8, 9, 9, strides=[648, 81, 1, 9]), t(8, 8, 3, 3), None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1),
    (t(2, 8, 1, 1), t(8, 8, 1, 1), None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
    (t(2, 8, 5, 5), t(8, 4, 3, 3), None, [2, 2], [1, 1], [1, 1], True, [2, 2], 1),
    (t(2, 8, 5, 5), t(7, 4, 3, 3), None, [2, 2], [1, 1], [1, 1], True, [0, 0], 1),
    (t(2, 8, 5, 5), t(8, 8, 3, 3), t(7), [1, 1], [1, 1], [1, 1], False, [0, 0], 1),
]:
    add("convolution", *conv)
for mask in [t(2, 9, 5, 5), c(2, 9, 5, 5)]:
    add(
        "torchvision.deform_conv2d",
        t(2, 4, 7, 7),
        t(8, 4, 3, 3),
        t(2, 18, 5, 5),
        mask,
        t(8),
        1,
        1,
        0,
        0,
        1,
        1,
        1,
        1,
        True,
    )
add(
    "torchvision.deform_conv2d",
    t(2, 4, 7, 7),
    t(8, 2, 3, 3),
    t(2, 36, 4, 4),
    t(2, 18, 4, 4),
    t(8),
    2,
    2,
    1,
    1,
    1,
    1,
    2,
    2,
    True,
)

# Norms
for x in [t(2, 3, 8), t(2, 3, 8, dtype="bf16"), t(2, 3, 8, strides=[24, 1, 3])]:
    w = dict(dtype=x["dtype"])
    add("native_layer_norm", x, [8], t(8, **w), t(8, **w), f(1e-5))
    add("native_layer_norm", x, [3, 8], t(3, 8, **w), t(3, 8, **w), f(1e-5))
    add("native_layer_norm", x, [8], None, None, f(1e-5))
    add("rms_norm", x, [8], t(8, **w), f(1e-6))
    add("rms_norm", x, [8], None, f(1e-6))
add("native_layer_norm", t(2, 3, 8), [7], t(7), t(7), f(1e-5))
add("native_layer_norm", t(2, 3, 8, dtype="bf16"), [8], t(8), t(8), f(1e-5))
add("rms_norm", t(2, 3, 8, dtype="bf16"), [8], t(8), f(1e-6))
add("rms_norm", t(2, 3, 8), [8], t(8, dtype="bf16"), f(1e-6))
add("_fused_rms_norm", t(2, 3, 8), [8], t(8), f(1e-6))
for training in [True, False]:
    for x in [
        t(4, 8, 5, 5),
        nhwc(4, 8, 5, 5),
        t(4, 8),
        t(4, 8, 5),
        t(4, 8, 3, 5, 5),
        t(4, 8, 5, 5, dtype="bf16"),
        t(4, 8, 5, 5, dtype="f16"),
        t(4, 8, 5, 5, strides=[200, 25, 1, 5]),
    ]:
        d = dict(dtype="f32" if x["dtype"] == "f16" else x["dtype"])
        add("batch_norm", x, t(8, **d), t(8, **d), c(8, **d), c(8, **d), training, f(0.1), f(1e-5), True)
    add("batch_norm", t(4, 8, 5, 5), None, None, c(8), c(8), training, f(0.1), f(1e-5), True)
    add("native_batch_norm", t(4, 8, 5, 5), t(8), t(8), c(8), c(8), training, f(0.1), f(1e-5))
    add("native_batch_norm", t(4, 8, 5, 5, dtype="bf16"), t(8), t(8), c(8), c(8), training, f(0.1), f(1e-5))
add("cudnn_batch_norm", t(4, 8, 5, 5), t(8), t(8), c(8), c(8), True, f(0.1), f(1e-5))
add("cudnn_batch_norm", nhwc(4, 64, 16, 16), t(64), t(64), c(64), c(64), True, f(0.1), f(1e-5))
add("cudnn_batch_norm", nhwc(4, 64, 16, 16, dtype="f16"), t(64), t(64), c(64), c(64), True, f(0.1), f(1e-5))
add("batch_norm", nhwc(4, 64, 16, 16, dtype="f16"), t(64), t(64), c(64), c(64), True, f(0.1), f(1e-5), True)
add("batch_norm", t(4, 8, 5, 5), t(8), t(8), None, None, True, f(0.1), f(1e-5), True)
add("batch_norm", t(4, 8, 5, 5), t(7), t(7), c(7), c(7), True, f(0.1), f(1e-5), True)
add("instance_norm", t(4, 8, 5, 5), t(8), t(8), None, None, True, f(0.1), f(1e-5), True)
add("instance_norm", t(4, 8, 5, 5), None, None, None, None, True, f(0.1), f(1e-5), True)
add("instance_norm", nhwc(4, 8, 5, 5), t(8), t(8), c(8), c(8), True, f(0.1), f(1e-5), True)
for x in [t(2, 8, 5, 5), nhwc(2, 8, 5, 5), t(2, 8, 5), t(2, 8), t(2, 8, 5, 5, dtype="bf16")]:
    d = dict(dtype=x["dtype"])
    add("group_norm", x, 4, t(8, **d), t(8, **d), f(1e-5), True)
    add("group_norm", x, 4, None, None, f(1e-5), True)
add("group_norm", t(2, 8, 5, 5), 3, t(8), t(8), f(1e-5), True)
add("group_norm", t(2, 8, 5, 5, dtype="bf16"), 4, t(8), t(8), f(1e-5), True)
add("native_group_norm", t(2, 8, 5, 5), t(8), t(8), 2, 8, 25, 4, f(1e-5))
for op in ["softmax", "log_softmax"]:
    add(op, t(2, 3, 8), -1, None)
    add(op, t(2, 3, 8, dtype="bf16"), -1, "float32")
    add(op, t(2, 3, 8, dtype="f16"), -1, "float32")
    add(op, t(2, 3, 8, strides=[24, 1, 3]), 1, None)
    add(op, t(2, 3, 8), 3, None)
    add("_" + op, t(2, 3, 8), -1, False)
    add("_" + op, t(2, 3, 8, dtype="f16"), -1, True)
for op in ["dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout"]:
    for p, train in [(0.1, True), (0.0, True), (0.1, False), (1.0, True)]:
        add(op, t(2, 3, 8), f(p), train)
    add(op, t(2, 3, 8, dtype="bf16"), f(0.5), True)
add("native_dropout", t(2, 3, 8, dtype="bf16"), f(0.5), True)
add("_weight_norm_interface", t(8, 3, 5), t(8, 1, 1), 0)
add("_weight_norm_interface", t(8, 3, 5), t(1, 1, 5), 2)

add("native_layer_norm", c(2, 3, 8), [8], t(8), t(8), f(1e-5))
add("native_layer_norm", t(2, 3, 8), [8], c(8), c(8), f(1e-5))
add("rms_norm", c(2, 3, 8), [8], t(8), f(1e-6))
add("rms_norm", c(2, 3, 8, dtype="bf16"), [8], t(8), f(1e-6))
add("rms_norm", t(2, 3, 8, dtype="bf16"), [8], c(8), f(1e-6))
add("group_norm", c(2, 8, 5, 5), 4, t(8), t(8), f(1e-5), True)
add("batch_norm", t(4, 8, 5, 5), c(8), c(8), c(8), c(8), True, f(0.1), f(1e-5), True)
add("batch_norm", t(4, 8, 5, 5, strides=[25, 100, 5, 1]), t(8), t(8), c(8), c(8), True, f(0.1), f(1e-5), True)
add("batch_norm", t(4, 8, 5, strides=[40, 1, 8]), t(8), t(8), c(8), c(8), True, f(0.1), f(1e-5), True)
add("instance_norm", t(4, 8, 5, 5), c(8), c(8), c(8), c(8), False, f(0.1), f(1e-5), True)
for strides in [[24, 1, 3], [48, 16, 2], [0, 8, 1]]:
    add("dropout", t(2, 3, 8, strides=strides, grad=0 not in strides), f(0.1), True)
    add("feature_dropout", t(2, 3, 8, strides=strides, grad=0 not in strides), f(0.1), True)
    add("alpha_dropout", t(2, 3, 8, strides=strides, grad=0 not in strides), f(0.1), True)
    add("softmax", t(2, 3, 8, strides=strides, grad=0 not in strides), 1, None)

# Look-ups
add("embedding", t(10, 4), i(2, 3), -1, False, False)
add("embedding", t(10, 4), i(2, 3), 0, False, False)
add("embedding", t(10, 4), t(2, 3, dtype="i32"), -1, False, False)
add("embedding", t(10, 4), c(2, 3), -1, False, False)
for mode in [0, 1, 2]:
    add("_embedding_bag", t(10, 4), i(6), i(3), False, mode, False, None, False, -1)
add("_embedding_bag", t(10, 4), i(6), i(3), False, 0, False, t(6), False, -1)
add("_embedding_bag", t(10, 4), i(6), t(4, dtype="i64", data=[0, 2, 4, 6]), False, 1, False, None, True, -1)


# Attention
def heads(b, h, s, d, dtype="f32", **rest):
    return t(b, h, s, d, dtype=dtype, **rest)


def sdpa(q, k, v, mask=None, p=0.0, causal=False, scale=None, gqa=False):
    add("scaled_dot_product_attention", q, k, v, mask, f(p), causal, None if scale is None else f(scale), gqa)


for dtype in ["f32", "bf16", "f16", "f64"]:
    d = dict(dtype=dtype)
    for s, e in [
        (64, 64),
        (50, 64),
        (197, 64),
        (50, 32),
        (33, 80),
        (40, 20),
        (40, 36),
        (40, 128),
        (40, 160),
        (40, 192),
        (40, 256),
        (40, 272),
        (1, 64),
        (40, 5),
    ]:
        sdpa(heads(2, 6, s, e, **d), heads(2, 6, s, e, **d), heads(2, 6, s, e, **d))
    q = heads(2, 6, 40, 64, **d)
    sdpa(q, q, q, causal=True)
    sdpa(q, q, q, p=0.1)
    sdpa(q, q, q, p=0.1, causal=True)
    sdpa(q, heads(2, 6, 50, 64, **d), heads(2, 6, 50, 64, **d))
    sdpa(q, heads(2, 6, 50, 64, **d), heads(2, 6, 50, 64, **d), causal=True)
    sdpa(q, heads(2, 6, 50, 64, **d), heads(2, 6, 50, 32, **d))
    sdpa(q, heads(2, 6, 50, 64, **d), heads(2, 6, 50, 128, **d))
    sdpa(heads(2, 6, 40, 192, **d), heads(2, 6, 50, 192, **d), heads(2, 6, 50, 128, **d))
    sdpa(heads(2, 6, 40, 96, **d), heads(2, 6, 40, 96, **d), heads(2, 6, 40, 64, **d), causal=True)
    sdpa(q, q, q, t(2, 6, 40, 40, grad=False, **d))
    sdpa(q, q, q, t(2, 1, 40, 40, grad=False, **d))
    sdpa(q, q, q, t(40, 40, grad=False, **d))
    sdpa(q, q, q, t(2, 1, 1, 40, grad=False, **d))
    sdpa(q, q, q, t(1, 6, 40, 40, **d))
    sdpa(q, q, q, t(2, 1, 40, 40, dtype="bool", fill=True))
    sdpa(q, q, q, t(40, 40, dtype="bool", fill=True))
    sdpa(q, q, q, t(2, 1, 1, 40, dtype="bool", fill=True))
    sdpa(heads(2, 6, 49, 32, **d), heads(2, 6, 49, 32, **d), heads(2, 6, 49, 32, **d), t(6, 49, 49, grad=False, **d))
    sdpa(
        heads(2, 6, 49, 32, **d),
        heads(2, 6, 49, 32, **d),
        heads(2, 6, 49, 32, **d),
        t(2, 1, 49, 49, dtype="bool", fill=True),
    )
    sdpa(heads(2, 6, 49, 32, **d), heads(2, 6, 49, 32, **d), heads(2, 6, 49, 32, **d), t(1, 6, 49, 49, **d))
    sdpa(
        heads(2, 6, 1, 64, **d),
        heads(2, 6, 49, 64, **d),
        heads(2, 6, 49, 64, **d),
        t(2, 1, 1, 49, dtype="bool", fill=True),
    )
    sdpa(q, heads(2, 2, 40, 64, **d), heads(2, 2, 40, 64, **d), gqa=True)
    sdpa(q, heads(2, 2, 40, 64, **d), heads(2, 2, 40, 64, **d), causal=True, gqa=True)
    sdpa(q, heads(2, 2, 40, 64, **d), heads(2, 2, 40, 64, **d), t(2, 1, 40, 40, dtype="bool", fill=True), gqa=True)
    sdpa(q, heads(2, 2, 40, 64, **d), heads(2, 2, 40, 64, **d))
    sdpa(t(6, 40, 64, **d), t(6, 40, 64, **d), t(6, 40, 64, **d))
    sdpa(t(2, 40, 6, 64, strides=None, **d), t(2, 40, 6, 64, **d), t(2, 40, 6, 64, **d))
    sdpa(
        t(2, 6, 40, 64, strides=[15360, 64, 384, 1], **d),
        t(2, 6, 40, 64, strides=[15360, 64, 384, 1], **d),
        t(2, 6, 40, 64, strides=[15360, 64, 384, 1], **d),
    )
    sdpa(
        t(2, 6, 40, 64, strides=[15360, 64, 384, 1], **d),
        t(2, 6, 40, 64, **d),
        t(2, 6, 40, 64, **d),
        t(2, 1, 40, 40, dtype="bool", fill=True),
    )
    sdpa(t(2, 6, 40, 64, grad=False, **d), t(2, 6, 40, 64, grad=False, **d), t(2, 6, 40, 64, grad=False, **d))
    sdpa(q, t(2, 6, 40, 64, grad=False, **d), t(2, 6, 40, 64, grad=False, **d))
    sdpa(q, q, q, t(2, 1, 40, 40, dtype="bool", fill=True), p=0.1)
    sdpa(t(2, 6, 40, 64, strides=[15360, 2560, 1, 40], **d), q, q)
    sdpa(t(2, 6, 40, 64, strides=[15360, 2560, 1, 40], **d), q, q, t(2, 1, 40, 40, dtype="bool", fill=True))
    sdpa(t(5, 2, 6, 40, 64, **d), t(5, 2, 6, 40, 64, **d), t(5, 2, 6, 40, 64, **d))
    sdpa(heads(2, 6, 0, 64, **d), q, q)
    sdpa(q, heads(2, 6, 40, 32, **d), q)

for dtype in ["bf16", "f32"]:
    d = dict(dtype=dtype)
    q = heads(2, 6, 40, 64, **d)
    sdpa(heads(2, 6, 1, 64, **d), heads(2, 6, 49, 64, **d), heads(2, 6, 49, 64, **d))
    sdpa(heads(2, 6, 1, 64, **d), heads(2, 2, 49, 64, **d), heads(2, 2, 49, 64, **d), gqa=True)
    sdpa(
        heads(2, 6, 1, 64, **d),
        heads(2, 2, 49, 64, **d),
        heads(2, 2, 49, 64, **d),
        t(2, 1, 1, 49, dtype="bool", fill=True),
        gqa=True,
    )
    sdpa(heads(2, 6, 40, 64, **d), heads(2, 6, 1, 64, **d), heads(2, 6, 1, 64, **d))
    sdpa(
        heads(2, 6, 1, 64, **d),
        heads(2, 6, 1, 64, **d),
        heads(2, 6, 1, 64, **d),
        t(2, 1, 1, 1, dtype="bool", fill=True),
    )
    sdpa(heads(2, 6, 1, 64, **d), heads(2, 6, 1, 64, **d), heads(2, 6, 1, 64, **d), causal=True)
    sdpa(q, q, q, t(6, 40, 40, grad=False, **d))
    sdpa(q, q, q, t(1, 1, 40, 40, dtype="bool", fill=True))
    sdpa(q, q, q, t(6, 40, 40, dtype="bool", fill=True))
    sdpa(q, q, q, t(2, 6, 40, 40, strides=[1600, 0, 40, 1], grad=False, **d))
    sdpa(q, q, q, t(2, 1, 40, 40, dtype="f32", grad=False))
    for e in [36, 72, 288, 64]:
        sdpa(
            heads(2, 6, 40, e, **d),
            heads(2, 6, 40, e, **d),
            heads(2, 6, 40, e, **d),
            t(2, 1, 40, 40, dtype="bool", fill=True),
        )
        sdpa(heads(2, 6, 40, e, **d), heads(2, 6, 40, e, **d), heads(2, 6, 40, 20, **d))
        sdpa(heads(2, 6, 40, e, **d), heads(2, 2, 40, e, **d), heads(2, 2, 40, e, **d), gqa=True)
    sdpa(heads(2, 6, 40, 64, **d), heads(2, 6, 40, 64, **d), heads(2, 6, 40, 288, **d))
    sdpa(heads(1, 6, 40, 64, **d), heads(2, 6, 40, 64, **d), heads(2, 6, 40, 64, **d))
    sdpa(t(40, 64, **d), t(40, 64, **d), t(40, 64, **d))
    sdpa(heads(2, 6, 40, 64, **d), heads(2, 3, 40, 64, **d), heads(2, 3, 40, 64, **d), p=0.1, gqa=True)
    sdpa(heads(2, 6, 40, 64, **d), heads(2, 4, 40, 64, **d), heads(2, 4, 40, 64, **d), gqa=True)
    sdpa(heads(2, 6, 40, 64, **d), heads(2, 6, 40, 64, **d), heads(2, 6, 41, 64, **d))
    fused = dict(strides=[40 * 1152, 64, 1152, 1], **d)
    sdpa(t(2, 6, 40, 64, **fused), t(2, 6, 40, 64, **fused), t(2, 6, 40, 64, **fused))
    sdpa(
        t(2, 6, 40, 64, **fused),
        t(2, 6, 40, 64, **fused),
        t(2, 6, 40, 64, **fused),
        t(2, 1, 40, 40, dtype="bool", fill=True),
    )

for d in [dict(dtype="bf16"), dict(dtype="f32")]:
    add("_flex_attention", heads(2, 6, 128, 64, **d), heads(2, 6, 128, 64, **d), heads(2, 6, 128, 64, **d), None, False)
    add("_flex_attention", heads(2, 6, 200, 64, **d), heads(2, 2, 256, 64, **d), heads(2, 2, 256, 64, **d), None, True)

# Pools
for args in [
    ([2, 2], [], [0, 0], [1, 1], False),
    ([3, 3], [2, 2], [1, 1], [1, 1], False),
    ([3, 3], [2, 2], [1, 1], [1, 1], True),
    ([2, 2], [2, 2], [0, 0], [2, 2], False),
    ([20, 20], [1, 1], [0, 0], [1, 1], False),
    ([2, 2], [2, 2], [2, 2], [1, 1], False),
    ([2, 3], [3, 3], [0, 1], [1, 1], True),
]:
    add("max_pool2d_with_indices", t(2, 4, 11, 10), *args)
add("max_pool2d_with_indices", nhwc(2, 4, 11, 10), [3, 3], [2, 2], [1, 1], [1, 1], False)
add("max_pool2d_with_indices", t(4, 11, 10), [3, 3], [2, 2], [1, 1], [1, 1], False)
add("max_pool1d_with_indices", t(2, 4, 11), [3], [2], [1], [1], False)
add("max_pool3d_with_indices", t(2, 4, 6, 7, 8), [2, 2, 2], [2, 2, 2], [0, 0, 0], [1, 1, 1], True)
add("avg_pool1d", t(2, 4, 11), [3], [2], [1], False, True)
for ceil in [False, True]:
    add("avg_pool2d", t(2, 4, 11, 10), [3, 3], [2, 2], [1, 1], ceil, True, None)
    add("avg_pool3d", t(2, 4, 6, 7, 8), [2, 2, 2], [2, 2, 2], [0, 0, 0], ceil, True, None)
add("avg_pool2d", nhwc(2, 4, 11, 10), [2, 2], [2, 2], [0, 0], False, True, None)
for x in [t(2, 4, 11, 10), nhwc(2, 4, 11, 10)]:
    add("adaptive_avg_pool2d", x, [1, 1])
    add("adaptive_avg_pool2d", x, [3, 2])
    add("adaptive_max_pool2d", x, [3, 2])
add("adaptive_avg_pool2d", t(2, 4, 11, 10), [1, 2])
add("adaptive_avg_pool1d", t(2, 4, 11), 1)
add("adaptive_avg_pool1d", t(2, 4, 11), 3)
add("adaptive_avg_pool3d", t(2, 4, 6, 7, 8), [1, 1, 1])
add("adaptive_avg_pool3d", t(2, 4, 6, 7, 8), [2, 1, 3])
add("adaptive_max_pool1d", t(2, 4, 11), 3)
add("adaptive_max_pool3d", t(2, 4, 6, 7, 8), [2, 1, 3])
add("fractional_max_pool2d", t(2, 4, 11, 10), [2, 2], [5, 4], c(2, 4, 2))
add("fractional_max_pool3d", t(2, 4, 6, 7, 8), [2, 2, 2], [3, 3, 4], c(2, 4, 3))
add("max_unpool3d", t(2, 4, 2, 5, 5), i(2, 4, 2, 5, 5), [4, 10, 10], [2, 2, 2], [0, 0, 0])
add("max_unpool2d", t(2, 4, 5, 5), i(2, 4, 5, 5), [10, 10])

# Padding and resizing
add("constant_pad_nd", t(2, 3, 4, 5), [1, 2, 3, 4], f(0.0))
add("constant_pad_nd", t(2, 3, 4, 5), [-1, 0, 0, -2], f(0.0))
add("constant_pad_nd", nhwc(2, 3, 4, 5), [1, 1, 1, 1], f(0.0))
add("constant_pad_nd", t(2, 3), [1, 1, 1, 1, 1, 1], f(0.0))
for n, shape in [(1, (2, 3, 8)), (2, (2, 3, 8, 9)), (3, (2, 3, 4, 5, 6))]:
    add(f"reflection_pad{n}d", t(*shape), [1, 2] * n)
    add(f"replication_pad{n}d", t(*shape), [1, 2] * n)
add("reflection_pad2d", nhwc(2, 3, 8, 9), [1, 1, 1, 1])
add("reflection_pad2d", t(2, 3, 4, 4), [4, 4, 4, 4])
add("_pad_circular", t(2, 3, 4, 5), [1, 2, 0, 1])
add("upsample_nearest1d", t(2, 3, 4), None, [f(2.0)])
add("upsample_nearest2d", t(2, 3, 4, 5), None, [f(2.0), f(2.0)])
add("upsample_nearest2d", nhwc(2, 3, 4, 5), [7, 7], None)
add("upsample_nearest3d", t(2, 3, 4, 5, 6), None, [f(2.0), f(2.0), f(1.5)])
add("_upsample_nearest_exact2d", t(2, 3, 4, 5), [8, 8], None)
add("_upsample_nearest_exact1d", t(2, 3, 4), [7], None)
add("_upsample_nearest_exact3d", t(2, 3, 4, 5, 6), [8, 8, 8], None)
add("upsample_linear1d", t(2, 3, 4), [9], False, None)
add("upsample_bilinear2d", t(2, 3, 4, 5), None, True, [f(1.5), f(1.7)])
add("upsample_bilinear2d", nhwc(2, 3, 4, 5), [8, 8], False, None)
add("upsample_bicubic2d", t(2, 3, 4, 5), [8, 8], False, None)
add("_upsample_bilinear2d_aa", t(2, 3, 14, 15), [8, 8], False, None)
add("_upsample_bicubic2d_aa", t(2, 3, 14, 15), [8, 8], False, None)
add("upsample_trilinear3d", t(2, 3, 4, 5, 6), [8, 8, 8], False, None)
add("grid_sampler", t(2, 3, 4, 5), t(2, 6, 7, 2), 0, 0, False)
add("grid_sampler", t(2, 3, 4, 5), t(2, 6, 7, 2), 0, 0, True)
add("grid_sampler", t(2, 3, 4, 5, 6), t(2, 6, 7, 8, 3), 0, 0, False)
add("grid_sampler", t(2, 3, 4, 5), t(2, 6, 7, 3), 0, 0, False)
add("affine_grid_generator", t(2, 2, 3), [2, 3, 4, 5], False)
add("affine_grid_generator", t(2, 3, 4), [2, 3, 4, 5, 6], False)


def volume(n, ch, d, h, w):
    return t(n, ch, d, h, w, strides=[ch * d * h * w, 1, ch * h * w, ch * w, ch])


for x in [nhwc(2, 8, 4, 6), volume(2, 8, 2, 4, 6)]:
    rank = len(x["shape"]) - 2
    add(f"max_pool{rank}d_with_indices", x, [2] * rank, [2] * rank, [0] * rank, [1] * rank, False)
    add(f"avg_pool{rank}d", x, [2] * rank, [2] * rank, [0] * rank, False, True, None)
    add(f"adaptive_avg_pool{rank}d", x, [2] * rank)
    add(f"adaptive_max_pool{rank}d", x, [2] * rank)
    add("constant_pad_nd", x, [1, 1], f(0.0))
    add(f"reflection_pad{rank}d", x, [1, 1] * rank)
    add(f"replication_pad{rank}d", x, [1, 1] * rank)
    add(f"upsample_nearest{rank}d", x, [8] * rank, None)
    add("batch_norm", x, t(8), t(8), c(8), c(8), True, f(0.1), f(1e-5), True)
    add("group_norm", x, 2, t(8), t(8), f(1e-5), True)
    add("dropout", x, f(0.1), True)
add("upsample_trilinear3d", volume(2, 8, 2, 4, 6), [8, 8, 8], False, None)
add("upsample_bicubic2d", nhwc(2, 8, 4, 6), [8, 8], False, None)
add("_upsample_bilinear2d_aa", nhwc(2, 8, 4, 6), [8, 8], False, None)
add("_upsample_bicubic2d_aa", nhwc(2, 8, 4, 6), [8, 8], False, None)
add("_upsample_nearest_exact2d", nhwc(2, 8, 4, 6), [8, 8], None)
add("pixel_shuffle", nhwc(2, 8, 4, 6), 2)
add("pixel_unshuffle", nhwc(2, 8, 4, 6), 2)
add("channel_shuffle", nhwc(2, 8, 4, 6), 2)
add("im2col", nhwc(2, 8, 4, 6), [2, 2], [1, 1], [0, 0], [2, 2])
add("grid_sampler", nhwc(2, 8, 4, 6), t(2, 6, 7, 2), 0, 0, False)

# Losses
for r in [0, 1, 2]:
    for op in ["mse_loss", "l1_loss", "soft_margin_loss", "binary_cross_entropy"]:
        extra = [None] if op == "binary_cross_entropy" else []
        add(op, t(3, 4), c(3, 4), *extra, r)
    add("smooth_l1_loss", t(3, 4), c(3, 4), r, f(1.0))
    add("huber_loss", t(3, 4), c(3, 4), r, f(1.0))
    add("binary_cross_entropy_with_logits", t(3, 4), c(3, 4), None, None, r)
    add("nll_loss_forward", t(3, 4), i(3), None, r, -100)
    add("nll_loss2d_forward", t(3, 4, 5, 6), i(3, 5, 6), None, r, -100)
    add("kl_div", t(3, 4), c(3, 4), r, False)
    add("kl_div", t(3, 4), c(3, 4), r, True)
    add("kl_div", t(3, 4), t(3, 4), r, False)
    add("poisson_nll_loss", t(3, 4), c(3, 4), True, False, f(1e-8), r)
    add("poisson_nll_loss", t(3, 4), c(3, 4), False, False, f(1e-8), r)
    add("multi_margin_loss", t(3, 4), i(3), f(1), f(1), None, r)
    add("multilabel_margin_loss_forward", t(3, 4), i(3, 4), r)
add("mse_loss", t(3, 4), t(3, 4), 1)
add("l1_loss", t(3, 4), t(3, 4), 1)
add("binary_cross_entropy_with_logits", t(3, 4), c(3, 4), c(4), c(4), 1)
add("nll_loss_forward", t(3, 4), i(3), c(4), 1, -100)
add("nll_loss_forward", t(3, 4), i(5), None, 1, -100)
add("nll_loss_forward", t(3, 4, dtype="bf16"), i(3), None, 1, -100)
add("nll_loss_forward", t(4), i(), None, 1, -100)
add("mse_loss", t(3, 4), c(3, 5), 1)
add("cosine_similarity", t(3, 4), t(3, 4), 1, f(1e-8))
add("cosine_similarity", t(3, 1, 4), t(1, 5, 4), -1, f(1e-8))
add("cosine_similarity", t(3, 4), c(3, 4), 1, f(1e-8))
add("_ctc_loss", t(50, 4, 20), i(4, 10, fill=1), [50, 50, 50, 50], [10, 9, 8, 7], 0, False)


# Recurrent: `weights` are replaced by those of a module, which lie in one block
def weights(layers, inputs, hidden, gates, bidirectional=False, bias=True, proj=0, **rest):
    made = []
    out = proj or hidden
    for layer in range(layers):
        for _ in range(2 if bidirectional else 1):
            width = inputs if layer == 0 else out * (2 if bidirectional else 1)
            made += [t(gates * hidden, width, **rest), t(gates * hidden, out, **rest)]
            made += [t(gates * hidden, **rest), t(gates * hidden, **rest)] if bias else []
            made += [t(proj, hidden, **rest)] if proj else []
    return made


networks = [
    (1, False, 8, 16),
    (2, False, 8, 16),
    (1, True, 8, 16),
    (2, True, 8, 16),
    (1, False, 64, 128),
    (3, False, 100, 200),
]
for layers, bidirectional, inputs, hidden in networks:
    n = layers * (2 if bidirectional else 1)
    for b, s in [(4, 10), (2, 7), (32, 35)]:
        add(
            "lstm",
            t(b, s, inputs),
            [c(n, b, hidden), c(n, b, hidden)],
            weights(layers, inputs, hidden, 4, bidirectional),
            True,
            layers,
            f(0.0),
            True,
            bidirectional,
            True,
        )
        add(
            "gru",
            t(s, b, inputs),
            c(n, b, hidden),
            weights(layers, inputs, hidden, 3, bidirectional),
            True,
            layers,
            f(0.0),
            True,
            bidirectional,
            False,
        )
    add(
        "rnn_tanh",
        t(10, 4, inputs),
        c(n, 4, hidden),
        weights(layers, inputs, hidden, 1, bidirectional),
        True,
        layers,
        f(0.0),
        True,
        bidirectional,
        False,
    )
    add(
        "rnn_relu",
        t(10, 4, inputs),
        c(n, 4, hidden),
        weights(layers, inputs, hidden, 1, bidirectional),
        True,
        layers,
        f(0.0),
        True,
        bidirectional,
        False,
    )
for layers, bidirectional, proj in [(1, False, 6), (2, False, 6), (2, True, 6), (1, False, 12), (3, True, 5)]:
    n = layers * (2 if bidirectional else 1)
    add(
        "lstm",
        t(10, 4, 8),
        [c(n, 4, proj), c(n, 4, 16)],
        weights(layers, 8, 16, 4, bidirectional, proj=proj),
        True,
        layers,
        f(0.0),
        True,
        bidirectional,
        False,
    )
h = dict(dtype="f16")
add(
    "lstm",
    t(10, 4, 8, **h),
    [c(2, 4, 16, **h), c(2, 4, 16, **h)],
    weights(2, 8, 16, 4, **h),
    True,
    2,
    f(0.0),
    True,
    False,
    False,
)
add("gru", t(10, 4, 8, **h), c(2, 4, 16, **h), weights(1, 8, 16, 3, True, **h), True, 1, f(0.0), True, True, False)
add("lstm", t(10, 4, 8), [c(1, 4, 16), c(1, 4, 16)], weights(1, 8, 16, 4), True, 1, f(0.0), False, False, False)
add("lstm", t(10, 4, 9), [c(1, 4, 16), c(1, 4, 16)], weights(1, 8, 16, 4), True, 1, f(0.0), True, False, False)
add("lstm", t(10, 4, 8), [c(1, 3, 16), c(1, 3, 16)], weights(1, 8, 16, 4), True, 1, f(0.0), True, False, False)
add(
    "lstm",
    t(23, 8),
    t(10, dtype="i64", data=[4, 4, 4, 2, 2, 2, 2, 1, 1, 1]),
    [c(1, 4, 16), c(1, 4, 16)],
    weights(1, 8, 16, 4),
    True,
    1,
    f(0.0),
    True,
    False,
)
add(
    "gru",
    t(23, 8),
    t(10, dtype="i64", data=[4, 4, 4, 2, 2, 2, 2, 1, 1, 1]),
    c(2, 4, 16),
    weights(1, 8, 16, 3, True),
    True,
    1,
    f(0.0),
    True,
    True,
)
for layers, bidirectional in [(2, False), (3, True)]:
    n = layers * (2 if bidirectional else 1)
    for b, s in [(4, 10), (2, 7), (32, 35)]:
        add(
            "lstm",
            t(b, s, 8),
            [c(n, b, 16), c(n, b, 16)],
            weights(layers, 8, 16, 4, bidirectional),
            True,
            layers,
            f(0.5),
            True,
            bidirectional,
            True,
        )
        add(
            "gru",
            t(s, b, 8),
            c(n, b, 16),
            weights(layers, 8, 16, 3, bidirectional),
            True,
            layers,
            f(0.5),
            True,
            bidirectional,
            False,
        )
add("rnn_relu_cell", t(4, 8), t(4, 16), t(16, 8), t(16, 16), t(16), t(16))
add("lstm_cell", t(4, 8), [t(4, 16), t(4, 16)], t(64, 8), t(64, 16), None, None)
add("_thnn_fused_lstm_cell", t(4, 64), t(4, 64), t(4, 16), t(64), t(64))
add("_thnn_fused_gru_cell", t(4, 48), t(4, 48), t(4, 16), t(48), t(48))
add("lstm_cell", t(4, 8), [t(4, 16), t(4, 16)], t(64, 8), t(64, 16), t(64), t(64))
add("gru_cell", t(4, 8), t(4, 16), t(48, 8), t(48, 16), t(48), t(48))
add("rnn_tanh_cell", t(4, 8), t(4, 16), t(16, 8), t(16, 16), t(16), t(16))

# Spectral
add("_fft_r2c", t(2, 16), [1], 0, True)
add("_fft_r2c", t(2, 16), [1], 0, False)
add("_fft_r2c", t(2, 6, 16), [1, 2], 0, True)
add("_fft_c2r", t(2, 9, dtype="c64"), [1], 0, 16)
add("_fft_c2c", t(2, 16, dtype="c64"), [1], 0, True)
add("stft", t(2, 400), 64, 16, 64, c(64), False, True)
add("stft", t(400), 64, 16, 32, c(32), False, False)
add("istft", t(2, 33, 22, dtype="c64"), 64, 16, 64, c(64, fill=1), True, False, True, None)

# Regions
boxes = [0.0, 0.0, 0.0, 4.0, 4.0] * 3
add("torchvision.roi_align", t(2, 8, 7, 7), c(3, 5, data=boxes), f(1.0), 2, 2, 2, False)
add("torchvision.nms", c(3, 4, data=[0.0, 0.0, 4.0, 4.0] * 3), c(3), f(0.5))
add("torchvision.nms", c(3, 4), c(2), f(0.5))
add("torchvision.roi_pool", t(2, 8, 7, 7), c(3, 5, data=boxes), f(1.0), 2, 2)
add("torchvision.ps_roi_align", t(2, 8, 7, 7), c(3, 5, data=boxes), f(1.0), 2, 2, 2)
add("torchvision.ps_roi_pool", t(2, 8, 7, 7), c(3, 5, data=boxes), f(1.0), 2, 2)

# Linear algebra
for op in [
    "linalg_inv",
    "linalg_cholesky",
    "linalg_eigh",
    "linalg_qr",
    "linalg_svd",
    "linalg_det",
    "linalg_slogdet",
    "linalg_pinv",
    "linalg_matrix_exp",
    "linalg_svdvals",
    "linalg_eigvalsh",
]:
    eye = [1.0 if r == k else 0.0 for _ in range(2) for r in range(3) for k in range(3)]
    add(op, t(2, 3, 3, data=eye))
add("linalg_svd", t(5, 3), False)
add("linalg_qr", t(5, 3), "complete")
for op in [
    "linalg_inv_ex",
    "linalg_cholesky_ex",
    "linalg_eig",
    "linalg_eigvals",
    "linalg_lu",
    "linalg_lu_factor",
    "cholesky",
    "cholesky_inverse",
]:
    add(op, t(2, 3, 3, data=eye))
add("linalg_lu", t(5, 3))
add("linalg_lu_factor", t(3, 5))
add("linalg_solve_triangular", t(2, 3, 3, data=eye), t(2, 3, 4), True, True, False)
add("linalg_solve_triangular", t(2, 3, 3, data=eye), t(2, 4, 3), True, False, False)
add("linalg_solve_triangular", t(2, 3, 3, data=eye), c(2, 3, 4), True, True, False)
add("linalg_solve_triangular", c(2, 3, 3, data=eye), t(2, 3, 4), True, True, False)
add("triangular_solve", t(2, 3, 4), t(2, 3, 3, data=eye), True, False, False)
add("cholesky_solve", t(2, 3, 4), t(2, 3, 3, data=eye), False)
add("linalg_lu_solve", t(2, 3, 3, data=eye), t(2, 3, dtype="i32", data=[1, 2, 3] * 2), t(2, 3, 4), True, False)
add("linalg_lstsq", t(5, 3), t(5, 2))
add("linalg_householder_product", t(5, 3), t(3))
add("linalg_cross", t(4, 3), t(4, 3), -1)
add("linalg_cross", t(4, 3), c(1, 3), -1)
add("linalg_cross", t(4, 5), t(4, 5), -1)
add("cross", t(5, 3), t(5, 3), None)
add("linalg_solve", t(2, 3, 3), t(2, 3, 4))
add("linalg_solve", t(3, 3), t(3))
add("linalg_inv", t(2, 3, 4))
