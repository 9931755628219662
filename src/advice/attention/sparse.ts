/** Attention over a fixed pattern of pairs, as operations of a program that is run again: written out, or in one kernel. */
import type { Op } from "../../ops/op.ts";
import { tensor } from "../../ops/shared/arguments.ts";
import { fresh } from "../../ops/shared/making.ts";
import { count, type Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** A pattern's pairs, of one head of one sequence. */
export interface Pattern {
  /** Scores that are computed and that softmax runs over. */
  readonly pairs: number;
  /** Pairs that the products of code in blocks or chunks multiply, what they throw away again included. */
  readonly scoreProducts: number;
}

/** A band of `window` keys around each query and itself, cut off at both ends (Longformer, arXiv:2004.05150). */
export function bandPairs(positions: number, window: number): number {
  const half = Math.min(window / 2, positions - 1);
  return positions * (2 * half + 1) - half * (half + 1);
}

/** The last `window` positions up to the query itself. */
export function causalBandPairs(positions: number, window: number): number {
  const seen = Math.min(window, positions);
  return positions * seen - (seen * (seen - 1)) / 2;
}

/** Longformer as transformers runs it: `window + 1 + globals` scores a query, global rows beside, chunks of twice the half window. */
export function longformer(positions: number, window: number, globals: number): Pattern {
  const chunks = positions / (window / 2) - 1;
  const beside = 2 * globals * positions;
  return {
    pairs: positions * (window + 1 + globals) + globals * positions,
    scoreProducts: chunks * window ** 2 + beside,
  };
}

/** BigBird's blocks as transformers runs them: two global ones, three of the window and `random` others, whole rows at both ends. */
export function bigBird(positions: number, block: number, random: number): Pattern {
  const blocks = positions / block;
  const pairs = 2 * block * positions + 2 * block * (4 + random) * block + (blocks - 4) * block * (5 + random) * block;
  return { pairs, scoreProducts: pairs };
}

/** One kernel that skips what is not in the pattern, as FlexAttention and flash-attn's `window_size` do. */
export function patternKernel(pairs: number): Op {
  const perQuery = (query: Tensor) => pairs / count(query.shape.slice(-2, -1));
  const macs = (query: Tensor, value: Tensor) =>
    heads(query) * pairs * (count(query.shape.slice(-1)) + count(value.shape.slice(-1)));
  return {
    name: "aten._flex_attention",
    work: 6,
    result([query, key, value]) {
      const [q] = [tensor(query), tensor(key)];
      const rows = q.shape.slice(0, -1);
      return [
        fresh([...rows, tensor(value).shape.at(-1) as Size], q.dtype),
        { ...fresh(rows, "float32"), detached: true as const },
      ];
    },
    macs: ([query, , value]) => macs(tensor(query), tensor(value)),
    detail: ([query]) => ({ backend: "flash", keysPerQuery: perQuery(tensor(query)) }),
    saves: ([query, key, value], out) => [tensor(query), tensor(key), tensor(value), ...out],
    backward([grad], { args, kept, kernel }) {
      const [query, key, value] = args.slice(0, 3).map((one) => tensor(one)) as [Tensor, Tensor, Tensor];
      const made = [query, key, value].map((one) => fresh(one.shape, one.dtype));
      return kernel("aten._flex_attention_backward", [grad, ...kept], made, {
        macs: 2.5 * macs(query, value),
        work: 6,
        detail: { backend: "flash", keysPerQuery: perQuery(query) },
      });
    },
  };
}

function leading({ shape }: Tensor): readonly Size[] {
  return shape.slice(0, -2);
}

function heads(one: Tensor): number {
  return count(leading(one));
}
