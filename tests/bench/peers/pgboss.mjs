// The benchmark flow on pg-boss: node pgboss.mjs PORT USER INSTANCES BATCH. Prints the seconds it took.
// Jobs are fetched, their actions recorded and their successors inserted in batches of BATCH.
import PgBoss from 'pg-boss';
import pg from 'pg';

const [port, user, count, size] = process.argv.slice(2);
const instances = Number(count);
const batchSize = Number(size);
const server = { host: '127.0.0.1', port: Number(port), user, database: 'postgres' };
const boss = new PgBoss({ ...server, max: 4 });
boss.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
await boss.start();
await boss.createQueue('start');
await boss.createQueue('wake');
const pool = new pg.Pool({ ...server, max: 4 });
await pool.query('CREATE TABLE contact(n int PRIMARY KEY, plan text, flow_state text)');
await pool.query('CREATE TABLE action(id bigserial PRIMARY KEY, what text, n int)');
await pool.query(
  `INSERT INTO contact SELECT n, CASE WHEN n % 2 = 0 THEN 'pro' ELSE 'free' END FROM generate_series(0, $1 - 1) n`,
  [instances],
);

const record = (what, ns) => pool.query('INSERT INTO action(what, n) SELECT $1, unnest($2::int[])', [what, ns]);

async function start(jobs) {
  const ns = jobs.map((job) => job.data.n);
  await record('welcome', ns);
  await boss.insert(jobs.map((job) => ({ name: 'wake', data: job.data, startAfter: 1 })));
}

async function wake(jobs) {
  const ns = jobs.map((job) => job.data.n);
  const { rows } = await pool.query('SELECT n, plan FROM contact WHERE n = ANY($1::int[])', [ns]);
  const of = (pro) => rows.filter((row) => (row.plan === 'pro') === pro).map((row) => row.n);
  await record('for_pro', of(true));
  await record('for_free', of(false));
  await pool.query(`UPDATE contact SET flow_state = 'done' WHERE n = ANY($1::int[])`, [ns]);
  await record('set', ns);
}

/// Until `instances` jobs of the queue are done.
async function work(queue, handle) {
  for (let done = 0; done < instances; ) {
    const jobs = await boss.fetch(queue, { batchSize });
    if (jobs.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    await handle(jobs);
    await boss.complete(queue, jobs.map((job) => job.id));
    done += jobs.length;
  }
}

async function feed() {
  for (let n = 0; n < instances; n += 500) {
    const jobs = [];
    for (let i = n; i < Math.min(n + 500, instances); ++i) jobs.push({ name: 'start', data: { n: i } });
    await boss.insert(jobs);
  }
}

const began = performance.now();
await Promise.all([feed(), work('start', start), work('wake', wake)]);
const seconds = (performance.now() - began) / 1000;

const { rows } = await pool.query('SELECT count(*)::int AS actions FROM action');
if (rows[0].actions !== 3 * instances) {
  console.error(`pg-boss recorded ${rows[0].actions} actions of ${instances} instances`);
  process.exit(1);
}
console.log(seconds);
await pool.end();
await boss.stop({ graceful: false });
