/** Files of the workspace that hold models, by a look at their text: what the empty report offers. */
import * as vscode from "vscode";

export interface ModelFile {
  readonly uri: string;
  readonly name: string;
  /** Its modules' classes, in their order. */
  readonly models: string[];
}

/** A workspace with more Python files than this is not searched to its end. */
const mostFiles = 400;
const mostFound = 12;
const notOurs = "**/{node_modules,.git,.venv,venv,site-packages}/**";

/** By name; files that define more models come first where there are too many. */
export async function modelFiles(): Promise<ModelFile[]> {
  const [python, configs] = await Promise.all([
    vscode.workspace.findFiles("**/*.py", notOurs, mostFiles),
    vscode.workspace.findFiles("**/config.json", notOurs, mostFound),
  ]);
  const read = await Promise.all([...python, ...configs].map(modelFile));
  const found = read.filter((file) => file !== undefined);
  const most = found.sort((a, b) => b.models.length - a.models.length).slice(0, mostFound);
  return most.sort((a, b) => a.name.localeCompare(b.name));
}

async function modelFile(uri: vscode.Uri): Promise<ModelFile | undefined> {
  try {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    const models = uri.path.endsWith(".json") ? configModels(text) : moduleClasses(text);
    return models.length > 0
      ? { uri: uri.toString(), name: vscode.workspace.asRelativePath(uri), models: models.reverse() }
      : undefined;
  } catch {
    // Gone since it was listed.
    return undefined;
  }
}

function moduleClasses(text: string): string[] {
  return [...text.matchAll(/^class\s+(\w+)\(.*\bModule\b.*\)\s*:/gm)].map((match) => match[1] as string);
}

function configModels(text: string): string[] {
  const type = /"model_type"\s*:\s*"([^"]+)"/.exec(text)?.[1];
  return type === undefined ? [] : [type];
}
