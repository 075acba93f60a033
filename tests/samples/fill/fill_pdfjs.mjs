// Fills an issued PDF form by its field names with pdf.js, the reader that is built into Firefox, and saves it.
//
//     node fill_pdfjs.mjs IN.pdf ANSWERS.json OUT.pdf
//
// ANSWERS.json is {name: value}: text for text boxes and drop-downs, true or false for ticks, null or "" to empty a box.
// pdf.js is looked for beside this file, then in the folder named by PDF_LIB (npm install pdfjs-dist --prefix /tmp/fill,
// PDF_LIB=/tmp/fill). Exit status 1: a field was not found; nothing is saved.

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const home = process.env.PDF_LIB ? path.resolve(process.env.PDF_LIB, "package.json") : import.meta.url;

let reader;
try {
  reader = await import(pathToFileURL(createRequire(home).resolve("pdfjs-dist/legacy/build/pdf.mjs")));
} catch {
  console.error("pdf.js is not installed: npm install pdfjs-dist --prefix /tmp/fill, then set PDF_LIB=/tmp/fill.");
  process.exit(2);
}

/** What pdf.js stores for one box of a field: of a group of circles, only the chosen one is on. */
function stored(box, value) {
  if (box.type === "radiobutton") return { value: (box.exportValues ?? box.buttonValue) === value };
  return { value: value === null ? "" : value };
}

/** Opens the form, types the answers, saves the copy; returns the exit status. */
async function main([form, answers, copy]) {
  const task = reader.getDocument({ data: new Uint8Array(await readFile(form)), verbosity: 0 });
  const document = await task.promise;
  const boxes = (await document.getFieldObjects()) ?? {};
  let wrong = 0;
  for (const [name, value] of Object.entries(JSON.parse(await readFile(answers, "utf8")))) {
    const found = (boxes[name] ?? []).filter((box) => box.type);
    if (!found.length) {
      console.error(`${form}: there is no field “${name}”.`);
      wrong = 1;
    }
    for (const box of found) document.annotationStorage.setValue(box.id, stored(box, value));
  }
  if (!wrong) await writeFile(copy, await document.saveDocument());
  await task.destroy();
  return wrong;
}

if (process.argv.length !== 5) {
  console.error("usage: node fill_pdfjs.mjs IN.pdf ANSWERS.json OUT.pdf");
  process.exit(2);
}
process.exit(await main(process.argv.slice(2)));
