/** Values of a config that cannot work, or cannot work together, each with the numbers. */
import { alignment } from "./alignment.ts";
import { experts, ties, tokens } from "./experts.ts";
import { enumerations, spelling } from "./names.ts";
import { type Check, type ConfigProblem, type Fault, isObject, type Part, type Values } from "./problem.ts";
import { rotary } from "./rotary.ts";
import { sizes } from "./sizes.ts";
import { types } from "./types.ts";

export type { ConfigFix, ConfigProblem } from "./problem.ts";

const checks: readonly Check[] = [types, sizes, experts, tokens, ties, rotary, enumerations, spelling, alignment];

/**
 * Faults of a config and of its parts. `values` has the family's defaults filled in, `given` is what the file says, and
 * `defaults` what the family says where the file says nothing; where that is not known, nothing that rests on it is told.
 */
export function configProblems(
  { values, given, defaults, className }: Part,
  path: readonly string[] = [],
): ConfigProblem[] {
  const own = checks.flatMap((check) =>
    [...check({ values, given, defaults, className })].map((fault) => problemOf(fault, given, path)),
  );
  const parts = Object.entries(given).filter(([name, part]) => name.endsWith("_config") && isObject(part));
  const itself = parts.find(([name]) => path.includes(name));
  if (itself) return [...once(own), insideItself(itself[0], path)];
  const inner = parts
    .filter(([name]) => name !== "quantization_config" && isObject(values[name]))
    .flatMap(([name, part]) => {
      const usual = defaults?.[name];
      return configProblems(
        {
          values: values[name] as Values,
          given: part as Values,
          defaults: isObject(usual) ? usual : undefined,
          className: undefined,
        },
        [...path, name],
      );
    });
  return [...once(own), ...inner];
}

/** Nothing reads a part that stands inside itself. */
function insideItself(name: string, path: readonly string[]): ConfigProblem {
  return {
    rule: "ineffective-value",
    severity: "warning",
    path: [...path, name],
    ofKey: true,
    text: `${name} stands inside ${path.join(".")}: nothing reads it there.`,
    fixes: [{ title: `Remove ${name} here`, changes: [{ path: [...path, name], value: undefined }] }],
  };
}

/** One error at a key: what a wrong type breaks besides needs no telling. */
function once(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const broken = new Set<string>();
  return problems.filter(({ severity, path }) => {
    const key = path.join("/");
    if (broken.has(key)) return false;
    if (severity === "error") broken.add(key);
    return true;
  });
}

function problemOf({ keys, fixes = [], ...fault }: Fault, given: Values, path: readonly string[]): ConfigProblem {
  const key = keys.find((name) => name in given);
  return {
    ...fault,
    path: key === undefined ? path : [...path, key],
    fixes: fixes.map(({ set, ...fix }) => ({
      ...fix,
      changes: set.map(([name, value]) => ({ path: [...path, name], value })),
    })),
  };
}
