/** The Python interpreter selected in the editor, as Microsoft's Python extension tells it where it is installed. */
import * as vscode from "vscode";
import { messages } from "../messages.ts";
import type { Link } from "./link.ts";

/** The part of that extension's published interface which is used here. */
interface PythonExtension {
  readonly environments?: {
    getActiveEnvironmentPath(): { readonly path: string };
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<{ readonly path: string }>;
  };
}

export async function interpreterPath(): Promise<string | undefined> {
  return (await environments())?.getActiveEnvironmentPath().path;
}

/** Tells the server of each other choice. */
export function followInterpreter(context: vscode.ExtensionContext, link: Link): void {
  void environments().then((found) => {
    const listener = found?.onDidChangeActiveEnvironmentPath(({ path }) =>
      link.tell(messages.interpreter, { interpreter: path }),
    );
    if (listener) context.subscriptions.push(listener);
  });
}

async function environments(): Promise<PythonExtension["environments"]> {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (!extension) return undefined;
  try {
    return (await extension.activate()).environments;
  } catch {
    return undefined;
  }
}
