/** The weights that matrix products read, as the trace shows them, and what becomes of the products when they are stored otherwise. */
import { known } from "../../base/unknown.ts";
import { sizesOf } from "../../cost/memory/holdings.ts";
import type { Op } from "../../ops/op.ts";
import { denseBytes, isTensor, type Storage, type Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import { flowOf, isView, layersOf } from "../code/flow.ts";
import type { Subject } from "../subject.ts";
import type { Change, Site } from "../techniques/technique.ts";

export interface ProductWeight {
  /** `h.0.attn.c_attn.weight`. */
  readonly path: string;
  /** Of the layer that holds it. */
  readonly layer: string;
  readonly className: string;
  readonly tensor: Tensor;
  readonly outputs: number;
  readonly inputs: number;
  /** As it is stored now. */
  readonly bytes: number;
  /** Rows that the first product reading it multiplies in the scenario's pass. */
  readonly rows: number;
}

const products = /^aten\.(linear|addmm|mm|matmul|bmm|baddbmm|mv)$/;

/** Matrices that nothing but products reads, in the order in which the pass reads them. A table that is looked up as well is none. */
export function productWeights({ pass, figures }: Subject): ProductWeight[] {
  const { operations, readers } = flowOf(pass, figures);
  const order = new Map<Storage, Operation>();
  for (const one of operations)
    if (products.test(one.name)) for (const { storage } of one.inputs) if (!order.has(storage)) order.set(storage, one);
  const found = new Map<Storage, ProductWeight>();
  for (const layer of layersOf(figures.tree)) {
    for (const { name, tensor } of layer.parameters) {
      const { storage, shape } = tensor;
      const first = order.get(storage);
      const bytes = known(storage.bytes);
      if (!first || shape.length !== 2 || bytes === undefined || found.has(storage)) continue;
      const uses = readers(storage).filter((one) => !isView(one));
      if (!uses.every(({ name: op }) => products.test(op))) continue;
      const [result, own] = [first.outputs[0] && sizesOf(first.outputs[0]), sizesOf(tensor)];
      const outputs = result?.at(-1);
      if (!result || !own || !outputs) continue;
      const elements = product(own);
      found.set(storage, {
        path: layer.path ? `${layer.path}.${name}` : name,
        layer: layer.path,
        className: layer.className,
        tensor,
        outputs,
        inputs: elements / outputs,
        bytes,
        rows: product(result) / outputs,
      });
    }
  }
  const positions = new Map([...order.keys()].map((storage, i) => [storage, i]));
  return [...found.values()].toSorted(
    (a, b) => (positions.get(a.tensor.storage) ?? 0) - (positions.get(b.tensor.storage) ?? 0),
  );
}

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

/** All but the output layer, which the libraries leave as it is: the last product outside numbered blocks. */
export function blockWeights(weights: readonly ProductWeight[]): readonly ProductWeight[] {
  const last = weights.at(-1);
  return last && !/(^|\.)\d+(\.|$)/.test(last.layer) ? weights.slice(0, -1) : weights;
}

export interface WeightSite extends Site {
  readonly weights: readonly ProductWeight[];
}

/**
 * Weights stored in `bytes` each; products read what is stored. `inside` says what else changes of a product, `before` what
 * writes a weight out for it, where it does not read what is stored.
 */
export function storedAs(
  weights: readonly ProductWeight[],
  bytes: (weight: ProductWeight) => number,
  inside: (op: Op, weight: ProductWeight) => Partial<Op> = () => ({}),
  before: (weight: ProductWeight) => Op | undefined = () => undefined,
): Pick<Change, "weight" | "rewrite"> {
  const byPath = new Map(weights.map((one) => [one.path, one]));
  const byStorage = new Map(weights.map((one) => [one.tensor.storage, one]));
  return {
    weight: ({ path }) => {
      const own = byPath.get(path);
      return own && { bytes: bytes(own) };
    },
    rewrite({ step, args, run }) {
      if (!products.test(step.name) || step.call.inPlace) return undefined;
      const read = step.inputs.map(({ storage }) => byStorage.get(storage)).find((one) => one !== undefined);
      if (!read) return undefined;
      const writing = before(read);
      if (writing) {
        const given = args.map((arg, i) => {
          const was = step.call.args[i];
          if (!isTensor(arg) || !isTensor(was) || was.storage !== read.tensor.storage) return arg;
          return run(writing, arg, arg.dtype)[0] ?? arg;
        });
        return run(step.call.op, ...given);
      }
      const stored: Op = { ...step.call.op, traffic: storedTraffic };
      return run({ ...stored, ...inside(stored, read) }, ...args);
    },
  };
}

/** A weight is read as it is stored, in fewer bytes than its elements' type would take. */
export const storedTraffic: NonNullable<Op["traffic"]> = (args, out) => {
  const tensors = args.flatMap((arg) => (Array.isArray(arg) ? arg.filter(isTensor) : isTensor(arg) ? [arg] : []));
  const read = tensors.reduce((sum, one) => sum + bytesRead(one), 0);
  return { read, written: out.reduce((sum, { shape, dtype }) => sum + (known(denseBytes(shape, dtype)) ?? 0), 0) };
};

function bytesRead({ shape, dtype, storage }: Tensor): number {
  const dense = known(denseBytes(shape, dtype)) ?? 0;
  return storage.role === "parameter" ? Math.min(dense, known(storage.bytes) ?? dense) : dense;
}
