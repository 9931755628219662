/** Layers that are too many to be built one by one. */

/** The deepest published models have a thousand. */
const mostLayers = 1000;

const counts =
  /^(num_hidden_layers|n_layers?|num_layers|(encoder|decoder|num_encoder|num_decoder)_layers|depths?|num_blocks)$/;

/** The key, with those around it before a dot, that asks for more layers than are weighed; its text is one sentence without its end. */
export function tooManyLayers(
  config: Readonly<Record<string, unknown>>,
  around = "",
): { readonly key: string; readonly text: string } | undefined {
  for (const [name, value] of Object.entries(config)) {
    const all = Array.isArray(value) ? value : [value];
    const most = all.find((one): one is number => typeof one === "number" && one > mostLayers);
    if (most !== undefined && counts.test(name))
      return {
        key: around + name,
        text: `${name} is ${most}, and models of more than ${mostLayers} layers are not weighed`,
      };
    if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
    const inner = tooManyLayers(value as Record<string, unknown>, `${around}${name}.`);
    if (inner) return inner;
  }
  return undefined;
}
