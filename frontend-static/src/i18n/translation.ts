/** The type of a translation of the messages `M`: the same keys, with the same parameters. */
export type Translation<M> = {
  [K in keyof M]: M[K] extends (...args: infer A) => string ? (...args: A) => string : string;
};
