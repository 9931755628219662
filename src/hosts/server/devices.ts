/** The devices that can be chosen, by their profiles. */
import records from "every:devices";
import type { View } from "../../surfaces/view.ts";

type Device = NonNullable<View["device"]> & { readonly id: string };

const all: readonly Device[] = records
  .map(({ record: { id, memoryBytes } }) => ({ id, memoryBytes, name: nameOf(id) }))
  .sort((a, b) => a.name.localeCompare(b.name));

export const devices = all.map(({ id, name }) => ({ id, name }));

/** What is known of the device of that id. */
export function deviceOf(id: string): View["device"] {
  return all.find((device) => device.id === id);
}

/** `RTX 4090 24GB` of `nvidia-rtx-4090-24gb`: an id is vendor, model, form and memory. */
function nameOf(id: string): string {
  return id.split("-").slice(1).join(" ").toUpperCase();
}
