/** What PyTorch's optimizers keep between steps and take while they step (torch/optim, 2.11). */
import type { Scenario } from "../../base/scenario.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import type { Holding } from "./holdings.ts";
import { sizesOf } from "./holdings.ts";

export interface OptimizerBytes {
  /** Requests for state at the first step, parameter by parameter. */
  readonly state: readonly number[];
  /** Requests alive together while it steps: all parameters' at once, or those of the parameter that takes most. */
  readonly step: readonly number[];
  /** In words, for the list of terms. */
  readonly source: string;
}

/** Bytes of each parameter's state, and what is alive for it while it is stepped. */
interface Rule {
  state(parameter: Sized): readonly number[];
  step(parameter: Sized): readonly number[];
  /** Whether the temporaries of all parameters are alive together. */
  readonly together: boolean;
  readonly source: string;
}

interface Sized {
  readonly sizes: readonly number[];
  readonly elements: number;
  /** Of one element. */
  readonly item: number;
  readonly bytes: number;
}

/** A step counter on the device. */
const counter = 4;

const rules: Readonly<Record<Scenario["optimizer"], Rule>> = {
  adamw: {
    state: ({ bytes }) => [counter, bytes, bytes],
    step: () => [],
    together: true,
    source: "AdamW, fused: two averages in the parameter's type and a step counter on the device; no temporaries",
  },
  "adamw-foreach": {
    state: ({ bytes }) => [bytes, bytes],
    step: ({ bytes }) => [bytes],
    together: true,
    source: "AdamW, foreach: two averages in the parameter's type; the square roots of all parameters at once",
  },
  "adamw-8bit": {
    // Blocks of 256 elements share a scale; tensors below 4096 elements keep fp32 (bitsandbytes, min_8bit_size).
    state: ({ elements }) =>
      elements < 4096
        ? [4 * elements, 4 * elements]
        : [elements, 4 * Math.ceil(elements / 256), elements, 4 * Math.ceil(elements / 256)],
    step: () => [],
    together: false,
    source:
      "AdamW of bitsandbytes: two averages of one byte an element and a scale for each 256; fp32 below 4096 elements",
  },
  sgd: { state: () => [], step: () => [], together: true, source: "SGD keeps nothing" },
  "sgd-momentum": {
    state: ({ bytes }) => [bytes],
    step: () => [],
    together: true,
    source: "SGD with momentum: one buffer in the parameter's type",
  },
  adafactor: {
    state: ({ sizes, item, bytes }) => (sizes.length > 1 ? factors(sizes).map((n) => n * item) : [bytes]),
    step: ({ bytes }) => [bytes],
    together: false,
    source:
      "Adafactor: averages of rows and of columns for each matrix, of elements for each vector; one update at a time",
  },
  lion: {
    state: ({ bytes }) => [bytes],
    step: ({ bytes }) => [bytes],
    together: false,
    source: "Lion: one average in the parameter's type; one update at a time",
  },
  muon: {
    state: ({ bytes, sizes }) => (sizes.length === 2 ? [bytes] : [counter, bytes, bytes]),
    // The update, and two bf16 iterates while it is orthogonalised.
    step: ({ bytes, elements, sizes }) => (sizes.length === 2 ? [bytes, 2 * elements, 2 * elements] : []),
    together: false,
    source:
      "Muon for matrices: one momentum and bf16 iterates of one matrix at a time; AdamW, fused, for what is no matrix",
  },
};

/** Rows and columns: the last two axes, for each of the others. */
function factors(sizes: readonly number[]): readonly [number, number] {
  const [rows = 1, columns = 1] = sizes.slice(-2);
  const outer = sizes.slice(0, -2).reduce((product, n) => product * n, 1);
  return [outer * rows, outer * columns];
}

/** Parameters of unknown size are left out: the caller says that the total is not known. */
export function optimizerBytes(optimizer: Scenario["optimizer"], trained: readonly Holding[]): OptimizerBytes {
  const rule = rules[optimizer];
  const sized = trained.flatMap(({ tensor }): Sized[] => {
    const sizes = sizesOf(tensor);
    if (!sizes) return [];
    const elements = sizes.reduce((product, n) => product * n, 1);
    const item = itemBytes(tensor.dtype);
    return [{ sizes, elements, item, bytes: elements * item }];
  });
  const steps = sized.map((one) => rule.step(one));
  const total = (bytes: readonly number[]) => bytes.reduce((a, b) => a + b, 0);
  const most = steps.reduce<readonly number[]>((a, b) => (total(b) > total(a) ? b : a), []);
  return {
    state: sized.flatMap((one) => rule.state(one)),
    step: rule.together ? steps.flat() : most,
    source: rule.source,
  };
}

/** In words what each optimizer keeps and takes. */
export const optimizerSources: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(rules).map(([name, { source }]) => [name, source]),
);
