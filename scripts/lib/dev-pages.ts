import { createServer } from 'vite';
import { onStop, reportReady } from '../../server/src/platform/supervised.ts';

/** Runs Vite's development server for the web app until the launcher ends it: `dev-pages.ts HOST PORT`. */
const [host = '127.0.0.1', port = '3000'] = process.argv.slice(2);

const server = await createServer({ server: { host, port: Number(port), strictPort: true } });
await server.listen();
onStop(async () => {
  await server.close();
  process.exit(0);
});
reportReady(`http://${host}:${port}`);
