/** node-zookeeper-client: the client in plain JavaScript. */
import { nodePeer } from '../support/peers-node.ts';
import { describePeer } from '../support/peers-report.ts';

describePeer('node-zookeeper-client 1.1.3', {
  install: () => nodePeer('node-zookeeper-client'),
  checks: [
    'create: in all four modes',
    'errors: the right codes',
    'getData, setData, and their stat',
    'getChildren, mkdirp, the subtree, recursive remove',
    'watches: data, exists and children, once each',
    'ACLs and addAuthInfo',
    'transaction: results, and all or nothing',
    'a hundred pipelined requests are answered in order',
    'chroot',
    'close removes the ephemerals',
    'reconnect: same session, watches and ephemerals stay',
    'expiry: a silent session is told so',
    'restart of the server: session and data are there again',
  ],
});
