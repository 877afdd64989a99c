/** The type of a file: from its name where the browser does not know HEIC, as outside Apple's systems. */
export function contentTypeOf(file: File): string {
  const extension = /\.(heic|heif)$/i.exec(file.name)?.[1];
  return file.type || (extension ? `image/${extension.toLowerCase()}` : '');
}
