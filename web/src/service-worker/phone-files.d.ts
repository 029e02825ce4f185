/** Made by the build: see vite.drive-files.ts. */
declare module 'virtual:phone-files' {
  /** Files that `/drive` needs without network. `integrity`: of one whose name does not tell its content. */
  export const files: readonly { path: string; integrity?: string }[];
}
