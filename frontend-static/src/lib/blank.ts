/** The server's rule (services/common/text.py); both are held to tests/vectors/blank.json. */
const VISIBLE =
  /(?![\p{Default_Ignorable_Code_Point}\u2800\uFFFC\u{1D159}])[\p{L}\p{N}\p{P}\p{S}\p{Co}\p{Extended_Pictographic}]/u;

/** Whether a reader sees nothing of it: spaces, invisible characters, fillers, marks without a letter. */
export const isBlank = (text: string): boolean => !VISIBLE.test(text);
