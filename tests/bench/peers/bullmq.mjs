// The benchmark flow on BullMQ: node bullmq.mjs PORT INSTANCES. Prints the seconds it took.
// A job starts an instance and records an action; a delayed job of one second wakes it, branches on a property,
// records one of two actions, sets the property (a third recorded action) and ends.
import { Queue, Worker } from 'bullmq';
import IORedis from 'ioredis';

const [port, instances] = process.argv.slice(2).map(Number);
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const redis = new IORedis(connection);
const starts = new Queue('start', { connection });
const wakes = new Queue('wake', { connection });
const forget = { removeOnComplete: true, removeOnFail: true };

let ended = 0;
let finish;
const finished = new Promise((resolve) => (finish = resolve));

const workers = [
  new Worker(
    'start',
    async (job) => {
      await redis.rpush('actions', `welcome:${job.data.n}`);
      await wakes.add('wake', job.data, { delay: 1000, ...forget });
    },
    { connection, concurrency: 200 },
  ),
  new Worker(
    'wake',
    async (job) => {
      const plan = await redis.hget(`contact:${job.data.n}`, 'plan');
      await redis
        .multi()
        .rpush('actions', `${plan === 'pro' ? 'for_pro' : 'for_free'}:${job.data.n}`)
        .hset(`contact:${job.data.n}`, 'flow_state', 'done')
        .rpush('actions', `set:${job.data.n}`)
        .exec();
      if (++ended === instances) finish();
    },
    { connection, concurrency: 200 },
  ),
];

const contacts = redis.pipeline();
for (let n = 0; n < instances; ++n) contacts.hset(`contact:${n}`, 'plan', n % 2 === 0 ? 'pro' : 'free');
await contacts.exec();

const began = performance.now();
for (let n = 0; n < instances; n += 500) {
  const jobs = [];
  for (let i = n; i < Math.min(n + 500, instances); ++i) jobs.push({ name: 'start', data: { n: i }, opts: forget });
  await starts.addBulk(jobs);
}
await finished;
const seconds = (performance.now() - began) / 1000;

const actions = await redis.llen('actions');
if (actions !== 3 * instances) {
  console.error(`bullmq recorded ${actions} actions of ${instances} instances`);
  process.exit(1);
}
console.log(seconds);
await Promise.all(workers.map((worker) => worker.close()));
await Promise.all([starts.close(), wakes.close()]);
await redis.quit();
