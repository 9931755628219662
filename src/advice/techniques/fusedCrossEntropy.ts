import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Op } from "../../ops/op.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { integers } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Operation, OperationCall, Trace } from "../../trace/trace.ts";
import type { Subject } from "../subject.ts";
import { chunkedEdit } from "../training/chunkedLoss.ts";
import { type LinearUse, linearUses } from "../training/linears.ts";
import { edited } from "../training/scaffold.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface LossSite extends Site {
  readonly head: LinearUse;
  readonly loss: Operation;
  readonly between: ReadonlySet<OperationCall>;
  readonly rows: number;
}

const passing =
  /^aten\.(_?log_softmax|view|reshape|_to_copy|slice|clone|transpose|flatten|select|contiguous|_unsafe_view|alias|permute)(\.\w+)?$/;

/** Logits below this share of what is kept are not worth another loss. */
const worthwhile = 0.02;

/**
 * The head's product and cross-entropy in one, over chunks of rows: logits and their logarithms are one chunk's. Gradients of
 * hidden states and of the head's weight are made in the forward pass already, and kept in their place.
 */
export default technique<LossSite>({
  id: "fused-cross-entropy",
  name: "Fused linear cross-entropy",
  kind: "training-memory",
  paper: {
    title: "Liger Kernel: Efficient Triton Kernels for LLM Training",
    arxiv: "2410.10989",
    year: 2024,
    where: "section 3.2",
  },
  what: "The loss is computed chunk by chunk from the hidden states, so that the logits never exist as a whole.",
  price:
    "Logits are not at hand in training; it needs a kernel (liger-kernel) or a loop over chunks; only the mean or sum of the losses can be followed back.",
  demands: "nothing",
  exact: false,
  knobs: {
    rows: {
      default: 0,
      min: 0,
      max: 1 << 20,
      what: "rows of a chunk; 0: an eighth in code, in the kernel as many as keep a chunk about as large as the hidden states",
    },
    form: {
      default: "code",
      values: ["code", "kernel"],
      what: "a loop over chunks, as the edit writes it, or liger-kernel's own kernel",
    },
  },

  find(subject): Found<LossSite> {
    const { step, scenario } = subject;
    if (!step || scenario.phase !== "train") return { sites: [], why: "No loss is computed in this phase." };
    const chain = chainOf(step, subject);
    if (!chain) return { sites: [], why: "No cross-entropy over a linear layer's result is in the step." };
    const own = new Set([chain.head.operation.call, ...chain.between, chain.loss.call]);
    let bytes = 0;
    let all = 0;
    const seen = new Set<object>();
    for (const event of step.events) {
      if (event.kind !== "operation" || event.pass === "backward") continue;
      for (const storage of event.made) {
        all += known(storage.bytes) ?? 0;
        if (own.has(event.call) && !seen.has(storage)) bytes += known(storage.bytes) ?? 0;
        seen.add(storage);
      }
    }
    const text = `Logits of ${chain.rows} rows and ${chain.head.outFeatures} words, and what the loss makes of them, take ${showBytes(bytes, "GB")}`;
    if (bytes < worthwhile * all) return { sites: [], why: `${text}: too little for another loss.` };
    return { sites: [{ at: chain.head.operation.at, what: `${text}.`, ...chain }] };
  },

  change(subject, [site], { rows, form }) {
    if (!site) return {};
    const { head, loss, between } = site;
    const fix = form === "code" ? editOf(subject, site, Number(rows)) : { reason: "" };
    if (!("reason" in fix)) return { text: edited(subject.text, fix) };
    const x = head.operation.call.args[head.input] as Tensor;
    return {
      rewrite: (rewriting) => {
        const { step, args, run, now } = rewriting;
        if (step.call === head.operation.call) {
          rewriting.hold(x);
          return "left out";
        }
        if (between.has(step.call)) return "left out";
        if (step.call !== loss.call) return undefined;
        const weight = head.operation.call.args[head.input + 1] as Tensor;
        const chunks = chunksOf(head, site.rows, Number(rows));
        const given = [now(x), now(weight)] as const;
        run(chunked("logits", chunks), ...given);
        const [hidden] = run(chunked("hidden", chunks), ...given) as [Tensor];
        const [matrix] = run(chunked("weight", chunks), ...given) as [Tensor];
        const made = run(fusedLoss, ...given, args[1] ?? null, hidden, matrix);
        rewriting.letGo(x);
        return made;
      },
      remarks: [
        "Give the hidden states and the head's weight to liger_kernel's LigerFusedLinearCrossEntropyLoss; inference computes logits as before.",
      ],
    };
  },

  edit(subject, [site], { rows, form }) {
    if (!site) return { reason: "it fits nowhere" };
    if (form === "kernel") return { reason: "liger-kernel's loss is called where the logits are not made" };
    return editOf(subject, site, Number(rows));
  },
});

