/** Values of `quantization_config`, read as what they should be. */
import type { Settings } from "../quantization.ts";

/** A number, the default where the key is absent or null. */
export function numberOf(settings: Settings, key: string, otherwise: number): number | string {
  const value = settings[key] ?? otherwise;
  return typeof value === "number" ? value : `${key} is ${JSON.stringify(value)}, not a number`;
}

/** Names of modules; undefined where the key is absent or null. */
export function namesOf(settings: Settings, ...keys: readonly string[]): readonly string[] | undefined {
  for (const key of keys) {
    const value = settings[key];
    if (Array.isArray(value)) return value.filter((one) => typeof one === "string");
    if (typeof value === "string") return [value];
  }
  return undefined;
}

/** An object below a key; empty where there is none. */
export function partOf(settings: Settings, key: string): Settings {
  const value = settings[key];
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `4-bit in groups of 128`, `8-bit, a scale for each output`. */
export function bitsText(bits: number, group: number): string {
  return group > 0 ? `${bits}-bit in groups of ${group}` : `${bits}-bit, a scale for each output`;
}

/** How many groups of `group` inputs a row has; one where the whole row is a group. */
export function groupsOf(inputs: number, group: number): number {
  return group > 0 ? Math.ceil(inputs / group) : 1;
}
