import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = {
  /** Counts an answered request; `seconds` from its first byte to the end of the answer. */
  request(method: string, route: string, status: number, seconds: number): void;
  /** A figure that is read whenever it is asked for. */
  gauge(name: string, help: string, read: () => number): void;
  /** Everything, in Prometheus' text form. */
  text(): Promise<{ type: string; body: string }>;
};

/** The process's own measurements, beside what the runtime tells of itself (event loop, memory, garbage collection). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'opsboard_http_request_seconds',
    help: 'Time to answer HTTP requests, by endpoint and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  return {
    request: (method, route, status, seconds) => requests.observe({ method, route, status: String(status) }, seconds),
    gauge: (name, help, read) => {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  };
}
