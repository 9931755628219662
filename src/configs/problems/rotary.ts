/** Rotary positions: widths that cannot be turned in pairs, and lengths beyond what scaling reaches. */
import { type Check, type Fault, impossible, isObject, isSize, pick, sizeNames, type Values } from "./problem.ts";

export const rotary: Check = function* ({ values, given }) {
  const rope = ropeOf(values, given);
  if (!rope) return;
  yield* widthFaults(values, rope.entry);
  yield* lengthFaults(values, rope);
};

interface Rope {
  /** The key that the file writes it under. */
  readonly key: string;
  readonly entry: Values;
}

/** What is said of rotary positions, of the first kind of layers where each has its own. */
function ropeOf(values: Values, given: Values): Rope | undefined {
  const key = isObject(given["rope_scaling"]) ? "rope_scaling" : "rope_parameters";
  const own = isObject(given[key]) ? given[key] : values["rope_parameters"];
  if (!isObject(own)) return undefined;
  const [first] = Object.values(own).filter(isObject);
  return { key, entry: "rope_type" in own || "type" in own || !first ? own : first };
}

function* widthFaults(values: Values, entry: Values): Iterable<Fault> {
  const hidden = pick(values, sizeNames.hidden);
  const heads = pick(values, sizeNames.heads);
  const { head_dim: own, qk_rope_head_dim: latent } = values;
  const share = Number(entry["partial_rotary_factor"] ?? values["partial_rotary_factor"] ?? 1);
  if (isSize(latent)) {
    if (latent % 2 !== 0 && latent > 0)
      yield impossible(["qk_rope_head_dim"], `qk_rope_head_dim ${latent} is odd: rotary positions turn pairs.`, [
        { title: `Set qk_rope_head_dim to ${latent + 1}`, set: [["qk_rope_head_dim", latent + 1]] },
      ]);
    return;
  }
  const width = isSize(own) ? own : hidden.size && heads.size ? hidden.size / heads.size : undefined;
  if (!width || !isSize(width) || width < 1 || share !== 1 || width % 2 === 0) return;
  const from = isSize(own) ? "" : ` (${hidden.name} ${hidden.size} / ${heads.name} ${heads.size})`;
  yield impossible(
    ["head_dim", hidden.name, heads.name],
    `head_dim ${width}${from} is odd: rotary positions turn pairs.`,
    isSize(own) ? [{ title: `Set head_dim to ${width + 1}`, set: [["head_dim", width + 1]] }] : [],
  );
}

function* lengthFaults(values: Values, { key, entry }: Rope): Iterable<Fault> {
  const { factor, short_factor: short, long_factor: long } = entry;
  const kind = entry["rope_type"] ?? entry["type"];
  const reach = values["max_position_embeddings"];
  const trained = entry["original_max_position_embeddings"] ?? values["original_max_position_embeddings"];
  if (typeof factor === "number" && factor < 1)
    yield impossible([key], `${key} has factor ${factor}: scaling below 1 shortens what the model reaches.`);
  // Only YaRN says that its factor times the trained length is what it reaches.
  if (kind === "yarn" && typeof factor === "number" && isSize(reach) && isSize(trained) && reach > factor * trained) {
    const most = Math.floor(factor * trained);
    yield {
      rule: "beyond-trained-length",
      severity: "warning",
      keys: ["max_position_embeddings", key],
      text: `max_position_embeddings ${reach} is more than ${key} reaches: factor ${factor} × ${trained} trained = ${most}.`,
      why: "Positions beyond have frequencies that the model has never seen.",
      fixes: [{ title: `Set max_position_embeddings to ${most}`, set: [["max_position_embeddings", most]] }],
    };
  }
  const hidden = pick(values, sizeNames.hidden);
  const heads = pick(values, sizeNames.heads);
  const own = values["head_dim"];
  const width = isSize(own) ? own : hidden.size && heads.size ? Math.floor(hidden.size / heads.size) : undefined;
  const share = Number(entry["partial_rotary_factor"] ?? values["partial_rotary_factor"] ?? 1);
  const latent = values["qk_rope_head_dim"];
  const turned = isSize(latent) ? latent : width && Math.floor(width * share);
  for (const [name, list] of [
    ["short_factor", short],
    ["long_factor", long],
  ] as const) {
    if (kind !== "longrope" || !Array.isArray(list) || !turned || list.length === Math.floor(turned / 2)) continue;
    yield impossible(
      [key],
      `${name} has ${list.length} numbers, but ${turned} rotary dimensions take ${Math.floor(turned / 2)}.`,
    );
  }
}
