export * from './types.ts';
export * from './codec.ts';
export * from './raw.ts';
export { MAX_DEPTH } from './reader.ts';
export * from './compare.ts';
export * from './keystring.ts';
export * from './numbers.ts';
export * from './path.ts';
export * from './decimal.ts';
