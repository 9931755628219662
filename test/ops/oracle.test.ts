/** Every row of the operation table: shapes, types, strides, aliasing, known elements and what autograd keeps, as PyTorch. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ops } from "../../src/ops/catalogue.ts";
import { type Arg, Refused } from "../../src/ops/op.ts";
import { integer } from "../../src/tensor/size.ts";
import { call, readArg, written } from "../support/opCalls.ts";

const table = "test/oracle/ops.tsv";
const byName = new Map<string, (readonly [args: string, out: string, saved: string])[]>();
for (const line of readFileSync(table, "utf8").trimEnd().split("\n").slice(2)) {
  const [name = "", args = "", out = "", saved = ""] = line.split("\t");
  byName.set(name, [...(byName.get(name) ?? []), [args, out, saved]]);
}

describe(`operations as in ${table}`, () => {
  for (const [name, rows] of byName) {
    it(`${name}: ${rows.length} rows`, () => {
      const wrong = rows.flatMap((row) => difference(name, ...row));
      assert.equal(wrong.join("\n"), "");
    });
  }
});

/** What a row says against what the record gives; nothing where they agree. */
function difference(name: string, json: string, out: string, saved: string): string[] {
  const op = ops.get(`aten.${name}`);
  if (!op) return [`there is no aten.${name}`];
  const args = JSON.parse(json).map((one: unknown) => readArg(one)) as Arg[];
  const expected = out.split(" ");
  try {
    const outcome = call(op, args);
    const found = outcome.outs.map((one) => written(one, args));
    const plain = expected.map((one) => one.split("=")[0]);
    if (!matches(found.join(" "), plain.join(" "), name))
      return [`${json}\n    gives ${found.join(" ")}\n    not   ${plain.join(" ")}`];
    if (outcome.saved !== saved) return [`${json}\n    keeps "${outcome.saved}", not "${saved}"`];
    return outcome.outs.flatMap((one, i) => {
      if (one.data && one.data.length !== one.shape.reduce<number>((n, size) => n * integer(size), 1)) {
        return [`${json}\n    has ${one.data.length} elements for ${found[i]}`];
      }
      const values = expected[i]?.split("=")[1];
      if (!values) return [];
      if (!one.data) return unfolded.has(name) || values === "[]" ? [] : [`${json}\n    does not know its elements`];
      const wanted = (JSON.parse(values) as (number | string)[]).map(readNumber);
      if (wanted.every((value, k) => near(value, one.data?.[k], one.dtype))) return [];
      return [`${json}\n    holds ${one.data.join(" ")}\n    not   ${wanted.join(" ")}`];
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return out === "refused" ? [] : [`${json}\n    is refused: ${error.message}`];
  }
}

/** Operations that nobody computes masks and positions with: their results are not worked out from known elements. */
const unfolded = new Set(
  (
    "erfinv lgamma digamma i0 logit angle gelu elu celu selu leaky_relu softplus softshrink hardshrink hardtanh fmax fmin " +
    "copysign xlogy logaddexp logaddexp2 heaviside nextafter gcd lcm isclose nansum nanmedian var std var_mean std_mean " +
    "logsumexp linalg_vector_norm rot90 diag_embed index_fill take_along_dim"
  ).split(" "),
);

/** Operations whose sizes depend on values that a row does not give. */
const sizedByValues = ["unique_dim"];

function matches(found: string, expected: string, name: string): boolean {
  if (!sizedByValues.includes(name)) return found === expected;
  return new RegExp(`^${found.replaceAll(/[[\]+/]/g, "\\$&").replaceAll("?", "\\d+")}$`).test(expected);
}

function readNumber(value: number | string): number {
  return typeof value === "number" ? value : value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number.NaN;
}

/** Integers must agree exactly, floats to the last digits that different mathematics libraries share. */
function near(a: number, b: number | undefined, dtype: string): boolean {
  if (b === undefined) return false;
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  const tolerance = dtype === "bfloat16" ? 1e-2 : dtype === "float16" ? 1e-3 : dtype.startsWith("float") ? 2e-6 : 0;
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), 1);
}
