/** Activations kept in 8 bits, as code of the user's and as the operations that this code runs: they say the same. */

import { sizesOf } from "../../cost/memory/holdings.ts";
import { ops } from "../../ops/catalogue.ts";
import type { Arg, Op } from "../../ops/op.ts";
import { isFloating } from "../../tensor/dtype.ts";
import { Float } from "../../tensor/scalar.ts";
import { integers } from "../../tensor/size.ts";
import { isTensor, type Storage, type Tensor } from "../../tensor/tensor.ts";
import type { Packing } from "../../trace/packing.ts";
import type { Tracer } from "../../trace/tracer.ts";

/** Tensors with fewer elements stay as they are. */
export const fewestPacked = 4096;

export const eightBitCode = (torch: string) => `
def kept_in_8_bits(groups):
    """Autograd keeps activations in 8 bits, with a scale and a shift for each group of channels (Mesa, arXiv 2111.11124)."""

    def unpack(kept):
        if isinstance(kept, ${torch}.Tensor):
            return kept
        codes, scale, low, shape = kept
        return (codes * scale + low).view(shape)

    def decorate(forward):
        @functools.wraps(forward)
        def run(self, *args, **kwargs):
            weights = {tuple(shape) for p in self.parameters() for shape in (p.shape, p.shape[::-1])}

            def pack(x):
                # A product keeps its weight transposed, autocast a copy of it; norms' statistics and masks need no gradient.
                if tuple(x.shape) in weights or not x.requires_grad or x.numel() < ${fewestPacked}:
                    return x
                count = groups if x.shape[-1] % groups == 0 else 1
                parts = x.reshape(-1, count, x.shape[-1] // count)
                low = parts.amin((0, 2), keepdim=True)
                scale = ((parts.amax((0, 2), keepdim=True) - low) / 255).clamp_(min=1e-7)
                codes = ((parts - low) / scale).add_(${torch}.rand_like(parts)).clamp_(0, 255)
                return codes.to(${torch}.uint8), scale, low, x.shape

            with ${torch}.autograd.graph.saved_tensors_hooks(pack, unpack):
                return forward(self, *args, **kwargs)

        return run

    return decorate
`;

/** What `kept_in_8_bits` does, run in another trace; \`weights\` are the shapes of parameters, as `shapesOf` gives them. */
export function eightBits(groups: number, weights: ReadonlySet<string>): (tracer: Tracer) => Packing {
  return (tracer) => (tensor, op) => {
    const sizes = sizesOf(tensor);
    if (!sizes || !tensor.requiresGrad || !isFloating(tensor.dtype)) return undefined;
    if (sizes.reduce((count, size) => count * size, 1) < fewestPacked || weights.has(seen(sizes, op))) return undefined;
    const last = sizes.at(-1) ?? 1;
    const count = last % groups === 0 ? groups : 1;
    const { run, inPlace, free, ended } = kernels(tracer);
    const parts = run("reshape", tensor, [-1, count, last / count]);
    const low = run("amin", parts, [0, 2], true);
    const high = run("amax", parts, [0, 2], true);
    const span = run("sub", high, low, 1);
    free(high);
    const scale = run("div", span, new Float(255), null);
    free(span);
    inPlace("clamp", scale, new Float(1e-7), null);
    const shifted = run("sub", parts, low, 1);
    const codes = run("div", shifted, scale, null);
    free(shifted);
    const noise = run("rand_like", parts);
    inPlace("add", codes, noise, 1);
    free(noise);
    inPlace("clamp", codes, 0, 255);
    const bytes = run("_to_copy", codes, "uint8");
    free(codes);
    if (parts.storage !== tensor.storage) free(parts);
    ended();
    return {
      storages: [bytes, scale, low].map(({ storage }) => storage),
      restore(use) {
        const own = kernels(tracer);
        const scaled = own.run("mul", bytes, scale);
        const whole = own.run("add", scaled, low, 1);
        own.free(scaled);
        use({ ...whole, shape: tensor.shape });
        own.free(whole);
        own.ended();
      },
    };
  };
}

/** Shapes of weights, each also the other way round: a product keeps its weight transposed. */
export function shapesOf(parameters: Iterable<Tensor>): Set<string> {
  const shapes = new Set<string>();
  for (const tensor of parameters) {
    const sizes = integers(tensor.shape);
    shapes.add(sizes.join());
    shapes.add(sizes.toReversed().join());
  }
  return shapes;
}

/** The shape that hooks are shown: a linear layer keeps its input as a matrix. */
function seen(sizes: readonly number[], { name }: Op): string {
  if (name !== "aten.linear" || sizes.length < 3) return sizes.join();
  return [sizes.slice(0, -1).reduce((count, size) => count * size, 1), sizes.at(-1)].join();
}

/** Operations without gradients whose results are held until they are freed. */
function kernels(tracer: Tracer) {
  const { gradEnabled, packing } = tracer;
  Object.assign(tracer, { gradEnabled: false, packing: undefined });
  const hold = (one: Tensor): Tensor => {
    one.storage.holders++;
    return one;
  };
  const own = new Set<Storage>();
  return {
    run(name: string, ...args: Arg[]): Tensor {
      const [made] = tracer.apply(ops.get(`aten.${name}`) as Op, args, undefined) as [Tensor];
      const isView = args.some((one) => isTensor(one) && one.storage === made.storage);
      if (!isView) own.add(made.storage);
      return isView ? made : hold(made);
    },
    inPlace: (name: string, ...args: Arg[]) => tracer.applyInPlace(ops.get(`aten.${name}`) as Op, args, undefined),
    free({ storage }: Tensor): void {
      if (own.delete(storage)) tracer.drop(storage);
    },
    ended: () => Object.assign(tracer, { gradEnabled, packing }),
  };
}
