/** Which modules the names in a config mean. */
import type { Outline, Weight } from "../quantization.ts";

/**
 * Whether a list keeps a module as it is: a name stands for itself and all below it, as a regular expression from the start,
 * or as the end of a path (transformers' `should_convert_module`); older releases find it anywhere in a path.
 */
export function isNamed(path: string, names: readonly string[]): boolean {
  return names.some((name) => path.endsWith(name) || `.${path}.`.includes(`.${name}.`) || startMatches(path, name));
}

/** What transformers' quantizers skip: the names in the settings instead of its own choice, or besides it. */
export function isSkipped(
  { path }: Weight,
  { usuallyKept, keptWide }: Outline,
  named: readonly string[] | undefined,
  besides = false,
): boolean {
  const chosen = named === undefined || besides ? usuallyKept : [];
  return isNamed(path, [...chosen, ...(named ?? []), ...keptWide]);
}

/** Whether a target of compressed-tensors or GPTQModel means a module: `re:` and a regular expression, a path, or a class. */
export function isTarget({ path, className, kind }: Weight, target: string): boolean {
  const paths = spellings(path);
  if (target.startsWith("re:")) return paths.some((one) => startMatches(one, target.slice(3)));
  return paths.includes(target) || className === target || (target === "Linear" && kind !== "embedding");
}

/** A path as releases of transformers spell it: the parts of multimodal models changed places in version 4.52. */
function spellings(path: string): string[] {
  const inside = path.replace(/^model\./, "");
  return [path, inside, path.replace("model.language_model.", "language_model.model."), `language_model.${path}`];
}

/** Python's `re.match`; a name that is no regular expression stands for itself. */
export function startMatches(path: string, pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})`).test(path);
  } catch {
    return path.startsWith(pattern);
  }
}
