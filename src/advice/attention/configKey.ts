/** A config's key given another value, in its text as it is written. */
import { keyEdits } from "../../configs/edits.ts";
import type { Fix } from "../../cost/report.ts";

type Plain = number | boolean | null | string;
export type ConfigValue = Plain | Readonly<Record<string, Plain>>;

/** The edit of one top-level key; the key is put in at the top where it is not there. Nothing where the text is no object. */
export function configKeyEdit(text: string, key: string, value: ConfigValue): Fix["edits"][number] | undefined {
  return keyEdits(text, { path: [key], value })[0];
}
