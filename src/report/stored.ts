/** How a model's weights are stored: as its config's `quantization_config` says, else in the scenario's type. */
import type { AskedScenario, Scenario } from "../base/scenario.ts";
import type { ConfigProblem } from "../configs/index.ts";
import { type Asked as AskedQuantization, type Quantized, quantizationOf, quantize } from "../configs/quantized.ts";
import { keepInFewBits } from "../cost/memory/holdings.ts";
import type { LayerStored, ModelReport, QuantizationReport } from "../cost/report.ts";
import { itemBytes } from "../tensor/dtype.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";

/** A config whose quantization counts. */
export interface QuantizedConfig {
  readonly config: Readonly<Record<string, unknown>>;
  readonly quantization: AskedQuantization;
}

/** The config's quantization, unless the scenario asks for another type of the weights. */
export function quantizedConfig(
  { dtype }: Pick<AskedScenario, "dtype">,
  config: Readonly<Record<string, unknown>> | undefined,
): QuantizedConfig | undefined {
  const quantization = dtype === "auto" ? quantizationOf(config) : undefined;
  return config && quantization && { config, quantization };
}

/** Marks the weights of a built model as they are stored. */
export function storeWeights(
  tree: BuiltLayer,
  { dtype }: Scenario,
  quantized: QuantizedConfig | undefined,
): Quantized | undefined {
  if (quantized) return quantize(tree, quantized.quantization, quantized.config);
  keepInFewBits(tree, dtype);
  return undefined;
}

/** What a report says of it. */
export function quantizationReport(quantized: Quantized | undefined): QuantizationReport | undefined {
  if (!quantized) return undefined;
  const { name, what, short, parts, keptWhole, converted, faults } = quantized;
  return {
    name,
    what,
    short,
    layers: converted.length,
    largestBytes: Math.max(
      0,
      ...converted.map(({ weight: { outputs, inputs, dtype } }) => outputs * inputs * itemBytes(dtype)),
    ),
    parts: [...parts].map(([part, bytes]) => ({ name: part, bytes })),
    keptWhole: [...keptWhole].map(([path, count]) => ({ path, count })),
    faults,
  };
}

/** What of a config's quantization could not be followed. */
export function quantizationProblems({ quantization, scenario }: ModelReport): ConfigProblem[] {
  const [first, ...more] = quantization?.faults ?? [];
  if (quantization === undefined || first === undefined) return [];
  const others = more.length > 0 ? ` (and ${more.length} more)` : "";
  return [
    {
      rule: "unknown-quantization",
      severity: "warning",
      path: ["quantization_config"],
      ofKey: true,
      text: `${first[0]?.toUpperCase()}${first.slice(1)}${others}.`,
      why: `Weights whose stored form is not known are weighed in ${scenario.dtype}: their bytes are not exact.`,
    },
  ];
}

/** How the weights of a layer and of those below it are stored; undefined where none is in fewer bits. */
export function layerStored(layer: BuiltLayer): LayerStored | undefined {
  const whats = new Set<string>();
  const parts = new Map<string, number>();
  const seen = new Set<object>();
  const walk = ({ parameters, children }: BuiltLayer) => {
    for (const { tensor } of parameters) {
      const { kept } = tensor.storage;
      if (!kept || kept.what === "" || seen.has(tensor.storage)) continue;
      seen.add(tensor.storage);
      whats.add(kept.what);
      for (const [name, bytes] of kept.parts) parts.set(name, (parts.get(name) ?? 0) + bytes);
    }
    for (const child of children) walk(child);
  };
  walk(layer);
  if (whats.size === 0) return undefined;
  return { what: [...whats].join(", "), parts: [...parts].map(([name, bytes]) => ({ name, bytes })) };
}
