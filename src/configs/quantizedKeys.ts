/** Keys of a config's `quantization_config` and the values to compare with their own. */
import { quantizationOf } from "./quantized.ts";

type Config = Readonly<Record<string, unknown>>;

/** Values of a key that its method knows, its own among them, in order; undefined for keys that change no bytes. */
export function quantizationValues(
  config: Config,
  path: readonly string[],
  value: unknown,
  withValue: (value: unknown) => Config,
): readonly unknown[] | undefined {
  if (!path.includes("quantization_config") || quantizationOf(config)?.scheme === undefined) return undefined;
  const key = path.at(-1) as string;
  if (key === "bnb_4bit_use_double_quant") return typeof value === "boolean" ? [false, true] : undefined;
  const candidates = /^(w_bit|bits|num_bits|nbits)$/.test(key)
    ? [1, 2, 3, 4, 5, 6, 8]
    : /^(q_)?group_size$/.test(key)
      ? [32, 64, 128, 256]
      : undefined;
  if (!candidates || typeof value !== "number") return undefined;
  const known = candidates.filter((one) => quantizationOf(withValue(one))?.scheme !== undefined);
  return [...new Set([...known, value])].sort((a, b) => a - b);
}
