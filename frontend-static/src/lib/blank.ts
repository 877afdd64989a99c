/** The server's rule (services/common/text.py); tests/vectors/blank.json tests both. */
const VISIBLE =
  /(?![\p{Default_Ignorable_Code_Point}\u2800\uFFFC\u{1D159}])[\p{L}\p{N}\p{P}\p{S}\p{Co}\p{Extended_Pictographic}]/u;

/** Whether text has nothing visible: spaces, invisible characters, fillers, marks without a letter. */
export const isBlank = (text: string): boolean => !VISIBLE.test(text);
