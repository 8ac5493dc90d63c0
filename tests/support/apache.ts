/**
 * Real Apache ZooKeeper, installed on first use: what its servers and its shell are made of.
 *
 * 3.8 comes from the Debian archive (unpacked below `.cache/interop`, nothing is installed into
 * the system), 3.9 from Maven Central. Java 17 must be on the path; `apt-get` for 3.8 and `mvn`
 * for 3.9.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, run } from './peers-cache.ts';

export type ApacheVersion = '3.8' | '3.9';

/** The exact releases behind the two short names. */
const apacheReleases = { '3.8': '3.8.0-11+deb12u2', '3.9': '3.9.5' } as const;

const debianPinned = ['zookeeper', 'libzookeeper-java', 'zookeeper-bin', 'libzookeeper-mt2'];
const debianLibraries = [
  'libcommons-cli-java',
  'libcommons-io-java',
  'libdropwizard-metrics-java',
  'libjackson2-annotations-java',
  'libjackson2-core-java',
  'libjackson2-databind-java',
  'libjctools-java',
  'libjetty9-java',
  'liblog4j1.2-java',
  'libnetty-java',
  'libservlet-api-java',
  'libslf4j-java',
  'libsnappy-java',
  'libsnappy-jni',
  'libsnappy1v5',
];
const debianJars = [
  'zookeeper',
  'zookeeper-jute',
  'commons-cli',
  'commons-io',
  'metrics-core',
  'jackson-annotations',
  'jackson-core',
  'jackson-databind',
  'jctools-core',
  'jetty9-http',
  'jetty9-io',
  'jetty9-security',
  'jetty9-server',
  'jetty9-servlet',
  'jetty9-util',
  'servlet-api',
  'netty-buffer',
  'netty-codec',
  'netty-common',
  'netty-handler',
  'netty-resolver',
  'netty-transport',
  'netty-transport-native-epoll',
  'netty-transport-native-unix-common',
  'slf4j-api',
  'slf4j-log4j12',
  'log4j-1.2',
  'snappy-java',
];

export interface ApacheInstallation {
  readonly version: ApacheVersion;
  /** What a JVM needs to run the server, its tools, or its shell. */
  readonly classpath: string;
  /** 3.8 only: the unpacked Debian files, with `zkCli.sh` and the C client in them. */
  readonly debianRoot: string | undefined;
  readonly libraryPath: string | undefined;
}

/** Makes sure a release is there and says where. */
export function installApache(version: ApacheVersion): Promise<ApacheInstallation> {
  return version === '3.8' ? installFromDebian() : installFromMaven();
}

async function installFromDebian(): Promise<ApacheInstallation> {
  const folder = await cached('apache-3.8', apacheReleases['3.8'], async (target) => {
    await unpackDebianPackages(target, [
      ...debianPinned.map((name) => `${name}=${apacheReleases['3.8']}`),
      ...debianLibraries,
    ]);
    await writeFile(join(target, 'log4j.properties'), log4jProperties);
  });
  const jars = join(folder, 'root/usr/share/java');
  const present = new Set(await readdir(jars));
  const missing = debianJars.filter((name) => !present.has(`${name}.jar`));
  if (missing.length > 0) throw new Error(`Debian's packages lack the jars ${missing.join(', ')}`);
  return {
    version: '3.8',
    classpath: [folder, ...debianJars.map((name) => join(jars, `${name}.jar`))].join(':'),
    debianRoot: join(folder, 'root'),
    libraryPath: join(folder, 'root/usr/lib/jni'),
  };
}

/** Downloads packages with package lists of our own, so that no root is needed, and unpacks them. */
async function unpackDebianPackages(folder: string, packages: readonly string[]): Promise<void> {
  const lists = join(folder, 'lists');
  const archives = join(folder, 'archives');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(archives, { recursive: true });
  const apt = [
    '-q',
    ...['-o', `Dir::State::Lists=${lists}`],
    ...['-o', `Dir::Cache=${folder}`],
    ...['-o', 'APT::Sandbox::User=root'],
    ...['-o', 'Acquire::Languages=none'],
  ];
  await run('apt-get', [...apt, 'update']);
  await run('apt-get', [...apt, 'download', ...packages], { cwd: archives });
  for (const name of await readdir(archives)) {
    if (!name.endsWith('.deb')) continue;
    await run('dpkg-deb', ['-x', join(archives, name), join(folder, 'root')]);
  }
}

async function installFromMaven(): Promise<ApacheInstallation> {
  const pom = fileURLToPath(new URL('./apache-3.9/pom.xml', import.meta.url));
  const folder = await cached('apache-3.9', apacheReleases['3.9'], async (target) => {
    await run('mvn', [
      ...['-B', '-q', '-f', pom],
      `-Dzookeeper.version=${apacheReleases['3.9']}`,
      `-DoutputDirectory=${join(target, 'lib')}`,
      'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
    ]);
    await writeFile(join(target, 'logback.xml'), logbackConfiguration);
  });
  return {
    version: '3.9',
    classpath: `${folder}:${join(folder, 'lib')}/*`,
    debianRoot: undefined,
    libraryPath: undefined,
  };
}

const log4jProperties = `log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} [%t] %-5p %c{1} - %m%n
`;

const logbackConfiguration = `<configuration>
  <appender name="CONSOLE" class="ch.qos.logback.core.ConsoleAppender">
    <target>System.err</target>
    <encoder><pattern>%d{ISO8601} [%thread] %-5level %logger{0} - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="CONSOLE"/></root>
</configuration>
`;

/** The text of a zoo.cfg: what every test server has in common, then what the test asked for. */
export function zooCfg(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
}): string {
  const properties = {
    dataDir: options.dataDir,
    clientPort: options.port,
    clientPortAddress: '127.0.0.1',
    tickTime: 2000,
    initLimit: 10,
    syncLimit: 5,
    'admin.enableServer': false,
    ...options.properties,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
