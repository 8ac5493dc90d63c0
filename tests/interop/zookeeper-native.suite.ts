/** zookeeper: the native binding of the C client for Node. */
import { nodePeer } from '../support/peers-node.ts';
import { describePeer } from '../support/peers-report.ts';

describePeer('zookeeper 7.3.0, the native binding', {
  install: () => nodePeer('zookeeper-native'),
  checks: [
    'create: all modes',
    'create: a container goes after its last child',
    'errors: the right codes',
    'get, set, and their stat',
    'children, with and without stat',
    'watches: get, exists, children',
    'ACLs and add_auth',
    'sync, and the configuration of a server alone',
    'two hundred requests at once',
    'close removes the ephemerals',
    'reconnect: same session, watches and ephemerals stay',
    'expiry: a silent session ends, and its ephemerals with it',
    'restart of the server: session and data are there again',
  ],
});
