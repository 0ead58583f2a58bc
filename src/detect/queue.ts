import type {Files, Host} from '../system/types.js';

/** Why mail waits, as far as Postfix's own words can be sorted. */
export type WaitReason =
  | 'name'
  | 'unreachable'
  | 'later'
  | 'login'
  | 'tls'
  | 'mailboxes'
  | 'full'
  | 'held'
  | 'under-way'
  | 'other';

/** What waits in Postfix's queue. */
export type QueueFacts = {
  readonly count: number;
  /** When the oldest message came, UTC; undefined where no message says so. */
  readonly oldest?: Date;
  /** Messages by the reason for which their first recipient waits, commonest first; `example` is Postfix's own sentence. */
  readonly reasons: readonly {
    readonly reason: WaitReason;
    readonly count: number;
    readonly example: string;
  }[];
};

/** Bytes of the list that are read: some 300,000 messages. */
const limit = 96 * 1024 * 1024;
const queues = ['maildrop', 'incoming', 'active', 'deferred', 'hold'];
const postqueue = '/usr/sbin/postqueue';

/**
 * The queue as postqueue(1) lists it (`-j`, since Postfix 3.1). An empty one is told by its directories, so that nothing is run
 * for it. Undefined where there is no Postfix; `unread` where there is mail and the list could not be had.
 */
export const queueOf = async ({
  files,
  run,
  ground,
}: Pick<Host, 'files' | 'run' | 'ground'>): Promise<QueueFacts | 'unread' | undefined> => {
  if (ground !== 'machine' || files.lstat(postqueue) === undefined) {
    return undefined;
  }

  if (!queues.some(queue => holdsFile(files, `/var/spool/postfix/${queue}`))) {
    return {count: 0, reasons: []};
  }

  const {exitCode, stdout} = await run(postqueue, ['-j'], {limit, timeout: 20_000});
  return exitCode === 0 ? readQueue(stdout) : 'unread';
};

/** Reads the list: one JSON object a line; a line that is none is passed over. */
export const readQueue = (text: string): QueueFacts => {
  const reasons = new Map<WaitReason, {count: number; example: string}>();
  let count = 0;
  let oldest = Number.POSITIVE_INFINITY;
  for (const line of text.split('\n')) {
    const message = parsed(line);
    if (message === undefined) {
      continue;
    }

    count += 1;
    oldest = Math.min(oldest, message.arrived);
    const reason = sortOf(message);
    const known = reasons.get(reason);
    if (known === undefined) {
      reasons.set(reason, {count: 1, example: message.said});
    } else {
      known.count += 1;
    }
  }

  return {
    count,
    ...(Number.isFinite(oldest) ? {oldest: new Date(oldest * 1000)} : {}),
    reasons: [...reasons]
      .map(([reason, {count: many, example}]) => ({reason, count: many, example}))
      .sort((one, other) => other.count - one.count),
  };
};

type Message = {readonly queue: string; readonly arrived: number; readonly said: string};

const parsed = (line: string): Message | undefined => {
  if (!line.startsWith('{')) {
    return undefined;
  }

  try {
    const {
      queue_name: queue,
      arrival_time: arrived,
      recipients,
    } = JSON.parse(line) as Record<string, unknown>;
    const said = (Array.isArray(recipients) ? (recipients as readonly unknown[]) : [])
      .map(recipient => (recipient as {delay_reason?: unknown} | null)?.delay_reason)
      .find(reason => typeof reason === 'string');
    return {
      queue: typeof queue === 'string' ? queue : '',
      arrived: typeof arrived === 'number' ? arrived : Number.POSITIVE_INFINITY,
      said: typeof said === 'string' ? said : '',
    };
  } catch {
    return undefined;
  }
};

// Postfix's sentences: smtp(8), lmtp(8), qmgr(8). What a sentence quotes from the other side comes last, so order matters.
const sentences: readonly (readonly [WaitReason, RegExp])[] = [
  ['mailboxes', /\[private\/|private\/dovecot-lmtp|mail transport unavailable|unknown mail transport/i],
  ['name', /Name service error|Host (?:or domain name )?not found|Host not found/i],
  ['login', /SASL authentication|Authentication failed|\b535\b/i],
  ['tls', /Cannot start TLS|TLS (?:is required|handshake)|certificate (?:not|verification)|not trusted/i],
  ['full', /\b(?:4\.2\.2|4\.3\.1|452)\b|[Qq]uota|Insufficient system storage|No space left/],
  ['later', /said: 4|refused to talk to me|greylist/i],
  [
    'unreachable',
    /Connection (?:timed out|refused)|No route to host|Network is unreachable|lost connection|timed out while/i,
  ],
];

const sortOf = ({queue, said}: Message): WaitReason =>
  queue === 'hold'
    ? 'held'
    : said === ''
      ? 'under-way'
      : (sentences.find(([, pattern]) => pattern.test(said))?.[0] ?? 'other');

// Queues have directories of hashes in them: the first file that is found is enough.
const holdsFile = (files: Pick<Files, 'list' | 'lstat'>, folder: string): boolean =>
  (files.list(folder) ?? []).some(name => {
    const path = `${folder}/${name}`;
    return files.lstat(path)?.type === 'directory' ? holdsFile(files, path) : true;
  });
