// Everything is live and behind a sign-in: the server renders data, not pages.
export const ssr = false;
export const prerender = false;