function editOf(subject: Subject, { head, loss, between }: LossSite, rows: number) {
  const names = [...between].map(({ op }) => op.name);
  return chunkedEdit(subject, head.operation, loss, names, rows);
}

/** The last cross-entropy with the product that its logits come from, where nothing else reads what lies between. */
function chainOf(step: Trace, { figures }: Subject): Pick<LossSite, "head" | "loss" | "between" | "rows"> | undefined {
  const operations = step.events.filter(
    (event): event is Operation => event.kind === "operation" && (event.pass === "forward" || event.pass === "loss"),
  );
  const loss = operations.findLast(({ name }) => /^aten\.(nll_loss(_forward|_nd)?|cross_entropy_loss)$/.test(name));
  if (!loss) return undefined;
  const makers = new Map(operations.flatMap((one) => one.call.out.map((out) => [out, one] as const)));
  const heads = new Map(linearUses(step, figures.tree).map((use) => [use.operation, use]));
  const between = new Set<OperationCall>();
  let value = loss.call.args[0];
  for (let i = 0; i < 12 && isTensor(value); i++) {
    const maker = makers.get(value);
    const head = maker && heads.get(maker);
    if (head && head.operation.name === "aten.linear" && head.operation.call.args[2] == null) {
      const logits = new Set<Tensor>([...head.operation.call.out, ...[...between].flatMap(({ out }) => out)]);
      const others = operations.filter(
        ({ call }) =>
          call !== loss.call && !between.has(call) && call.args.some((arg) => isTensor(arg) && logits.has(arg)),
      );
      const rows = integers((loss.call.args[0] as Tensor).shape).slice(0, 1)[0] ?? 0;
      return others.length === 0 ? { head, loss, between, rows } : undefined;
    }
    if (!maker || !passing.test(maker.name)) return undefined;
    between.add(maker.call);
    value = maker.call.args.find(isTensor);
  }
  return undefined;
}

interface Chunks {
  /** Rows of all chunks, and of one. */
  readonly rows: number;
  readonly chunk: number;
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/** As liger-kernel cuts: a chunk's logits are about as large as the hidden states, its rows a power of two. */
function chunksOf({ inFeatures, outFeatures }: LinearUse, rows: number, asked: number): Chunks {
  const fitting = 2 ** Math.ceil(Math.log2(Math.ceil(rows / Math.ceil(outFeatures / inFeatures))));
  return { rows, chunk: Math.min(rows, asked > 0 ? asked : fitting), inFeatures, outFeatures };
}

/**
 * One of the three products of all chunks, by its result: a chunk's logits with their float32 copy, the gradient of the hidden
 * states, or that of the weight, which every chunk adds to.
 */
function chunked(made: "logits" | "hidden" | "weight", { rows, chunk, inFeatures, outFeatures }: Chunks): Op {
  const shapes = { logits: [chunk, outFeatures], hidden: [rows, inFeatures], weight: [outFeatures, inFeatures] };
  const count = Math.ceil(rows / chunk);
  return {
    name: "aten.mm",
    differentiable: false,
    result: ([x]) => ({ shape: shapes[made], dtype: (x as Tensor).dtype }),
    macs: () => rows * inFeatures * outFeatures,
    workspaceBytes: () => (made === "logits" ? 4 * chunk * outFeatures : 0),
    traffic([x]) {
      const item = itemBytes((x as Tensor).dtype);
      const [hidden, weight, logits] = [rows * inFeatures, inFeatures * outFeatures, rows * outFeatures];
      if (made === "logits") return { read: item * (hidden + count * weight + logits), written: item * 2 * logits };
      if (made === "hidden") return { read: item * (logits + count * weight), written: item * hidden };
      return { read: item * (logits + hidden + count * weight), written: item * count * weight };
    },
  };
}

/** The loss, whose gradients are made already: backward scales them. */
const fusedLoss: Op = {
  name: "liger.fused_linear_cross_entropy",
  result: () => ({ shape: [], dtype: "float32" }),
  traffic: () => ({ read: 0, written: 4 }),
  saves: ([, , , hidden, weight], _out, needs) => [needs[0] && (hidden as Tensor), needs[1] && (weight as Tensor)],
  backward: (_grads, { args, kept, kernel }) =>
    [0, 1].map((i) => {
      const own = args[i] as Tensor;
      const [saved] = kept.slice(i, i + 1);
      return saved && kernel("aten.mul", [saved], [{ shape: own.shape, dtype: own.dtype }])[0];
    }),
};
