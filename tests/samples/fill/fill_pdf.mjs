// Fills an issued PDF form by its field names with pdf-lib, as many web portals do, and saves it.
//
//     node fill_pdf.mjs IN.pdf ANSWERS.json OUT.pdf
//
// ANSWERS.json is {name: value}: text for text boxes and choices, true or false for ticks, null or "" to empty a box.
// pdf-lib is looked for beside this file, then in the folder named by PDF_LIB (npm install pdf-lib --prefix /tmp/fill,
// PDF_LIB=/tmp/fill). Exit status 1: a field was not found or does not take the value; nothing is saved.

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

const home = process.env.PDF_LIB ? path.resolve(process.env.PDF_LIB, "package.json") : import.meta.url;
const require = createRequire(home);

let lib;
try {
  lib = require("pdf-lib");
} catch {
  console.error("pdf-lib is not installed: npm install pdf-lib --prefix /tmp/fill, then set PDF_LIB=/tmp/fill.");
  process.exit(2);
}

/** Types one answer into a field, whatever its kind. */
function fill(field, value) {
  const empty = value === null || value === "";
  if (field instanceof lib.PDFTextField) {
    field.setText(empty ? undefined : String(value));
  } else if (field instanceof lib.PDFCheckBox) {
    if (value === true) field.check();
    else field.uncheck();
  } else if (field instanceof lib.PDFRadioGroup || field instanceof lib.PDFDropdown) {
    if (empty) field.clear();
    else field.select(String(value));
  } else if (field instanceof lib.PDFOptionList) {
    if (empty) field.clear();
    else field.select([value].flat().map(String));
  } else {
    throw new Error(`a ${field.constructor.name} cannot be filled`);
  }
}

/** Opens the form, types the answers, saves the copy; returns the exit status. */
async function main([form, answers, copy]) {
  const document = await lib.PDFDocument.load(await readFile(form), { updateMetadata: false });
  const fields = document.getForm();
  let wrong = 0;
  for (const [name, value] of Object.entries(JSON.parse(await readFile(answers, "utf8")))) {
    try {
      fill(fields.getField(name), value);
    } catch (error) {
      console.error(`${form}, field “${name}”: ${error.message}`);
      wrong = 1;
    }
  }
  if (wrong) return 1;
  let bytes;
  try {
    bytes = await document.save();
  } catch (error) {
    // pdf-lib draws appearances in Helvetica, which has no letters outside Latin-1: the reader of the file draws them.
    console.error(`${form}: saved without drawn appearances (${error.message})`);
    fields.acroForm.dict.set(lib.PDFName.of("NeedAppearances"), lib.PDFBool.True);
    bytes = await document.save({ updateFieldAppearances: false });
  }
  await writeFile(copy, bytes);
  return 0;
}

if (process.argv.length !== 5) {
  console.error("usage: node fill_pdf.mjs IN.pdf ANSWERS.json OUT.pdf");
  process.exit(2);
}
process.exit(await main(process.argv.slice(2)));
