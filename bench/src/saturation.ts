/**
 * When a rate says nothing about the server: the generator had no time left while the server had.
 * A ratio with such a rate in it is not printed.
 */

const GENERATOR_SHARE_MAX = 0.95;
const SERVER_SHARE_MIN = 0.8;

export interface Shares {
  readonly generatorShare: number;
  readonly serverShare: number;
}

export function isGeneratorSaturated(shares: Shares): boolean {
  return shares.generatorShare > GENERATOR_SHARE_MAX && shares.serverShare < SERVER_SHARE_MIN;
}
