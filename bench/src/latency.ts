/** Latencies of one window: recorded in the histogram Node brings, never sorted by hand. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export interface Latency {
  readonly p50Us: number;
  readonly p99Us: number;
}

const LONGEST_NS = 3_600_000_000_000;

export function latencyOf(samplesNs: Float64Array): Latency {
  const histogram = record(samplesNs);
  return { p50Us: histogram.percentile(50) / 1000, p99Us: histogram.percentile(99) / 1000 };
}

function record(samplesNs: Float64Array): RecordableHistogram {
  const histogram = createHistogram({ lowest: 1, highest: LONGEST_NS, figures: 3 });
  for (const sample of samplesNs) {
    histogram.record(Math.min(LONGEST_NS, Math.max(1, Math.round(sample))));
  }
  return histogram;
}
