/** Kernels that stream over their operands: element-wise, copies, normalisations, reductions, look-ups. */
import { isFloating } from "../../tensor/dtype.ts";
import { count, integer } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import type { Machine } from "./machine.ts";
import { type KernelSeconds, trafficSeconds } from "./products.ts";
import type { Traffic } from "./residency.ts";
import { elementsOf, isDenseRowMajor, operands, results, sameInnermost, sameOrder } from "./shapes.ts";

export interface StreamShape {
  readonly form: "stream";
  readonly kind: string;
  readonly items: number;
  readonly rows: number;
  /** Parts that each run in one block; Infinity where there are always enough. */
  readonly lanes: number;
}

export function streamShape(operation: Operation): StreamShape {
  const { name } = operation;
  const made = results(operation);
  const inputs = operands(operation).filter((one) => !isRaw(one));
  const out = (made[0] ?? inputs[0]) as Tensor;
  const largest = [...inputs, ...made].reduce((a, b) => (elementsOf(b) > elementsOf(a) ? b : a), out);
  const plain = name.replace(/^aten\./, "").replace(/_$/, "");
  const kind = kindOf(plain, inputs, out, operation.call.args);
  if (kind === "recurrent") return recurrentShape(operation, inputs[0] ?? out);
  const items = outOnly.has(kind)
    ? elementsOf(out)
    : inOnly.has(kind)
      ? elementsOf(inputs[0] ?? out)
      : elementsOf(largest);
  return { form: "stream", kind, items, ...rowsAndLanes(kind, plain, largest, inputs, out) };
}

/** Step after step, each a product of its own: items are multiply-adds. */
function recurrentShape({ macs }: Operation, input: Tensor): StreamShape {
  const steps = input.shape.length > 2 ? Math.max(...input.shape.slice(0, 2).map(integer)) : 1;
  return { form: "stream", kind: "recurrent", items: macs as number, rows: steps, lanes: Number.POSITIVE_INFINITY };
}

/** What autograd kept beside tensors is bytes without a shape. */
function isRaw({ dtype, shape }: Tensor): boolean {
  return dtype === "uint8" && shape.length === 1;
}

/** Names by kind; what stands nowhere is element-wise. */
const named: readonly (readonly [kind: string, names: RegExp])[] = [
  ["layer norm backward", /layer_norm_backward/],
  ["layer norm", /layer_norm/],
  ["rms norm backward", /rms_norm_backward/],
  ["rms norm", /rms_norm/],
  ["cudnn batch norm backward", /cudnn_batch_norm_backward/],
  ["batch norm backward", /batch_norm_backward/],
  ["cudnn batch norm", /cudnn_batch_norm/],
  ["batch norm", /batch_norm/],
  ["group norm backward", /(group|instance)_norm_backward/],
  ["group norm", /group_norm|instance_norm/],
  ["element-wise", /^native_dropout_backward$/],
  ["fill", /^nll_loss.*_backward$/],
  ["softmax backward", /softmax_backward/],
  ["softmax", /softmax|logsumexp/],
  ["dropout", /^(native_)?dropout$|bernoulli|^rand|normal$|multinomial/],
  ["embedding backward", /embedding.*backward/],
  ["gather", /^(embedding|_embedding_bag|index|index_select|gather|take|take_along_dim|masked_select)$/],
  ["index put", /index_put|^index_backward/],
  ["scatter", /scatter|index_add|index_copy|index.*backward|gather_backward|masked_scatter/],
  ["sort", /sort|topk|kthvalue|unique|median|searchsorted|bucketize|nonzero/],
  ["scan", /cumsum|cumprod|cummax|cummin|logcumsumexp/],
  ["pool backward", /pool.*backward/],
  ["adaptive pool", /adaptive_avg_pool/],
  ["pool", /pool/],
  ["linear interpolation backward", /^_?upsample_(bi|tri)?(linear|cubic).*backward|^grid_sampler.*backward/],
  ["linear interpolation", /^_?upsample_(bi|tri)?(linear|cubic)[^b]*$|^grid_sampler[^b]*$/],
  ["interpolation backward", /upsample.*backward|grid_sampler.*backward/],
  ["interpolation", /upsample|grid_sampler/],
  ["loss", /nll_loss/],
  ["recurrent", /lstm|gru|rnn/],
  ["roll", /^roll$|^flip$|^im2col|^col2im/],
  ["join", /^(cat|stack)$/],
  ["fill", /^(zeros|ones|full|empty|zero|fill|new_zeros|arange|zeros_like|full_like|ones_like|eye)$/],
  [
    "reduction",
    /^(sum|mean|amax|amin|max|min|var|std|var_mean|std_mean|prod|any|all|argmax|argmin|linalg_vector_norm|norm|nansum|count_nonzero|aminmax)$/,
  ],
];

const heavy = /^(gelu|erf|erfinv|erfc|lgamma|digamma|mish|polygamma)/;

