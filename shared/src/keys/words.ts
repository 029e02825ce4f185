/** An API key's name where a person's could stand: `key Warehouse sync`. */
export const keyTitle = (name: string): string => `key ${name}`;
