/** The report's page as the editor loads it: its own script and style and pictures that it makes, no other address, no style in the markup. */

export interface PageFiles {
  readonly script: string;
  readonly style: string;
  /** Where the page's own files come from, as its policy names it. */
  readonly source: string;
  readonly nonce: string;
  /** Whether it stands in an editor tab, on the editor's ground. */
  readonly tab: boolean;
}

export function pageHtml({ script, style, source, nonce, tab }: PageFiles): string {
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'; img-src data:;`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${style}">
<title>Assay</title>
</head>
<body${tab ? " data-tab" : ""}><main id="page" data-testid="page"></main><script nonce="${nonce}" src="${script}"></script></body>
</html>`;
}