function kindOf(plain: string, inputs: readonly Tensor[], out: Tensor, args: readonly unknown[]): string {
  const trains = plain === "batch_norm" && args[5] === true;
  if ((trains || plain.includes("batch_norm_backward")) && inputs[0] && isChannelsLast(inputs[0]))
    return `channels-last batch norm${trains ? "" : " backward"}`;
  if (trains) return out.dtype === "float32" ? "cudnn batch norm" : "batch norm";
  if (plain === "batch_norm") return out.dtype === "float32" ? "folded batch norm" : "folded batch norm half";
  const found = named.find(([, names]) => names.test(plain))?.[0];
  if (found === "join") return inputs.every(isDenseRowMajor) ? "join" : "strided join";
  if (found === "softmax") return integer(out.shape.at(-1) ?? 1) > 1024 ? "long softmax" : "softmax";
  if (found === "reduction") return reductionOf(inputs[0], out, args[1]);
  if (found) return found;
  const operands = inputs.filter((one) => one.shape.length > 0 && elementsOf(one) > 1);
  const whole = operands.filter((one) => elementsOf(one) === elementsOf(out) && !isExpanded(one));
  const types = new Set([...operands, out].filter(({ dtype }) => isFloating(dtype)).map(({ dtype }) => dtype));
  const reduces = operands.length === 1 && types.size === 2 && out.dtype !== "float32";
  if (!whole.every((one) => sameInnermost(one, out))) return "transposed copy";
  if (types.size > 1 && !reduces) return "mixed element-wise";
  if (!sameOrder(out, operands)) return "strided element-wise";
  return heavy.test(plain) ? "heavy element-wise" : "element-wise";
}

function isChannelsLast({ shape, strides }: Tensor): boolean {
  return strides !== null && strides[1] === 1 && integer(shape[1] ?? 1) > 1;
}

function isExpanded({ strides }: Tensor): boolean {
  return strides?.includes(0) ?? false;
}

/** By the axes that go: the last ones, so that each sum runs along memory; the first ones; or some on both sides of one that stays. */
function reductionOf(input: Tensor | undefined, out: Tensor, axes: unknown): string {
  const rank = input?.shape.length ?? 0;
  const given = (Array.isArray(axes) ? axes : [axes]).filter((one) => typeof one === "number");
  const gone = new Set(given.map((one) => (one < 0 ? one + rank : one)));
  if (gone.size === 0 || gone.size === rank || count(out.shape) <= 1) return "reduction";
  if (!gone.has(rank - 1)) return "outer reduction";
  const stays = [...Array(rank).keys()].filter((axis) => !gone.has(axis));
  return stays.some((axis) => [...gone].some((one) => one < axis)) ? "split reduction" : "reduction";
}

const inOnly = new Set(["embedding backward"]);
const outOnly = new Set(["pool", "interpolation", "linear interpolation", "gather", "adaptive pool", "loss"]);

function rowsAndLanes(
  kind: string,
  plain: string,
  largest: Tensor,
  inputs: readonly Tensor[],
  out: Tensor,
): { rows: number; lanes: number } {
  const shape = largest.shape.map(integer);
  const all = count(largest.shape);
  const last = shape.at(-1) ?? 1;
  const free = { rows: 0, lanes: Number.POSITIVE_INFINITY };
  switch (kind) {
    case "layer norm":
    case "layer norm backward":
    case "rms norm":
    case "rms norm backward": {
      const weight = inputs.find(
        (one, i) => i > 0 && elementsOf(one) < all && elementsOf(one) > 1 && isTail(one, shape),
      );
      const width = weight ? elementsOf(weight) : last;
      return { rows: all / Math.max(width, 1), lanes: Number.POSITIVE_INFINITY };
    }
    case "softmax":
    case "long softmax":
    case "softmax backward":
    case "scan":
    case "sort":
      return { rows: all / Math.max(last, 1), lanes: all / Math.max(last, 1) };
    case "batch norm":
    case "batch norm backward":
    case "cudnn batch norm":
    case "cudnn batch norm backward":
      return { rows: (shape[0] ?? 1) * (shape[1] ?? 1), lanes: shape[1] ?? 1 };
    case "folded batch norm":
    case "folded batch norm half":
    case "linear interpolation":
    case "linear interpolation backward":
      return { rows: (shape[0] ?? 1) * (shape[1] ?? 1), lanes: Number.POSITIVE_INFINITY };
    case "group norm":
    case "group norm backward":
      return { rows: (shape[0] ?? 1) * (shape[1] ?? 1), lanes: (shape[0] ?? 1) * 32 };
    case "reduction":
    case "split reduction":
    case "adaptive pool":
      return { rows: elementsOf(out), lanes: Number.POSITIVE_INFINITY };
    case "outer reduction":
      return { rows: all / Math.max(elementsOf(out), 1), lanes: Number.POSITIVE_INFINITY };
    case "gather":
    case "scatter":
      return { rows: elementsOf(out) / Math.max(1, integer(out.shape.at(-1) ?? 1)), lanes: Number.POSITIVE_INFINITY };
    default:
      return free;
  }
}

function isTail({ shape }: Tensor, whole: readonly number[]): boolean {
  return shape.every((size, i) => integer(size) === whole[whole.length - shape.length + i]);
}

/** Lanes that a unit works on side by side: of blocks of 512 threads it holds four. */
const atOnce = (kind: string) => (kind.includes("batch norm") ? 4 : 1);

/** The figures of a kind; those of element-wise kernels where a kind was not measured. */
export function streamSeconds(
  { kind, items, rows, lanes }: StreamShape,
  traffic: Traffic,
  machine: Machine,
): KernelSeconds {
  const { streams } = machine.curves;
  const curve = streams[kind] ?? (streams["element-wise"] as NonNullable<(typeof streams)[string]>);
  const scale = machine.vectorScale;
  const work = items / (curve.itemsPerSecond * scale) + (rows * curve.rowSeconds) / scale;
  const far = traffic.far / Math.max(1, traffic.far + traffic.near);
  const laneItem = far / curve.laneFarItemsPerSecond + (1 - far) / curve.laneItemsPerSecond;
  const busiest =
    lanes === Number.POSITIVE_INFINITY
      ? 0
      : ((Math.ceil(lanes / (machine.units * atOnce(kind))) * items) / Math.max(lanes, 1)) * laneItem;
  return {
    start: curve.startSeconds,
    compute: Math.max(work, busiest),
    memory: trafficSeconds(traffic, curve.memoryShare, machine),
  };
}
