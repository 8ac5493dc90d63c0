/**
 * The password of a session, derived from its id alone, so that every server of an ensemble hands
 * out and accepts the same one. It is Apache's derivation: Java's linear congruential generator of
 * 48 bits, seeded with the id and a constant, asked for sixteen bytes. The state is kept as two
 * halves of 24 bits, whose products stay exact in a double.
 */
export const SESSION_PASSWORD_BYTES = 16;

/** Apache's constant, mixed with the scrambling that Java applies to every seed. */
const SEED_LOW_MASK = 0xb3415c00 ^ 0xdeece66d;
const SEED_HIGH_MASK = 0x5;

const MULTIPLIER_HIGH = 0x5de;
const MULTIPLIER_LOW = 0xece66d;
const INCREMENT = 0xb;
const HALF = 0x1000000;

/** The password of the session whose id has these two 32-bit halves. */
export function sessionPassword(idHigh: number, idLow: number): Uint8Array {
  const password = new Uint8Array(SESSION_PASSWORD_BYTES);
  const seedHigh = (idHigh & 0xffff) ^ SEED_HIGH_MASK;
  const seedLow = idLow ^ SEED_LOW_MASK;
  let high = (seedHigh << 8) | (seedLow >>> 24);
  let low = seedLow & 0xffffff;
  for (let at = 0; at < SESSION_PASSWORD_BYTES; at += 4) {
    const lowProduct = low * MULTIPLIER_LOW + INCREMENT;
    const carry = Math.floor(lowProduct / HALF);
    high = (high * MULTIPLIER_LOW + low * MULTIPLIER_HIGH + carry) % HALF;
    low = lowProduct % HALF;
    // The generator yields bits 16 to 47 of its state; Java stores them lowest byte first.
    password[at] = low >>> 16;
    password[at + 1] = high;
    password[at + 2] = high >>> 8;
    password[at + 3] = high >>> 16;
  }
  return password;
}
