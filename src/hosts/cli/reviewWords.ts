/** The words of the commands that judge models: `diff`, `check` and `compare`. */
import { type LimitWord, limitOrder } from "../../configs/project/limits.ts";
import type { Finding } from "../../cost/report.ts";
import type { Wish } from "./arguments.ts";

export type Severity = Finding["severity"];

export type ReviewCommand =
  | {
      readonly kind: "diff";
      readonly wish: Wish;
      /** The base and the files; which is which only the folder can say. */
      readonly words: readonly string[];
      /** The figures of which more is a failure. */
      readonly failing: readonly LimitWord[];
    }
  | {
      readonly kind: "check";
      readonly wish: Wish;
      readonly files: readonly string[];
      readonly sarif: string | undefined;
      /** The highest severity of findings that is let through; undefined where budgets alone are judged. */
      readonly maxSeverity: Severity | undefined;
      readonly strict: boolean;
    }
  | { readonly kind: "compare"; readonly wish: Wish; readonly sides: readonly [string, string] };

export const reviewOptions = {
  "fail-on-increase": { type: "string" },
  sarif: { type: "string" },
  "max-severity": { type: "string" },
  strict: { type: "boolean" },
} as const;

interface Values {
  readonly "fail-on-increase"?: string | undefined;
  readonly sarif?: string | undefined;
  readonly "max-severity"?: string | undefined;
  readonly strict?: boolean | undefined;
}

/** The command; a fault is a clause that says what to write instead. */
export function readReview(
  [kind, ...words]: readonly string[],
  values: Values,
  wish: Wish,
): ReviewCommand | { readonly fault: string } {
  switch (kind) {
    case "diff": {
      const asked = (values["fail-on-increase"] ?? "").split(",").filter((word) => word !== "");
      const failing = asked.includes("all") ? limitOrder : asked;
      const wrong = failing.find((word) => !limitOrder.includes(word as LimitWord));
      if (wrong !== undefined)
        return { fault: `--fail-on-increase knows all, ${limitOrder.join(", ")}, not ${JSON.stringify(wrong)}` };
      return { kind, wish, words, failing: failing as readonly LimitWord[] };
    }
    case "compare": {
      const [first, second, ...more] = words;
      if (first === undefined || second === undefined || more.length > 0)
        return { fault: "compare takes two models: `assay compare A.py B.py:Net`" };
      return { kind, wish, sides: [first, second] };
    }
    default: {
      const maxSeverity = values["max-severity"];
      if (maxSeverity !== undefined && !["error", "warning", "information", "hint"].includes(maxSeverity))
        return { fault: `--max-severity is hint, information, warning or error, not ${JSON.stringify(maxSeverity)}` };
      return {
        kind: "check",
        wish,
        files: words,
        sarif: values.sarif,
        maxSeverity: maxSeverity as Severity | undefined,
        strict: values.strict ?? false,
      };
    }
  }
}
