/** What a session has done so far, for whoever measures it. */
export class Figures {
  linksOpened = 0;
  linksLost = 0;
  attemptsFailed = 0;
  framesSent = 0;
  framesReceived = 0;
  bytesSent = 0;
  bytesReceived = 0;
  requestsAnswered = 0;
  requestsFailed = 0;
  events = 0;
  /** Events that nobody here waited for. */
  strayEvents = 0;
  pingsSent = 0;
  /** From the last ping to its answer; NaN before the first. */
  pingMs: number = Number.NaN;
}
