/** What a server counts about itself and its clients; `srst` starts it over. */
import { Summary } from '@zabra/zab';

export class Figures {
  packetsReceived = 0;
  packetsSent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  watchBytes = 0;
  authFailures = 0;
  connectionsRequested = 0;
  connectionsRejected = 0;
  connectionsDropped = 0;
  sessionlessExpired = 0;
  sessionsExpired = 0;
  handshakesFailed = 0;
  largeRequestsRejected = 0;
  throttledOperations = 0;
  /** Connections that came with a session, whether or not they were given it. */
  sessionsReturned = 0;
  /** Transactions that led to another tree than the leader's. */
  digestMismatches = 0;
  /** Records proposed to others, and their bytes; -1 before the first. */
  proposals = 0;
  proposalBytesLast = -1;
  proposalBytesMin = -1;
  proposalBytesMax = -1;
  responseBytesLast = -1;
  responseBytesMin = -1;
  responseBytesMax = -1;
  /** Milliseconds from a request's arrival to its answer. */
  readonly latency: Summary = new Summary();
  readonly readLatency: Summary = new Summary();
  readonly updateLatency: Summary = new Summary();
  readonly syncTime: Summary = new Summary();
  readonly syncBatch: Summary = new Summary();
  readonly snapshotTime: Summary = new Summary();
  /** From when a record was made, on its leader's clock, until it is here; and until it is applied. */
  readonly proposalTime: Summary = new Summary();
  readonly propagationTime: Summary = new Summary();

  onResponse(byteCount: number): void {
    this.responseBytesLast = byteCount;
    if (this.responseBytesMin < 0 || byteCount < this.responseBytesMin) {
      this.responseBytesMin = byteCount;
    }
    if (byteCount > this.responseBytesMax) this.responseBytesMax = byteCount;
  }

  onProposal(byteCount: number): void {
    this.proposals += 1;
    this.proposalBytesLast = byteCount;
    if (this.proposalBytesMin < 0 || byteCount < this.proposalBytesMin) {
      this.proposalBytesMin = byteCount;
    }
    if (byteCount > this.proposalBytesMax) this.proposalBytesMax = byteCount;
  }

  /** How often somebody failed to authenticate goes on: Apache's servers do not start that over. */
  reset(): void {
    Object.assign(this, {
      packetsReceived: 0,
      packetsSent: 0,
      bytesReceived: 0,
      bytesSent: 0,
      watchBytes: 0,
      connectionsRequested: 0,
      connectionsRejected: 0,
      connectionsDropped: 0,
      sessionlessExpired: 0,
      sessionsExpired: 0,
      handshakesFailed: 0,
      largeRequestsRejected: 0,
      throttledOperations: 0,
      sessionsReturned: 0,
      digestMismatches: 0,
      proposals: 0,
      proposalBytesLast: -1,
      proposalBytesMin: -1,
      proposalBytesMax: -1,
      responseBytesLast: -1,
      responseBytesMin: -1,
      responseBytesMax: -1,
    });
    for (const summary of [
      this.latency,
      this.readLatency,
      this.updateLatency,
      this.syncTime,
      this.syncBatch,
      this.snapshotTime,
      this.proposalTime,
      this.propagationTime,
    ]) {
      summary.reset();
    }
  }
}
