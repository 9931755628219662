/** Optimizers by the names that engines give them. */
import type { Scenario } from "../../base/scenario.ts";

type Optimizer = Scenario["optimizer"];

const byName: Readonly<Record<string, Optimizer>> = {
  adam: "adamw",
  adamw: "adamw",
  fusedadam: "adamw",
  deepspeedcpuadam: "adamw",
  adam8bit: "adamw-8bit",
  adamw8bit: "adamw-8bit",
  sgd: "sgd",
  adafactor: "adafactor",
  lion: "lion",
  fusedlion: "lion",
  muon: "muon",
};

/** The scenario's optimizer of that name; undefined for one that is not modelled. */
export function optimizerOf(name: string, momentum = false): Optimizer | undefined {
  const found = byName[name.toLowerCase().replaceAll(/[-_ ]/g, "")];
  return found === "sgd" && momentum ? "sgd-momentum" : found;
}

/** The name that DeepSpeed and torch.optim know it by. */
export function optimizerName(optimizer: Optimizer): string {
  return {
    adamw: "AdamW",
    "adamw-foreach": "AdamW",
    "adamw-8bit": "AdamW8bit",
    sgd: "SGD",
    "sgd-momentum": "SGD",
    adafactor: "Adafactor",
    lion: "Lion",
    muon: "Muon",
  }[optimizer];
}
