export const number = (n: number): string => n.toLocaleString('ja');
