/** `assay code FILE`: a config's model as PyTorch code. */
import type { Limits } from "../../base/budget.ts";
import { Unknown } from "../../base/unknown.ts";
import { readConfig } from "../../configs/index.ts";
import { configCode } from "../../report/configCode.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import type { Wish } from "./arguments.ts";
import { Fault, open } from "./read.ts";

/** The code's text; a fault where the file is no config, or its family is not one that we define. */
export function tellCode(wish: Wish, parser: PythonParser, limits: Limits): string | Fault {
  const opened = open(wish, parser, limits);
  if (opened instanceof Fault) return opened;
  const { file, workspace } = opened;
  if (file.kind !== "config") return new Fault(`${wish.file}:1:1: This is code already. Name a model's config.json.`);
  const code = configCode(readConfig(file.text).value, workspace);
  if (!(code instanceof Unknown)) return code.text;
  const reason = `${code.reason.charAt(0).toUpperCase()}${code.reason.slice(1)}`;
  return new Fault(`${wish.file}:1:1: ${reason}. Name a config.json of a family that Assay defines.`);
}
