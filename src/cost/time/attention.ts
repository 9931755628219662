/** Fused attention by kernel: blocks of queries (backward: of keys) over the units; a single query by the cache's traffic. */

import { type AttentionBackend, allowedBy, attentionBackend } from "../../ops/shared/attentionBackend.ts";
import { numberOf } from "../../ops/shared/folding.ts";
import { type DType, itemBytes } from "../../tensor/dtype.ts";
import { count, integer, integers } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import type { Machine } from "./machine.ts";
import type { MathShape } from "./mathAttention.ts";
import { type KernelSeconds, trafficSeconds } from "./products.ts";
import type { Traffic } from "./residency.ts";

export interface AttentionShape {
  readonly form: "attention";
  readonly kind: string;
  readonly backend: AttentionBackend;
  readonly pass: "forward" | "backward" | "decode";
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly causal: boolean;
  readonly masked: boolean;
  readonly dtype: DType;
}

/** Undefined for what is named attention and has no three operands of that form. */
export function attentionShape({ name, call, detail, inputs }: Operation): AttentionShape | MathShape | undefined {
  const backward = name.includes("backward");
  const { args } = call;
  const tensors = args.filter(isTensor) as Tensor[];
  const [query, key, value] = backward ? tensors.slice(1) : tensors;
  if (!query || !key || !value || query.shape.length < 3 || inputs.length < 3) return undefined;
  const said = detail?.["backend"];
  const mask = backward ? undefined : args[3];
  const masked = detail?.["masked"] === true || isTensor(mask);
  const causal = detail?.["causal"] === true || (!backward && args[5] === true);
  const backend =
    typeof said === "string"
      ? (said as AttentionBackend)
      : attentionBackend({
          query,
          key,
          value,
          mask: isTensor(mask) ? mask : null,
          dropout: 0,
          causal,
          grouped:
            args[7] === true || (backward && integer(query.shape.at(-3) ?? 1) !== integer(key.shape.at(-3) ?? 1)),
          kernel: typeof args[8] === "string" ? (args[8] as AttentionBackend) : undefined,
          capability: numberOf(args[9]),
          ...allowedBy(args[10]),
        });
  const [queries = 1, width = 1] = integers(query.shape.slice(-2));
  // A kernel over a pattern says how many keys a query meets on average.
  const met = detail?.["keysPerQuery"];
  const keys = typeof met === "number" ? met : integer(key.shape.at(-2) ?? 1);
  const pass = backward ? "backward" : queries <= 16 ? "decode" : "forward";
  const heads = count(query.shape.slice(0, -2));
  if (backend === "math") {
    const mask = isTensor(args[3]) ? args[3] : undefined;
    return {
      form: "math",
      batch: heads,
      queries,
      keys,
      width,
      valueWidth: integer(value.shape.at(-1) ?? 1),
      dtype: query.dtype,
      causal,
      mask: mask && { elements: count(mask.shape), boolean: mask.dtype === "bool" },
    };
  }
  return {
    form: "attention",
    kind: `${backend}${itemBytes(query.dtype) > 2 ? " fp32" : ""} attention${pass === "forward" ? "" : ` ${pass}`}`,
    backend,
    pass,
    heads,
    queries,
    keys,
    width,
    valueWidth: integer(value.shape.at(-1) ?? 1),
    causal,
    masked,
    dtype: query.dtype,
  };
}

const block = 128;

export function attentionSeconds(shape: AttentionShape, traffic: Traffic, machine: Machine): KernelSeconds {
  const { attention } = machine.curves;
  const suffix = shape.pass === "forward" ? "" : ` ${shape.pass}`;
  const curve =
    attention[shape.kind] ?? attention[`${shape.backend} attention${suffix}`] ?? attention[`cudnn attention${suffix}`];
  if (!curve) throw new Error(`no curve for ${shape.kind}`);
  const memory = trafficSeconds(traffic, curve.memoryShare, machine);
  const { heads, queries, keys, width, valueWidth, causal, pass } = shape;
  // A few queries read all keys and values: the kernels share the keys out over as many units as there are.
  if (pass === "decode") return { start: curve.startSeconds, compute: 0, memory };
  const inner = (Math.ceil(width / 16) + Math.ceil(valueWidth / 16)) * 16;
  const [blocked, other] = pass === "backward" ? [keys, queries] : [queries, keys];
  const blocks = heads * Math.ceil(blocked / block);
  const rate = machine.flopsPerSecond(shape.dtype, itemBytes(shape.dtype) > 2);
  const reached = ((rate / machine.units) * curve.share * inner) / (inner + curve.half);
  const flops = 2 * block * Math.ceil(other / 64) * 64 * inner * (pass === "backward" ? 2.5 : 1);
  const whole = flops / reached + curve.blockSeconds;
  const skipped = causal && queries === keys ? curve.skipped * Math.max(0, 0.5 - block / 2 / Math.max(keys, block)) : 0;
  const full = blocks / machine.units;
  const waves =
    full <= 4 && skipped === 0 ? Math.ceil(full - 1e-9) : Math.max(full * (1 - skipped) + 0.5 * Math.min(1, full), 1);
  return { start: curve.startSeconds, compute: waves * whole, memory };
}
