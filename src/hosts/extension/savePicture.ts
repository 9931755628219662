/** A picture of the report, written where the person says, in the format of the name that they give it. */
import * as vscode from "vscode";

export async function savePicture(
  model: string,
  { name, svg, png }: { readonly name: string; readonly svg: string; readonly png: string },
): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const file = `${model} ${name.toLowerCase()}.svg`;
  const target = await vscode.window.showSaveDialog({
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder.uri, file) }),
    filters: { SVG: ["svg"], ...(png !== "" && { PNG: ["png"] }) },
    title: "Save the Picture",
  });
  if (!target) return;
  const isPng = png !== "" && target.path.toLowerCase().endsWith(".png");
  const content = isPng
    ? Uint8Array.from(atob(png), (letter) => letter.codePointAt(0) ?? 0)
    : new TextEncoder().encode(svg);
  await vscode.workspace.fs.writeFile(target, content);
}
