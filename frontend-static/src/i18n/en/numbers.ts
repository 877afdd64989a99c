export const number = (n: number): string => n.toLocaleString('en');

/** `1 post`, `1,200 posts`. */
export const count = (n: number, one: string, other: string): string => `${number(n)} ${n === 1 ? one : other}`;
