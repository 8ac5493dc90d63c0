/** What an event of the scheduler is about; its subject is a link, a call, a machine or a fault. */
export const EventKind = {
  /** Bytes reach the other end of a link. */
  Arrive: 1,
  Reset: 2,
  /** A call reaches the machine that is called. */
  Dial: 3,
  /** The caller hears that it was answered. */
  Answer: 4,
  /** A machine's process may do something. */
  Turn: 5,
  /** A machine's disk has done its next step, in the log's lane or the snapshot's. */
  LogStep: 6,
  SnapshotStep: 7,
  /** A machine's process starts again. */
  Start: 8,
  FaultBegins: 9,
  FaultEnds: 10,
  /** A fault that goes on by beats has its next one. */
  FaultBeats: 11,
  /** A machine's disk has read a piece for another server. */
  ReadStep: 12,
  /** A process that was stopped in the middle of something goes on. */
  GoOn: 13,
} as const;
